"""A file that is written once, for good, and read back: on a stick as on a disk."""

from __future__ import annotations

import os
from pathlib import Path

from common.errors import LiandongError
from sync.adapters.file_steps import sync_stick_folder
from sync.durable import ALL_READ as ALL_READ
from sync.durable import OWNER_ALONE as OWNER_ALONE


class RootKeyFileExists(LiandongError):
    """Neither a root key nor an appointment is ever written over another file."""

    code = "E458"
    status = 409
    sentence = "要写出的文件已经存在，请换一个文件名。"

    @classmethod
    def at_init(cls, path: Path) -> RootKeyFileExists:
        """Return what is told to whoever makes a network: the file may be all there is of its root key."""
        return cls(
            f"根钥匙文件 {path} 已经存在，没有改动。它可能是已经建好的网络的，不要删除；"
            "上次 init 没有做完的，请用 --root-out 换一个文件夹再执行。"
        )


class NotAsWritten(LiandongError):
    """What was written to a file does not come back from it: a bad stick, or none with room."""

    code = "E461"
    status = 409
    sentence = "写出的文件读回来不对，存储介质可能已坏或已满，请换一个再试。"


def write_new(path: Path, data: bytes, mode: int = ALL_READ) -> None:
    """Write a file that is not there yet, durably, its name too, and read it back.

    Raises:
        RootKeyFileExists: there is a file of that name; it was not changed.
        NotAsWritten, OSError: it cannot be kept there; nothing is left of it.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as problem:
        raise RootKeyFileExists from problem
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            # What is read back comes from the stick, not from what the system remembers of it.
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        sync_stick_folder(path.parent)
        if path.read_bytes() != data:
            raise NotAsWritten
    except (OSError, NotAsWritten):
        path.unlink(missing_ok=True)
        raise
