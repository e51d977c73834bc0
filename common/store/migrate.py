"""Brings a node's database to the schema of this program: numbered scripts, each run once.

Never edits a script's work in place: a released script is frozen, the next one corrects it.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peewee import SqliteDatabase
from playhouse.migrations import Runner

DIRECTORY = Path(__file__).parent / "migrations"


def migrate(db: SqliteDatabase, lock_path: Path | str, directory: Path = DIRECTORY) -> list[str]:
    """Apply every script not yet applied, in order; return their names.

    Each script is one transaction. The lock file makes a second starting process wait for the first:
    scripts have no lock of their own.

    Raises:
        playhouse.migrations.MigrationError: a script is unusable; those before it stay applied.
    """
    with _locked(lock_path):
        return list(Runner(db, str(directory)).up())


@contextmanager
def _locked(path: Path | str) -> Iterator[None]:
    with open(path, "a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
