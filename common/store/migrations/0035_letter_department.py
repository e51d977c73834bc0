"""A letter of authority says which department entered it: who did may work elsewhere since."""


def up(migrator, db):
    """Add the column; of letters of before it is the department in which their writer is now."""
    db.execute_sql("ALTER TABLE letter ADD COLUMN department TEXT NOT NULL DEFAULT ''")
    db.execute_sql(
        "UPDATE letter SET department ="
        " COALESCE((SELECT department FROM staff WHERE staff.login = letter.made_by), '')"
    )
