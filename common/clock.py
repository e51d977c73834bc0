"""Where a node's time comes from. Rules and services never ask: they are given the time."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Wall time as evidence, monotonic time for waiting; both in milliseconds."""

    def now_ms(self) -> int:
        """Return UTC wall time in milliseconds since 1970; it may jump either way."""
        ...

    def mono_ms(self) -> int:
        """Return milliseconds that never run backwards within one process; the start is arbitrary."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now_ms(self) -> int:
        """Return the machine's wall time, UTC milliseconds."""
        return time.time_ns() // 1_000_000

    def mono_ms(self) -> int:
        """Return the machine's monotonic time in milliseconds."""
        return time.monotonic_ns() // 1_000_000


class FixedClock:
    """A clock that stands still until it is moved by hand, for tests and replays."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms
        self._mono_ms = 0

    def now_ms(self) -> int:
        """Return the wall time it was set to."""
        return self._now_ms

    def mono_ms(self) -> int:
        """Return how far it has been moved forward since it was made."""
        return self._mono_ms

    def advance(self, ms: int) -> None:
        """Let `ms` milliseconds pass on both clocks.

        Raises:
            ValueError: `ms` is negative; use `set_wall` to turn the wall clock back.
        """
        if ms < 0:
            raise ValueError("time does not run backwards on a monotonic clock")
        self._now_ms += ms
        self._mono_ms += ms

    def set_wall(self, now_ms: int) -> None:
        """Put the wall clock, and only it, to `now_ms`, as a wrong or mended system clock would."""
        self._now_ms = now_ms
