"""How many exchanges a node holds at once: slow lines never take the threads that people's pages need.

A seat is held until the answer has left. A line that falls silent gives it back after a minute; one that
creeps gives it back after ten, as soon as another node waits. Whoever has not even said who it is gives it to
who comes: else a stranger keeps all seats, and every node below, with a few lines that say nothing.
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
# So long who has said little sits though others wait; a small exchange is over by then on a thin line.
UNHEARD_S = 20.0
_GIVEN_BACK_S = 2.0
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
        if not self._free.acquire(timeout=_MOMENT_S) and not self._is_freed():
            return None
        seat = Seat(self, sock, self._now())
        with self._lock:
            self._held[seat] = None
        _end_in_silence(sock)
        return seat

    def _is_freed(self) -> bool:
        """Cut off who has held a seat too long; say whether one is free at once, of who was never heard."""
        with self._lock:
            ages = {seat: self._now() - seat.since for seat in self._held if seat.sock is not None}
            unheard = next((seat for seat, age in ages.items() if seat.is_unheard and age > UNHEARD_S), None)
            for seat, age in ages.items():
                if age > LONG_S or seat is unheard:
                    _shut(seat.sock)
            if unheard is not None:
                # Two that wait do not cut off the same one.
                unheard.is_unheard = False
        return unheard is not None and self._free.acquire(timeout=_GIVEN_BACK_S)

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
        self.is_unheard = True

    def hear(self) -> None:
        """What came on its line is an exchange: from now on it may take its time."""
        self.is_unheard = False

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
