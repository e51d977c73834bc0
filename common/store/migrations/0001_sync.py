"""The spool of the sync layer; its schema is kept, frozen by version, beside the code that uses it."""


def up(migrator, db):
    from sync.adapters import spool_schema

    spool_schema.create_v1(db)
