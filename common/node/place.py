"""Who works at a node holds its place: a backup is put in its stead only while nobody does."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO

from common.config import NodeConfig
from common.errors import LiandongError

SERVE_LOCK = "serve.lock"


class BeingRestored(LiandongError):
    """A backup is being put in the place of this node: what came in now would go with what is replaced."""

    code = "E492"
    status = 409
    sentence = "本站正在恢复备份，请等恢复完成再试。"


def opened_lock(path: Path) -> TextIO:
    """Return the file of a lock, made where there is none; close it to give the lock up.

    It is opened to be read alone: one that root left there, by a verb of before, locks as well.

    Raises:
        OSError: it can neither be made nor read.
    """
    return open(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))


def take_place(config: NodeConfig) -> TextIO:
    """Let nobody restore this node while the process lives that keeps what is returned, leading or not.

    Raises:
        BeingRestored: somebody does.
    """
    file = opened_lock(config.path(SERVE_LOCK))
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise BeingRestored from None
    return file
