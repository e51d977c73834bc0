"""The log of views with its digests, and letters of authority."""

_STATEMENTS = (
    """
    CREATE TABLE view_log (
        pos BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, login TEXT NOT NULL, what TEXT NOT NULL,
        object TEXT NOT NULL, fields TEXT NOT NULL, chain TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE INDEX view_log_object ON view_log (object)",
    """
    CREATE TRIGGER view_log_is_never_changed BEFORE UPDATE ON view_log
    BEGIN SELECT RAISE(ABORT, 'rows of the view log are never changed'); END
    """,
    """
    CREATE TRIGGER view_log_is_never_shortened BEFORE DELETE ON view_log
    BEGIN SELECT RAISE(ABORT, 'rows of the view log are never taken out'); END
    """,
    """
    CREATE TABLE view_digest (
        node TEXT NOT NULL, upto BIGINT NOT NULL, first BIGINT NOT NULL, day TEXT NOT NULL, by TEXT NOT NULL,
        head TEXT NOT NULL, fault TEXT NOT NULL, PRIMARY KEY (node, upto, head)
    )
    """,
    """
    CREATE TABLE view_below (
        node TEXT NOT NULL, pos BIGINT NOT NULL, at BIGINT NOT NULL, login TEXT NOT NULL, what TEXT NOT NULL,
        object TEXT NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (node, pos)
    )
    """,
    """
    CREATE TABLE letter (
        id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, id_type TEXT NOT NULL, id_number TEXT NOT NULL,
        phone TEXT NOT NULL, agent TEXT NOT NULL, agent_name TEXT NOT NULL, scope TEXT NOT NULL,
        from_day TEXT NOT NULL, to_day TEXT NOT NULL, proof TEXT NOT NULL, blob TEXT NOT NULL,
        size BIGINT NOT NULL, media_type TEXT NOT NULL, revoked_on TEXT NOT NULL,
        revoked_why TEXT NOT NULL, made_by TEXT NOT NULL, made_at BIGINT NOT NULL
    )
    """,
    "CREATE INDEX letter_id_number ON letter (id_number)",
    "CREATE INDEX letter_agent ON letter (agent)",
)


def up(migrator, db):
    """Make the tables."""
    for statement in _STATEMENTS:
        db.execute_sql(statement)
