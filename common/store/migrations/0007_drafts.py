"""Cases being entered at the desk, and what was filed from them."""

_STATEMENTS = (
    """
    CREATE TABLE draft (
        id TEXT NOT NULL PRIMARY KEY, login TEXT NOT NULL, item TEXT NOT NULL, version INTEGER NOT NULL,
        step TEXT NOT NULL, applicant TEXT NOT NULL, form TEXT NOT NULL, result TEXT NOT NULL,
        papers TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
    )
    """,
    "CREATE INDEX draft_login_updated_at ON draft (login, updated_at)",
    """
    CREATE TABLE filed_draft (
        id TEXT NOT NULL PRIMARY KEY, "case" TEXT NOT NULL, filed_at BIGINT NOT NULL
    )
    """,
)


def up(migrator, db):
    for statement in _STATEMENTS:
        db.execute_sql(statement)
