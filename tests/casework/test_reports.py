"""Reports at one node: what is offered and refused, and what the node then does by rule in the same unit."""

from __future__ import annotations

import pytest

from common.casework.errors import (
    AlreadyThere,
    AnswerMissing,
    FilingIncomplete,
    NotYourStep,
    ReportNotAllowed,
    StepNotAllowed,
    UnknownWord,
)
from common.casework.rules.flow import Action, Report, State
from common.store.database import unit_of_work
from tests.casework.build import (
    AGENT,
    APPROVER,
    CLERK,
    COUNTY,
    NOON,
    TOWN_2,
    VILLAGE,
    a_paper,
)
from tests.casework.nodes import at_county, move, report, with_case
from tests.casework.story import Story

A = Action
RECEIVER = {"receiver": {"name": "何秀英", "id_number": "x", "how": "当面"}}
LACKING = {"lacking": [{"key": "photo", "name": "照片", "how": "原件"}]}


def test_papers_brought_are_taken_once(node):
    county, case = at_county(node, A.FORWARD, A.ASK_PAPERS)
    with pytest.raises(AnswerMissing):
        move(county, case, "take_papers", CLERK)
    brought = report(county, case, "papers_brought", CLERK, papers=[a_paper("photo", "new")])
    assert county.case(case).papers == {"photo": [a_paper("photo", "new").blob.hash]}
    taken = move(county, case, "take_papers", CLERK)
    state = county.case(case)
    assert (state.state, state.reports[brought].answered_by) == (State.SUPPLEMENTED, taken)
    with pytest.raises(StepNotAllowed):
        move(county, case, "ask_papers", CLERK, **LACKING)


def test_the_same_papers_sent_twice_are_one_report_while_nobody_took_them(node):
    """A double click on the page of papers that were brought: two slips, and each paper there twice."""
    county, case = at_county(node, A.FORWARD, A.ASK_PAPERS)
    both = [a_paper("photo", "new"), a_paper("form", "f")]
    brought = report(county, case, "papers_brought", CLERK, papers=both)
    with pytest.raises(AlreadyThere):
        report(county, case, "papers_brought", CLERK, papers=both[::-1], note="又")
    other = report(county, case, "papers_brought", CLERK, papers=[*both, a_paper("photo", "back")])
    words = [report(county, case, "papers_brought", CLERK, note="邮寄") for _ in range(2)]
    assert set(county.case(case).reports) == {brought, other, *words}
    move(county, case, "take_papers", CLERK)
    move(county, case, "still_lacking", CLERK, **LACKING)
    assert report(county, case, "papers_brought", CLERK, papers=both) != brought


def test_a_withdrawal_at_the_holder_is_granted_in_the_same_unit(node):
    county, case = at_county(node, A.FORWARD, A.ACCEPT)
    asked = report(county, case, "withdraw", CLERK, note="不办了")
    state = county.case(case)
    assert (state.state, state.reports[asked].answered_by) == (State.WITHDRAWN, state.last)
    assert [kind for kind, _ in county.ctx.outbox.bodies()] == ["case.reported", "case.moved"]
    assert county.ctx.outbox.bodies()[1][1]["data"]["actor"]["role"] == "NODE"


def test_handing_over_at_the_holder_closes_the_case(node):
    county, case = at_county(node, A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE)
    report(county, case, "handed_over", CLERK, **RECEIVER)
    assert county.case(case).state is State.CLOSED


def test_duties_done_again_change_nothing(node):
    county, case = at_county(node, A.FORWARD, A.ACCEPT)
    report(county, case, "withdraw", CLERK)
    before = (county.case(case), len(county.ctx.outbox.acts))
    for _ in range(2):
        with unit_of_work():
            county.do_duties([case], NOON)
    assert (county.case(case), len(county.ctx.outbox.acts)) == before


@pytest.mark.parametrize(
    ("steps", "what", "who", "data", "error"),
    [
        ((), "handed_over", CLERK, RECEIVER, ReportNotAllowed),
        (
            (A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE),
            "papers_brought",
            CLERK,
            {"note": "x"},
            ReportNotAllowed,
        ),
        ((A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE), "handed_over", CLERK, {}, FilingIncomplete),
        ((A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE), "handed_over", APPROVER, RECEIVER, NotYourStep),
        ((A.GRANT_WITHDRAWAL,), "remind", CLERK, {}, ReportNotAllowed),
        ((), "papers_brought", CLERK, {"note": " "}, FilingIncomplete),
        ((), "horoscope", CLERK, {}, UnknownWord),
    ],
)
def test_a_report_that_makes_no_sense_is_refused(node, steps, what, who, data, error):
    village = node(VILLAGE)
    case = with_case(village, Story().go_to(*steps))
    with pytest.raises(error):
        report(village, case, what, who, **data)
    assert village.ctx.outbox.acts == []


def test_a_node_without_a_part_cannot_report(node):
    other = node(TOWN_2)
    case = with_case(other, Story())
    with pytest.raises(ReportNotAllowed):
        report(other, case, "remind", CLERK)
    assert other.reports_for(other.case(case), ["CLERK"]) == ()


@pytest.mark.parametrize("what", ["withdraw", "handed_over"])
def test_what_is_reported_once_is_not_reported_again_while_it_is_open(node, what):
    village = node(VILLAGE)
    steps = (A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE) if what == "handed_over" else ()
    case = with_case(village, Story().go_to(*steps))
    report(village, case, what, AGENT, **RECEIVER)
    with pytest.raises(AlreadyThere):
        report(village, case, what, AGENT, **RECEIVER)


def test_a_report_says_what_its_sender_had_seen(node):
    village = node(VILLAGE)
    case = with_case(village, Story().go_to(A.FORWARD))
    report(village, case, "remind", AGENT, note="快三天了")
    ((kind, body),) = village.ctx.outbox.bodies()
    assert (kind, body["report"], body["data"]["seen"]) == (
        "case.reported",
        "remind",
        village.case(case).last,
    )
    assert body["to"] == [COUNTY]


def test_reports_offered_fit_the_state_and_the_role(node):
    village = node(VILLAGE)
    case = with_case(village, Story())
    state = village.case(case)
    assert village.reports_for(state, ["AGENT"]) == (
        Report.PAPERS_BROUGHT,
        Report.WITHDRAW,
        Report.REMIND,
        Report.COLLECT_AT,
    )
    assert village.reports_for(state, ["ADMIN"]) == (Report.REMIND,)
