"""容缺: listed papers may follow by a date against a promise; no result before the gap is filled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework.errors import GapNotOver, GapOpen, OriginSilent, PapersWaiting, ToleranceRefused
from common.casework.late import overdue
from common.casework.rules.case import advance
from common.casework.rules.flow import State
from tests.casework.build import COUNTY, NOON, VILLAGE, a_paper, act_id
from tests.casework.life.stories import facts_set, filed_with
from tests.casework.life.tools import APPROVER, CLERK, DAY, NOTICE, REVIEWER, Life
from tests.casework.story import Action, Report

PROMISE = {"follow": ("photo", "map"), "promise": "五日内补交", "papers": (a_paper("id_card", "card"),)}


def gap(life: Life, case: str) -> list[str]:
    return sorted(life.agreed(case).facts.tolerated)


def bring(life: Life, case: str, *keys: str) -> str:
    return life.report(VILLAGE, case, "papers_brought", papers=[a_paper(key, key) for key in keys])


def test_what_may_follow_is_signed_with_the_promise_and_the_last_day(life):
    case = life.file("tolerant", **PROMISE)
    facts = life.agreed(case).facts
    assert facts.tolerated == {"photo": "照片", "map": "图"}
    assert facts.tolerance_due == "2026-03-09"
    signed = life.network.sites[VILLAGE].outbox.bodies()[0][1]["data"]["tolerance"]
    assert signed["promise"] == "五日内补交"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"follow": ("id_card",)}, ["follow"]),
        ({"follow": ("photo", "id_card", "nothing")}, ["follow", "follow"]),
        ({"promise": " "}, ["promise"]),
        ({"follow": ("id_card",), "promise": ""}, ["follow", "promise"]),
    ],
)
def test_only_listed_papers_may_follow_and_only_against_a_promise(life, changes, fields):
    with pytest.raises(ToleranceRefused) as refused:
        life.file("tolerant", **{**PROMISE, **changes})
    assert [problem.field for problem in refused.value.problems] == fields


def test_an_item_without_such_a_list_lets_no_paper_follow(life):
    with pytest.raises(ToleranceRefused):
        life.file("direct", **PROMISE)


def test_no_approval_before_the_gap_is_filled(life):
    case = life.accepted("tolerant", **PROMISE)
    life.move(COUNTY, case, "review", REVIEWER)
    with pytest.raises(GapOpen) as refused:
        life.move(COUNTY, case, "approve", APPROVER)
    assert "照片" in refused.value.sentence and "图" in refused.value.sentence
    bring(life, case, "photo")
    with pytest.raises(GapOpen):
        life.move(COUNTY, case, "approve", APPROVER)
    life.move(COUNTY, case, "take_papers", REVIEWER)
    assert gap(life, case) == ["map"]
    bring(life, case, "map")
    life.move(COUNTY, case, "take_papers", CLERK)
    life.move(COUNTY, case, "approve", APPROVER)
    assert life.agreed(case).state is State.APPROVED


def test_a_refusal_needs_no_paper_that_is_still_to_come(life):
    case = life.accepted("tolerant", **PROMISE)
    life.move(COUNTY, case, "review", REVIEWER)
    life.move(COUNTY, case, "refuse", APPROVER, note="不符合条件")
    assert life.agreed(case).state is State.REFUSED


def test_papers_that_came_before_acceptance_are_taken_by_it(life):
    """Else the report is answered, the gap stays, and the case can never be approved."""
    case = life.file("tolerant", **PROMISE)
    bring(life, case, "photo", "map")
    life.move(COUNTY, case, "accept", CLERK)
    assert gap(life, case) == []
    life.move(COUNTY, case, "review", REVIEWER)
    life.move(COUNTY, case, "approve", APPROVER)
    assert life.agreed(case).state is State.APPROVED


def test_papers_asked_for_in_the_notice_fill_the_gap_when_taken(life):
    case = life.file("tolerant", **PROMISE)
    life.move(COUNTY, case, "ask_papers", CLERK, **NOTICE)
    bring(life, case, "photo")
    life.move(COUNTY, case, "take_papers", CLERK)
    assert gap(life, case) == ["map"]


def test_what_still_lacks_keeps_the_gap_open(life):
    case = life.accepted("tolerant", **PROMISE)
    bring(life, case, "photo", "map")
    life.move(COUNTY, case, "take_papers", CLERK, lacking=NOTICE["lacking"])
    assert gap(life, case) == ["photo"]


def test_papers_brought_fill_nothing_before_somebody_takes_them(life):
    case = life.accepted("tolerant", **PROMISE)
    bring(life, case, "photo", "map")
    assert gap(life, case) == ["map", "photo"]
    assert life.agreed(case).open_reports


def test_other_papers_and_words_alone_fill_no_gap(life):
    case = life.accepted("tolerant", **PROMISE)
    life.report(VILLAGE, case, "papers_brought", note="照片已带来", papers=[a_paper("id_card", "x")])
    life.move(COUNTY, case, "take_papers", CLERK)
    assert gap(life, case) == ["map", "photo"]


def test_a_case_whose_gap_was_never_filled_is_ended_for_it(life):
    case = life.accepted("tolerant", **PROMISE)
    life.wait(30)
    life.move(COUNTY, case, "terminate", APPROVER, ground="gap", note="逾期未补")
    state = life.agreed(case)
    assert (state.state, state.facts.ground) == (State.TERMINATED, "gap")


def test_no_case_is_ended_for_a_gap_while_the_applicant_has_time_or_may_have_come(life):
    case, whole = life.accepted("tolerant", **PROMISE), life.accepted()
    end = {"ground": "gap", "note": "逾期未补"}
    life.wait(7)  # Monday 9 March, the last day
    for which, told in ((case, "可以补交到 2026-03-09"), (whole, "没有容缺未补的材料")):
        with pytest.raises(GapNotOver, match=told):
            life.move(COUNTY, which, "terminate", APPROVER, **end)
    life.wait(1)
    life.line.heard[VILLAGE] = NOON + 7 * DAY  # the last day itself: the line is down since
    with pytest.raises(OriginSilent):
        life.move(COUNTY, case, "terminate", APPROVER, **end)
    del life.line.heard[VILLAGE]
    bring(life, case, "photo", "map")
    with pytest.raises(PapersWaiting):
        life.move(COUNTY, case, "terminate", APPROVER, **end)
    life.move(COUNTY, case, "terminate", APPROVER, ground="death", note="申请人去世")
    assert life.agreed(case).facts.ground == "death"


def test_a_gap_past_its_day_is_shown_and_ends_nothing_by_itself(life):
    case = life.accepted("tolerant", **PROMISE)
    last = life.state(case).facts.tolerance_due
    life.wait(20)
    life.day_job()
    life.at(COUNTY)
    assert overdue(COUNTY, last) == []
    assert [line.case for line in overdue(COUNTY, "2026-03-10")] == [case] and last < "2026-03-10"
    bring(life, case, "photo", "map")
    life.move(COUNTY, case, "take_papers", CLERK)
    assert gap(life, case) == [] and overdue(COUNTY, "2026-03-10") == []


def test_nothing_with_a_gap_is_settled_on_the_spot():
    story = filed_with("instant", data=facts_set())
    event = story.draft(Action.SETTLE)
    with pytest.raises(GapOpen):
        advance(story.state, event)


def test_papers_that_are_only_noted_fill_no_gap():
    """An office that does not want them yet says so in a note; nobody has taken them."""
    story = filed_with("direct", data=facts_set())
    pen = story.report(Report.PAPERS_BROUGHT)
    papers = [{"key": "photo", "name": "照片", "blob": 0, "pages": 1}]
    brought = replace(pen, id=act_id("photo"), blobs=("aa",))
    brought.body["data"]["papers"] = papers
    story.state = advance(story.state, brought)
    story.move(Action.NOTE, answers=[brought.id])
    assert sorted(story.state.facts.tolerated) == ["map", "photo"]
