"""How a page's process and the seal process talk: one request a connection, on a socket in the data folder.

A line of JSON, then the bytes it announces; the answer has the same form. Whoever asks must be of the same
user, which the kernel tells; the socket is that user's alone besides.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SOCKET = "seal.sock"
PDF_BYTES_MAX = 5_000_000
_HEAD_BYTES_MAX = 4_096
_PEER = struct.Struct("3i")


class LineFault(OSError):
    """The other side did not keep to the form."""


@contextlib.contextmanager
def address(folder: Path) -> Iterator[str]:
    """Hold the socket's address: short, however deep the folder lies (a socket's path has 107 bytes)."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{SOCKET}"
    finally:
        os.close(handle)


def send(line: socket.socket, head: dict[str, Any], content: bytes = b"") -> None:
    """Send one message.

    Raises:
        OSError: the other side is gone or too slow.
    """
    text = json.dumps({**head, "bytes": len(content)}, ensure_ascii=False, separators=(",", ":"))
    line.sendall(text.encode() + b"\n" + content)


def receive(line: socket.socket, bytes_max: int) -> tuple[dict[str, Any], bytes]:
    """Return head and content of one message; a longer content than allowed is not read.

    Raises:
        OSError: the other side is gone, too slow, or did not keep to the form.
    """
    with line.makefile("rb") as file:
        text = file.readline(_HEAD_BYTES_MAX)
        try:
            head = json.loads(text)
            count = head["bytes"]
        except (ValueError, KeyError, TypeError, RecursionError) as problem:
            raise LineFault("no head of a message") from problem
        if type(head) is not dict or type(count) is not int or count < 0:
            raise LineFault("no head of a message")
        content = file.read(count) if count <= bytes_max else b""
    if count <= bytes_max and len(content) != count:
        raise LineFault("the message was cut short")
    return head, content


def is_own_user(line: socket.socket) -> bool:
    """Say whether the other side runs as this process's user."""
    _, user, _ = _PEER.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return user == os.geteuid()
