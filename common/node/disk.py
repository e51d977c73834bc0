"""How full the disk of this node is, and what is done about it before it is too late.

NORMAL; LOW: new pictures are stored smaller and papers that have reached their end leave; CRITICAL: no new
case is taken in, sending and taking receipts go on. What was accepted is never dropped. A ballast file, laid
down in good days, is emptied at CRITICAL, so that the last receipts still find room. The empty file stays and
tells every process, and the next start, that this room is not there for cases.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from pathlib import Path
from typing import Protocol

from common.config import NodeConfig

BALLAST = "ballast"
_MB = 1_000_000


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
        self._critical = min(config.disk_critical_mb * _MB, self._low)
        self._ballast = config.disk_ballast_mb * _MB
        self._room = room
        self._state = DiskState.NORMAL

    def free(self) -> int:
        """Return the bytes free now; what the ballast gave back counts as taken."""
        found = self._room(self._folder)
        given_back = self._ballast if self._lies() == 0 else 0
        return found.f_frsize * found.f_bavail - given_back

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
        """Free the ballast if the disk is critical: on a full disk no database can even be opened."""
        if self.state() is DiskState.CRITICAL and self._lies():
            os.truncate(self._path, 0)

    def keep_ballast(self) -> None:
        """Free the ballast when the disk is critical; lay it down again when there is room to spare."""
        self.make_room()
        if self._state is DiskState.NORMAL and self.free() > self._low + 2 * self._ballast:
            self._lay()

    def _lay(self) -> None:
        if not self._ballast or self._lies():
            return
        # Where the file system cannot set room aside it goes without.
        with suppress(OSError):
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(file, 0, self._ballast)
            except OSError:
                self._path.unlink(missing_ok=True)
            finally:
                os.close(file)

    def _lies(self) -> int | None:
        """Return how large the ballast is, 0 when it was given back, None when none was ever laid."""
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return None

    @property
    def _path(self) -> Path:
        return self._folder / BALLAST
