"""Sign-in on running time instead of the wall clock; staff below, logins barred, stand-ins, resets.

Sessions from before have no running time and are over: everybody signs in once. The count of wrong attempts
goes on for each login; what an address did wrong is forgotten.
"""

_STATEMENTS = (
    "ALTER TABLE sign_in_session ADD COLUMN boot TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE sign_in_session ADD COLUMN created_mono BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE sign_in_session ADD COLUMN seen_mono BIGINT NOT NULL DEFAULT 0",
    """
    CREATE TABLE sign_in_wrong (
        login TEXT NOT NULL PRIMARY KEY, count INTEGER NOT NULL, boot TEXT NOT NULL, mono BIGINT NOT NULL
    )
    """,
    "INSERT INTO sign_in_wrong (login, count, boot, mono)"
    " SELECT login, count(*), '', 0 FROM sign_in_attempt GROUP BY login",
    "DELETE FROM sign_in_attempt",
    "ALTER TABLE sign_in_attempt ADD COLUMN boot TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE sign_in_attempt ADD COLUMN mono BIGINT NOT NULL DEFAULT 0",
    "CREATE TABLE staff_bar (login TEXT NOT NULL, author TEXT NOT NULL, PRIMARY KEY (login, author))",
    """
    CREATE TABLE barred_list (
        node TEXT NOT NULL, author TEXT NOT NULL, version INTEGER NOT NULL, logins TEXT NOT NULL,
        PRIMARY KEY (node, author)
    )
    """,
    "CREATE TABLE roster_below (node TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, staff TEXT NOT NULL)",
    "CREATE TABLE people_sent (what TEXT NOT NULL PRIMARY KEY, digest TEXT NOT NULL)",
    """
    CREATE TABLE stand_in (
        id TEXT NOT NULL, source TEXT NOT NULL, node TEXT NOT NULL, absent TEXT NOT NULL,
        absent_name TEXT NOT NULL, desk TEXT NOT NULL, acting TEXT NOT NULL, acting_name TEXT NOT NULL,
        from_day TEXT NOT NULL, to_day TEXT NOT NULL, made_by TEXT NOT NULL, made_at BIGINT NOT NULL,
        ended_at BIGINT NOT NULL, is_own INTEGER NOT NULL, PRIMARY KEY (source, id)
    )
    """,
    "CREATE INDEX stand_in_acting ON stand_in (acting)",
    "CREATE INDEX stand_in_node ON stand_in (node)",
    """
    CREATE TABLE reset_challenge (
        challenge TEXT NOT NULL PRIMARY KEY, made_at BIGINT NOT NULL, boot TEXT NOT NULL, mono BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE reset_below (
        act TEXT NOT NULL PRIMARY KEY, node TEXT NOT NULL, login TEXT NOT NULL, way TEXT NOT NULL,
        author TEXT NOT NULL, at BIGINT NOT NULL
    )
    """,
)


def up(migrator, db):
    """Make the tables, and carry over what still counts."""
    for statement in _STATEMENTS:
        db.execute_sql(statement)
