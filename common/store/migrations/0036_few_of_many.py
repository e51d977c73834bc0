"""Ways to few of many: cases that have ended and of which something is still to be served, and reminders."""

_STATEMENTS = (
    'CREATE INDEX case_file_unserved ON case_file (holder, filed_at, "case", state, needs) '
    "WHERE state IN ('WITHDRAWN', 'CLOSED', 'ARCHIVED') AND needs <> ''",
    "CREATE INDEX case_event_reminder ON case_event (\"case\") WHERE kind = 'case.reported' AND struck = 0 "
    'AND instr(body, \'"report":"remind"\') > 0',
)


def up(migrator, db):
    """Add the indexes; no row of a case changes."""
    for statement in _STATEMENTS:
        db.execute_sql(statement)
