"""How each person likes pages: size of letters, language, sounds; kept with the account, not the browser."""


def up(migrator, db):
    """Add the table; who never chose has no row."""
    db.execute_sql(
        "CREATE TABLE preference (login TEXT NOT NULL PRIMARY KEY, large_print INTEGER NOT NULL,"
        " language TEXT NOT NULL, sounds INTEGER NOT NULL)"
    )
