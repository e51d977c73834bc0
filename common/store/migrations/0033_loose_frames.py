"""The spool, version 4: frames without a place are found without going through all others."""


def up(migrator, db):
    from sync.adapters import spool_schema

    spool_schema.alter_v4(db)
