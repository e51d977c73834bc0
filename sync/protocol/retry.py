"""When to try again. Full jitter on a monotonic clock: no wall clock decides, no two nodes march in step."""

from __future__ import annotations

BASE_MS = 5_000
CAP_MS = 30 * 60_000
STEPS_MAX = 12


def backoff_ms(failures: int, draw: int, base_ms: int = BASE_MS, cap_ms: int = CAP_MS) -> int:
    """Return how long to wait after `failures` tries in a row went wrong.

    Args:
        failures: at least 1.
        draw: a random 32-bit number; the wait is spread evenly from 0 to the cap of this step.

    Returns:
        Milliseconds, never above `cap_ms`.
    """
    cap = min(cap_ms, base_ms << min(failures - 1, STEPS_MAX))
    return cap * (draw & 0xFFFFFFFF) >> 32


def next_poll_ms(interval_ms: int, draw: int) -> int:
    """Return the pause to the next exchange when nothing waits: the interval, give or take a quarter."""
    spread = interval_ms // 2
    return interval_ms - spread // 2 + (spread * (draw & 0xFFFFFFFF) >> 32)
