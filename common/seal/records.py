"""The node's database as the seal process sees it: read, never written."""

from __future__ import annotations

from pathlib import Path

from peewee import SqliteDatabase

from common.store.database import database

_BUSY_TIMEOUT_S = 5


def open_read_only(path: Path) -> SqliteDatabase:
    """Make a node's database the database of this process, for reading alone.

    Raises:
        OSError: there is none.
    """
    if not path.is_file():
        raise FileNotFoundError(2, "没有数据库", str(path))
    opened = SqliteDatabase(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=_BUSY_TIMEOUT_S,
        pragmas=[("query_only", 1), ("cache_size", -2000)],
    )
    database.initialize(opened)
    return opened
