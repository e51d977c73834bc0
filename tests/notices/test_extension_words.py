"""An extension in words: each limit is longer by so many days of its own unit, and no paper says another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from common.casework.rules.clocks.course import Course
from common.casework.rules.deadlines import Calendar
from common.casework.rules.dues import dues_of
from common.catalogue.rules.values import Limit
from tests.notices.stories import SUBSISTENCE, A, accepted
from tests.notices.test_texts import ITEMS, notice_of

WORKED = replace(
    ITEMS[SUBSISTENCE], statutory=Limit(30), promised=Limit(20), extension_days=10, special=(), joint=()
)
BY_THE_CALENDAR = replace(WORKED, statutory=Limit(30, "calendar"))
WEEKS = Calendar(frozenset(), frozenset(), frozenset())


def test_days_that_are_not_all_working_days_are_not_called_so() -> None:
    """The law gives thirty days and fifteen more: these are not working days, nor counted so."""
    plain, longer = (
        dues_of(BY_THE_CALENDAR, Course(date(2026, 3, 2), extensions=more), WEEKS) for more in ((), (10,))
    )
    assert (plain.legal_due, longer.legal_due) == ("2026-04-01", "2026-04-13"), "the eleventh is a Saturday"
    story = accepted()
    said = {"due": "2026-03-30", "legal_due": "2026-04-13", "extension_days": 10, "note": "情况复杂"}
    event = story.move(A.EXTEND, data=said)
    assert "延长 10 天，决定期限延至" in notice_of(story, event, BY_THE_CALENDAR).words
    assert "工作日" not in BY_THE_CALENDAR.extended_by(10)
    for item in (WORKED, None):
        assert "延长 10 个工作日，决定期限延至" in notice_of(story, event, item).words
