"""The spool, version 3: whose room a frame without a place takes."""


def up(migrator, db):
    from sync.adapters import spool_schema

    spool_schema.alter_v3(db)
