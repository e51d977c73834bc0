"""The witness on the disk: one file beside the database, never in it, of two slots written in turn.

A slot is written in place and synced; whatever a power cut leaves of it, the
other one is whole. See `sync.protocol.witness` for what it says.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.adapters.file_steps import write_at
from sync.durable import make_durable
from sync.protocol.witness import (
    PREFIX_BYTES,
    SLOT_BYTES,
    Slot,
    Word,
    decode_slot,
    encode_slot,
    joined,
    newest,
    slot_size,
)

FILE = "witness.ldw"
_SLOTS = 2


class WitnessFile:
    """What a node's installation remembers of itself; several processes of the node may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last: Word | None = None

    def read(self) -> Word | None:
        """Return what it says, None when there is none or neither slot is readable."""
        if not self._path.exists():
            return None
        with self._open() as handle:
            slot = newest(_slots(handle))
        return slot.word if slot else None

    def cover(self, word: Word) -> None:
        """Let it say at least `word`, on the disk when this returns; costs nothing when it does already.

        Raises:
            OSError: the disk failed; what it said before still stands.
        """
        if self._last is not None and joined(self._last, word) == self._last:
            return
        is_new = not self._path.exists()
        with self._open() as handle:
            old = newest(_slots(handle))
            told = joined(old.word if old else None, word)
            if old is None or told != old.word:
                turn = old.turn + 1 if old else 1
                # All of it: a disk that runs full takes the front of a write and calls that no fault.
                write_at(handle, turn % _SLOTS * SLOT_BYTES, encode_slot(Slot(turn, told)))
                os.fsync(handle)
        if is_new:
            make_durable(self._path.parent)
        self._last = told

    @contextmanager
    def _open(self) -> Iterator[int]:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)


def _slots(handle: int) -> list[Slot | None]:
    return [decode_slot(_bytes_at(handle, turn * SLOT_BYTES)) for turn in range(_SLOTS)]


def _bytes_at(handle: int, offset: int) -> bytes:
    size = slot_size(os.pread(handle, PREFIX_BYTES, offset))
    return os.pread(handle, size, offset) if size <= SLOT_BYTES else b""
