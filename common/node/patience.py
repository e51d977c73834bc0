"""Threads of pages and of node lines do not wait for ever: a peer that is silent for a minute is gone.

Nobody says so when the power of a PC fails in the middle of a form, or a phone leaves the room; without an
end each of them would keep one of the few threads until the next restart. Nor may a trickle of bytes keep
one: a request's head comes within seconds, and its body no slower than the thinnest line of a village.
"""

from __future__ import annotations

import socket
import ssl
from errno import ECONNRESET
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

# Of one read, or of one write of a small part: slow lines take their time, dead ones end.
SILENCE_S = 60.0
# How long a thread waits in all for the head of a request; how long for its body, and longer for what came.
HEAD_S, BODY_S, BODY_BYTES_S = 10.0, 120.0, 512
_PART = 16_384


def _gone() -> ConnectionResetError:
    # Told as what every reader of a line knows: the other side is not there any more.
    return ConnectionResetError(ECONNRESET, "silent for too long")


class _Patient:
    """Put before a kind of socket: blocking means waiting for `SILENCE_S`, then the line counts as cut."""

    _is_body, _waited_s, _got = False, 0.0, 0

    def setblocking(self, flag: Any) -> None:
        """Wait from now on, but not for ever; or do not wait. It is done before each request."""
        self._is_body, self._waited_s, self._got = False, 0.0, 0
        self.settimeout(SILENCE_S if flag else 0.0)  # type: ignore[attr-defined]

    def begin_body(self) -> None:
        """The head of a request is here: what comes from now on is its body."""
        self._is_body, self._waited_s, self._got = True, 0.0, 0

    def _left_s(self) -> float:
        """Return how much longer a thread waits for this request."""
        return (BODY_S + self._got / BODY_BYTES_S if self._is_body else HEAD_S) - self._waited_s

    def recv(self, *given: Any) -> bytes:
        """Return what comes next.

        Raises:
            ConnectionResetError: nothing came in time, too little did, or the line was cut.
        """
        usual, began, left = self.gettimeout(), monotonic(), self._left_s()  # type: ignore[attr-defined]
        if left <= 0:
            raise _gone()
        self.settimeout(min(usual, left))  # type: ignore[attr-defined]
        try:
            data: bytes = super().recv(*given)  # type: ignore[misc]
        except TimeoutError:
            raise _gone() from None
        finally:
            self._waited_s += monotonic() - began
            self.settimeout(usual)  # type: ignore[attr-defined]
        self._got += len(data)
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

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request whose head has come."""
        conn.sock.begin_body()
        return super().handle_request(req, conn)
