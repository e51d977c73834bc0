"""What would be refused for how the case stands, or for the day, is not offered."""

from __future__ import annotations

import pytest

from common.casework import joint_lists, queues
from common.casework.errors import BadShape
from common.casework.late import overdue
from common.casework.rules.words import Action, Report
from common.days import local_day
from tests.casework.build import COUNTY, VILLAGE
from tests.casework.life.tools import (
    ALSO,
    APPROVER,
    CLERK,
    HELPS,
    NOTICE,
    RECEIVER,
    REVIEWER,
    Life,
    staff,
)

FEE = {"fee": {"fen": 8_000, "basis": "示例收费文件"}}
RECEIPT = {"receipt": {"fen": 8_000, "number": "票1"}}


def steps(life: Life, case: str) -> tuple[Action, ...]:
    posts = ["CLERK", "REVIEWER", "APPROVER"]
    return life.at(COUNTY).actions_for(life.state(case), posts, CLERK.department, local_day(life.now))


def reports(life: Life, case: str, at: str = COUNTY, post: str = "CLERK") -> tuple[Report, ...]:
    return life.at(at).reports_for(life.state(case, at), [post], CLERK.department)


def test_a_result_is_not_made_out_before_the_fee_is_paid(life):
    case = life.approved("fee")
    assert Action.ISSUE in steps(life, case)
    life.move(COUNTY, case, "ask_fee", CLERK, **FEE)
    assert Action.ISSUE not in steps(life, case)
    life.move(COUNTY, case, "take_fee", CLERK, **RECEIPT)
    assert Action.ISSUE in steps(life, case)


def test_a_result_is_not_made_out_before_the_originals_were_seen(life):
    case = life.approved("originals")
    assert Action.ISSUE not in steps(life, case)
    life.report(VILLAGE, case, "originals_seen", note="一致")
    assert Action.ISSUE in steps(life, case)


def test_a_case_lapses_after_its_day_alone_and_not_while_papers_wait(life):
    case = life.file()
    life.move(COUNTY, case, "ask_papers", CLERK, **NOTICE, answer_by="2026-03-10")
    assert Action.LAPSE not in steps(life, case)
    life.wait(8)
    assert local_day(life.now) == "2026-03-10" and Action.LAPSE not in steps(life, case)
    life.wait(1)
    assert Action.LAPSE in steps(life, case)
    life.report(VILLAGE, case, "papers_brought", note="补来")
    assert Action.LAPSE not in steps(life, case) and Action.TAKE_PAPERS in steps(life, case)


def test_who_takes_the_fee_at_the_holder_does_not_report_it_beside(life):
    case = life.approved("fee")
    life.move(COUNTY, case, "ask_fee", CLERK, **FEE)
    assert Action.TAKE_FEE in steps(life, case) and Report.PAID not in reports(life, case)
    assert Report.PAID in reports(life, case, VILLAGE, "AGENT")
    assert Report.PAID in reports(life, case, COUNTY, "AGENT")


def test_nothing_is_taken_back_or_rated_out_of_its_time_though_late_reports_are_taken(life):
    case = life.accepted()
    assert Report.WITHDRAW in reports(life, case)
    life.move(COUNTY, case, "review", REVIEWER)
    life.move(COUNTY, case, "approve", APPROVER)
    assert Report.WITHDRAW not in reports(life, case)
    life.move(COUNTY, case, "issue", CLERK)
    assert not {Report.WITHDRAW, Report.RATED, Report.CALLED_BACK} & {*reports(life, case)}
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    assert {Report.RATED, Report.CALLED_BACK} <= {*reports(life, case, VILLAGE, "AGENT")}
    life.report(VILLAGE, case, "withdraw", note="不要了")
    life.agreed(case)


def test_a_review_signs_its_proposal_and_an_older_one_has_none(life):
    case = life.accepted()
    with pytest.raises(BadShape):
        life.move(COUNTY, case, "review", REVIEWER, proposal="maybe")
    life.move(COUNTY, case, "review", REVIEWER, proposal="refuse", note="不符合条件")
    assert life.said(COUNTY, case, "review")[0]["proposal"] == "refuse"
    assert "proposal" not in life.said(COUNTY, life.approved(overrule="另一户"), "review")


# --- lists of those who wait for an answer or watch over others


def test_what_a_department_is_asked_and_who_is_silent_is_counted(life):
    case = life.accepted("joint")
    life.at(COUNTY)
    assert queues.count_asked(HELPS, COUNTY) == (1, "2026-03-05")
    assert queues.count_asked("别的部门", COUNTY) == (0, "") == queues.count_asked(HELPS, VILLAGE)
    assert [line.case for line in joint_lists.silent_joint(COUNTY)] == [case]
    assert (joint_lists.count_silent_joint(COUNTY), joint_lists.count_silent_joint(COUNTY, "别的部门")) == (
        1,
        0,
    )
    assert [line.case for line in joint_lists.silent_joint(COUNTY, CLERK.department)] == [case]
    assert joint_lists.silent_joint(COUNTY, "别的部门") == [] == joint_lists.silent_joint(VILLAGE)
    for department in (HELPS, ALSO):
        life.report(COUNTY, case, "opinion", staff("REVIEWER", department), verdict="agree")
    life.at(COUNTY)
    assert joint_lists.silent_joint(COUNTY) == [] and queues.count_asked(HELPS, COUNTY) == (0, "")


def test_late_cases_are_those_past_their_day_and_undecided(life):
    late, decided = life.accepted(), life.approved(overrule="另一户")
    due = life.state(late).due
    life.at(COUNTY)
    assert overdue(COUNTY, due) == []
    assert [line.case for line in overdue(COUNTY, "2026-12-31")] == [late]
    assert overdue("511999", "2026-12-31") == []
    assert decided != late
