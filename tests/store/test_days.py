"""The local day of an instant, and days as text."""

from __future__ import annotations

from datetime import date

import pytest

from common.days import is_date, later, local_date, local_day, local_minute

MIDNIGHT = 1_772_467_200_000  # 2026-03-03 00:00 in Shanghai


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (MIDNIGHT - 1, "2026-03-02"),
        (MIDNIGHT, "2026-03-03"),
        (0, "1970-01-01"),
        (-(2**60), "1970-01-01"),
        (2**62, date.max.isoformat()),
    ],
)
def test_a_day_ends_at_midnight_in_shanghai_and_no_time_is_without_one(at: int, day: str) -> None:
    assert local_day(at) == local_date(at).isoformat() == day
    assert local_minute(at).startswith(f"{day} ")


def test_a_minute_is_written_as_the_clock_on_the_wall_shows_it() -> None:
    assert local_minute(1_772_672_459_999) == "2026-03-05 09:00"
    assert [local_minute(at) for at in (MIDNIGHT - 1, MIDNIGHT)] == ["2026-03-02 23:59", "2026-03-03 00:00"]


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-3-05", "20260305", "2026-W10-2", " 2026-03-05", "", None, 7]
)
def test_what_is_no_day_in_its_one_form_is_none(text: object) -> None:
    assert not is_date(text) and is_date("2024-02-29")


def test_days_are_counted_over_the_ends_of_months_both_ways() -> None:
    assert (later("2026-02-28", 1), later("2026-03-01", -1)) == ("2026-03-01", "2026-02-28")
