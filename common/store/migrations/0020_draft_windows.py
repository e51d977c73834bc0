"""Which change of a draft touched which field from which window, so that two windows lose nothing unseen."""


def up(migrator, db):
    """Add the columns; drafts of before count as never touched twice."""
    db.execute_sql("ALTER TABLE draft ADD COLUMN rev INTEGER NOT NULL DEFAULT 0")
    db.execute_sql("ALTER TABLE draft ADD COLUMN marks TEXT NOT NULL DEFAULT '{}'")
