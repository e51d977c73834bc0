"""A relay on loopback that counts the bytes above TCP of one line, both ways, and can hold the line down."""

from __future__ import annotations

import socket
import threading

from bench.county import free_port

_CHUNK = 1 << 16


class Relay:
    """Listens on `port` and passes everything to `target_port`; closed until `up()`."""

    def __init__(self, target_port: int) -> None:
        self.port = free_port()
        self.target_port = target_port
        self.bytes_up = 0
        self.bytes_down = 0
        self._server: socket.socket | None = None

    def up(self) -> None:
        """Let the line work."""
        self._server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def down(self) -> None:
        """Close the line to new connections."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target_port))
            for source, sink, is_up in ((near, far, 1), (far, near, 0)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
