"""What a case is searched by beside its columns, the orders in which a search is read, and check lists.

The terms of cases of before are filled in by the node itself at its next start, batch by batch.
"""

_STATEMENTS = (
    """
    CREATE TABLE case_term (
        term TEXT NOT NULL, filed_at BIGINT NOT NULL, "case" TEXT NOT NULL,
        item TEXT NOT NULL, place TEXT NOT NULL,
        PRIMARY KEY (term, filed_at, "case")
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE check_list (
        "case" TEXT NOT NULL, login TEXT NOT NULL, marks TEXT NOT NULL, updated_at BIGINT NOT NULL,
        PRIMARY KEY ("case", login)
    ) WITHOUT ROWID
    """,
    "DROP INDEX case_file_applicant_filed_at",
    "CREATE INDEX case_file_by_name ON case_file (applicant, filed_at, item, state, place)",
    "CREATE INDEX case_file_by_item ON case_file (item, filed_at, state, place)",
    "CREATE INDEX case_file_by_place ON case_file (place, filed_at, state)",
    "CREATE INDEX case_file_by_state ON case_file (state, filed_at)",
)


def up(migrator, db):
    """Add the tables and the indexes; no row of a case changes."""
    for statement in _STATEMENTS:
        db.execute_sql(statement)
