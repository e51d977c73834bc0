"""The spool, version 5: who is behind an act that is wanted."""


def up(migrator, db):
    from sync.adapters import spool_schema

    spool_schema.alter_v5(db)
