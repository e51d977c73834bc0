"""The one door at one node: what moves, what is refused, what the node does by itself in the same unit."""

from __future__ import annotations

import pytest

from common.casework import queues
from common.casework.context import NODE_ACTOR
from common.casework.errors import (
    AnswerMissing,
    CaseNotFound,
    LackingMissing,
    NotHolder,
    NotInstant,
    NotYourStep,
    PartyChanged,
    ReasonMissing,
    SamePerson,
    StepNotAllowed,
    UnknownWord,
)
from common.casework.rules.flow import Action, Report, State
from common.store import audit
from tests.casework.build import (
    AGENT,
    APPROVER,
    CHECKER,
    CLERK,
    COUNTY,
    NOON,
    REVIEWER,
    TOWN,
    TOWN_2,
    VILLAGE,
    actor,
)
from tests.casework.nodes import at_county, move, report, with_case
from tests.casework.story import Story

A = Action
LACKING = {"lacking": [{"key": "photo", "name": "照片", "how": "原件"}]}


def test_the_county_accepts_reviews_and_approves(node):
    county, case = at_county(node, A.FORWARD)
    move(county, case, "accept", CLERK)
    assert county.case(case).due == "2026-03-09"  # five working days after Monday 2 March
    move(county, case, "review", REVIEWER, note="符合条件")
    move(county, case, "approve", APPROVER, result={"number": "通民字1号"})
    state = county.case(case)
    assert (state.state, state.result) == (State.APPROVED, {"name": "示例证明", "number": "通民字1号"})
    assert [body["to"] for _, body in county.ctx.outbox.bodies()] == [[VILLAGE]] * 3
    assert [row.action for row in audit.rows(case)] == ["case.accept", "case.review", "case.approve"]


def test_lists_follow_each_step(node):
    county, case = at_county(node, A.FORWARD)
    move(county, case, "accept", CLERK)
    (line,) = queues.newest()
    assert (line.state, line.needs, line.due) == ("ACCEPTED", "examine", "2026-03-09")


def test_a_note_answers_its_own_report_and_no_other(node):
    """A hand-over reported too early is noted; the papers brought stay open for a person."""
    county = node(COUNTY)
    story = Story("direct")
    brought = story.report(Report.PAPERS_BROUGHT)
    early = story.report(Report.HANDED_OVER)
    case = with_case(county, story)
    state = county.case(case)
    assert [report.id for report in state.open_reports] == [brought.id]
    assert (state.state, state.reports[early.id].answered_by) == (State.RECEIVED, state.last)


def test_a_step_is_signed_with_who_when_and_what_it_follows(node):
    county, case = at_county(node, A.FORWARD)
    last = county.case(case).last
    act = move(county, case, "ask_papers", CLERK, **LACKING, note=" 请补照片 ")
    ((_, body),) = county.ctx.outbox.bodies()
    assert (body["follows"], body["answers"], body["holder"], body["state"]) == (
        last,
        [],
        COUNTY,
        "SUPPLEMENT",
    )
    assert body["data"] == {
        "actor": {"department": "示例部门", "login": "clerk", "name": "clerk某", "role": "CLERK"},
        "at": NOON,
        "note": "请补照片",
        "received_on": "2026-03-02",
        "answer_by": "2026-03-23",
        **LACKING,
    }
    assert county.case(case).last == act


@pytest.mark.parametrize(
    ("action", "who", "data", "error"),
    [
        ("approve", APPROVER, {}, StepNotAllowed),
        ("accept", REVIEWER, {}, NotYourStep),
        ("forward", CHECKER, {}, StepNotAllowed),
        ("return", CLERK, {"note": "  "}, ReasonMissing),
        ("not_accept", CLERK, {}, ReasonMissing),
        ("ask_papers", CLERK, {}, LackingMissing),
        ("ask_papers", CLERK, {"lacking": []}, LackingMissing),
        ("take_papers", CLERK, {}, StepNotAllowed),
        ("levitate", CLERK, {}, UnknownWord),
        ("accept", actor("WIZARD"), {}, UnknownWord),
        ("accept", CLERK, {"parties_added": {"checker": TOWN_2}}, PartyChanged),
        ("settle", CLERK, {}, StepNotAllowed),
    ],
)
def test_a_refused_step_leaves_no_trace(node, action, who, data, error):
    county, case = at_county(node, A.FORWARD)
    before = county.case(case)
    with pytest.raises(error):
        move(county, case, action, who, **data)
    assert (county.case(case), county.ctx.outbox.acts, audit.rows(case)) == (before, [], [])


def test_a_node_that_does_not_hold_the_case_cannot_move_it(node):
    village = node(VILLAGE)
    case = with_case(village, Story())
    with pytest.raises(NotHolder):
        move(village, case, "forward", CHECKER)
    assert village.actions_for(village.case(case), ["CHECKER"]) == ()


def test_an_unknown_number_is_not_found(node):
    village = node(VILLAGE)
    with pytest.raises(CaseNotFound):
        move(village, "511921108203-A9-00000", "forward", CHECKER)
    with pytest.raises(CaseNotFound):
        report(village, "511921108203-A9-00000", "remind", AGENT)
    with pytest.raises(CaseNotFound):
        village.page("511921108203-A9-00000")


@pytest.mark.parametrize("action", ["approve", "refuse"])
def test_the_reviewer_cannot_decide(node, action):
    county, case = at_county(node, A.FORWARD, A.ACCEPT, A.REVIEW)
    with pytest.raises(SamePerson):
        move(county, case, action, actor("APPROVER", "reviewer"), note="理由")


def test_a_case_of_another_route_cannot_be_settled_on_the_spot(node):
    county, case = at_county(node, route="direct")
    with pytest.raises(NotInstant):
        move(county, case, "settle", CLERK)
    assert A.SETTLE not in county.actions_for(county.case(case), ["CLERK"])
    assert county.actions_for(county.case(case), ["CLERK"]) == (
        A.RETURN,
        A.ASK_PAPERS,
        A.ACCEPT,
        A.NOT_ACCEPT,
        A.TRANSFER,
        A.EXPEDITE,
        A.CORRECT,
        A.TERMINATE,
    )


def test_staff_cannot_act_as_the_node(node):
    """The node's own steps answer a report; without one there is nothing to grant."""
    county, case = at_county(node, A.FORWARD)
    with pytest.raises(AnswerMissing):
        move(county, case, "grant_withdrawal", NODE_ACTOR)
    with pytest.raises(NotYourStep):
        move(county, case, "grant_withdrawal", CLERK)


def test_a_township_without_a_line_up_moves_its_own_cases(node):
    town = node(TOWN)
    case = with_case(town, Story("town"))
    for action, who in (("accept", CLERK), ("review", REVIEWER), ("approve", APPROVER)):
        move(town, case, action, who)
    assert town.case(case).state is State.APPROVED
    assert {tuple(body["to"]) for _, body in town.ctx.outbox.bodies()} == {(COUNTY, VILLAGE)}
