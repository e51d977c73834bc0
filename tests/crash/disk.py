"""A disk that remembers every step of the files below a folder, and that can run full at any of them.

Databases are watched through `sqlite_files`, all other files through the functions of `os` that the program
writes them with. What is remembered is enough to build the folder anew as a power cut would have left it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch

from tests.crash.sqlite_files import Layer

MADE, WROTE, CUT, SYNCED, MOVED, DROPPED, FOLDER, SETTLED, TOLD = range(9)
_layer: list[Layer] = []


class Step(NamedTuple):
    """One step: what was done, to which path, at which offset or size, with what."""

    what: int
    path: str
    at: int = 0
    data: Any = b""


class Disk:
    """Watches one folder for as long as it is entered.

    `log` holds every step in order. `room` is how many writes are still taken; None is no end of them.
    `used` counts them, refused ones too.
    """

    def __init__(self, root: Path) -> None:
        self.root = str(root) + os.sep
        self.log: list[Step] = []
        self.room: int | None = None
        self.used = 0
        self._open: dict[int, str] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Disk:
        for name, step in self._steps().items():
            self._patch(name, step)
        if not _layer:
            _layer.append(Layer())
        _layer[0].watch(self)
        self._stack.callback(_layer[0].rest)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def tell(self, what: Any) -> None:
        """Note between two steps that something was said to the world outside."""
        self.log.append(Step(TOLD, "", 0, what))

    # --- what is told to the watcher of SQLite, and by the functions below
    def made(self, path: str) -> None:
        """A file comes into being."""
        self.log.append(Step(MADE, path))

    def room_for(self, path: str, size: int) -> int:
        """Return how many bytes of a write are taken: all of them, or the front of the last one.

        Raises:
            OSError: the disk is full.
        """
        self.used += 1
        if self.room is None:
            return size
        self.room -= 1
        if self.room >= 0:
            return size
        if self.room == -1 and size > 1:
            return size // 2
        raise OSError(errno.ENOSPC, "disk full", path)

    def wrote(self, path: str, at: int, data: bytes) -> None:
        """Bytes are written at a place."""
        self.log.append(Step(WROTE, path, at, data))

    def cut(self, path: str, size: int) -> None:
        """A file is made so long."""
        self.log.append(Step(CUT, path, size))

    def synced(self, path: str) -> None:
        """All of a file is on the disk."""
        self.log.append(Step(SYNCED, path))

    def dropped(self, path: str) -> None:
        """A name goes."""
        self.log.append(Step(DROPPED, path))

    def settled(self, folder: str) -> None:
        """All names in a folder are on the disk."""
        self.log.append(Step(SETTLED, folder))

    # --- in the place of functions of `os`
    def _steps(self) -> dict[str, Callable[..., Any]]:
        return {
            "open": self._on_open,
            "close": self._on_close,
            "write": self._on_write,
            "pwrite": self._on_pwrite,
            "ftruncate": self._on_ftruncate,
            "fsync": self._on_fsync,
            "rename": self._on_rename,
            "replace": self._on_rename,
            "unlink": self._on_unlink,
            "mkdir": self._on_mkdir,
            "posix_fallocate": self._on_fallocate,
            "statvfs": self._on_statvfs,
        }

    def _patch(self, name: str, step: Callable[..., Any]) -> None:
        below = getattr(os, name)
        self._stack.enter_context(patch.object(os, name, lambda *a, **k: step(below, *a, **k)))

    def _mine(self, path: Any) -> str:
        text = os.fspath(path) if not isinstance(path, int) else self._open.get(path, "")
        return text if isinstance(text, str) and text.startswith(self.root) else ""

    def _on_open(self, below: Any, path: Any, flags: int, *rest: Any, **more: Any) -> int:
        mine = self._mine(path)
        is_new = bool(mine and flags & os.O_CREAT and not os.path.exists(path))
        if is_new:
            self.room_for(mine, 1)
        file: int = below(path, flags, *rest, **more)
        self._open.pop(file, None)
        if mine:
            self._open[file] = mine
        if is_new:
            self.made(mine)
        elif mine and flags & os.O_TRUNC:
            self.cut(mine, 0)
        return file

    def _on_close(self, below: Any, file: int) -> None:
        self._open.pop(file, None)
        below(file)

    def _on_write(self, below: Any, file: int, data: Any) -> int:
        return self._on_pwrite(lambda f, d, _: below(f, d), file, data, os.lseek(file, 0, os.SEEK_CUR))

    def _on_pwrite(self, below: Any, file: int, data: Any, at: int) -> int:
        mine = self._mine(file)
        if not mine:
            return int(below(file, data, at))
        taken = bytes(data)[: self.room_for(mine, len(data))]
        self.wrote(mine, at, taken)
        return int(below(file, taken, at))

    def _on_ftruncate(self, below: Any, file: int, size: int) -> None:
        below(file, size)
        if self._mine(file):
            self.cut(self._mine(file), size)

    def _on_fsync(self, below: Any, file: int) -> None:
        below(file)
        mine = self._mine(file)
        if mine:
            (self.settled if os.path.isdir(mine) else self.synced)(mine)

    def _on_rename(self, below: Any, source: Any, target: Any, **more: Any) -> None:
        mine = self._mine(target)
        if mine:
            self.room_for(mine, 1)
        below(source, target, **more)
        if mine:
            self.log.append(Step(MOVED, os.fspath(source), 0, mine))

    def _on_unlink(self, below: Any, path: Any, **more: Any) -> None:
        below(path, **more)
        if self._mine(path):
            self.dropped(self._mine(path))

    def _on_mkdir(self, below: Any, path: Any, *rest: Any, **more: Any) -> None:
        mine = self._mine(path)
        if mine:
            self.room_for(mine, 1)
        below(path, *rest, **more)
        if mine:
            self.log.append(Step(FOLDER, mine))

    def _on_statvfs(self, below: Any, path: Any) -> Any:
        if self.room is not None and self.room < 0:
            return SimpleNamespace(f_bavail=0, f_frsize=4096)
        return below(path)

    def _on_fallocate(self, below: Any, file: int, at: int, size: int) -> None:
        if self._mine(file):
            self.room_for(self._mine(file), 1)
        below(file, at, size)
