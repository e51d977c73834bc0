"""A last day that reaches into a year without its official calendar, on the papers that name it."""

from __future__ import annotations

from tests.notices.stories import SUBSISTENCE, A, a_story, accepted
from tests.notices.test_texts import ITEMS, notice_of


def test_a_last_day_that_may_still_move_is_marked_on_every_paper_that_names_it() -> None:
    """The year it reaches into has no official calendar yet; whoever reads an extension may rely on it."""
    mark = "（暂定，待年度放假安排公布后核定）"
    later = {"due": "2027-01-20", "legal_due": "2027-01-29", "provisional": 1}
    story = a_story().go_to(A.FORWARD)
    story.move(A.ACCEPT, data=later)
    taken = notice_of(story, story.events[-1], ITEMS[SUBSISTENCE])
    assert f"将于2027年1月20日{mark}前作出决定" in taken.words
    assert taken.words.count(f"2027年1月20日{mark}") == 2 and f"2027年1月29日{mark}" in taken.words
    longer = {"due": "2027-01-27", "legal_due": "2027-02-12", "extension_days": 5, "note": "情况复杂"}
    event = story.move(A.EXTEND, data={**later, **longer})
    extended = notice_of(story, event, ITEMS[SUBSISTENCE])
    assert f"决定期限延至2027年1月27日{mark}" in extended.words
    assert extended.words.count(f"2027年1月27日{mark}") == 2 and f"2027年2月12日{mark}" in extended.words
    firm = accepted()
    assert mark not in notice_of(firm, firm.events[-1], ITEMS[SUBSISTENCE]).words
