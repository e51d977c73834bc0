"""Small steps on the files that keep papers, and what such a file may be called and weigh."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sync.durable import OWNER_ALONE, make_durable
from sync.protocol.errors import TooLarge
from sync.protocol.frame import BLOB_BYTES_MAX

BLOB_NAME = re.compile(r"[0-9a-f]{64}")
# By these a disk, or the file system on it, says that a part of a file cannot be read: it says so each time.
LOST = (errno.EIO, errno.EUCLEAN, errno.EBADMSG)
_READ_BYTES = 1 << 18


def check_name(blob: str) -> None:
    """Refuse what is not the name of a paper.

    Raises:
        ValueError: not 64 hex digits.
    """
    if not BLOB_NAME.fullmatch(blob):
        raise ValueError("a paper is named by 64 hex digits")


def check_size(size: int) -> None:
    """Refuse a paper that no frame could name.

    Raises:
        TooLarge: empty or above the limit.
    """
    if not 1 <= size <= BLOB_BYTES_MAX:
        raise TooLarge(f"paper of {size} bytes")


def make_folder(folder: Path) -> None:
    """Create a folder and those above it, each durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    make_durable(folder.parent)


def forget(path: Path) -> None:
    """Remove a file; one that is not there is no fault."""
    with suppress(FileNotFoundError):
        os.unlink(path)


def touch(path: Path) -> None:
    """Make an empty file whose time is now."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, OWNER_ALONE)
    try:
        os.utime(file)
    finally:
        os.close(file)


def is_before(path: Path, before_ms: int) -> bool:
    """Say whether a file is there and older than this."""
    try:
        return os.stat(path, follow_symlinks=False).st_mtime_ns < before_ms * 1_000_000
    except FileNotFoundError:
        return False


def write_at(file: int, offset: int, data: bytes) -> None:
    """Write all of the bytes at a place."""
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex, reading a little at a time."""
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def reads_as(path: Path, name: str) -> bool:
    """Say whether a file can be read to its end and has this SHA-256; one that is not there has none."""
    try:
        return hash_of(path) == name
    except FileNotFoundError:
        return False
    except OSError as error:
        # A disk that cannot read a part of it has lost it; any other fault says nothing of the file.
        if error.errno not in LOST:
            raise
        return False


def is_left_over(path: Path) -> bool:
    """Say whether a file is there and no process holds it locked."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
    finally:
        os.close(file)


def pour(file: int, chunks: Iterator[bytes]) -> tuple[str, int]:
    """Write these bytes into an open file from its start; return their SHA-256 in hex and their number.

    Raises:
        TooLarge: none, or more than a paper may have.
    """
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        check_size(size + len(chunk) or 1)
        write_at(file, size, chunk)
        digest.update(chunk)
        size += len(chunk)
    check_size(size)
    return digest.hexdigest(), size


def sync_stick_folder(folder: Path) -> None:
    """Make durable on a stick what its file system can: whoever calls reads back what was written."""
    with suppress(OSError):
        make_durable(folder)
