"""Working days on the official calendar (调休 included).

Pure: the calendar comes in as a value. The day on which a limit starts is not counted (Civil Code 201).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, date
from typing import Any

_YEARS_MAX = 10


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days that differ from plain weeks: `off` falls out, `work` is worked.

    `years` are those with the official arrangement, `drafts` those of which only the holidays fixed by law
    are known. Any other year has plain weeks.
    """

    off: frozenset[date]
    work: frozenset[date]
    years: frozenset[int]
    drafts: frozenset[int] = frozenset()
    # What has been worked out of the four values above; a hundred thousand cases ask for the same years.
    _tables: dict[int, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def is_working_day(self, day: date) -> bool:
        """Say whether offices work on `day`; a year without data has plain weeks."""
        if day in self.work:
            return True
        return day.weekday() < 5 and day not in self.off

    def worked(self, year: int) -> tuple[int, ...]:
        """Return the working days of a year as proleptic ordinals, in order."""
        table = self._tables.get(year)
        if table is None:
            every = range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
            table = tuple(n for n in every if self.is_working_day(date.fromordinal(n)))
            self._tables[year] = table
        return table


def read_calendar(years: Mapping[str, Any]) -> Calendar:
    """Return the calendar written as `{"2026": {"off": ["MM-DD"…], "work": ["MM-DD"…], "source": …}}`.

    A year with `"provisional": 1` is a draft.

    Raises:
        ValueError: a year or a day is not one.
    """
    off: set[date] = set()
    work: set[date] = set()
    official: set[int] = set()
    drafts: set[int] = set()
    for year, parts in years.items():
        for key, days in (("off", off), ("work", work)):
            days.update(date.fromisoformat(f"{year}-{text}") for text in parts[key])
        (drafts if parts.get("provisional") else official).add(int(year))
    return Calendar(frozenset(off), frozenset(work), frozenset(official), frozenset(drafts))


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
    if not working_days:
        return start
    year, days = start.year, calendar.worked(start.year)
    place = bisect_right(days, start.toordinal()) + working_days - 1
    while place >= len(days):
        place -= len(days)
        year += 1
        if year > min(start.year + _YEARS_MAX, MAXYEAR):
            raise ValueError("no due date within ten years")
        days = calendar.worked(year)
    return date.fromordinal(days[place])


def working_days_between(after: date, upto: date, calendar: Calendar) -> int:
    """Return how many working days lie after `after` and not after `upto`; 0 when `upto` is not later."""
    if upto <= after:
        return 0
    first, last = calendar.worked(after.year), calendar.worked(upto.year)
    count = bisect_right(last, upto.toordinal()) - bisect_right(first, after.toordinal())
    return count + sum(len(calendar.worked(year)) for year in range(after.year, upto.year))


def next_working_day(day: date, calendar: Calendar) -> date:
    """Return `day` when offices work on it, else the first later day on which they do.

    Raises:
        ValueError: none comes within ten years.
    """
    return day if calendar.is_working_day(day) else due_date(day, 1, calendar)


def is_provisional(start: date, due: date, calendar: Calendar) -> bool:
    """Say whether a year in between has no official calendar yet, so that the due date may change."""
    return any(year not in calendar.years for year in range(start.year, due.year + 1))
