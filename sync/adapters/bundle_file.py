"""A stick: the same exchange as on the line, in one file. Exporting counts as sending nothing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sync.adapters.engine import Engine, Report
from sync.adapters.file_steps import sync_stick_folder
from sync.protocol.offer import Budget

# A FAT32 stick holds files below 4 GiB; one below 1 GiB copies in bearable time.
VOLUME_BYTES = 1_000_000_000
SUFFIX = ".ldx"
_CHUNK = 1 << 18
# The county's time has been eight hours ahead the year round since 1991.
_EPOCH, _LOCAL_MS = datetime(1970, 1, 1), 8 * 3_600_000
_LAST_MS = 253_402_300_799_000


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the file, its size, and how much of what is in it."""

    path: Path
    size: int
    frames: int
    pieces: int


class StickFault(OSError):
    """The stick did not keep what was written to it."""


def export(engine: Engine, address: str, folder: Path) -> Exported:
    """Write everything `address` may lack into one file in `folder`; return what was written.

    The file is written under another name, synced, renamed, and read back, so
    that a stick pulled too early shows now and not at the other end.

    Raises:
        NoSuchNeighbour: no exchange with that address is possible.
        StickFault: what was read back differs.
        OSError: the folder cannot be written; no file is left under the final name.
    """
    # A folder that is not there is named itself, not a half-written file in it.
    os.scandir(folder).close()
    plan, chunks = engine.stream(address, Budget(VOLUME_BYTES, is_answered=False))
    at = _said(engine.world.evidence().wall)
    name = f"liandong-{plan.head.sender}-{address}-{at}-{plan.head.counter:06d}{SUFFIX}"
    draft, path = folder / f".{name}.part", folder / name
    try:
        size, written = _write(draft, chunks)
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    # Some stick file systems cannot sync a folder; the read-back below is the proof there.
    sync_stick_folder(folder)
    if _hash(path) != written:
        raise StickFault(f"{path.name} differs when read back")
    return Exported(path, size, plan.frames, plan.pieces)


def import_file(engine: Engine, path: Path) -> Report:
    """Take in a bundle; it may be cut, old or taken in before: what is readable and new is kept.

    A stick pulled while it is read counts as cut there.

    Raises:
        OSError: the file cannot be opened.
    """
    with path.open("rb") as file:
        return engine.receive(_until_pulled(file))


def _said(wall_ms: int) -> str:
    """Return a local moment, by which people sort files; no program reads the name, and no order rests on it.

    The counter that follows keeps names of one second apart.
    """
    moment = _EPOCH + timedelta(milliseconds=min(max(0, wall_ms) + _LOCAL_MS, _LAST_MS))
    return moment.strftime("%Y%m%d-%H%M%S")


def _write(path: Path, chunks: Iterator[bytes]) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    # Made anew: a link that somebody has laid on the stick is followed nowhere.
    with path.open("xb") as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _until_pulled(file: BinaryIO) -> Iterator[bytes]:
    with suppress(OSError):
        while chunk := file.read(_CHUNK):
            yield chunk


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        # What the kernel still remembers of the file proves nothing about the stick.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
