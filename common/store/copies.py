"""Copies of the database as one file: made of the open one while others write, and looked at alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from peewee import PeeweeException, SqliteDatabase

from common.store.database import database, driver, lets_read
from common.store.migrate import HISTORY, known_scripts

# By these whoever reads a damaged database, or one that is no node's, is told so.
DAMAGED = (PeeweeException, driver.Error, ValueError, LookupError, TypeError)


def copy_open_database(path: Path) -> None:
    """Copy the open database into one file, as it is at one moment; others go on reading and writing it.

    Raises:
        OSError, driver errors: the copy is not whole.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    with closing(driver.connect(str(path))) as target:
        database.connection().backup(target)
        # One file, and nothing beside it.
        target.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def opened_alone(path: Path) -> Iterator[SqliteDatabase]:
    """Open a copied database beside that of the node."""
    copied = SqliteDatabase(str(path))
    lets_read(copied)
    try:
        yield copied
    finally:
        copied.close()


@contextmanager
def opened_to_read(path: Path) -> Iterator[SqliteDatabase]:
    """Open a database beside that of the node; nothing of it is changed, whoever wrote it."""
    copied = SqliteDatabase(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    lets_read(copied)
    try:
        yield copied
    finally:
        copied.close()


def holds_together(copied: SqliteDatabase) -> bool:
    """Say whether SQLite finds nothing wrong with the structure of a copied database."""
    with closing(copied.execute_sql("PRAGMA integrity_check")) as rows:
        return bool(rows.fetchone() == ("ok",))


def fold_log(path: Path) -> None:
    """Bring what a database's log holds into the database itself; a damaged one stays as it is."""
    with suppress(driver.Error), closing(driver.connect(str(path))) as there:
        there.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def papers_named(path: Path) -> list[str]:
    """Return the hashes of the papers a copied database holds, sorted."""
    return _first_of(path, "SELECT hash FROM sync_blob ORDER BY hash")


def later_scripts(path: Path) -> list[str]:
    """Return the scripts run on a copied database that this program does not know: a later one had it."""
    return sorted(set(_first_of(path, f"SELECT name FROM {HISTORY}")) - known_scripts())


def address_named(path: Path) -> str:
    """Return whose a copied database is, "" where it is nobody's."""
    return next((str(one) for one in _first_of(path, "SELECT address FROM sync_identity")), "")


def network_named(path: Path) -> str:
    """Return the network that a copied database is of, "" where it belongs to none yet."""
    found = _first_of(path, "SELECT payload FROM sync_held WHERE sort = 'root'")
    return str(json.loads(found[0])["network"]) if found else ""


def _first_of(path: Path, query: str) -> list[str]:
    # The folder of a stick may have any name, also with signs that mean something in an address.
    with closing(driver.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copied:
        return [row[0] for row in copied.execute(query)]
