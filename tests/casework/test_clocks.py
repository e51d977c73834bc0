"""Limits of a case: units, pauses, extensions, both limits side by side; compared with a walk day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from common.casework.context import load_calendar
from common.casework.rules.clocks.course import (
    Course,
    Pause,
    Term,
    Unit,
    days_run,
    last_day,
    step_due,
)
from common.casework.rules.clocks.limits import limits_of
from common.casework.rules.clocks.receipts import deemed_on, notice_last_day
from common.casework.rules.deadlines import Calendar, due_date, working_days_between

CALENDAR = load_calendar()
WORK, NATURAL = Unit.WORK, Unit.CALENDAR
KIND = "inspection"
DAY = timedelta(days=1)

starts = st.dates(date(2024, 1, 1), date(2027, 11, 1))
terms = st.builds(Term, st.integers(1, 60), st.sampled_from(Unit))
offsets = st.integers(-10, 90)


@st.composite
def pauses_from(draw, start: date) -> tuple[Pause, ...]:
    """Closed pauses around a start: before it, over it, touching, overlapping, empty and turned about."""
    return tuple(
        Pause(
            start + DAY * since,
            start + DAY * (since + draw(st.integers(-2, 25))),
            draw(st.sampled_from(("inspection", "hearing", "papers_owed"))),
        )
        for since in draw(st.lists(offsets, max_size=5))
    )


@st.composite
def courses(draw) -> Course:
    start = draw(starts)
    extensions = tuple(draw(st.lists(st.integers(1, 20), max_size=2)))
    return Course(start, draw(pauses_from(start)), extensions)


def walked(term: Term, course: Course) -> date:
    """The last day, found by going through the days one by one as the rules are worded."""
    counted, day = 0, course.start
    while True:
        day += DAY
        spans = [(p.since, p.until) for p in course.pauses]
        is_paused = any(since < day <= until for since, until in spans)
        stands_at_its_end = any(since <= day < until for since, until in spans)
        works = CALENDAR.is_working_day(day)
        counted += not is_paused and (works or term.unit is NATURAL)
        if counted >= term.days + sum(course.extensions) and works and not stands_at_its_end:
            return day


def day(text: str) -> date:
    return date.fromisoformat(text)


def pause(since: str, until: str | None, kind: str = KIND) -> Pause:
    return Pause(day(since), day(until) if until else None, kind)


@given(terms, courses())
def test_a_walk_day_by_day_finds_the_same_last_day(term, course):
    assert last_day(term, course, CALENDAR) == walked(term, course)


@given(terms, courses())
def test_the_last_day_is_a_working_day_after_the_start(term, course):
    due = last_day(term, course, CALENDAR)
    assert CALENDAR.is_working_day(due) and due > course.start


@given(terms, courses(), st.integers(0, 40))
def test_a_later_start_never_ends_earlier(term, course, later):
    moved = Course(course.start + DAY * later, course.pauses, course.extensions)
    assert last_day(term, moved, CALENDAR) >= last_day(term, course, CALENDAR)


@given(terms, courses(), st.data())
def test_one_more_pause_never_shortens(term, course, data):
    more = Course(course.start, course.pauses + data.draw(pauses_from(course.start)), course.extensions)
    assert last_day(term, more, CALENDAR) >= last_day(term, course, CALENDAR)


@given(terms, courses(), st.integers(1, 20))
def test_an_extension_lengthens_by_its_days(term, course, days):
    longer = Course(course.start, course.pauses, (*course.extensions, days))
    plain = last_day(term, course, CALENDAR)
    assert last_day(term, longer, CALENDAR) == last_day(Term(term.days + days, term.unit), course, CALENDAR)
    assert last_day(term, longer, CALENDAR) > plain or term.unit is NATURAL


@given(starts, st.integers(1, 60), st.integers(0, 59), st.integers(0, 40))
def test_a_pause_of_so_many_working_days_moves_the_end_by_exactly_as_many(start, allowed, ran, length):
    """Begun on any day before the last one, ended on any day."""
    due = due_date(start, allowed, CALENDAR)
    since = start + DAY * ran
    assume(since < due)
    until = since + DAY * length
    paused = working_days_between(since, until, CALENDAR)
    moved = last_day(Term(allowed), Course(start, (Pause(since, until, KIND),)), CALENDAR)
    assert working_days_between(due, moved, CALENDAR) == paused


@given(terms, courses(), st.randoms())
def test_order_and_copies_of_the_facts_do_not_matter(term, course, random):
    """Messages come late, twice and in any order; the facts in them stay the same."""
    shuffled = [*course.pauses, *random.sample(course.pauses, len(course.pauses) // 2)]
    random.shuffle(shuffled)
    extensions = random.sample(course.extensions, len(course.extensions))
    again = Course(course.start, tuple(shuffled), tuple(extensions))
    assert last_day(term, again, CALENDAR) == last_day(term, course, CALENDAR)


@given(terms, terms, courses(), st.integers(0, 200), st.integers(0, 200))
def test_due_dates_do_not_depend_on_the_day_one_looks(statutory, promised, course, first, second):
    a = limits_of(statutory, promised, course, course.start + DAY * first, CALENDAR)
    b = limits_of(statutory, promised, course, course.start + DAY * second, CALENDAR)
    assert (a.statutory_due, a.promised_due, a.provisional) == (
        b.statutory_due,
        b.promised_due,
        b.provisional,
    )


@given(terms, courses(), st.integers(0, 300))
def test_days_left_are_those_a_walk_counts(term, course, later):
    today = course.start + DAY * later
    found = limits_of(None, term, course, today, CALENDAR)
    due = found.promised_due

    def count(after: date, upto: date, with_pauses: bool) -> int:
        days = [after + DAY * n for n in range(1, (upto - after).days + 1)]
        kept = [d for d in days if not (with_pauses and any(p.since < d <= p.until for p in course.pauses))]
        return sum(term.unit is NATURAL or CALENDAR.is_working_day(d) for d in kept)

    left = count(today, due, True) if today <= due else -count(due, today, False)
    assert found.days_left == left
    assert days_run(term.unit, course, course.start, today, CALENDAR) == count(course.start, today, True)


@pytest.mark.parametrize(
    ("term", "start", "due"),
    [
        (Term(20), "2026-03-02", "2026-03-30"),
        (Term(1), "2026-02-14", "2026-02-24"),
        (Term(0), "2026-03-07", "2026-03-07"),  # the same day, whatever day it is
        (Term(10, NATURAL), "2026-03-02", "2026-03-12"),
        (Term(5, NATURAL), "2026-03-02", "2026-03-09"),  # a Saturday gives way to Monday
        (Term(1, NATURAL), "2026-09-30", "2026-10-08"),  # a holiday to the day after all of it
        (Term(3, NATURAL), "2026-02-11", "2026-02-14"),  # a worked Saturday is no day off
        (Term(30, NATURAL), "2026-12-20", "2027-01-19"),
    ],
)
def test_last_days_in_both_units(term, start, due):
    assert last_day(term, Course(day(start)), CALENDAR) == day(due)


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ([], "2026-03-09"),
        ([pause("2026-03-04", "2026-03-06")], "2026-03-11"),
        ([pause("2026-03-04", "2026-03-04")], "2026-03-09"),  # stopped and gone on the same day
        ([pause("2026-03-06", "2026-03-08")], "2026-03-09"),  # over a weekend nothing was lost
        ([pause("2026-03-02", "2026-03-09")], "2026-03-16"),  # from acceptance on: all of it is left
        ([pause("2026-02-20", "2026-03-03")], "2026-03-10"),  # begun before acceptance
        ([pause("2026-03-04", "2026-03-06"), pause("2026-03-05", "2026-03-10")], "2026-03-13"),  # overlapping
        ([pause("2026-03-09", "2026-03-18")], "2026-03-18"),  # on the last day: ends when it goes on
        ([pause("2026-03-09", "2026-03-21")], "2026-03-23"),  # gone on at a weekend: the next working day
        ([pause("2026-03-10", "2026-03-20")], "2026-03-09"),  # after the last day: too late
        ([pause("2026-03-10", None)], "2026-03-09"),
        ([pause("2026-03-06", "2026-03-03")], "2026-03-09"),  # ends before it begins
    ],
)
def test_pauses_of_a_five_day_limit(pauses, due):
    assert last_day(Term(5), Course(day("2026-03-02"), tuple(pauses)), CALENDAR) == day(due)


@pytest.mark.parametrize("until", ["2026-03-18", None])
def test_a_pause_begun_on_the_weekend_after_the_last_day_is_too_late(until):
    """The fourth working day is the Friday before; the days up to the pause are all used."""
    course = Course(day("2026-03-02"), (pause("2026-03-07", until),))
    assert last_day(Term(4), course, CALENDAR) == day("2026-03-06")


def test_a_last_calendar_day_that_falls_into_a_pause_waits_for_its_end():
    """The tenth day is a Saturday; on the Sunday an inspection begins that lasts until Wednesday."""
    course = Course(day("2026-03-04"), (pause("2026-03-15", "2026-03-18"),))
    assert last_day(Term(10, NATURAL), course, CALENDAR) == day("2026-03-18")


def test_while_the_clock_stands_there_is_no_date_and_the_days_left_stay():
    course = Course(day("2026-03-02"), (pause("2026-03-05", None, "appraisal"),))
    for today in ("2026-03-05", "2026-03-20", "2026-12-31"):
        found = limits_of(Term(20), Term(7), course, day(today), CALENDAR)
        assert (found.statutory_due, found.promised_due) == (None, None)
        assert found.days_left == 4
    gone_on = Course(course.start, (pause("2026-03-05", "2026-03-20"),))
    found = limits_of(Term(20), Term(7), gone_on, day("2026-03-20"), CALENDAR)
    assert (found.promised_due, found.days_left) == (day("2026-03-26"), 4)


def test_both_limits_stand_side_by_side_each_in_its_unit():
    course = Course(day("2026-03-02"))
    found = limits_of(Term(30, NATURAL), Term(10), course, day("2026-03-05"), CALENDAR)
    assert (found.statutory_due, found.promised_due) == (day("2026-04-01"), day("2026-03-16"))
    assert (found.days_left, found.unit) == (7, WORK)
    found = limits_of(Term(8, NATURAL), Term(10), course, day("2026-03-12"), CALENDAR)
    assert (found.statutory_due, found.days_left, found.unit) == (day("2026-03-10"), -2, NATURAL)


def test_an_item_without_limits_and_one_done_at_once():
    course, today = Course(day("2026-03-02")), day("2026-03-03")
    found = limits_of(Term(0), None, course, today, CALENDAR)
    assert (found.statutory_due, found.promised_due, found.days_left) == (None, None, 0)
    found = limits_of(None, Term(0), course, today, CALENDAR)
    assert (found.promised_due, found.days_left) == (day("2026-03-02"), -1)


def test_an_unknown_year_stops_nothing_and_is_marked():
    nothing_known = Calendar(frozenset(), frozenset(), frozenset())
    course = Course(day("2031-03-03"))
    found = limits_of(Term(20), Term(5), course, day("2031-03-03"), nothing_known)
    assert (found.promised_due, found.provisional) == (day("2031-03-10"), 1)
    official = limits_of(Term(20), Term(5), Course(day("2026-03-02")), day("2026-03-02"), CALENDAR)
    over_the_year = limits_of(Term(20), Term(5), Course(day("2026-12-14")), day("2026-12-14"), CALENDAR)
    assert (official.provisional, over_the_year.provisional) == (0, 1)


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError):
        last_day(Term(5), Course(day("2026-03-02"), (), (-6,)), CALENDAR)


def test_a_step_has_its_own_limit_and_stands_with_the_case():
    stopped = (pause("2026-03-03", "2026-03-05"),)
    assert step_due(day("2026-03-02"), Term(3), (), CALENDAR) == day("2026-03-05")
    assert step_due(day("2026-03-02"), Term(3), stopped, CALENDAR) == day("2026-03-09")
    assert step_due(day("2026-03-02"), Term(3), (pause("2026-03-03", None),), CALENDAR) is None


def test_days_run_leaves_the_standing_days_out():
    course = Course(day("2026-03-02"), (pause("2026-03-04", "2026-03-10"),))
    assert days_run(WORK, course, day("2026-03-02"), day("2026-03-12"), CALENDAR) == 4
    assert days_run(NATURAL, course, day("2026-03-05"), day("2026-03-12"), CALENDAR) == 2


@pytest.mark.parametrize(
    ("received", "last"),
    [
        ("2026-03-02", "2026-03-09"),
        ("2026-03-07", "2026-03-13"),  # received on a Saturday
        ("2026-02-12", "2026-02-26"),  # over Spring Festival, with a worked Saturday before it
    ],
)
def test_a_case_unanswered_for_five_working_days_is_accepted_from_its_receipt_on(received, last):
    assert notice_last_day(day(received), CALENDAR) == day(last)
    assert deemed_on(day(received), day(last), CALENDAR) is None
    assert deemed_on(day(received), day(last) + DAY, CALENDAR) == day(received)
