"""Due dates in working days on the official calendar (调休 included), and the local date of an instant.

Pure: the calendar comes in as a value. The day on which a limit starts is not counted (Civil Code 201).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

_LOCAL_MS = 8 * 3_600_000  # Asia/Shanghai: UTC+8 the year round since 1991
_DAY_MS = 86_400_000
_EPOCH_DAY = date(1970, 1, 1)
_YEARS_MAX = 10


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days that differ from plain weeks: `off` falls out, `work` is worked; `years` are those with data."""

    off: frozenset[date]
    work: frozenset[date]
    years: frozenset[int]

    def is_working_day(self, day: date) -> bool:
        """Say whether offices work on `day`; a year without data has plain weeks."""
        if day in self.work:
            return True
        return day.weekday() < 5 and day not in self.off


def read_calendar(years: Mapping[str, Any]) -> Calendar:
    """Return the calendar written as `{"2026": {"off": ["MM-DD"…], "work": ["MM-DD"…], "source": …}}`.

    Raises:
        ValueError: a year or a day is not one.
    """
    off: set[date] = set()
    work: set[date] = set()
    for year, parts in years.items():
        for key, days in (("off", off), ("work", work)):
            days.update(date.fromisoformat(f"{year}-{text}") for text in parts[key])
    return Calendar(frozenset(off), frozenset(work), frozenset(int(year) for year in years))


def due_date(start: date, working_days: int, calendar: Calendar) -> date:
    """Return the last day on which a case is still in time.

    Args:
        start: local date on which the limit starts; it is not counted.
        working_days: days allowed; 0 means the same day.

    Raises:
        ValueError: working_days is negative, or no such day comes within ten years.
    """
    if working_days < 0:
        raise ValueError("a limit is not negative")
    day, left = start, working_days
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
        if day.year - start.year > _YEARS_MAX:
            raise ValueError("no due date within ten years")
    return day


def is_provisional(start: date, due: date, calendar: Calendar) -> bool:
    """Say whether a year in between has no official calendar yet, so that the due date may change."""
    return any(year not in calendar.years for year in range(start.year, due.year + 1))


def local_date(at_ms: int) -> date:
    """Return the date in Asia/Shanghai at an instant given in UTC milliseconds."""
    return _EPOCH_DAY + timedelta(days=(at_ms + _LOCAL_MS) // _DAY_MS)
