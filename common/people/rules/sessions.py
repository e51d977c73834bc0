"""When a session ends by itself, and when wrong passwords pause signing in. Pure: all times are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# A clock set back by up to this much does not sign people out.
CLOCK_SLACK_MS = 300_000
# Several people sign in from one address (a hall behind one router), so an address may err more often.
ADDRESS_FACTOR = 4


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """How long a session lasts idle and in all, and the pause (ms) that so many wrong attempts cause."""

    idle_ms: int
    absolute_ms: int
    attempts: int
    pause_ms: int


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """When a session was made and last used; `revoked_at` is 0 while it is not revoked. UTC milliseconds."""

    created_at: int
    seen_at: int
    revoked_at: int


def is_live(times: SessionTimes, now_ms: int, limits: SignInLimits) -> bool:
    """Say whether the session still counts at `now_ms`.

    A session from further in the future than a small slack is over: the clock was set back, and how long ago
    it was used cannot be known.
    """
    if times.revoked_at:
        return False
    if max(times.created_at, times.seen_at) > now_ms + CLOCK_SLACK_MS:
        return False
    return now_ms - times.seen_at < limits.idle_ms and now_ms - times.created_at < limits.absolute_ms


def pause_left_ms(wrong_at: Sequence[int], now_ms: int, allowed: int, pause_ms: int) -> int:
    """Return how long signing in stays paused, 0 when it is open.

    Args:
        wrong_at: when somebody erred, in any order; what lies in the future (clock set back) does not count.
        allowed: how many may go wrong within `pause_ms` before the pause begins.
    """
    recent = sorted(at for at in wrong_at if now_ms - pause_ms < at <= now_ms)
    if len(recent) < allowed:
        return 0
    return recent[-1] + pause_ms - now_ms
