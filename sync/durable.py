"""What is written has to be on the disk before anybody is told so: one way for small files and folders."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

OWNER_ALONE, ALL_READ = 0o600, 0o644
# Settings, certificates and lists have a few kilobytes.
_READ_MAX = 1 << 20


def make_durable(path: Path) -> None:
    """Make what a file now holds, or the names in a folder, durable; raises OSError when the disk failed."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def open_draft(draft: Path, mode: int = OWNER_ALONE) -> int:
    """Open what is written before it has its name; return the handle.

    A link or a pipe that lies there is taken away: who had the stick in hands could have the node write over
    any file of its own, or wait for good.

    Raises:
        OSError: it cannot be written there.
    """
    with suppress(FileNotFoundError):
        if not S_ISREG(draft.lstat().st_mode):
            draft.unlink()
    return os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)


def put_file(path: Path, content: bytes, mode: int = OWNER_ALONE) -> None:
    """Write a file, whole or not at all; it is on the disk when this returns.

    Raises:
        OSError: the disk failed; what was at `path` is unchanged, or the new content is whole.
    """
    draft = path.with_name(path.name + ".part")
    handle = open_draft(draft, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    make_durable(path.parent)


def read_plain(path: Path, most: int = _READ_MAX) -> bytes:
    """Read a small file where others may write, as who brings a stick: a link could name any file.

    Raises:
        OSError: it is a link or no file, as a pipe that nobody writes to; or it has more than `most` bytes.
    """
    # Without waiting: opened to be read, such a pipe would stop everything here.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
        found = file.read(most + 1)
    if len(found) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return found
