"""Threads of pages and of node lines do not wait for ever: a peer that is silent for a minute is gone.

Nobody says so when the power of a PC fails in the middle of a form, or a phone leaves the room; without an
end each of them would keep one of the few threads until the next restart. Nor may a trickle of bytes keep
one: a request's head comes within seconds, and its body no slower than the thinnest line of a village. Who
has said nothing yet gets none: browsers open lines that they may need later, and others open them on purpose.
"""

from __future__ import annotations

import socket
import ssl
from collections import deque
from collections.abc import Callable
from errno import EAGAIN, ECONNABORTED, ECONNRESET, EMFILE, ENFILE
from functools import partial
from selectors import EVENT_READ, DefaultSelector
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

# Of one read, or of one write of a small part: slow lines take their time, dead ones end.
SILENCE_S = 60.0
# How long a thread waits in all for the head of a request; how long for its body, and longer for what came.
HEAD_S, BODY_S, BODY_BYTES_S = 10.0, 120.0, 512
# For agreeing on a key, some 4 KB in all.
GREETING_S = 20.0
# How long an answer that ends its line waits for the other side to end it too, and how many wait at most.
_FAREWELL_S, _FAREWELLS_MAX, _FAREWELL_BYTES = 2.0, 200, 65_536
# For the body of somebody who has not signed in: what such a one may send is short.
STRANGER_S = 15.0
_PART = 16_384


def _gone() -> ConnectionResetError:
    # Told as what every reader of a line knows: the other side is not there any more.
    return ConnectionResetError(ECONNRESET, "silent for too long")


class _Patient:
    """Put before a kind of socket: blocking means waiting for `SILENCE_S`, then the line counts as cut."""

    _is_body, _waited_s, _got, _body_s = False, 0.0, 0, BODY_S

    def setblocking(self, flag: Any) -> None:
        """Wait from now on, but not for ever; or do not wait. It is done before each request."""
        self._is_body, self._waited_s, self._got = False, 0.0, 0
        self.settimeout(SILENCE_S if flag else 0.0)  # type: ignore[attr-defined]

    def begin_body(self) -> None:
        """The head of a request is here: what comes from now on is its body."""
        self._is_body, self._waited_s, self._got, self._body_s = True, 0.0, 0, BODY_S

    def hurry(self) -> None:
        """The body that comes is a stranger's: else a few of them keep all threads for minutes."""
        self._body_s = STRANGER_S

    def _left_s(self) -> float:
        """Return how much longer a thread waits for this request."""
        return (self._body_s + self._got / BODY_BYTES_S if self._is_body else HEAD_S) - self._waited_s

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
            ConnectionResetError: the other side fell silent meanwhile, or took too long in all.
        """
        usual = self.gettimeout()
        if usual:
            self.settimeout(min(usual, GREETING_S))
        try:
            super().do_handshake(*given)
        except TimeoutError:
            raise _gone() from None
        finally:
            self.settimeout(usual)


class _Conn(TConn):
    """A connection that is parted from beside everything else: by itself the server stands still for that."""

    part: Callable[[TConn], None]
    drained = 0

    def close(self, graceful: Any = False) -> None:
        """End it; gracefully means to wait for the other side, so that the end of an answer is not lost."""
        if graceful:
            self.part(self)
        else:
            super().close()


class PatientWorker(ThreadWorker):
    """The worker with threads, on sockets that end in silence."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._parting: deque[_Conn] = deque()

    def accept(self, listener: Any) -> None:
        """Take a connection in; it gets a thread when something comes on it.

        Where there are too many, one that has nothing to say just now ends: whoever speaks is heard.
        """
        try:
            client, address = listener.accept()
        except OSError as problem:
            if problem.errno in (EMFILE, ENFILE):
                self._drop_idle()
            elif problem.errno not in (EAGAIN, ECONNABORTED):
                raise
            return
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._drop_idle()
        conn = _Conn(self.cfg, client, address, listener.getsockname())
        conn.part = self._part
        conn.timeout = monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def set_accept_enabled(self, enabled: Any) -> None:
        """Take connections in from now on, or none; one that stops waits for nobody who is silent."""
        super().set_accept_enabled(enabled)
        while not self.alive and self.pending_conns:
            self._drop_idle()

    def on_pending_socket_readable(self, conn: TConn, client: Any) -> None:
        """Let a thread serve what comes first on a connection, unless that has ended this very moment."""
        if conn in self.pending_conns:
            super().on_pending_socket_readable(conn, client)

    def on_client_socket_readable(self, conn: TConn, client: Any) -> None:
        """Let a thread serve what comes next on a connection, unless that has ended this very moment."""
        if conn in self.keepalived_conns:
            super().on_client_socket_readable(conn, client)

    def murder_pending(self) -> None:
        """End the connections on which nothing came for too long, and those that were parted from."""
        super().murder_pending()
        while self._parting and self._parting[0].timeout <= monotonic():
            self._end(self._parting[0])

    def _part(self, conn: Any) -> None:
        """Say that no more comes, and end a connection once the other side has done so, or after a moment."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, EVENT_READ, partial(self._drain, conn))
        except (OSError, ValueError):
            conn.close()
            return
        conn.timeout = monotonic() + _FAREWELL_S
        self._parting.append(conn)
        if len(self._parting) > _FAREWELLS_MAX:
            self._end(self._parting[0])

    def _drain(self, conn: _Conn, client: Any) -> None:
        if conn not in self._parting:
            return
        try:
            got = len(client.recv(4096))
        except BlockingIOError:
            return
        except OSError:
            got = 0
        conn.drained += got
        if not got or conn.drained > _FAREWELL_BYTES:
            self._end(conn)

    def _end(self, conn: _Conn) -> None:
        self._parting.remove(conn)
        self.poller.unregister(conn.sock)
        conn.close()

    def _drop_idle(self) -> None:
        idle = self.pending_conns or self.keepalived_conns
        if idle:
            conn = idle.popleft()
            self.poller.unregister(conn.sock)
            self.nr_conns -= 1
            conn.close()

    def enqueue_req(self, conn: TConn) -> None:
        """Let a thread serve what comes on a connection."""
        if type(conn.sock) is socket.socket:
            conn.sock = PlainSocket(fileno=conn.sock.detach())
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> Any:
        """Serve what comes on a connection; under TLS the greeting alone keeps no thread."""
        if self.cfg.is_ssl and not conn.initialized:
            conn.sock.setblocking(True)
            try:
                conn.init()
            except OSError:
                return False
            if not _has_come(conn.sock):
                return _DEFER
        return super().handle(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request whose head has come."""
        conn.sock.begin_body()
        return super().handle_request(req, conn)


def _has_come(sock: Any) -> bool:
    if sock.pending():
        return True
    with DefaultSelector() as waiting:
        waiting.register(sock, EVENT_READ)
        return bool(waiting.select(0))
