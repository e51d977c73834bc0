"""Joint cases: parallel opinions with days of their own, silence by the item's switch, one result."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework import queues
from common.casework.errors import (
    NotYourStep,
    OpinionsMissing,
    PapersLacking,
    ReasonMissing,
    ReportNotAllowed,
)
from common.casework.rules.facts import ABSENT, AGREE, DISAGREE, LATE
from common.casework.rules.flow import Report, State
from common.casework.rules.waiting import opinions_due
from tests.casework.build import COUNTY, TOWN, VILLAGE, as_act
from tests.casework.life.tools import (
    ALSO,
    APPROVER,
    CLERK,
    HELPS,
    ITEMS_OF_LIFE,
    JOINT,
    LEAD,
    NOTICE,
    REVIEWER,
    Life,
    staff,
)
from tests.casework.nodes import take
from tests.casework.story import LACKING, Story

US = {HELPS: staff("REVIEWER", HELPS), ALSO: staff("APPROVER", ALSO)}


def opinion(life: Life, case: str, department: str, verdict: str, at: str = COUNTY, **data) -> str:
    return life.report(at, case, "opinion", US[department], verdict=verdict, **data)


def verdicts(life: Life, case: str) -> dict[str, str]:
    return {asked.department: asked.verdict for asked in life.agreed(case).facts.asked}


def test_departments_are_asked_at_acceptance_each_with_its_own_last_day(life):
    case = life.file("joint")
    assert life.state(case).facts.asked == ()
    life.wait(1)
    life.move(COUNTY, case, "accept", CLERK)
    facts = life.agreed(case).facts
    assert [(a.department, a.due, a.deemed) for a in facts.asked] == [
        (HELPS, "2026-03-06", 1), (ALSO, "2026-03-10", 0),
    ]  # fmt: skip
    life.at(COUNTY)
    assert [line.case for line in queues.asked_of(HELPS, COUNTY)] == [case]


def test_a_clerk_cannot_leave_departments_out_or_ask_others(life):
    case = life.file("joint")
    stranger = [{"department": "生人", "matter": "x", "due": "2026-03-03", "deemed": 1}]
    life.move(COUNTY, case, "accept", CLERK, asked=stranger, due="2026-03-31")
    assert list(verdicts(life, case)) == [HELPS, ALSO]


def test_the_review_waits_for_every_opinion(life):
    case = life.accepted("joint")
    with pytest.raises(OpinionsMissing) as refused:
        life.move(COUNTY, case, "review", REVIEWER)
    assert refused.value.details == {"departments": f"{HELPS}、{ALSO}"}
    opinion(life, case, HELPS, AGREE)
    with pytest.raises(OpinionsMissing):
        life.move(COUNTY, case, "review", REVIEWER)
    opinion(life, case, ALSO, AGREE)
    life.move(COUNTY, case, "review", REVIEWER)
    assert life.agreed(case).state is State.REVIEWED
    life.at(COUNTY)
    assert queues.asked_of(HELPS, COUNTY) == []


def test_an_opinion_may_come_from_a_node_with_a_say_and_from_no_other(life):
    """The township checks nothing in this case: its people only file and fetch."""
    case = life.accepted("joint")
    for at in (VILLAGE, TOWN):
        with pytest.raises(ReportNotAllowed):
            opinion(life, case, HELPS, AGREE, at=at)
        assert Report.OPINION not in life.at(at).reports_for(life.state(case, at), ["REVIEWER"], HELPS)
    assert Report.OPINION in life.at(COUNTY).reports_for(life.state(case), ["REVIEWER"], HELPS)


def test_an_opinion_travels_from_the_top_to_the_township_that_decides(life):
    """A case of the township asks a department that sits at the county."""
    life.shelf.items["town"] = replace(ITEMS_OF_LIFE["town"], joint=JOINT[:1])
    case = life.file("town")
    life.move(TOWN, case, "accept", CLERK)
    opinion(life, case, HELPS, AGREE, at=COUNTY)
    state = life.agreed(case)
    assert (state.holder, state.facts.asked[0].verdict) == (TOWN, AGREE)


def test_an_opinion_of_a_department_that_was_not_asked_is_refused(life):
    case = life.accepted("joint")
    with pytest.raises(ReportNotAllowed):
        life.report(COUNTY, case, "opinion", staff("REVIEWER", "生人"), verdict=AGREE)
    with pytest.raises(ReportNotAllowed):
        life.report(COUNTY, case, "opinion", staff("REVIEWER", ""), verdict=AGREE)


def test_a_second_opinion_of_one_department_is_refused_and_changes_nothing(life):
    case = life.accepted("joint")
    opinion(life, case, HELPS, DISAGREE, note="不符合规划")
    with pytest.raises(ReportNotAllowed):
        opinion(life, case, HELPS, AGREE)
    assert verdicts(life, case)[HELPS] == DISAGREE


def test_an_objection_does_not_block_but_the_review_has_to_say_why(life):
    case = life.accepted("joint")
    opinion(life, case, HELPS, DISAGREE, note="不符合规划")
    opinion(life, case, ALSO, AGREE)
    with pytest.raises(ReasonMissing):
        life.move(COUNTY, case, "review", REVIEWER)
    life.move(COUNTY, case, "review", REVIEWER, note="已会商，协办部门改意见")
    assert life.agreed(case).state is State.REVIEWED


def test_a_joint_case_filed_before_its_departments_were_written_asks_them_too(life):
    """The filing of an older program names none; the acceptance asks those of the item."""
    story = Story("direct")
    story.filed.body["item"] = "joint"
    county = life.at(COUNTY)
    assert take(county, as_act(story.filed)).parked == {}
    life.move(COUNTY, story.case, "accept", CLERK)
    life.at(COUNTY)
    assert [line.case for line in queues.asked_of(ALSO, COUNTY)] == [story.case]


# --- before acceptance


def test_what_departments_lack_is_gathered_for_the_one_notice(life):
    case = life.file("joint")
    opinion(life, case, HELPS, "lacking", lacking=LACKING)
    opinion(life, case, ALSO, "complete")
    door = life.agreed(case).facts.door
    assert {department: [paper["key"] for paper in papers] for department, papers in door.items()} == {
        HELPS: ["photo"], ALSO: [],
    }  # fmt: skip


def test_nothing_is_accepted_over_what_a_department_misses_without_a_reason(life):
    case = life.file("joint")
    opinion(life, case, HELPS, "lacking", lacking=LACKING)
    with pytest.raises(PapersLacking):
        life.move(COUNTY, case, "accept", CLERK)
    with pytest.raises(PapersLacking):
        life.move(COUNTY, case, "accept", CLERK, lacking_waived=1)
    life.move(COUNTY, case, "accept", CLERK, lacking_waived=1, note="协办部门来电：不用了")
    assert life.agreed(case).state is State.ACCEPTED
    (said,) = life.said(COUNTY, case, "accept")
    assert [one["key"] for one in said["waived"]] == ["photo"]


def test_a_department_that_comes_to_lead_a_case_asks_itself_nothing(life):
    """Given the case by a transfer, it examines what it would have been asked."""
    case = life.file("joint")
    opinion(life, case, HELPS, "complete")
    life.move(COUNTY, case, "transfer", CLERK, department=HELPS, note="归协办部门")
    assert opinions_due(life.agreed(case)) == ((ALSO, ""),)
    life.move(COUNTY, case, "accept", staff("CLERK", HELPS))
    assert list(verdicts(life, case)) == [ALSO]


def test_after_the_notice_a_department_has_lost_its_turn(life):
    """Refused at its own desk; what was under way when the notice went out is noted."""
    case = life.file("joint")
    sent = life.report_unheard(COUNTY, case, "opinion", US[ALSO], verdict="complete")
    assert life.state(case).reports[sent].answered_by
    life.move(COUNTY, case, "ask_papers", CLERK, **NOTICE)
    with pytest.raises(ReportNotAllowed):
        opinion(life, case, HELPS, "lacking", lacking=LACKING)
    assert list(life.agreed(case).facts.door) == [ALSO]


def test_an_opinion_that_comes_after_the_notice_is_noted(life):
    """The township accepts; the county's department answers while the notice is on its way up."""
    life.shelf.items["town"] = replace(ITEMS_OF_LIFE["town"], joint=JOINT[:1])
    case = life.file("town")
    life.move_unheard(TOWN, case, "ask_papers", CLERK, **NOTICE)
    sent = life.report_unheard(COUNTY, case, "opinion", US[HELPS], verdict="lacking", lacking=LACKING)
    life.network.run()
    state = life.agreed(case)
    assert (state.facts.door, state.reports[sent].answered_by) == ({}, state.last)


# --- silence


def test_silence_counts_as_agreement_only_where_the_item_says_so(life):
    case = life.accepted("joint")  # asked on Monday, HELPS until Thursday, ALSO until the Monday after
    life.wait(3)
    life.day_job()
    assert verdicts(life, case) == {HELPS: "", ALSO: ""}
    life.wait(1)
    life.day_job()
    assert verdicts(life, case) == {HELPS: LATE, ALSO: ""}
    life.wait(4)
    life.day_job()
    (helps, also) = life.agreed(case).facts.asked
    assert (helps.verdict, also.verdict, also.urged) == (LATE, "", 1)
    assert [data["departments"] for data in life.said(COUNTY, case, "urge")] == [[ALSO]]


def test_a_silent_department_is_urged_once_and_the_review_still_waits(life):
    case = life.accepted("joint")
    life.wait(30)
    for _ in range(3):
        life.day_job()
        life.wait(1)
    assert len(life.said(COUNTY, case, "urge")) == len(life.said(COUNTY, case, "deem_opinion")) == 1
    with pytest.raises(OpinionsMissing):
        life.move(COUNTY, case, "review", REVIEWER)


def test_no_approval_is_made_by_silence_alone(life):
    """A month of silence moves the case not one step; what silence gives is an opinion inside the house."""
    case = life.accepted("joint")
    life.wait(60)
    life.day_job()
    opinion(life, case, ALSO, AGREE)
    state = life.agreed(case)
    assert (state.state, state.result) == (State.ACCEPTED, {})
    assert {asked.note for asked in state.facts.asked if asked.verdict == LATE} != {""}
    life.move(COUNTY, case, "review", REVIEWER)
    life.wait(60)
    life.day_job()
    assert life.agreed(case).state is State.REVIEWED


def test_a_department_deemed_to_agree_comes_too_late(life):
    case = life.accepted("joint")
    life.wait(10)
    life.day_job()
    with pytest.raises(ReportNotAllowed):
        opinion(life, case, HELPS, DISAGREE, note="不行")
    assert verdicts(life, case)[HELPS] == LATE


def test_an_urged_department_can_still_answer(life):
    case = life.accepted("joint")
    life.wait(10)
    life.day_job()
    opinion(life, case, ALSO, AGREE)
    assert verdicts(life, case)[ALSO] == AGREE


def test_absence_is_recorded_by_the_lead_and_counts_where_the_item_says_so(life):
    case = life.accepted("joint")
    with pytest.raises(NotYourStep):
        life.move(COUNTY, case, "record_absence", REVIEWER, department=HELPS, note="没有到场")
    for department in (HELPS, ALSO):
        life.move(COUNTY, case, "record_absence", LEAD, department=department, note="没有到场")
    assert verdicts(life, case) == {HELPS: ABSENT, ALSO: ""}
    with pytest.raises(OpinionsMissing):
        life.move(COUNTY, case, "review", REVIEWER)


def test_one_result_for_all(life):
    case = life.accepted("joint")
    opinion(life, case, HELPS, AGREE)
    opinion(life, case, ALSO, "conditions", note="先办消防")
    life.move(COUNTY, case, "review", REVIEWER)
    life.move(COUNTY, case, "approve", APPROVER)
    life.move(COUNTY, case, "issue", CLERK)
    assert life.agreed(case).state is State.ISSUED
