"""The way to the few cases that have ended and of which something made since is still to be served."""

_STATEMENT = (
    'CREATE INDEX case_file_unserved ON case_file (holder, filed_at, "case", state, needs) '
    "WHERE state IN ('WITHDRAWN', 'CLOSED', 'ARCHIVED') AND needs <> ''"
)


def up(migrator, db):
    """Add the index; no row of a case changes."""
    db.execute_sql(_STATEMENT)
