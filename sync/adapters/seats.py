"""How many exchanges a node holds at once: slow lines never take the threads that people's pages need.

A seat is held until the answer has left. A line that falls silent gives it back after a minute; one that
creeps gives it back after ten, as soon as another node waits.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

SILENCE_S = 60
LONG_S = 600.0
# The answer before has left, and its seat is about to be given back.
_MOMENT_S = 0.05


class Seats:
    """A number of seats. Safe to use from any thread."""

    def __init__(self, count: int, now: Callable[[], float] = time.monotonic) -> None:
        self._free = threading.BoundedSemaphore(count)
        self._lock = threading.Lock()
        self._held: dict[Seat, None] = {}
        self._now = now

    def take(self, sock: Any) -> Seat | None:
        """Return a seat, None when there is none; whoever has held one too long is then cut off.

        Args:
            sock: the connection that takes it, None when it cannot be told.
        """
        if not self._free.acquire(timeout=_MOMENT_S):
            self._cut_long()
            return None
        seat = Seat(self, sock, self._now())
        with self._lock:
            self._held[seat] = None
        _end_in_silence(sock)
        return seat

    def _cut_long(self) -> None:
        with self._lock:
            for seat in self._held:
                if self._now() - seat.since > LONG_S:
                    _shut(seat.sock)

    def give_back(self, seat: Seat) -> None:
        """Free a seat; to do it twice changes nothing."""
        with self._lock:
            if seat not in self._held:
                return
            del self._held[seat]
        self._free.release()


class Seat:
    """One exchange under way."""

    def __init__(self, seats: Seats, sock: Any, since: float) -> None:
        self._seats = seats
        self.sock, self.since = sock, since

    def leave(self) -> None:
        """Give the seat back."""
        self._seats.give_back(self)


def _end_in_silence(sock: Any) -> None:
    """Let the kernel end a wait for a line that is dead: nobody says so when the other's power fails."""
    if sock is not None:
        span = struct.pack("@ll", SILENCE_S, 0)
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, span)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, span)


def _shut(sock: Any) -> None:
    if sock is not None:
        with suppress(OSError):
            # Of the plain socket beneath TLS.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
