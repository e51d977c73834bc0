"""The calendar that comes with the program, held against facts that were not copied from it.

What the law fixes, how many days a year must have, and the sun and the moon: the dates of the festivals are
worked out here from their positions, by the shortened series of Meeus, Astronomical Algorithms (25 and 49).
"""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta
from importlib import resources

import pytest

from common.casework.context import load_calendar
from common.casework.rules.deadlines import Calendar

CALENDAR = load_calendar()
FILE = json.loads(
    resources.files("common.casework").joinpath("data/calendar.json").read_text(encoding="utf-8")
)
YEARS = (2024, 2025, 2026, 2027)


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def new_moon(k: int) -> date:
    """The day in China of the k-th new moon after the first of the year 2000; good to a few minutes."""
    t = k / 1236.85
    sun = math.radians(2.5534 + 29.10535670 * k)
    moon = math.radians(201.5643 + 385.81693528 * k + 0.0107582 * t * t)
    lat = math.radians(160.7108 + 390.67050284 * k)
    node = math.radians(124.7746 - 1.56375588 * k)
    e = 1 - 0.002516 * t
    day = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t
    day += -0.40720 * math.sin(moon) + 0.17241 * e * math.sin(sun) + 0.01608 * math.sin(2 * moon)
    day += 0.01039 * math.sin(2 * lat) + 0.00739 * e * math.sin(moon - sun)
    day += -0.00514 * e * math.sin(moon + sun) + 0.00208 * e * e * math.sin(2 * sun)
    day += -0.00111 * math.sin(moon - 2 * lat) - 0.00057 * math.sin(moon + 2 * lat)
    day += 0.00056 * e * math.sin(2 * moon + sun) - 0.00042 * math.sin(3 * moon)
    day += 0.00042 * e * math.sin(sun + 2 * lat) + 0.00038 * e * math.sin(sun - 2 * lat)
    day += -0.00024 * e * math.sin(2 * moon - sun) - 0.00017 * math.sin(node)
    return date(2000, 1, 1) + timedelta(days=math.floor(day - 2451544.5 + (8 * 3600 - 70) / 86400))


def sun_longitude(day: date) -> float:
    """The sun's apparent longitude in degrees at the end of a day in China."""
    at = datetime(day.year, day.month, day.day, 16, tzinfo=UTC)
    t = ((at - datetime(2000, 1, 1, 12, tzinfo=UTC)).total_seconds() + 70) / 86400 / 36525
    mean, anomaly = 280.46646 + 36000.76983 * t, math.radians(357.52911 + 35999.05029 * t)
    centre = (1.914602 - 0.004817 * t) * math.sin(anomaly) + 0.019993 * math.sin(2 * anomaly)
    centre += 0.000289 * math.sin(3 * anomaly)
    omega = math.radians(125.04 - 1934.136 * t)
    return (mean + centre - 0.00569 - 0.00478 * math.sin(omega)) % 360


def day_of_sun(year: int, month: int, degrees: float) -> date:
    """The day in a month on which the sun passes a longitude, in China."""
    passed = [day for day in days_of(year) if day.month == month and sun_longitude(day) >= degrees]
    return passed[0]


def lunar_month(term: date) -> date:
    """The first day of the lunar month that a principal term of the sun falls into, which numbers it."""
    k = int((term - date(2000, 1, 6)).days / 29.530588) + 1
    return max(moon for moon in (new_moon(k - n) for n in range(3)) if moon <= term)


def lawful_days(year: int) -> set[date]:
    """The holidays of everybody by 全国年节及纪念日放假办法 art. 2; two more since 2025."""
    spring = lunar_month(day_of_sun(year, 2, 330))
    fifth, eighth = lunar_month(day_of_sun(year, 6, 90)), lunar_month(day_of_sun(year, 9, 180))
    since_2025 = {spring - timedelta(days=1), date(year, 5, 2)} if year >= 2025 else set()
    return since_2025 | {
        date(year, 1, 1),
        *(spring + timedelta(days=n) for n in range(3)),
        day_of_sun(year, 4, 15),
        date(year, 5, 1),
        fifth + timedelta(days=4),
        eighth + timedelta(days=14),
        *(date(year, 10, n) for n in (1, 2, 3)),
    }


@pytest.mark.parametrize("year", YEARS)
def test_every_holiday_of_the_law_is_off(year):
    assert lawful_days(year) <= CALENDAR.off
    assert len(lawful_days(year)) == (13 if year >= 2025 else 11)


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_a_year_has_as_many_working_days_as_weekdays_less_its_holidays(year):
    """Whatever is moved about, days off on a weekend are made up for and bridges are worked off."""
    weekdays = sum(day.weekday() < 5 for day in days_of(year))
    assert len(CALENDAR.worked(year)) == weekdays - len(lawful_days(year))


def test_the_provisional_year_knows_the_holidays_of_the_law_alone():
    assert {day for day in CALENDAR.off if day.year == 2027} == lawful_days(2027)
    assert not [day for day in CALENDAR.work if day.year == 2027]
    assert (CALENDAR.years, CALENDAR.drafts) == (frozenset({2024, 2025, 2026}), frozenset({2027}))


def test_worked_weekends_are_weekends_and_nothing_is_both():
    assert all(day.weekday() >= 5 for day in CALENDAR.work)
    assert not CALENDAR.off & CALENDAR.work
    assert (len(CALENDAR.off), len(CALENDAR.work)) == (28 + 28 + 33 + 13, 8 + 5 + 6)


@pytest.mark.parametrize(
    ("year", "runs"),
    [
        (
            2024,
            [
                "01-01",
                "02-10…02-17",
                "04-04…04-06",
                "05-01…05-05",
                "06-08…06-10",
                "09-15…09-17",
                "10-01…10-07",
            ],
        ),
        (2025, ["01-01", "01-28…02-04", "04-04…04-06", "05-01…05-05", "05-31…06-02", "10-01…10-08"]),
        (
            2026,
            [
                "01-01…01-03",
                "02-15…02-23",
                "04-04…04-06",
                "05-01…05-05",
                "06-19…06-21",
                "09-25…09-27",
                "10-01…10-07",
            ],
        ),
    ],
)
def test_the_free_days_around_holidays_are_those_people_remember(year, runs):
    """Written down once more from the wording of the notices: first and last day of every holiday."""
    for run in runs:
        first, _, last = run.partition("…")
        day, end = (date.fromisoformat(f"{year}-{text}") for text in (first, last or first))
        while day <= end:
            assert not CALENDAR.is_working_day(day), day
            day += timedelta(days=1)


@pytest.mark.parametrize("year", FILE)
def test_every_year_names_its_source(year):
    assert ("国办发明电" in FILE[year]["source"]) == (not FILE[year].get("provisional"))
    assert FILE[year]["off"] == sorted(set(FILE[year]["off"]))
    assert FILE[year]["work"] == sorted(set(FILE[year]["work"]))


def test_the_check_sees_a_day_too_many():
    """The count of working days would not fit any more."""
    wrong = Calendar(CALENDAR.off | {date(2026, 3, 3)}, CALENDAR.work, CALENDAR.years)
    weekdays = sum(day.weekday() < 5 for day in days_of(2026))
    assert len(wrong.worked(2026)) != weekdays - len(lawful_days(2026))
