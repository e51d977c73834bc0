"""Both limits of a case side by side, and which cases a new calendar moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from common.casework.rules.clocks.course import (
    Course,
    Term,
    Unit,
    days_run,
    last_day,
    total_days,
)
from common.casework.rules.deadlines import Calendar, is_provisional


@dataclass(frozen=True, slots=True)
class Limits:
    """Where the limits of a case stand on a day.

    A due date is None when there is no such limit, or while the clock stands. `provisional` is 1 when
    a date may still move because a year has no official calendar.
    `days_left` is of the limit that ends first, in its `unit`: negative when overdue, 0 without any limit.
    """

    statutory_due: date | None
    promised_due: date | None
    provisional: int
    days_left: int
    unit: Unit


def limits_of(
    statutory: Term | None, promised: Term | None, course: Course, today: date, calendar: Calendar
) -> Limits:
    """Return both limits of a case as they stand on the local date `today`.

    The due dates depend on everything but `today`. A limit of the law with 0 days is none; a promise of
    0 days is the day of acceptance.

    Args:
        course: starts on the local date of acceptance (受理), whatever was received before.

    Raises:
        ValueError: as `last_day`.
    """
    by_law = statutory if statutory and statutory.days else None
    due_by_law = last_day(by_law, course, calendar) if by_law else None
    due_by_promise = last_day(promised, course, calendar) if promised else None
    ends = [
        (due or date.max, _left(term, course, due, today, calendar), term.unit)
        for term, due in ((by_law, due_by_law), (promised, due_by_promise))
        if term
    ]
    _, left, unit = min(ends, default=(date.max, 0, Unit.WORK))
    return Limits(
        statutory_due=due_by_law,
        promised_due=due_by_promise,
        provisional=_provisional(course, due_by_law, due_by_promise, calendar),
        days_left=left,
        unit=unit,
    )


@dataclass(frozen=True, slots=True)
class OpenClock:
    """An open case as it was last signed: its limits, what happened to them, the due dates (None: none)."""

    case: str
    statutory: Term | None
    promised: Term | None
    course: Course
    statutory_due: date | None
    promised_due: date | None


@dataclass(frozen=True, slots=True)
class ChangedDue:
    """A case whose signed due dates no longer fit, and what they are under the new calendar.

    A limit that does not move keeps its date; `provisional` as in `Limits`.
    """

    case: str
    statutory: date | None
    promised: date | None
    provisional: int


def changed_dues(clocks: Iterable[OpenClock], calendar: Calendar) -> list[ChangedDue]:
    """Return the cases that get another due date under `calendar`, in the order given.

    Compared are the signed dates, so that once the changes are signed a second run finds nothing. A case
    whose clock stands is left alone: it gets its date when the clock goes on. A date that was never signed
    is not made up.

    Raises:
        ValueError: as `last_day`.
    """
    return [change for clock in clocks if (change := _changed(clock, calendar)) is not None]


def _changed(clock: OpenClock, calendar: Calendar) -> ChangedDue | None:
    by_law = _again(clock.statutory, clock.statutory_due, clock.course, calendar)
    by_promise = _again(clock.promised, clock.promised_due, clock.course, calendar)
    if (by_law, by_promise) == (clock.statutory_due, clock.promised_due):
        return None
    provisional = _provisional(clock.course, by_law, by_promise, calendar)
    return ChangedDue(clock.case, by_law, by_promise, provisional)


def _again(term: Term | None, signed: date | None, course: Course, calendar: Calendar) -> date | None:
    """Return the due date under this calendar; the signed one where there is nothing to compare."""
    if term is None or signed is None:
        return signed
    return last_day(term, course, calendar) or signed


def _left(term: Term, course: Course, due: date | None, today: date, calendar: Calendar) -> int:
    """Return the days left in the unit of the limit; while the clock stands, those that will run on."""
    if due is None:
        return total_days(term, course) - days_run(term.unit, course, course.start, today, calendar)
    if today <= due:
        return days_run(term.unit, course, today, due, calendar)
    return -days_run(term.unit, Course(due), due, today, calendar)


def _provisional(course: Course, first: date | None, second: date | None, calendar: Calendar) -> int:
    latest = max(due or course.start for due in (first, second))
    return int(is_provisional(course.start, latest, calendar))
