"""Staff, their sign-in sessions, and the attempts that throttling counts."""

_STATEMENTS = (
    """
    CREATE TABLE staff (
        login TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, roles TEXT NOT NULL, department TEXT NOT NULL,
        password TEXT NOT NULL, active INTEGER NOT NULL, must_change INTEGER NOT NULL,
        added_at BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE sign_in_session (
        token_hash TEXT NOT NULL PRIMARY KEY, login TEXT NOT NULL REFERENCES staff (login),
        created_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, ip TEXT NOT NULL, revoked_at BIGINT NOT NULL
    )
    """,
    "CREATE INDEX sign_in_session_login ON sign_in_session (login)",
    """
    CREATE TABLE sign_in_attempt (
        id INTEGER NOT NULL PRIMARY KEY, login TEXT NOT NULL, ip TEXT NOT NULL, at BIGINT NOT NULL
    )
    """,
    "CREATE INDEX sign_in_attempt_login ON sign_in_attempt (login, at)",
    "CREATE INDEX sign_in_attempt_ip ON sign_in_attempt (ip, at)",
)


def up(migrator, db):
    for statement in _STATEMENTS:
        db.execute_sql(statement)
