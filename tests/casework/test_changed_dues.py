"""What a new calendar moves: exactly the cases whose signed dates no longer fit, and fast enough for all."""

from __future__ import annotations

import time
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from common.casework.context import load_calendar
from common.casework.rules.clocks.course import Course, Pause, Term, Unit, last_day
from common.casework.rules.clocks.limits import ChangedDue, OpenClock, changed_dues
from common.casework.rules.deadlines import Calendar

OLD = load_calendar()
# An arrangement made up for the test: New Year to 3 January, with a Sunday worked for it.
_JANUARY = frozenset({date(2027, 1, 2), date(2027, 1, 3), date(2027, 1, 4), date(2027, 1, 5)})
NEW = Calendar(OLD.off | _JANUARY, OLD.work | {date(2027, 1, 10)}, OLD.years | {2027})
START = date(2026, 12, 21)


def clock(case: str, start: date, promised: int, pauses: tuple[Pause, ...] = ()) -> OpenClock:
    """A case signed under the old calendar, with a limit by law of twenty days."""
    course, law, own = Course(start, pauses), Term(20), Term(promised)
    return OpenClock(case, law, own, course, last_day(law, course, OLD), last_day(own, course, OLD))


def signed(was: OpenClock, change: ChangedDue) -> OpenClock:
    return OpenClock(was.case, was.statutory, was.promised, was.course, change.statutory, change.promised)


def test_a_case_that_reaches_into_the_new_year_gets_another_date():
    was = clock("A", START, 10)
    (change,) = changed_dues([was], NEW)
    assert (was.promised_due, change.promised) == (date(2027, 1, 5), date(2027, 1, 7))
    assert (was.statutory_due, change.statutory) == (date(2027, 1, 19), date(2027, 1, 20))
    assert (change.case, change.provisional) == ("A", 0)


def test_a_case_that_ends_before_keeps_its_date_and_the_other_limit_may_move_alone():
    assert changed_dues([clock("A", date(2026, 11, 2), 5)], NEW) == []
    was = clock("B", START, 3)
    (change,) = changed_dues([was], NEW)
    assert was.promised_due == change.promised == date(2026, 12, 24)
    assert was.statutory_due != change.statutory


def test_the_same_calendar_changes_nothing_and_signed_changes_are_not_found_again():
    cases = [clock(str(n), START + timedelta(days=n), 10) for n in range(60)]
    assert changed_dues(cases, OLD) == []
    changes = {change.case: change for change in changed_dues(cases, NEW)}
    assert changes
    now = [signed(case, changes[case.case]) if case.case in changes else case for case in cases]
    assert changed_dues(now, NEW) == []


def test_a_standing_clock_waits_until_it_goes_on():
    open_pause = (Pause(date(2026, 12, 23), None, "appraisal"),)
    standing = clock("A", START, 10, open_pause)
    assert standing.promised_due is None
    as_signed_before = OpenClock(
        "A", Term(20), Term(10), standing.course, date(2027, 1, 19), date(2027, 1, 5)
    )
    assert changed_dues([standing, as_signed_before], NEW) == []


def test_a_date_that_was_never_signed_is_not_made_up():
    course = Course(START)
    assert changed_dues([OpenClock("A", None, Term(10), course, None, None)], NEW) == []
    (change,) = changed_dues([OpenClock("B", Term(20), Term(10), course, None, date(2027, 1, 5))], NEW)
    assert (change.statutory, change.promised) == (None, date(2027, 1, 7))


@given(st.permutations(range(12)))
def test_the_order_of_the_cases_changes_nothing_but_the_order_of_the_answer(order):
    cases = [clock(str(n), START + timedelta(days=n), 10) for n in range(12)]
    plain = {change.case: change for change in changed_dues(cases, NEW)}
    assert {change.case: change for change in changed_dues([cases[n] for n in order], NEW)} == plain


def test_a_hundred_thousand_cases_are_worked_out_in_two_seconds():
    """Measured in time of this process alone; one in ten has stood for an inspection."""
    stood = (Pause(date(2026, 12, 7), date(2026, 12, 14), "inspection"),)
    shapes = [
        clock(str(n), date(2026, 11, 23) + timedelta(days=n % 35), 10, () if n % 10 else stood)
        for n in range(350)
    ]
    many = shapes * 286
    before = time.process_time()
    changes = changed_dues(many, NEW)
    spent = time.process_time() - before
    assert len(many) >= 100_000 and len(changes) > 10_000
    assert spent <= 2.0, spent


def test_calendar_days_move_only_at_their_end():
    """The thirtieth day is a Saturday that the new calendar has as worked."""
    course = Course(date(2026, 12, 11))
    case = OpenClock("A", None, Term(30, Unit.CALENDAR), course, None, date(2027, 1, 11))
    (change,) = changed_dues([case], NEW)
    assert change.promised == date(2027, 1, 10)
