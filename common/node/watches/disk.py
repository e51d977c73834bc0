"""How full the disk of this node is, and what is done about it before it is too late.

NORMAL; LOW: new pictures are stored smaller and papers that have reached their end leave; CRITICAL: no new
case is taken in, sending and taking receipts go on. What was accepted is never dropped. A ballast file, laid
down in good days, is emptied at CRITICAL, so that the last receipts still find room. The empty file stays and
tells every process, and the next start, that this room is not there for cases. A second one, the reserve, is
emptied by a start or a verb alone that finds nothing left: without room nobody could sign in, look a case up
or copy the node onto a stick.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from pathlib import Path
from typing import Protocol

from common.config import NodeConfig

BALLAST, RESERVE = "ballast", "reserve"
_MB = 1_000_000
_RESERVE_BYTES = 16 * _MB
# What SQLite, a sign-in and the notes of a backup need is less.
_NOTHING_BYTES = 4 * _MB


class DiskState(IntEnum):
    """The three states, worse ones higher."""

    NORMAL = 0
    LOW = 1
    CRITICAL = 2


class Room(Protocol):
    """What is asked of a file system: see `os.statvfs`."""

    @property
    def f_frsize(self) -> int:
        """Bytes of a block."""
        ...

    @property
    def f_bavail(self) -> int:
        """Blocks free for this program."""
        ...


class DiskWatch:
    """Watches the file system of a data folder. Safe to ask from any thread.

    Args:
        room: how a path's file system is asked.
    """

    def __init__(self, config: NodeConfig, room: Callable[[Path], Room] = os.statvfs) -> None:
        self._folder = config.data_dir
        self._low = config.disk_low_mb * _MB
        self._critical = config.disk_critical_mb * _MB
        self._ballast = config.disk_ballast_mb * _MB
        self._room = room
        self._state = DiskState.NORMAL

    def free(self) -> int:
        """Return the bytes free now; what ballast and reserve gave back counts as taken."""
        laid = ((BALLAST, self._ballast), (RESERVE, _RESERVE_BYTES))
        return self._left() - sum(size for name, size in laid if self._lies(name) == 0)

    def _left(self) -> int:
        found = self._room(self._folder)
        return found.f_frsize * found.f_bavail

    def state(self) -> DiskState:
        """Look, and return the state. It improves only with a tenth more room than it took to worsen."""
        free = self.free()
        now = DiskState.NORMAL
        for state, limit in ((DiskState.LOW, self._low), (DiskState.CRITICAL, self._critical)):
            slack = limit // 10 if self._state >= state else 0
            if free < limit + slack:
                now = state
        self._state = now
        return now

    def make_room(self) -> None:
        """Free the ballast if the disk is critical, the reserve if nothing is left; for a start or a verb.

        On a full disk no database can even be opened.
        """
        self._give_ballast()
        if self._left() < _NOTHING_BYTES:
            self._give(RESERVE)

    def keep_ballast(self) -> None:
        """Free the ballast when the disk is critical; lay both down again when there is room to spare."""
        self._give_ballast()
        spare = self.free() - self._low - 2 * self._ballast - _RESERVE_BYTES
        if self._state is DiskState.NORMAL and spare > 0 and self._ballast:
            self._lay(BALLAST, self._ballast)
            self._lay(RESERVE, _RESERVE_BYTES)

    def _give_ballast(self) -> None:
        if self.state() is DiskState.CRITICAL:
            self._give(BALLAST)

    def _give(self, name: str) -> None:
        if self._lies(name):
            os.truncate(self._folder / name, 0)

    def _lay(self, name: str, size: int) -> None:
        if self._lies(name):
            return
        path = self._folder / name
        # Where the file system cannot set room aside it goes without.
        with suppress(OSError):
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(file, 0, size)
            except OSError:
                path.unlink(missing_ok=True)
            finally:
                os.close(file)

    def _lies(self, name: str) -> int | None:
        """Return how large one of both is, 0 when it was given back, None when none was ever laid."""
        try:
            return (self._folder / name).stat().st_size
        except FileNotFoundError:
            return None
