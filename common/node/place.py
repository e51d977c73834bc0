"""Who works at a node holds its place: a backup is put in its stead only while nobody does."""

from __future__ import annotations

import fcntl
from typing import TextIO

from common.config import NodeConfig
from common.errors import LiandongError

SERVE_LOCK = "serve.lock"


class BeingRestored(LiandongError):
    """A backup is being put in the place of this node: what came in now would go with what is replaced."""

    code = "E492"
    status = 409
    sentence = "本站正在恢复备份，请等恢复完成再试。"


def take_place(config: NodeConfig) -> TextIO:
    """Let nobody restore this node while the process lives that keeps what is returned, leading or not.

    Raises:
        BeingRestored: somebody does.
    """
    file = config.path(SERVE_LOCK).open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise BeingRestored from None
    return file
