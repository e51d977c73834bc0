"""Which light a waiting case shows: how many working days are left until it must have gone on.

Pure. A light only tells whom to serve first; it is no legal statement. The dates a person may hold the office
to are signed into the case.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from common.casework.rules.deadlines import Calendar, due_date
from common.casework.rules.waiting import Work

# Administrative Licensing Law art. 32: what is missing is told within five days, all of it at once.
NOTICE_DAYS = 5
# The same law, art. 44: a decision is handed over within ten days.
HAND_OUT_DAYS = 10
WARN_DAYS = 2
# Of these the day is signed, or the law counts it from one that is.
_DATED = (
    Work.EXAMINE, Work.PROCEDURE, Work.APPROVAL, Work.WAIT_PAPERS, Work.BROUGHT, Work.ANNOUNCED,
)  # fmt: skip
# Ten working days and the longest holidays lie well within it.
_LOOKED_BACK = 40


class Light(StrEnum):
    """The colours of a light; the values are those of the style sheet."""

    NONE = ""
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is known of a case that waits: the work, local dates of filing and of the last step, the due date.

    `due` is the signed date; before acceptance the last day for the one notice, after it the applicant's last
    day, None where nobody counts one.
    """

    work: str
    filed_on: date
    changed_on: date
    due: date | None


@dataclass(frozen=True, slots=True)
class Limit:
    """The day by which the case should have gone on (None: none), and the light it shows today."""

    day: date | None
    light: Light


def limit_of(case: Waiting, today: date, calendar: Calendar) -> Limit:
    """Return by when a case should have gone on, and its light on the local date `today`."""
    day = _last_day(case, calendar)
    return Limit(day, _light(day, today, calendar)) if day else Limit(None, Light.NONE)


def _last_day(case: Waiting, calendar: Calendar) -> date | None:
    if case.work in _DATED:
        return case.due
    if case.work == Work.CHECK:
        return due_date(case.filed_on, NOTICE_DAYS, calendar)
    if case.work == Work.ACCEPTANCE:
        # Counted from when the acceptor had the case; once papers were taken, from when that was.
        return case.due or due_date(case.changed_on, NOTICE_DAYS, calendar)
    if case.work in (Work.MAKE_OUT, Work.HAND_OUT):
        return due_date(case.changed_on, HAND_OUT_DAYS, calendar)
    return None


def _light(day: date, today: date, calendar: Calendar) -> Light:
    if today > day:
        return Light.BAD
    left, at = 0, today
    while at < day and left <= WARN_DAYS:
        at += timedelta(days=1)
        left += calendar.is_working_day(at)
    return Light.WARN if left <= WARN_DAYS else Light.GOOD


def day_before_which(work: Work, today: date, lights: Container[Light], calendar: Calendar) -> date:
    """Return the first day such that a case filed and last changed before it shows one of `lights` today.

    The other way round than `limit_of`, for lists that are read by day; `due` counts as the day itself.
    """
    day = today + timedelta(days=_LOOKED_BACK)
    for _ in range(2 * _LOOKED_BACK):
        before = day - timedelta(days=1)
        if limit_of(Waiting(work, before, before, before), today, calendar).light in lights:
            return day
        day = before
    return day
