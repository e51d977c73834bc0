"""Versions of service items, in the order in which this node took them into use."""

_STATEMENTS = (
    """
    CREATE TABLE item_version (
        pos INTEGER NOT NULL PRIMARY KEY, code TEXT NOT NULL, version INTEGER NOT NULL, text TEXT NOT NULL,
        statement TEXT NOT NULL, published_at BIGINT NOT NULL, withdrawn INTEGER NOT NULL, mark TEXT NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX item_version_code_version ON item_version (code, version)",
)


def up(migrator, db):
    for statement in _STATEMENTS:
        db.execute_sql(statement)
