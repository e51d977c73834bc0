"""The local day of an instant: Asia/Shanghai, which has had no summer time since 1991. Pure."""

from __future__ import annotations

from datetime import date, timedelta

_EPOCH = date(1970, 1, 1)
_LOCAL_MS = 8 * 3_600_000
_DAY_MS = 86_400_000
_LAST_DAY = (date.max - _EPOCH).days


def local_day(at_ms: int) -> str:
    """Return the local day YYYY-MM-DD of UTC milliseconds; times no calendar has become its ends."""
    days = min(max(0, (at_ms + _LOCAL_MS) // _DAY_MS), _LAST_DAY)
    return (_EPOCH + timedelta(days=days)).isoformat()


def later(day: str, days: int) -> str:
    """Return the local day so many days after `day` (before it when negative)."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
