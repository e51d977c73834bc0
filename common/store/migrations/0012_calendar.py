"""Years of the working calendar, in the order in which this node took them into use."""

_STATEMENTS = (
    """
    CREATE TABLE calendar_year (
        pos INTEGER NOT NULL PRIMARY KEY, year INTEGER NOT NULL, version INTEGER NOT NULL, text TEXT NOT NULL,
        statement TEXT NOT NULL, published_at BIGINT NOT NULL, mark TEXT NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX calendar_year_year_version ON calendar_year (year, version)",
)


def up(migrator, db):
    for statement in _STATEMENTS:
        db.execute_sql(statement)


def down(migrator, db):
    db.execute_sql("DROP TABLE calendar_year")
