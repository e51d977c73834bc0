"""Notices made as PDF, kept in the node's data folder by act, so that a second print costs nothing.

Sealed ones stay: each seal is a line in the seal's log, and a decision is sealed once. Others can be made
anew at any time; only the newest of them are kept.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from sync.durable import make_durable, put_file

log = logging.getLogger(__name__)

FOLDER = "notices"
_SEALED, _PLAIN = ".sealed.pdf", ".plain.pdf"
_PLAIN_MAX = 200
_WHOLE = re.compile(r"[0-9a-f]{32}-[0-9a-f]{16}\.sealed\.pdf")
# As `_write` names a paper until it is whole: act, print of its text, kind, process, chance.
_DRAFT = re.compile(r"[0-9a-f]{32}-[0-9a-f]{16}\.(?:sealed|plain)\.pdf\.[0-9]+\.[0-9a-f]{8}\.part")


class PdfShelf:
    """The folder. A name is the act and a print of what the paper says; another text is another paper."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sealed(self, act: str, name: str) -> bytes | None:
        """Return the paper of an act that was sealed, in whatever words it was drawn then; None for none.

        A place may be called otherwise since, or the program draw it otherwise: the decision is the one that
        was sealed. Of two from before this held it is the one of this name.
        """
        found = self.sealed_of(act)
        return found.get(name) or next(iter(found.values()), None)

    def sealed_of(self, act: str) -> dict[str, bytes]:
        """Return the papers of an act that were sealed, by name."""
        names = sorted(path.name for path in self._folder.glob(f"{act}-*{_SEALED}"))
        return {name.removesuffix(_SEALED): (self._folder / name).read_bytes() for name in names}

    def plain(self, name: str) -> bytes | None:
        """Return a paper without a seal, None when there is none."""
        return self._read(name + _PLAIN)

    def keep_sealed(self, name: str, pdf: bytes) -> None:
        """Keep a sealed paper.

        Raises:
            OSError: the disk failed; nothing was kept.
        """
        self._write(name + _SEALED, pdf)

    def keep_plain(self, name: str, pdf: bytes) -> None:
        """Keep a paper without a seal, and let go of the oldest of them beyond two hundred.

        Raises:
            OSError: the disk failed; nothing was kept.
        """
        self._write(name + _PLAIN, pdf)
        kept = sorted(self._folder.glob("*" + _PLAIN), key=_age)
        for path in kept[:-_PLAIN_MAX]:
            path.unlink(missing_ok=True)

    def sweep(self, before_ms: int) -> int:
        """Take away half-written papers last touched before this time (UTC milliseconds); return how many.

        Only files whose names this shelf gives are looked at, and no link is followed.
        """
        count = 0
        for path in self._folder.glob("*.part"):
            # One that is finished this moment is gone under this name.
            with suppress(FileNotFoundError):
                if _DRAFT.fullmatch(path.name) and path.lstat().st_mtime_ns < before_ms * 1_000_000:
                    path.unlink()
                    count += 1
        return count

    def _read(self, name: str) -> bytes | None:
        path = self._folder / name
        return path.read_bytes() if path.is_file() else None

    def _write(self, name: str, pdf: bytes) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        # Two threads may print the same paper: each writes a file of its own, the last one stays, whole.
        draft = self._folder / f"{name}.{os.getpid()}.{os.urandom(4).hex()}.part"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(pdf)
                file.flush()
                # A name on the disk before its content would be half a decision, given out as a whole one.
                os.fsync(file.fileno())
            os.replace(draft, self._folder / name)
        except OSError:
            draft.unlink(missing_ok=True)
            raise


def _age(path: Path) -> int:
    """Return when a paper was kept; one that another thread has let go of meanwhile counts as the oldest."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _any(_name: str, _content: bytes) -> bool:
    return True


def copy_sealed(source: Path, target: Path, wanted: Callable[[str, bytes], bool] = _any) -> int:
    """Copy the sealed papers of one folder that another one lacks, each durably; return how many.

    Nothing makes them anew: another print would be a second original of a decision. None is replaced. One
    that cannot be read is logged and left out: a damaged paper must stop neither backup nor restoring. Nor is
    what is no plain file: a link on a stick would have given out a file of the node, a pipe waits for ever.

    Raises:
        OSError: the target cannot be written; the papers copied before stand.
    """
    copied = 0
    for path in sorted(source.glob("*" + _SEALED)):
        if not _WHOLE.fullmatch(path.name) or (target / path.name).exists():
            continue
        try:
            content = path.read_bytes() if S_ISREG(path.lstat().st_mode) else b""
        except OSError as problem:
            log.warning("the sealed paper %s is left out: errno %s", path.name, problem.errno)
            continue
        if not content or not wanted(path.name, content):
            continue
        if not target.exists():
            target.mkdir(mode=0o700)
            make_durable(target.parent)
        put_file(target / path.name, content)
        copied += 1
    return copied
