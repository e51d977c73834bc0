"""The local date from which a version of an item is in force; empty as before: at once."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE item_version ADD COLUMN effective_from TEXT NOT NULL DEFAULT ''")
