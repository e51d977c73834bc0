"""What is posted is served on the day that the post's own receipt tells (民事诉讼法 91), and not before."""

from __future__ import annotations

from typing import Any

import pytest

from common.casework.errors import AlreadyThere, FilingIncomplete, ReportNotAllowed
from common.casework.rules.event import ReportState
from common.casework.rules.facts import POSTED, Service
from common.casework.rules.handed import delivered_on, handed_at, served_at, served_day
from common.casework.rules.letters import letters_out
from common.casework.rules.services import collectable, service_of
from common.casework.rules.words import Report
from common.days import local_day, local_minute
from common.desk import register
from tests.casework.build import COUNTY, NOON, VILLAGE
from tests.casework.life.test_handed_over_on import issued
from tests.casework.life.test_served_after_the_end import NAME
from tests.casework.life.tools import APPROVER, CLERK, RECEIVER


def posted(tracking: str = "EMS1", **said: str) -> dict[str, Any]:
    return {"receiver": {**RECEIVER["receiver"], "how": "邮寄", "tracking": tracking}, **said}


def result_service(life: Any, case: str) -> Service | None:
    state = life.agreed(case)
    return service_of(state, state.concluded)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ({}, ""),
        ({"delivered_on": "2026-03-01"}, "2026-03-01"),
        ({"served_on": "2026-02-27", "delivered_on": "2026-02-27"}, "2026-02-27"),
        # Before it was posted, after its own report, or no day at all: the post has told nothing.
        ({"served_on": "2026-02-27", "delivered_on": "2026-02-26"}, ""),
        ({"served_on": "2026-02-27", "delivered_on": "2026-03-03"}, ""),
        ({"served_on": "2026-02-27", "delivered_on": ["2026-03-01"]}, ""),
        ({"served_on": "2026-02-27", "delivered_on": "no day"}, ""),
    ],
)
def test_the_post_tells_a_day_that_can_have_been(said, day):
    served_on = said.get("served_on", "2026-02-28" if said else "2026-03-02")
    data = {"at": NOON, "served_on": served_on, **said, "receiver": {"how": "邮寄"}}
    assert delivered_on(data) == day and served_day(data) == (day or served_on)
    assert local_minute(served_at(data))[:10] == (day or served_on)
    assert local_minute(handed_at(data))[:10] == served_on, "when it was posted stays what it was"
    by_hand = {**data, "receiver": {"how": "当面"}}
    assert delivered_on(by_hand) == "" and served_day(by_hand) == served_on


def test_whoever_registers_it_says_the_day_of_the_posts_receipt_and_it_counts_from_that(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted(served_on="2026-03-04", delivered_on="2026-03-07"))
    state = life.agreed(case)
    assert result_service(life, case) == Service((state.concluded,), POSTED, "2026-03-07")
    assert collectable(state) == frozenset() and letters_out(state) == ()
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, case, "handed_over", **RECEIVER)


def test_a_receipt_that_comes_later_is_registered_later(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted(served_on="2026-03-12"))
    state = life.agreed(case)
    (letter,) = letters_out(state)
    assert (letter.tracking, letter.acts, letter.posted_on) == ("EMS1", (state.concluded,), "2026-03-12")
    life.wait(5)
    life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS1", "on": "2026-03-16"})
    state = life.agreed(case)
    assert result_service(life, case) == Service((state.concluded,), POSTED, "2026-03-16")
    assert collectable(state) == frozenset() and letters_out(state) == ()


def test_of_two_letters_the_receipt_tells_of_the_one_that_it_names(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted("EMS1"))
    right = life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.report(VILLAGE, case, "handed_over", **posted("EMS2"))
    assert [one.tracking for one in letters_out(life.agreed(case))] == ["EMS1", "EMS2"]
    life.wait(2)
    life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS2", "on": "2026-03-15"})
    state = life.agreed(case)
    assert service_of(state, right).on == "2026-03-15"
    assert service_of(state, state.concluded).on == "", "of the first letter nothing is known"
    assert [one.tracking for one in letters_out(state)] == ["EMS1"]


def test_of_two_letters_with_one_paper_the_receipt_tells_of_the_one_that_it_names(life):
    case = issued(life)
    for number in ("EMS1", "EMS2"):
        life.report(VILLAGE, case, "handed_over", **posted(number))
    life.wait(2)
    life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS2", "on": local_day(life.now)})
    assert [one.on for one in life.agreed(case).facts.served] == ["", local_day(life.now)]


def test_a_letter_that_two_sites_wrote_down_was_posted_on_the_first_of_their_days(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted(served_on="2026-03-04"))
    life.report(COUNTY, case, "handed_over", CLERK, **posted(served_on="2026-03-06"))
    (letter,) = letters_out(life.agreed(case))
    assert letter.posted_on == "2026-03-04"
    life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS1", "on": "2026-03-05"})
    assert result_service(life, case).on == "2026-03-05" and letters_out(life.agreed(case)) == ()


def test_a_receipt_that_a_wrong_clock_did_not_believe_is_told_once_more(life):
    """Whoever answered had a clock that was behind: the true day is as good as before."""
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted())
    life.wait(5)
    receipt = {"tracking": "EMS1", "on": local_day(life.now)}
    life.report_unheard(VILLAGE, case, "letter_came", letter=receipt)
    with pytest.raises(AlreadyThere):
        life.report(VILLAGE, case, "letter_came", letter=receipt)
    life.wait(-5)
    life.network.run()
    life.wait(5)
    assert result_service(life, case).on == "" and len(letters_out(life.agreed(case))) == 1
    life.report(VILLAGE, case, "letter_came", letter=receipt)
    assert result_service(life, case).on == receipt["on"]


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"served_on": "2026-03-04", "delivered_on": "2026-03-15"}, "delivered_on", "in_future"),
        ({"served_on": "2026-03-04", "delivered_on": "2026-03-03"}, "delivered_on", "too_early"),
        ({"served_on": "2026-03-04", "delivered_on": "3月7日"}, "delivered_on", "date"),
        ({"served_on": "2026-03-01", "delivered_on": "2026-03-07"}, "served_on", "too_early"),
        # Without the day of posting that is today: the receipt cannot be older.
        ({"delivered_on": "2026-03-07"}, "delivered_on", "too_early"),
    ],
)
def test_a_day_on_which_it_cannot_have_come_is_not_taken(life, said, field, code):
    case = issued(life)
    with pytest.raises(FilingIncomplete) as refused:
        life.report(VILLAGE, case, "handed_over", **posted(**said))
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [(field, code)]


def test_a_day_that_a_wrong_clock_gave_is_no_day_of_service(life):
    """The day lies before the decision: some clock was wrong, and nothing runs from it."""
    case = issued(life)
    life.wait(-30)
    life.report(VILLAGE, case, "handed_over", **posted(served_on="2026-02-12", delivered_on="2026-02-12"))
    state = life.agreed(case)
    assert result_service(life, case) == Service((state.concluded,), POSTED, "")
    assert len(letters_out(state)) == 1, "the receipt can be registered anew"


def test_the_call_back_and_the_register_go_by_the_day_of_the_receipt(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted(served_on="2026-03-04", delivered_on="2026-03-08"))
    life.at(VILLAGE)
    (call,) = register.due_calls([VILLAGE], life.now)
    assert (call.number, local_minute(call.handed_at)) == (case, "2026-03-08 00:00")
    (line,) = register.lines(VILLAGE, 0, life.now)
    assert line.steps["送达"] == "2026-03-08"


def test_a_report_of_a_former_program_says_no_such_day():
    """It signed the day of posting alone; whatever else stands in such a report is none."""
    data = {"at": NOON, "served_on": "2026-03-01", "receiver": {"how": "邮寄", "tracking": "1"}}
    assert ReportState("a" * 32, Report.HANDED_OVER, VILLAGE, NOON, "", data).is_open
    assert delivered_on(data) == ""
