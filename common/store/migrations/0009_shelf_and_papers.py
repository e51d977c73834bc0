"""The spool, version 2: shelf documents by hash, who names which paper, papers of acts held loose."""


def up(migrator, db):
    from sync.adapters import spool_schema

    spool_schema.alter_v2(db)
