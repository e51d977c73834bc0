"""Calendar dates as signed text, YYYY-MM-DD in Asia/Shanghai: such texts compare as the dates do. Pure."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from common.casework.rules.deadlines import local_date

_DAY_MS = 86_400_000
_LOCAL_MS = 8 * 3_600_000


def is_date(text: object) -> bool:
    """Say whether this is a calendar date written YYYY-MM-DD."""
    if type(text) is not str or len(text) != 10:
        return False
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def local_day(at_ms: int) -> str:
    """Return the local date of an instant given in UTC milliseconds."""
    return _day_text((at_ms + _LOCAL_MS) // _DAY_MS)


@lru_cache(maxsize=4096)
def _day_text(day: int) -> str:
    return local_date(day * _DAY_MS).isoformat()
