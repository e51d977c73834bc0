"""A relative may be named in a letter of authority: who that is, and what to the principal."""

_COLUMNS = ("agent_id_type", "agent_id_number", "relation")


def up(migrator, db):
    """Add the columns; every letter of before names somebody of the staff, so they are empty."""
    for column in _COLUMNS:
        db.execute_sql(f"ALTER TABLE letter ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
