"""The local day of an instant: Asia/Shanghai, eight hours ahead the year round since 1991. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_EPOCH = date(1970, 1, 1)
_LOCAL_MS = 8 * 3_600_000
_DAY_MS = 86_400_000
_LAST = (date.max - _EPOCH).days


def local_date(at_ms: int) -> date:
    """Return the local date of UTC milliseconds; times before 1970 or past any calendar become its ends."""
    return _date(min(max(0, (at_ms + _LOCAL_MS) // _DAY_MS), _LAST))


def local_day(at_ms: int) -> str:
    """Return the same date as text, YYYY-MM-DD: such texts compare as the dates do."""
    return local_date(at_ms).isoformat()


def local_minute(at_ms: int) -> str:
    """Return `2026-01-05 09:30`, the local minute; it ends where `local_date` does."""
    minute = (at_ms + _LOCAL_MS) // 60_000 % 1440
    return f"{local_day(at_ms)} {minute // 60:02}:{minute % 60:02}"


def is_date(text: object) -> bool:
    """Say whether this is a day that exists, written YYYY-MM-DD."""
    if type(text) is not str or len(text) != 10:
        return False
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def later(day: str, days: int) -> str:
    """Return the local day so many days after `day` (before it when negative)."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


@lru_cache(maxsize=4096)
def _date(day: int) -> date:
    return _EPOCH + timedelta(days=day)
