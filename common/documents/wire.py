"""How the node and its printing process talk: messages of a mark, a length and that many bytes."""

from __future__ import annotations

import socket
import struct

_HEAD = struct.Struct(">cI")

# The printer's first word: it is ready, or its libraries are not there.
READY, ABSENT = b"R", b"A"
# A page to print, and what came of it.
PAGE, PDF, FAILED, FOREIGN = b"H", b"P", b"F", b"X"
BYTES_MAX = 32 * 1024 * 1024


def send(line: socket.socket, mark: bytes, content: bytes = b"") -> None:
    """Send one message.

    Raises:
        OSError: the other side is gone, or took longer than the socket's timeout.
    """
    line.sendall(_HEAD.pack(mark, len(content)) + content)


def receive(line: socket.socket) -> tuple[bytes, bytes]:
    """Return mark and content of the next message.

    Raises:
        EOFError: the other side has closed.
        OSError: it took longer than the socket's timeout, or the length is beyond all bounds.
    """
    mark, length = _HEAD.unpack(_exactly(line, _HEAD.size))
    if length > BYTES_MAX:
        raise OSError("a message beyond all bounds")
    return mark, _exactly(line, length)


def _exactly(line: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = line.recv(min(count - len(parts), 1 << 16))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
