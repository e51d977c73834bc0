"""Cases as lists show them, the signed acts they are folded from, and their papers."""

_STATEMENTS = (
    """
    CREATE TABLE case_file (
        "case" TEXT NOT NULL PRIMARY KEY,
        item TEXT NOT NULL, item_name TEXT NOT NULL, version INTEGER NOT NULL,
        state TEXT NOT NULL, holder TEXT NOT NULL, waits_at TEXT NOT NULL, needs TEXT NOT NULL,
        origin TEXT NOT NULL, place TEXT NOT NULL, applicant TEXT NOT NULL, id_number TEXT NOT NULL,
        filed_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, due TEXT NOT NULL, apex TEXT NOT NULL,
        first_act TEXT NOT NULL, last_act TEXT NOT NULL
    )
    """,
    "CREATE INDEX case_file_id_number ON case_file (id_number)",
    "CREATE INDEX case_file_filed_at ON case_file (filed_at)",
    "CREATE INDEX case_file_work ON case_file (waits_at, needs, filed_at, updated_at, due)",
    "CREATE INDEX case_file_origin_filed_at ON case_file (origin, filed_at)",
    "CREATE INDEX case_file_applicant_filed_at ON case_file (applicant, filed_at)",
    """
    CREATE TABLE case_event (
        act TEXT NOT NULL PRIMARY KEY, "case" TEXT NOT NULL, pos INTEGER NOT NULL, kind TEXT NOT NULL,
        author TEXT NOT NULL, follows TEXT NOT NULL, at BIGINT NOT NULL, body TEXT NOT NULL,
        blobs TEXT NOT NULL, struck INTEGER NOT NULL
    )
    """,
    'CREATE UNIQUE INDEX case_event_case_pos ON case_event ("case", pos)',
    """
    CREATE TABLE case_paper (
        "case" TEXT NOT NULL, act TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, name TEXT NOT NULL,
        size BIGINT NOT NULL, type TEXT NOT NULL, pages INTEGER NOT NULL,
        PRIMARY KEY ("case", act, key, hash)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX case_paper_hash ON case_paper (hash)",
)


def up(migrator, db):
    for statement in _STATEMENTS:
        db.execute_sql(statement)
