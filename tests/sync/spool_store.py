"""What the contract of spools is tried on, and the small things its tests are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase

from sync.adapters.spool import SqlSpool
from sync.protocol import signed
from sync.protocol.spool import (
    APPLIED,
    ActRow,
    Held,
    Placed,
)
from tests.sync.made import (
    VILLAGE,
    blob_ref,
    make_statement,
    stream_upto,
)

FIRST, SECOND, THIRD = blob_ref(b"first"), blob_ref(b"second page"), blob_ref(b"third", "application/pdf")


@dataclass
class Store:
    """One spool under test and how to work with it."""

    spool: Any
    unit: Callable[[], AbstractContextManager[Any]]
    savepoint: Callable[[], AbstractContextManager[Any]]
    reopen: Callable[[], Any]
    refusal: type[Exception]


class Cut(Exception):
    """Thrown inside a unit to make it fail."""


def keep(store: Store, *placed: Placed) -> None:
    """Put the streams of these frames and the frames, in one unit."""
    with store.unit():
        for stream in dict.fromkeys(p.frame.header.stream for p in placed):
            store.spool.put_stream(stream_upto([p for p in placed if p.frame.header.stream == stream]))
        store.spool.add_frames(placed)


def held(key: str, stamp: int, sort: str = signed.RECEIPT, content: bytes = b"") -> Held:
    """Return a kept statement whose payload names its key and stamp."""
    return Held(sort, key, (stamp, 2, 3), make_statement(sort, key=key, stamp=stamp), content, stamp)


def row(act: str, state: str = APPLIED, waits_for: str = "", position: int = 1) -> ActRow:
    """Return what became of an act."""
    return ActRow(act, "case.filed", VILLAGE, state, "E101" if waits_for else "", waits_for, position)


def act(number: int) -> str:
    """Return an id for a test."""
    return f"{number:032x}"


def open_file(path: Path) -> SqliteDatabase:
    """Open a database file as a node does."""
    pragmas = [("journal_mode", "wal"), ("synchronous", "full"), ("foreign_keys", 1)]
    return SqliteDatabase(str(path), timeout=15, lock_type="IMMEDIATE", pragmas=pragmas)


@contextmanager
def sql_unit(spool: SqlSpool, database: SqliteDatabase) -> Iterator[None]:
    """One unit of work on a database file."""
    with database.atomic(), spool.unit():
        yield
