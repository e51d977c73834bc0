"""A bad line between two sites on loopback: thin, far, and now and then broken off in the middle."""

from __future__ import annotations

import queue
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from common.node.demo.relay import Relay

BITS_PER_S = 64_000
# There and back; half of it each way.
ROUND_S = 0.6
RESET_SHARE = 0.05
_CHUNK = 1_024
# What the kernel would hold is part of no line.
_BUFFER = 4_096
_RESET = struct.pack("ii", 1, 0)


class ThinLine(Relay):
    """Takes the place of a line that is down: the same port, the same site behind it.

    Args:
        breaks: asked for each exchange (1, 2, …, a request that follows an answer is the next one): whether
            it is reset, after some of its bytes have passed.
    """

    def __init__(self, instead: Relay, breaks: Callable[[int], bool]) -> None:
        # No port of its own is claimed.
        self.host, self.port, self.target_port = instead.host, instead.port, instead.target_port
        self.bytes_up = self.bytes_down = 0
        self.exchanges = self.resets = 0
        self._server: socket.socket | None = None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._breaks = breaks
        # When each direction of the line has carried all that was put on it; all connections share it.
        self._free_at = [0.0, 0.0]
        self._breaking: dict[socket.socket, int] = {}
        self._asked: set[socket.socket] = set()
        self._ends: dict[socket.socket, socket.socket] = {}

    def _join(self, near: socket.socket, far: socket.socket, server: socket.socket) -> None:
        for end in (near, far):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        with self._lock:
            self._ends[near], self._ends[far] = far, near
        super()._join(near, far, server)

    def _pump(self, source: socket.socket, sink: socket.socket, is_up: int) -> None:
        """Take bytes as slowly as the line carries them; hand each on when it has come all the way."""
        way: queue.Queue[tuple[float, bytes]] = queue.Queue()
        last = threading.Thread(target=self._deliver, args=(way, sink), daemon=True)
        last.start()
        try:
            while data := source.recv(_CHUNK):
                self._count(source if is_up else sink, len(data), is_up)
                way.put((self._carry(len(data), is_up) + ROUND_S / 2, data))
        except OSError:
            pass
        way.put((0.0, b""))
        last.join()
        with self._lock:
            self._open.discard(source)
        source.close()

    def _deliver(self, way: queue.Queue[tuple[float, bytes]], sink: socket.socket) -> None:
        try:
            while True:
                at, data = way.get()
                if not data:
                    break
                time.sleep(max(0.0, at - time.monotonic()))
                sink.sendall(data)
        except OSError:
            pass
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _carry(self, size: int, is_up: int) -> float:
        """Wait until the line has taken these bytes; return when."""
        with self._lock:
            begins = max(self._free_at[is_up], time.monotonic())
            done = self._free_at[is_up] = begins + size * 8 / BITS_PER_S
        time.sleep(max(0.0, done - time.monotonic()))
        return done

    def _count(self, near: socket.socket, size: int, is_up: int) -> None:
        """Count bytes and exchanges of a connection; break it when it is time.

        Raises:
            ConnectionResetError: now.
        """
        with self._lock:
            if is_up:
                self.bytes_up += size
            else:
                self.bytes_down += size
            if is_up and near not in self._asked:
                self._asked.add(near)
                self.exchanges += 1
                if self._breaks(self.exchanges):
                    # At another place each time, often in the answer.
                    self._breaking[near] = 500 + self.exchanges * 997 % 3_000
            elif not is_up:
                self._asked.discard(near)
            left = self._breaking.get(near)
            if left is None:
                return
            self._breaking[near] = left - size
            if left > size:
                return
            del self._breaking[near]
            self.resets += 1
            ends = (near, self._ends[near])
        for end in ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                # Wakes whoever reads there and says nothing; the reset goes out with the last use of it.
                end.shutdown(socket.SHUT_RD)
                end.close()
        raise ConnectionResetError
