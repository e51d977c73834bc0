"""Where a node's time comes from. Rules and services never ask: they are given the time."""

from __future__ import annotations

import time
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple, Protocol

# The program is younger than this, UTC ms; a clock that shows less has lost its battery.
BUILT_MS = 1_790_000_000_000
_BOOT_FILE = Path("/proc/sys/kernel/random/boot_id")


class Moment(NamedTuple):
    """One reading of all clocks.

    `wall_ms` is UTC and may be wrong; `mono_ms` never runs back while `boot` stays the same, goes on through
    a restart of the program and through sleep, and says nothing across a restart of the machine.
    """

    wall_ms: int
    boot: str
    mono_ms: int


class Clock(Protocol):
    """Wall time as evidence, monotonic time for waiting; both in milliseconds."""

    def now_ms(self) -> int:
        """Return UTC wall time in milliseconds since 1970; it may jump either way."""
        ...

    def mono_ms(self) -> int:
        """Return milliseconds that never run backwards within one process; the start is arbitrary."""
        ...

    def moment(self) -> Moment:
        """Return one reading of all clocks, comparable across restarts of the program."""
        ...


class SystemClock:
    """The machine's clocks."""

    def __init__(self) -> None:
        self._boot = _boot_id()

    def now_ms(self) -> int:
        """Return the machine's wall time, UTC milliseconds."""
        return time.time_ns() // 1_000_000

    def mono_ms(self) -> int:
        """Return the machine's monotonic time in milliseconds."""
        return time.monotonic_ns() // 1_000_000

    def moment(self) -> Moment:
        """Return one reading of the machine's clocks; its monotonic part counts sleep, too."""
        slept = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        return Moment(self.now_ms(), self._boot, slept)


class FixedClock:
    """A clock that stands still until it is moved by hand, for tests and replays."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms
        self._mono_ms = 0
        self._boot = 1

    def now_ms(self) -> int:
        """Return the wall time it was set to."""
        return self._now_ms

    def mono_ms(self) -> int:
        """Return how far it has been moved forward since it was made."""
        return self._mono_ms

    def moment(self) -> Moment:
        """Return what it was set to, in one reading."""
        return Moment(self._now_ms, f"{self._boot:08x}", self._mono_ms)

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

    def restart_machine(self) -> None:
        """Begin the monotonic clock anew, as a restart of the machine does; the wall clock stays."""
        self._boot += 1
        self._mono_ms = 0


def _boot_id() -> str:
    """Return what the kernel calls this run of the machine; where it says nothing, each process is a run."""
    try:
        return _BOOT_FILE.read_text(encoding="ascii").strip().replace("-", "")
    except OSError:
        return token_hex(16)
