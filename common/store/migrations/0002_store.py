"""The audit chain and the counters."""

_STATEMENTS = (
    """
    CREATE TABLE audit (
        pos BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
        object TEXT NOT NULL, detail TEXT NOT NULL, chain TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE INDEX audit_object ON audit (object)",
    """
    CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END
    """,
    """
    CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows are never taken out'); END
    """,
    "CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL)",
)


def up(migrator, db):
    for statement in _STATEMENTS:
        db.execute_sql(statement)
