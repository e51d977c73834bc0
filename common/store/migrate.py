"""Brings a node's database to the schema of this program: numbered scripts, each run once.

Never edits a script's work in place: a released script is frozen, the next one corrects it.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peewee import SqliteDatabase

from common.errors import LiandongError

DIRECTORY = Path(__file__).parent / "migrations"
HISTORY = "schema_migration"
_SCRIPTS = "[0-9]*.py"


class LaterDatabase(LiandongError):
    """A later program has worked with the database: this one would write what that one cannot read."""

    code = "E491"
    status = 500
    sentence = "数据库是更新版本的程序用过的（{script}），没有改动：请装回那个版本或更新的程序。"


def migrate(db: SqliteDatabase, lock_path: Path | str, directory: Path = DIRECTORY) -> list[str]:
    """Apply every script not yet applied, in order; return their names.

    Each script is one transaction. The lock file makes a second starting process wait for the first:
    scripts have no lock of their own.

    Raises:
        playhouse.migrations.MigrationError: a script is unusable; those before it stay applied.
        LaterDatabase: a script was run on it that this program does not have; nothing was changed.
    """
    with _locked(lock_path):
        known, applied = known_scripts(directory), _applied(db)
        if applied - known:
            raise LaterDatabase(script=max(applied - known))
        if known <= applied:
            return []
        # Loaded when there is something to do: it stays in memory for as long as the node runs.
        from playhouse.migrations import Runner

        return list(Runner(db, str(directory), HISTORY).up())


def known_scripts(directory: Path = DIRECTORY) -> set[str]:
    """Return the names of all scripts of this program."""
    return {script.stem for script in directory.glob(_SCRIPTS)}


def _applied(db: SqliteDatabase) -> set[str]:
    if not db.table_exists(HISTORY):
        return set()
    return {str(row[0]) for row in db.execute_sql(f"SELECT name FROM {HISTORY}").fetchall()}


@contextmanager
def _locked(path: Path | str) -> Iterator[None]:
    with open(path, "a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
