"""Threads of pages and of node lines do not wait for ever: a peer that is silent for a minute is gone.

Nobody says so when the power of a PC fails in the middle of a form, or a phone leaves the room; without an
end each of them would keep one of the few threads until the next restart.
"""

from __future__ import annotations

import socket
import ssl
from errno import ECONNRESET
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

# Of one read, or of one write of a small part: slow lines take their time, dead ones end.
SILENCE_S = 60.0
_PART = 16_384


def _gone() -> ConnectionResetError:
    # Told as what every reader of a line knows: the other side is not there any more.
    return ConnectionResetError(ECONNRESET, "silent for too long")


class _Patient:
    """Put before a kind of socket: blocking means waiting for `SILENCE_S`, then the line counts as cut."""

    def setblocking(self, flag: Any) -> None:
        """Wait from now on, but not for ever; or do not wait."""
        self.settimeout(SILENCE_S if flag else 0.0)  # type: ignore[attr-defined]

    def recv(self, *given: Any) -> bytes:
        """Return what comes next.

        Raises:
            ConnectionResetError: nothing came in time, or the line was cut.
        """
        try:
            data: bytes = super().recv(*given)  # type: ignore[misc]
        except TimeoutError:
            raise _gone() from None
        return data

    def sendall(self, data: Any, *given: Any) -> None:
        """Send everything, however long that takes, as long as something goes.

        Raises:
            ConnectionResetError: a part of it was not taken in time, or the line was cut.
        """
        view = memoryview(data)
        try:
            for at in range(0, len(view), _PART):
                super().sendall(view[at : at + _PART], *given)  # type: ignore[misc]
        except TimeoutError:
            raise _gone() from None


class PlainSocket(_Patient, socket.socket):
    """A connection of pages on this machine, or behind a proxy."""


class TlsSocket(_Patient, ssl.SSLSocket):
    """A connection under TLS."""

    def do_handshake(self, *given: Any) -> None:
        """Agree on a key.

        Raises:
            ConnectionResetError: the other side fell silent meanwhile.
        """
        try:
            super().do_handshake(*given)
        except TimeoutError:
            raise _gone() from None


class PatientWorker(ThreadWorker):
    """The worker with threads, on sockets that end in silence."""

    def enqueue_req(self, conn: TConn) -> None:
        """Let a thread serve what comes on a connection."""
        if type(conn.sock) is socket.socket:
            conn.sock = PlainSocket(fileno=conn.sock.detach())
        super().enqueue_req(conn)
