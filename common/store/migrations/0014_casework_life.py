"""What lists need of the whole life of a case: department, urgency, next day that matters, who is asked."""

_STATEMENTS = (
    "ALTER TABLE case_event ADD COLUMN here_at BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE case_file ADD COLUMN department TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE case_file ADD COLUMN green INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE case_file ADD COLUMN alarm_on TEXT NOT NULL DEFAULT ''",
    # An act of before is taken to have come when it was made: nothing better is known of it.
    "UPDATE case_event SET here_at = at",
    "CREATE INDEX case_file_alarm ON case_file (holder, alarm_on)",
    "CREATE INDEX case_file_urgent ON case_file (waits_at, filed_at) WHERE green = 1",
    "CREATE INDEX case_file_department ON case_file (waits_at, department, needs, filed_at)",
    """
    CREATE TABLE case_heap (
        waits_at TEXT NOT NULL, department TEXT NOT NULL, needs TEXT NOT NULL, state TEXT NOT NULL,
        count INTEGER NOT NULL, PRIMARY KEY (waits_at, department, needs, state)
    ) WITHOUT ROWID
    """,
    """
    INSERT INTO case_heap (waits_at, department, needs, state, count)
    SELECT waits_at, department, needs, state, COUNT(*) FROM case_file GROUP BY 1, 2, 3, 4
    """,
    """
    CREATE TABLE case_asked (
        department TEXT NOT NULL, "case" TEXT NOT NULL, due TEXT NOT NULL, PRIMARY KEY (department, "case")
    ) WITHOUT ROWID
    """,
    'CREATE INDEX case_asked_case ON case_asked ("case")',
)


def up(migrator, db):
    for statement in _STATEMENTS:
        db.execute_sql(statement)
