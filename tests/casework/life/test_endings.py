"""How cases end without a decision: ended for a ground, taken back, refused to be taken back."""

from __future__ import annotations

import pytest

from common.casework.errors import (
    GroundMissing,
    NotGivenUpYet,
    NotHeldUp,
    NotYourStep,
    ReasonMissing,
    ReportNotAllowed,
    SiteNotHeard,
    StepNotAllowed,
)
from common.casework.rules.event import CaseEvent
from common.casework.rules.flow import Action, State
from common.days import local_day
from tests.casework.build import AGENT, COUNTY, TOWN, VILLAGE, act_id, as_act
from tests.casework.life.tools import APPROVER, CHECKER, CLERK, NOTICE, RECEIVER, REVIEWER

DEATH = {"ground": "death", "note": "申请人去世"}


@pytest.mark.parametrize("ground", ["death", "dissolution", "moot", "other"])
def test_a_case_ends_on_a_ground_that_the_law_knows(life, ground):
    case = life.file()
    life.move(COUNTY, case, "terminate", CLERK, ground=ground, note="理由")
    state = life.agreed(case)
    assert (state.state, state.facts.ground) == (State.TERMINATED, ground)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert life.agreed(case).state is State.CLOSED


def test_an_end_needs_ground_and_reason(life):
    case = life.file()
    with pytest.raises(GroundMissing):
        life.move(COUNTY, case, "terminate", CLERK, note="x", ground="boredom")
    with pytest.raises(GroundMissing):
        life.move(COUNTY, case, "terminate", CLERK, note="x")
    with pytest.raises(ReasonMissing):
        life.move(COUNTY, case, "terminate", CLERK, ground="death", note=" ")


def test_who_ends_it_depends_on_who_has_it(life):
    case = life.file("checked")
    life.move(TOWN, case, "terminate", CHECKER, **DEATH)
    assert life.agreed(case).state is State.TERMINATED
    accepted = life.accepted(overrule="另有一户")
    for who in (CLERK, REVIEWER):
        with pytest.raises(NotYourStep):
            life.move(COUNTY, accepted, "terminate", who, **DEATH)
    life.move(COUNTY, accepted, "terminate", APPROVER, **DEATH)
    assert life.agreed(accepted).state is State.TERMINATED


def test_nothing_decided_is_ended_that_can_be_made_out(life):
    case = life.approved()
    with pytest.raises(NotHeldUp):
        life.move(COUNTY, case, "terminate", APPROVER, **DEATH)
    assert Action.TERMINATE not in life.at(COUNTY).actions_for(life.state(case), ["APPROVER"])
    life.move(COUNTY, case, "issue", CLERK)
    with pytest.raises(StepNotAllowed):
        life.move(COUNTY, case, "terminate", APPROVER, **DEATH)


@pytest.mark.parametrize("why", ["revoked", "suspended", "fee", "originals"])
def test_what_was_approved_and_can_never_be_made_out_ends_without_a_result(life, why):
    """A decision that is only suspended waits for what becomes of it."""
    case = life.approved({"fee": "fee", "originals": "originals"}.get(why, "direct"))
    if why == "fee":
        life.move(COUNTY, case, "ask_fee", CLERK, fee={"fen": 8_000, "basis": "示例"})
    elif why != "originals":
        standing = {"word": why, "document": "行政复议决定书1号"}
        life.move(COUNTY, case, "mark_decision", APPROVER, standing=standing, note="依文书")
    given_up = {"ground": "other", "note": "多次通知，没有来"}
    if why == "suspended":
        with pytest.raises(NotHeldUp):
            life.move(COUNTY, case, "terminate", APPROVER, **given_up)
        return
    with pytest.raises(NotYourStep):
        life.move(COUNTY, case, "terminate", CLERK, **given_up)
    if why != "revoked":
        _is_given_time(life, case, given_up)
    assert Action.TERMINATE in _offered_today(life, case)
    life.move(COUNTY, case, "terminate", APPROVER, **given_up)
    state = life.agreed(case)
    assert (state.state, state.result, state.concluded) == (State.TERMINATED, {}, state.last)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert life.agreed(case).state is State.CLOSED


def test_nothing_approved_is_given_up_while_it_may_have_been_paid_where_the_line_is_down(life):
    case = life.approved("fee")
    life.move(COUNTY, case, "ask_fee", CLERK, fee={"fen": 8_000, "basis": "示例"})
    life.wait(29)
    life.line.heard[VILLAGE] = life.now
    life.report_unheard(VILLAGE, case, "paid", receipt={"fen": 8_000, "number": "票1"})
    life.wait(5)
    with pytest.raises(SiteNotHeard, match=f"没有和{VILLAGE}站联系上"):
        life.move_unheard(COUNTY, case, "terminate", APPROVER, ground="other", note="多次通知，没有来")
    life.network.run()
    life.move(COUNTY, case, "issue", CLERK)
    assert life.agreed(case).state is State.ISSUED


def _is_given_time(life, case, given_up):
    """Whoever owes a fee or originals is waited for as long as a result is kept, from the last notice on."""
    assert Action.TERMINATE not in _offered_today(life, case)
    with pytest.raises(NotGivenUpYet):
        life.move(COUNTY, case, "terminate", APPROVER, **given_up)
    life.wait(29)
    if life.state(case).facts.owes_fee:
        life.move(COUNTY, case, "ask_fee", CLERK, fee={"fen": 9_000, "basis": "示例"})
        life.wait(29)
    with pytest.raises(NotGivenUpYet) as refused:
        life.move(COUNTY, case, "terminate", APPROVER, **given_up)
    assert Action.TERMINATE not in _offered_today(life, case)
    life.wait(1)
    assert f"{local_day(life.now)} 起" in str(refused.value)


def _offered_today(life, case):
    asked = life.state(case), ["APPROVER"], APPROVER.department
    return life.at(COUNTY).actions_for(*asked, local_day(life.now))


# --- taken back


@pytest.mark.parametrize(
    "steps",
    [(), ("ask_papers",), ("accept",), ("accept", "begin_special"), ("accept", "review")],
)
def test_before_the_decision_a_withdrawal_is_granted_on_arrival(life, steps):
    case = life.file("special")
    special = {"special": {"kind": "inspection", "name": "现场检验", "expected": "2026-03-20"}}
    people = {"ask_papers": CLERK, "accept": CLERK, "begin_special": REVIEWER, "review": REVIEWER}
    for step in steps:
        data = {"ask_papers": NOTICE, "begin_special": special}.get(step, {})
        life.move(COUNTY, case, step, people[step], **data)
    asked = life.report(VILLAGE, case, "withdraw", AGENT, note="不办了")
    state = life.agreed(case)
    assert (state.state, state.reports[asked].answered_by) == (State.WITHDRAWN, state.last)


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_after_the_decision_it_is_refused_with_the_reason(life, decision):
    case = life.accepted()
    life.move(COUNTY, case, "review", REVIEWER)
    asked = life.report_unheard(VILLAGE, case, "withdraw", AGENT)
    life.move_unheard(COUNTY, case, decision, APPROVER, note="理由")
    life.network.run()
    state = life.agreed(case)
    (said,) = life.said(COUNTY, case, "refuse_withdrawal")
    assert state.state in (State.APPROVED, State.REFUSED)
    assert state.reports[asked].answered_by == state.last
    assert "行政复议" in said["note"] and said["actor"]["role"] == "NODE"


def test_a_withdrawal_ends_the_wait_for_everything_else(life):
    case = life.file()
    life.report(VILLAGE, case, "papers_brought", AGENT, note="补来")
    life.report(VILLAGE, case, "remind", AGENT, note="快些")
    life.report(VILLAGE, case, "withdraw", AGENT)
    state = life.agreed(case)
    assert (state.state, state.open_reports) == (State.WITHDRAWN, ())


def test_nothing_is_asked_of_a_case_that_has_ended(life):
    case = life.file()
    life.report(VILLAGE, case, "withdraw", AGENT)
    for what in ("withdraw", "remind", "papers_brought", "collect_at", "paid", "rated"):
        with pytest.raises(ReportNotAllowed):
            life.report(VILLAGE, case, what, AGENT, note="x", rating=1, place=TOWN)


def test_a_return_or_refusal_at_the_door_is_handed_over_like_a_result(life):
    for action in ("return", "not_accept"):
        case = life.file(overrule="另有一户")
        life.move(COUNTY, case, action, CLERK, note="属县水利局职权")
        life.report(VILLAGE, case, "handed_over", **RECEIVER)
        assert life.agreed(case).state is State.CLOSED


def test_a_withdrawal_that_can_never_be_answered_does_not_stop_the_true_one(life):
    """A township that lies about what it had seen: its report waits for a move that will never come."""
    case = life.file("checked")
    seen = "f" * 32
    casework = life.at(TOWN)
    body = {"case": case, "report": "withdraw", "to": [COUNTY, VILLAGE]}
    data = {"actor": {"name": "某", "role": "CLERK"}, "at": life.now, "note": "", "papers": [], "seen": seen}
    lie = as_act(CaseEvent(act_id("lie"), "case.reported", TOWN, {**body, "data": data}))
    for at in (VILLAGE, TOWN, COUNTY):
        life.network.sites[at].receive([lie])
    assert casework.ctx.me == TOWN and life.state(case).state is State.RECEIVED
    life.report(VILLAGE, case, "withdraw", AGENT, note="不办了")
    assert life.agreed(case).state is State.WITHDRAWN
