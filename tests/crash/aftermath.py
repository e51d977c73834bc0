"""What a power cut leaves of a folder: everything that was synced, and of the rest whatever it pleases.

The model is harsher than most disks and knows nothing of their journals: a file's bytes last once it is
synced, its name once its folder is; until then each write, cut and name may be there or not, and of each
write any of its sectors.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.crash.disk import CUT, DROPPED, FOLDER, MADE, MOVED, SETTLED, SYNCED, WROTE, Step

SECTOR_BYTES = 512
# What becomes of what was not synced: all of it is lost, each write is there or not, each sector is there or
# not, all of it is there.
LOST, EACH, TORN, KEPT = "lost", "each", "torn", "kept"
WAYS = (LOST, EACH, TORN, KEPT)
# SQLite makes it anew from the log; it is never synced.
_NOT_KEPT = "-shm"


class _Content:
    """The bytes of one file: those that last, and what was done since."""

    def __init__(self, data: bytes = b"") -> None:
        self.lasting = bytearray(data)
        self.since: list[tuple[int, bytes | None]] = []

    def sync(self) -> None:
        for step in self.since:
            _do(self.lasting, *step)
        self.since = []

    def left(self, way: str, rng: Random) -> bytes:
        found = bytearray(self.lasting)
        for at, data in self.since if way != LOST else ():
            if way == TORN and data is not None:
                for start, part in _sectors(at, data):
                    if rng.random() < 0.5:
                        _do(found, start, part)
            elif way == KEPT or rng.random() < 0.5:
                _do(found, at, data)
        return bytes(found)


def _do(content: bytearray, at: int, data: bytes | None) -> None:
    """Write bytes at a place; None cuts the file there."""
    if data is None:
        del content[at:]
        at, data = max(at, len(content)), b""
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data


def _sectors(at: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    end = at + len(data)
    while at < end:
        size = min(SECTOR_BYTES - at % SECTOR_BYTES, end - at)
        yield at, data[len(data) - (end - at) :][:size]
        at += size


Names = dict[str, _Content | None]


class _Change(NamedTuple):
    """A change of names not synced yet: a file or folder appears at `path`, a name is `gone`, or both."""

    path: str
    content: _Content | None
    gone: str = ""

    @property
    def folder(self) -> str:
        """The folder whose sync makes it last."""
        return os.path.dirname(self.path or self.gone)

    def apply(self, names: Names) -> None:
        names.pop(self.gone, None)
        if self.path:
            names[self.path] = self.content


class Replay:
    """A folder as its disk has it while a log is gone through; a name with no content is a folder."""

    def __init__(self, root: Path) -> None:
        """Begin with what is in a folder now, all of it lasting."""
        self._root = root
        self._names: Names = {}
        for path in sorted(root.rglob("*")):
            if not path.name.endswith(_NOT_KEPT):
                self._names[str(path)] = None if path.is_dir() else _Content(path.read_bytes())
        self._lasting = dict(self._names)
        self._since: list[_Change] = []

    def take(self, step: Step) -> None:
        """Go on by one step."""
        content = self._names.get(step.path)
        if step.what in (WROTE, CUT) and content is not None:
            content.since.append((step.at, step.data if step.what == WROTE else None))
        elif step.what == SYNCED and content is not None:
            content.sync()
        elif step.what == MADE:
            self._name(_Change(step.path, _Content()))
        elif step.what == FOLDER:
            self._name(_Change(step.path, None))
        elif step.what == DROPPED:
            self._name(_Change("", None, step.path))
        elif step.what == MOVED and content is not None:
            self._name(_Change(step.data, content, step.path))
        elif step.what == SETTLED:
            self._settle(step.path)

    def _name(self, change: _Change) -> None:
        change.apply(self._names)
        self._since.append(change)

    def _settle(self, folder: str) -> None:
        due = [change for change in self._since if change.folder == folder]
        for change in due:
            change.apply(self._lasting)
        gone = {change.gone for change in due if change.gone}
        # A name that has gone with another folder is not made once more when its own is synced.
        self._since = [c for c in self._since if c.folder != folder and c.path not in gone]

    def build(self, target: Path, way: str, seed: int, below: Sequence[str] = ("",)) -> None:
        """Make the folder in `target` as a power cut at this moment leaves it.

        Args:
            below: only what lies below one of these folders, by their paths from the root.
        """
        rng = Random(seed)
        names = dict(self._lasting)
        for change in self._since if way != LOST else ():
            if way == KEPT or rng.random() < 0.5:
                change.apply(names)
        wanted = tuple(os.path.join(str(self._root), part) for part in below)
        for path, content in sorted(names.items()):
            if path.startswith(wanted) and self._is_reachable(path, names):
                place = target / os.path.relpath(path, self._root)
                if content is None:
                    place.mkdir(parents=True, exist_ok=True)
                else:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(content.left(way, rng))

    def _is_reachable(self, path: str, names: Names) -> bool:
        folder = os.path.dirname(path)
        return folder == str(self._root) or (folder in names and self._is_reachable(folder, names))
