"""Due dates on the official calendar, and the local date of an instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.casework.context import load_calendar
from common.casework.rules.deadlines import (
    Calendar,
    due_date,
    is_provisional,
    next_working_day,
    read_calendar,
    working_days_between,
)
from common.days import local_date

PLAIN = Calendar(frozenset(), frozenset(), frozenset())
days = st.dates(date(2023, 6, 1), date(2029, 6, 1))


@pytest.mark.parametrize(
    ("start", "allowed", "due"),
    [
        ("2026-03-02", 1, "2026-03-03"),  # Monday → Tuesday: the first day does not count
        ("2026-03-02", 5, "2026-03-09"),
        ("2026-03-06", 1, "2026-03-09"),  # over a weekend
        ("2026-02-13", 1, "2026-02-14"),  # the Saturday before Spring Festival is worked
        ("2026-02-14", 1, "2026-02-24"),  # then nine days off
        ("2026-02-14", 5, "2026-02-28"),  # with another worked Saturday
        ("2026-09-30", 3, "2026-10-10"),  # National Day, back to work on a Saturday
        ("2026-01-01", 1, "2026-01-04"),  # a worked Sunday
        ("2026-03-02", 0, "2026-03-02"),
        ("2024-02-08", 1, "2024-02-09"),  # in 2024 the eve of Spring Festival was worked
        ("2024-02-09", 1, "2024-02-18"),  # back on a Sunday
        ("2025-09-30", 2, "2025-10-10"),  # Mid-Autumn and National Day together
        ("2025-12-31", 1, "2026-01-04"),  # over the turn of the year
        ("2026-12-31", 1, "2027-01-04"),  # and into a year known in part
    ],
)
def test_due_dates(start, allowed, due):
    found = due_date(date.fromisoformat(start), allowed, load_calendar())
    assert found == date.fromisoformat(due)


def test_a_date_reaching_beyond_the_known_years_is_provisional():
    calendar = load_calendar()
    start = date(2026, 12, 20)
    assert not is_provisional(start, date(2026, 12, 31), calendar)
    assert is_provisional(start, due_date(start, 20, calendar), calendar)
    assert is_provisional(date(2028, 3, 1), date(2028, 3, 2), calendar)


@given(days, st.integers(1, 60))
def test_exactly_the_allowed_working_days_lie_between(start, allowed):
    calendar = load_calendar()
    due = due_date(start, allowed, calendar)
    between = [start + timedelta(days=n) for n in range(1, (due - start).days + 1)]
    assert sum(calendar.is_working_day(day) for day in between) == allowed
    assert calendar.is_working_day(due)
    assert working_days_between(start, due, calendar) == allowed


@given(days, days)
def test_working_days_are_counted_as_by_hand(after, upto):
    calendar = load_calendar()
    walked = [after + timedelta(days=n) for n in range(1, (upto - after).days + 1)]
    assert working_days_between(after, upto, calendar) == sum(map(calendar.is_working_day, walked))


@given(days)
def test_the_next_working_day_skips_only_days_off(day):
    calendar = load_calendar()
    found = next_working_day(day, calendar)
    skipped = [day + timedelta(days=n) for n in range((found - day).days)]
    assert calendar.is_working_day(found) and not any(map(calendar.is_working_day, skipped))


def test_a_limit_is_never_negative_and_always_ends():
    with pytest.raises(ValueError):
        due_date(date(2026, 3, 2), -1, PLAIN)
    all_off = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(6000))
    never = Calendar(all_off, frozenset(), frozenset())
    with pytest.raises(ValueError):
        due_date(date(2026, 3, 2), 1, never)
    with pytest.raises(ValueError):
        due_date(date(9999, 12, 30), 5, PLAIN)


def test_two_calendars_of_the_same_days_are_the_same_however_often_asked():
    asked, fresh = Calendar(frozenset(), frozenset(), frozenset()), PLAIN
    due_date(date(2026, 3, 2), 300, asked)
    assert asked == fresh and hash(asked) == hash(fresh)


def test_a_wrong_calendar_is_not_read():
    with pytest.raises(ValueError):
        read_calendar({"2026": {"off": ["02-30"], "work": []}})


def test_the_local_day_begins_at_sixteen_hours_universal_time():
    at = int(datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC).timestamp() * 1000)
    assert (local_date(at), local_date(at + 1000)) == (date(2026, 3, 1), date(2026, 3, 2))
