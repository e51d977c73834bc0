"""What casework does by itself as days pass: duties whose day has come, due dates under a new calendar.

Each batch is a unit of its own, so that people at the desks never wait long; one done twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from common.casework import days, ledger, records
from common.casework.errors import ClockDoubtful
from common.casework.rules.deadlines import Calendar
from common.casework.rules.sought import VERSION
from common.casework.service import Casework
from common.casework.unsure import count_days, waited_for
from common.days import local_day

BATCH = 50
# Terms are plain rows; a batch takes a few milliseconds.
_TERMS_BATCH = 500
# Between the value of a mark and the last case that was written, while not all are.
_UPTO = " "
# Of a pass only cases that name one of the nodes are read whole.
_PASS_BATCH = 50
# After the name of a calendar under which not all cases were looked through.
_BUT_SOME = "?"


def do_what_days_bring(
    casework: Casework, unit: Callable[[], AbstractContextManager[None]], calendar_mark: str, now_ms: int
) -> int:
    """Do all timed duties, then sign the due dates a new calendar has moved; return how many units it took.

    Args:
        unit: opens the unit of work.
        calendar_mark: names the calendar in force; cases are looked through again when it has changed.
        now_ms: wall time, UTC milliseconds.

    Raises:
        ClockDoubtful: the day went back or leapt; nothing is done until somebody has confirmed it.
    """
    doubt = days.doubt(now_ms)
    if doubt is not None:
        raise ClockDoubtful(last=doubt.last, today=doubt.today)
    with unit():
        records.set_mark(records.DAY, local_day(now_ms))
        count_days(casework.ctx, now_ms)
    units = _do_duties(casework, unit, now_ms)
    # At a node put back from an older copy some cases are left out for now: those have their turn later.
    done = f"{calendar_mark}{_BUT_SOME}" if waited_for(casework.ctx) else calendar_mark
    if records.mark(records.CALENDAR) in (calendar_mark, done):
        return units
    return units + _recompute(casework, unit, done, now_ms)


def brief_who_was_passed_by(
    casework: Casework, unit: Callable[[], AbstractContextManager[None]], since_ms: int, now_ms: int
) -> int:
    """At the top, after somebody moved or came back with an empty disk, point out to others what they lack.

    It goes on where a former run ended. Returns how many units it took.

    Args:
        since_ms: ended cases that have not changed since (UTC milliseconds) are left out.
    """
    with unit():
        goes_on = casework.begin_pass()
    units = 1
    while goes_on:
        with unit():
            goes_on = casework.brief_some(since_ms, now_ms, _PASS_BATCH)
        units += 1
    return units


def write_terms(unit: Callable[[], AbstractContextManager[None]]) -> None:
    """Write by what the cases of before are searched, once after each change of that rule."""
    _write_once(unit, (records.TERMS, VERSION), lambda after: records.write_terms(after, _TERMS_BATCH))


def write_lists(unit: Callable[[], AbstractContextManager[None]], calendar: Calendar) -> None:
    """Write what lists show of the cases of before, once after each change of what that is."""
    mark = (records.LISTS, ledger.VERSION)
    _write_once(unit, mark, lambda after: ledger.write_some(after, BATCH, calendar))


def _write_once(
    unit: Callable[[], AbstractContextManager[None]], mark: tuple[str, str], write: Callable[[str], str]
) -> None:
    """Go through all cases, batch by batch, unless that was done under this mark (its name and value).

    It goes on where a former run ended: all that days bring waits for it, and a county has a million cases.
    """
    name, value = mark
    done = records.mark(name)
    if done == value:
        return
    last = done.removeprefix(value + _UPTO) if done.startswith(value + _UPTO) else ""
    while True:
        with unit():
            last = write(last)
            records.set_mark(name, value + _UPTO + last if last else value)
        if not last:
            return


def _do_duties(casework: Casework, unit: Callable[[], AbstractContextManager[None]], now_ms: int) -> int:
    units = 2 + _in_batches(unit, lambda last: casework.do_held_off(last, now_ms, BATCH))
    after: tuple[str, str] | None = ("", "")
    while after is not None:
        with unit():
            after = casework.do_timed_duties(after, now_ms, BATCH)
        units += 1
    return units


def _recompute(
    casework: Casework, unit: Callable[[], AbstractContextManager[None]], calendar_mark: str, now_ms: int
) -> int:
    def some(after: str) -> str:
        last = casework.recompute_dues(after, now_ms, BATCH)
        if not last:
            records.set_mark(records.CALENDAR, calendar_mark)
        return last

    return _in_batches(unit, some)


def _in_batches(unit: Callable[[], AbstractContextManager[None]], some: Callable[[str], str]) -> int:
    """Do one batch after the other, each in a unit of its own; return how many it took."""
    units, last = 0, ""
    while not units or last:
        with unit():
            last = some(last)
        units += 1
    return units
