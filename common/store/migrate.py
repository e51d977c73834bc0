"""Brings a node's database to the schema of this program: numbered scripts, each run once.

Never edits a script's work in place: a released script is frozen, the next one corrects it.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peewee import SqliteDatabase

DIRECTORY = Path(__file__).parent / "migrations"
_HISTORY = "schema_migration"
_SCRIPTS = "[0-9]*.py"


def migrate(db: SqliteDatabase, lock_path: Path | str, directory: Path = DIRECTORY) -> list[str]:
    """Apply every script not yet applied, in order; return their names.

    Each script is one transaction. The lock file makes a second starting process wait for the first:
    scripts have no lock of their own.

    Raises:
        playhouse.migrations.MigrationError: a script is unusable; those before it stay applied.
    """
    with _locked(lock_path):
        if {script.stem for script in directory.glob(_SCRIPTS)} <= _applied(db):
            return []
        # Loaded when there is something to do: it stays in memory for as long as the node runs.
        from playhouse.migrations import Runner

        return list(Runner(db, str(directory), _HISTORY).up())


def _applied(db: SqliteDatabase) -> set[str]:
    if not db.table_exists(_HISTORY):
        return set()
    return {str(row[0]) for row in db.execute_sql(f"SELECT name FROM {_HISTORY}").fetchall()}


@contextmanager
def _locked(path: Path | str) -> Iterator[None]:
    with open(path, "a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
