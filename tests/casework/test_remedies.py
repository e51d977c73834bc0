"""Until when review and suit may be asked for: both terms, told or not, over ends of months and holidays."""

from __future__ import annotations

from datetime import date

import pytest

from common.casework.context import load_calendar
from common.casework.rules.clocks.remedies import LastDays, Remedies, Told, last_days, told_by
from common.notices.rules.speaking import REMEDIES

USUAL, SHORT, OTHER = Told.USUAL, Told.TOO_LITTLE, Told.OTHER
ALL_TOLD, NOTHING = Remedies(USUAL, USUAL), Remedies(SHORT, SHORT)
CALENDAR = load_calendar()


@pytest.mark.parametrize(
    ("served", "told", "review", "suit"),
    [
        # The day of service is not counted.
        ("2026-03-02", ALL_TOLD, "2026-05-06", "2026-09-02"),
        ("2026-03-09", ALL_TOLD, "2026-05-08", "2026-09-09"),
        # The sixtieth day is in the Labour holidays, or a Saturday on which offices work (2026-05-09).
        ("2026-03-04", ALL_TOLD, "2026-05-06", "2026-09-04"),
        ("2026-03-10", ALL_TOLD, "2026-05-09", "2026-09-10"),
        # A Sunday, and the National Day: over all of the holidays.
        ("2026-04-01", ALL_TOLD, "2026-06-01", "2026-10-08"),
        # A month without that day ends the term on its last one, here a Saturday on which offices work.
        ("2025-08-31", ALL_TOLD, "2025-10-30", "2026-02-28"),
        ("2025-08-29", ALL_TOLD, "2025-10-28", "2026-02-28"),
        # Who was not told has a year.
        ("2025-03-03", NOTHING, "2026-03-03", "2026-03-03"),
        ("2025-03-03", Remedies(SHORT, USUAL), "2026-03-03", "2025-09-03"),
        ("2025-03-03", Remedies(USUAL, SHORT), "2025-05-06", "2026-03-03"),
        ("2024-02-29", NOTHING, "2025-02-28", "2025-02-28"),
        # A term of its own the paper tells itself.
        ("2025-03-03", Remedies(OTHER, USUAL), None, "2025-09-03"),
        ("2025-03-03", Remedies(OTHER, OTHER), None, None),
    ],
)
def test_the_last_days(served, told, review, suit):
    found = last_days(date.fromisoformat(served), told, CALENDAR)
    assert (found.review and found.review.isoformat(), found.suit and found.suit.isoformat()) == (
        review,
        suit,
    )


def test_a_day_in_a_year_without_calendar_may_still_move():
    assert last_days(date(2025, 3, 3), ALL_TOLD, CALENDAR).provisional == 0
    assert last_days(date(2090, 3, 3), ALL_TOLD, CALENDAR).provisional == 1
    nothing = last_days(date(2090, 3, 3), Remedies(OTHER, OTHER), CALENDAR)
    assert nothing == LastDays(None, None, 0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (REMEDIES, ALL_TOLD),
        ("自知道之日起 60 日内向通江县人民政府申请行政复议，或者 6 个月内起诉。", ALL_TOLD),
        ("可先打12345；仍不服的，６０日内可向通江县人民政府申请行政复议，也可在6个月内起诉。", ALL_TOLD),
        ("收到之日起六十日内，向县人民政府提出行政复议申请；或者六个月内提起行政诉讼。", ALL_TOLD),
        ("六十日内申请行政复议，或六个月内起诉。", Remedies(SHORT, USUAL)),
        ("60日内申请行政复议（复议机关以决定书写明的为准），或者6个月内起诉。", Remedies(SHORT, USUAL)),
        ("可以向县人民政府申请行政复议，也可以提起行政诉讼。", NOTHING),
        ("60日内向县人民政府申请行政复议。", Remedies(USUAL, SHORT)),
        ("90日内向县人民政府申请行政复议，或者一百六十日内起诉。", Remedies(OTHER, OTHER)),
        ("60日内向县人民政府申请行政复议，或者15日内起诉。", Remedies(USUAL, OTHER)),
        ("不服的请拨打投诉电话。", NOTHING),
        ("", NOTHING),
    ],
)  # fmt: skip
def test_what_a_paper_tells(words, told):
    assert told_by(words) == told
