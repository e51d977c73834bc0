"""How a limit runs: its unit, what stops it, what lengthens it, and its last day.

All of it is counted in whole local days; hours are not, for no item of the catalogue has a limit in hours.

* The day on which a limit starts is not counted (Civil Code 201), and 0 days mean that same day.
* Working days leave out what the calendar leaves out (Administrative Licensing Law 82). In calendar days
  every day counts, but a last day that is no working day gives way to the next one that is (Civil Code 203).
* A pause is a period of its own: the day on which it begins still counts for the limit, the day on which it
  ends does not, and the rest runs on from the next day (Administrative Licensing Law 45).
* A limit does not end while its clock stands. One stopped on its very last day ends on the day on which the
  clock goes on, or on the next working day.
* What happens after the last day changes nothing: a pause cannot mend a limit that has been missed.

Only signed facts come in, in any order and any number of copies; when a message arrived plays no part.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from common.casework.rules.deadlines import Calendar, due_date, next_working_day, working_days_between


class Unit(StrEnum):
    """What a limit is counted in, as items write it."""

    WORK = "work"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Term:
    """A limit as an item sets it: so many days of a unit."""

    days: int
    unit: Unit = Unit.WORK


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands from `since` on, until `until`; None: it still stands.

    `kind` is what items and cases call it, `act` the id of the act that stopped it. One that ends before it
    begins stops nothing.
    """

    since: date
    until: date | None
    kind: str
    act: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """What happened to a limit: the local date it started on, its pauses, the days it was extended by.

    Each extension adds days of the limit's own unit.
    """

    start: date
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[int, ...] = ()


def last_day(term: Term, course: Course, calendar: Calendar) -> date | None:
    """Return the last day in time, None while the clock stands before it.

    Raises:
        ValueError: the days are negative, or no such day comes within ten years.
    """
    total = total_days(term, course)
    stops = _stops(course)
    day = _reached(total, term.unit, course.start, stops, calendar)
    for since, until in stops:
        if day is None:
            return None
        day = next_working_day(day, calendar) if total else day
        if day < since:
            return day
        if day < until:
            day = None if until == date.max else until
    return next_working_day(day, calendar) if total and day else day


def step_due(entered: date, term: Term, pauses: Iterable[Pause], calendar: Calendar) -> date | None:
    """Return by when one step must be done that began on `entered`, None while the clock stands.

    Raises:
        ValueError: as `last_day`.
    """
    return last_day(term, Course(entered, tuple(pauses)), calendar)


def total_days(term: Term, course: Course) -> int:
    """Return the days of a limit with its extensions.

    Raises:
        ValueError: they are negative.
    """
    total = term.days + sum(course.extensions)
    if total < 0:
        raise ValueError("a limit is not negative")
    return total


def days_run(unit: Unit, course: Course, after: date, upto: date, calendar: Calendar) -> int:
    """Return how many days the clock ran after `after` and not after `upto`, the standing ones left out."""
    ran, at = 0, after
    for since, until in _stops(course):
        if since >= upto:
            break
        ran += _counted(unit, at, since, calendar)
        at = max(at, min(until, upto))
    return ran + _counted(unit, at, upto, calendar)


def _stops(course: Course) -> list[tuple[date, date]]:
    """Return when the clock stood, from the start on, in order and without overlap; `date.max`: still."""
    spans = [(max(p.since, course.start), p.until or date.max) for p in course.pauses]
    merged: list[tuple[date, date]] = []
    for since, until in sorted(spans):
        if until <= since:
            continue
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
        else:
            merged.append((since, until))
    return merged


def _reached(
    total: int, unit: Unit, start: date, stops: list[tuple[date, date]], calendar: Calendar
) -> date | None:
    """Return the day on which the last of `total` days is counted, None when the clock stands for good."""
    left, at = total, start
    for since, until in stops:
        ran = _counted(unit, at, since, calendar)
        if ran >= left:
            break
        if until == date.max:
            return None
        left, at = left - ran, until
    return at + timedelta(days=left) if unit is Unit.CALENDAR else due_date(at, left, calendar)


def _counted(unit: Unit, after: date, upto: date, calendar: Calendar) -> int:
    if unit is Unit.CALENDAR:
        return max(0, (upto - after).days)
    return working_days_between(after, upto, calendar)
