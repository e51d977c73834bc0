"""Programs that sync too little or speak too soon: a check that finds no fault in them is blind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from peewee import SqliteDatabase

from common.node import assembly
from common.store.database import open_database
from sync.adapters import blob_files, witness
from sync.adapters.engine import Engine
from sync.protocol.offer import Budget
from tests.crash.disk import Disk
from tests.crash.story import promises
from tests.desk.three import ThreeNodes

Mutant = Callable[[ThreeNodes, Disk], AbstractContextManager[None]]


@contextmanager
def commits_unsynced(three: ThreeNodes, disk: Disk) -> Iterator[None]:
    """A commit returns before its bytes are on the disk (synchronous NORMAL: SQLite's usual advice)."""

    def opened(path: Path, busy_timeout_ms: int) -> SqliteDatabase:
        made = open_database(path, busy_timeout_ms)
        made.pragma("synchronous", "normal", permanent=True)
        return made

    with patch.object(assembly, "open_database", opened):
        yield


@contextmanager
def receipt_before_commit(three: ThreeNodes, disk: Disk) -> Iterator[None]:
    """The answer leaves while the unit that took the frames in is still open."""

    def absorb(self: Engine, incoming: Any, plains: Sequence[bytes]) -> None:
        if not plains:
            return
        with self.world.unit():
            self.peer.absorb(incoming, plains, self.application, self.world.evidence().wall)
            decided = self.peer.plan(incoming.head.sender, Budget(1_000), self.world.evidence())
            disk.tell(promises(three.node, decided.word))

    with patch.object(Engine, "_absorb", absorb):
        yield


@contextmanager
def papers_unsynced(three: ThreeNodes, disk: Disk) -> Iterator[None]:
    """A paper gets its name before its bytes are on the disk, and the name is not synced either."""
    with patch.object(blob_files, "make_durable", lambda path: None):
        yield


@contextmanager
def names_unsynced(three: ThreeNodes, disk: Disk) -> Iterator[None]:
    """The bytes of papers are synced, their names are not."""
    whole = blob_files.make_durable

    def files_only(path: Path) -> None:
        if not path.is_dir():
            whole(path)

    with patch.object(blob_files, "make_durable", files_only):
        yield


@contextmanager
def witness_unsynced(three: ThreeNodes, disk: Disk) -> Iterator[None]:
    """Exchanges leave before the witness is on the disk."""
    with patch.object(witness, "os", _Unsynced()):
        yield


class _Unsynced:
    """The module `os`, but that nothing is ever synced."""

    def __getattr__(self, name: str) -> Any:
        return (lambda file: None) if name == "fsync" else getattr(os, name)


# Each with words of what must be found in it.
MUTANTS: tuple[tuple[Mutant, str], ...] = (
    (commits_unsynced, "is gone"),
    (receipt_before_commit, "a receipt promised"),
    (papers_unsynced, "paper gone"),
    (names_unsynced, "paper gone"),
    (witness_unsynced, "the witness has forgotten"),
)
