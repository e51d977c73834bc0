"""A line between two sites on loopback: it can be cut and mended, and counts the bytes above TCP."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from common.node.demo.county import free_ports

_CHUNK = 1 << 16


class Relay:
    """Listens on `port` of `host` and passes everything to `target_port` of loopback; closed until `up()`."""

    def __init__(self, target_port: int, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = free_ports(1)[0]
        self.target_port = target_port
        self.bytes_up = 0
        self.bytes_down = 0
        self._server: socket.socket | None = None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    @property
    def is_up(self) -> bool:
        """Say whether the line works."""
        return self._server is not None

    def up(self) -> None:
        """Let the line work."""
        if self._server is None:
            self._server = socket.create_server((self.host, self.port))
            threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def down(self) -> None:
        """Cut the line: no new connection, and those there are break where they stand."""
        server, self._server = self._server, None
        if server is not None:
            # Closing alone does not wake a thread that waits in accept().
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
        with self._lock:
            for end in self._open:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                # Nobody serves there now; to the caller that is a connection closed at once.
                near.close()
                continue
            self._join(near, far, server)

    def _join(self, near: socket.socket, far: socket.socket, server: socket.socket) -> None:
        with self._lock:
            self._open |= {near, far}
            is_cut = self._server is not server
        for source, sink, is_up in ((near, far, 1), (far, near, 0)):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if is_cut:
                source.shutdown(socket.SHUT_RDWR)
            threading.Thread(target=self._pump, args=(source, sink, is_up), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_up: int) -> None:
        try:
            while data := source.recv(_CHUNK):
                if is_up:
                    self.bytes_up += len(data)
                else:
                    self.bytes_down += len(data)
                sink.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            # Each direction closes the end it reads from; the other thread may still be writing to its own.
            with self._lock:
                self._open.discard(source)
            source.close()
