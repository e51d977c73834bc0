"""When to try again. Full jitter on a monotonic clock: no wall clock decides, no two nodes march in step."""

from __future__ import annotations

import hashlib

BASE_MS = 5_000
CAP_MS = 30 * 60_000
STEPS_MAX = 12
SLOT_SPAN_MS = 5_000


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


def patience_ms(asked_s: int, draw: int, cap_ms: int = CAP_MS) -> int:
    """Return how long to wait when the other side asked for `asked_s` seconds: that, up to half more, capped.

    Nobody asked comes back sooner than told, and not all at once; nobody is silenced for longer than the cap.
    """
    asked_ms = max(0, asked_s) * 1000
    return min(cap_ms, asked_ms + (asked_ms // 2 * (draw & 0xFFFFFFFF) >> 32))


def slot_ms(address: str, interval_ms: int) -> int:
    """Return a node's own moment after a start, the same for ever: a quarter of the interval, 5 s at most.

    When the power comes back to a whole township, its villages do not all call in the same second.
    """
    span = min(interval_ms // 4, SLOT_SPAN_MS)
    number = int.from_bytes(hashlib.sha256(address.encode()).digest()[:4], "big")
    return span * number >> 32


def next_poll_ms(interval_ms: int, draw: int) -> int:
    """Return the pause to the next exchange when nothing waits: the interval, give or take a quarter."""
    spread = interval_ms // 2
    return interval_ms - spread // 2 + (spread * (draw & 0xFFFFFFFF) >> 32)
