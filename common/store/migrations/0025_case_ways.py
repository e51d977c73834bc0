"""Ways to the few of many cases: by place, by state and place, those still open, those with a day."""

_STATEMENTS = (
    "DROP INDEX case_file_by_place",
    'CREATE INDEX case_file_by_place ON case_file (place, filed_at, "case", state)',
    'CREATE INDEX case_file_by_state_place ON case_file (state, place, filed_at, "case")',
    'CREATE INDEX case_file_open ON case_file (holder, filed_at, "case", state) '
    "WHERE state NOT IN ('WITHDRAWN', 'CLOSED', 'ARCHIVED')",
    "CREATE INDEX case_file_watched ON case_file (alarm_on, filed_at, holder, state, item, due) "
    "WHERE alarm_on > ''",
    "CREATE INDEX case_file_promised ON case_file (due, filed_at, waits_at, needs) "
    "WHERE due > '' AND needs IN ('examine', 'approval')",
)


def up(migrator, db):
    """Add the indexes; no row of a case changes."""
    for statement in _STATEMENTS:
        db.execute_sql(statement)
