"""What puts a decision right, or takes its force, once the case has ended: it has to reach the applicant."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from common.casework import ledger, queues
from common.casework.errors import (
    AlreadyThere,
    NotUncollectedYet,
    ReportNotAllowed,
    SiteNotHeard,
    UnknownWord,
)
from common.casework.queues import Wanted
from common.casework.records.passing import ended_before
from common.casework.rules import applied, duties
from common.casework.rules.case import fold
from common.casework.rules.clocks.steps import changed_at
from common.casework.rules.event import CaseEvent
from common.casework.rules.facts import Unserved
from common.casework.rules.flow import State
from common.casework.rules.waiting import Work, waits_for
from common.casework.rules.words import Action
from common.days import local_day
from common.desk import register
from common.store.database import unit_of_work
from tests.casework.build import COUNTY, NOON, TOWN, VILLAGE
from tests.casework.life.tools import APPROVER, CLERK, DAY, RECEIVER

NAME = {
    "correction": [{"field": "applicant.name", "label": "姓名", "old": "何秀英", "new": "何秀瑛"}],
    "note": "录入有误",
}
BACK = {
    "correction": [{"field": "applicant.name", "label": "姓名", "old": "何秀瑛", "new": "何秀英"}],
    "note": "原来的是对的",
}
REVOKED = {"standing": {"word": "revoked", "document": "判决书7号"}, "note": "依判决"}


def ended(life, archived: bool = False) -> str:
    """Return a case whose result was handed over at the village."""
    case = life.approved()
    life.move(COUNTY, case, "issue", CLERK)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    if archived:
        life.move(COUNTY, case, "archive", CLERK)
    return case


def waiting_at(life, address: str) -> list[str]:
    life.at(address)
    return [line.case for line in queues.waiting(Wanted(waits_at=address, works=("hand_out",)))]


@pytest.mark.parametrize("archived", [False, True])
def test_a_correction_of_an_ended_case_waits_in_a_list_until_somebody_has_handed_it_over(life, archived):
    """Nobody was told to hand it over, no list showed it, and nothing could say who had it when."""
    case = ended(life, archived)
    stays = State.ARCHIVED if archived else State.CLOSED
    life.wait(1)
    act = life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    state = life.agreed(case)
    assert state.state is stays and state.facts.unserved == (Unserved(act, local_day(life.now)),)
    assert waits_for(state) == (Work.HAND_OUT, VILLAGE)
    assert waiting_at(life, VILLAGE) == [case] and waiting_at(life, COUNTY) == []
    life.at(VILLAGE)
    assert queues.heaps(VILLAGE)["hand_out"].count == 1
    report = life.report(VILLAGE, case, "handed_over", **RECEIVER)
    state = life.agreed(case)
    assert state.state is stays and state.facts.unserved == ()
    assert waits_for(state) == (Work.NOTHING, "") and waiting_at(life, VILLAGE) == []
    assert state.reports[report].answered_by == state.last
    assert len(life.said(COUNTY, case, "record_service")) == 1
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, case, "handed_over", **RECEIVER)


def test_the_ten_days_begin_with_the_correction_and_not_again_with_what_is_noted(life):
    case = ended(life)
    life.wait(30)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    since = life.now
    life.wait(5)
    life.report(VILLAGE, case, "rated", rating=1)
    life.move(COUNTY, case, "correct_decision", APPROVER, **BACK)
    life.at(VILLAGE)
    assert [line.updated_at for line in queues.waiting(Wanted(waits_at=VILLAGE))] == [since]


def test_what_is_reported_while_nobody_has_answered_is_not_said_twice_and_waits_nowhere(life):
    case = ended(life)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    assert waits_for(life.state(case, VILLAGE)) == (Work.CLOSING, COUNTY)
    with pytest.raises(AlreadyThere):
        life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    life.network.run()
    assert life.agreed(case).facts.unserved == ()


def test_a_second_correction_made_meanwhile_still_waits(life):
    case = ended(life)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    second = life.move_unheard(COUNTY, case, "correct_decision", APPROVER, **BACK)
    life.network.run()
    state = life.agreed(case)
    assert [one.act for one in state.facts.unserved] == [second]
    assert waits_for(state) == (Work.HAND_OUT, VILLAGE) and not state.open_reports
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert life.agreed(case).facts.unserved == ()


def test_a_hand_over_that_knew_nothing_of_the_correction_serves_nothing(life):
    case = life.approved()
    life.move(COUNTY, case, "issue", CLERK)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    casework = life.at(COUNTY)
    with unit_of_work():
        casework.report(case, "handed_over", CLERK, RECEIVER, life.now)
    life.move_unheard(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.network.run()
    state = life.agreed(case)
    assert (state.state, len(state.facts.unserved), state.open_reports) == (State.CLOSED, 1, ())
    assert "请把这些文书送达申请人" in life.said(COUNTY, case, "note")[-1]["note"]


@pytest.mark.parametrize("word", ["suspended", "revoked", "restored"])
def test_a_mark_on_the_decision_of_an_ended_case_is_told_to_the_applicant_too(life, word):
    case = ended(life, archived=True)
    mark = {**REVOKED, "standing": {"word": word, "document": "判决书7号"}}
    act = life.move(COUNTY, case, "mark_decision", APPROVER, **mark)
    state = life.agreed(case)
    assert [one.act for one in state.facts.unserved] == [act]
    assert waits_for(state) == (Work.HAND_OUT, VILLAGE)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert life.agreed(case).facts.unserved == ()


def test_a_mark_of_a_former_program_gave_no_paper_and_waits_for_nothing(life):
    case = ended(life)
    life.move(COUNTY, case, "mark_decision", APPROVER, **REVOKED)
    life.at(COUNTY)
    events = ledger.load(case).events
    body = {**events[-1].body, "flow": 4}
    assert fold([*events[:-1], replace(events[-1], body=body)], apex=COUNTY).facts.unserved == ()


def test_a_correction_is_handed_over_where_the_applicant_asks_for_it(life):
    case = ended(life)
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, case, "collect_at", place=TOWN)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.report(VILLAGE, case, "collect_at", place=TOWN)
    state = life.agreed(case)
    assert waits_for(state) == (Work.HAND_OUT, TOWN) and waiting_at(life, TOWN) == [case]
    life.report(TOWN, case, "handed_over", CLERK, **RECEIVER)
    assert life.agreed(case).facts.unserved == ()


def test_what_nobody_fetches_is_kept_after_thirty_days_and_waits_no_more(life):
    case = ended(life)
    life.wait(40)
    act = life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    with pytest.raises(NotUncollectedYet):
        life.move(COUNTY, case, "keep_unserved", CLERK, note="通知三次，无人来领")
    life.wait(30)
    life.line.heard[VILLAGE] = NOON
    with pytest.raises(SiteNotHeard):
        life.move(COUNTY, case, "keep_unserved", CLERK, note="通知三次，无人来领")
    life.line.heard[VILLAGE] = life.now
    life.move(COUNTY, case, "keep_unserved", CLERK, note="通知三次，无人来领")
    state = life.agreed(case)
    assert act in state.chain and state.facts.unserved == ()
    assert waits_for(state) == (Work.NOTHING, "")
    with pytest.raises(Exception) as refused:
        life.move(COUNTY, case, "keep_unserved", CLERK, note="再来一次")
    assert refused.value.code == "E181"


def test_an_ended_case_offers_the_hand_over_only_while_something_is_owed(life):
    case = ended(life)
    desk = life.at(VILLAGE)
    assert "handed_over" not in desk.reports_for(desk.case(case), ["AGENT"])
    county = life.at(COUNTY)
    offered = county.actions_for(county.case(case), ["CLERK"], today=local_day(life.now))
    assert (Action.ARCHIVE in offered, Action.KEEP_UNSERVED in offered) == (True, False)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    desk = life.at(VILLAGE)
    assert "handed_over" in desk.reports_for(desk.case(case), ["AGENT"])
    county = life.at(COUNTY)
    # Without the receipt the file is not whole.
    offered = county.actions_for(county.case(case), ["CLERK"], today=local_day(life.now))
    assert Action.ARCHIVE not in offered and register.closed(COUNTY) == []


def test_what_is_still_to_be_handed_over_is_not_deleted_by_age(life):
    case = ended(life)
    filing = life.state(case).chain[0]
    life.wait(400)
    life.at(VILLAGE)
    assert ended_before([filing], life.now) == [filing]
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.wait(400)
    life.at(VILLAGE)
    assert ended_before([filing], life.now) == []


def test_the_answer_of_a_node_with_an_older_program_counts_too(life, monkeypatch):
    """It knows no other answer to such a report than that it is over, and gives it once."""
    case = ended(life)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    monkeypatch.setattr(duties, "served_by", lambda state, report: ())
    life.network.run()
    assert life.said(COUNTY, case, "record_service") == []
    state = life.agreed(case)
    assert state.facts.unserved == () and waits_for(state)[0] is Work.NOTHING


def test_a_node_that_does_not_know_the_step_keeps_it_until_it_does(life, monkeypatch):
    case = ended(life)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    real = applied.read_action

    def older(word):
        if word == "record_service" and life.reading == TOWN:
            raise UnknownWord(word)
        return real(word)

    life.reading = ""
    monkeypatch.setattr(applied, "read_action", older)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    network = life.network
    for _ in range(4):
        network.collect()
        for key in list(network.waiting):
            life.reading = key[2]
            network.sites[key[2]].receive(network.waiting.pop(key))
    assert [why.waits_for for _, why in network.sites[TOWN].parked.values()] == ["version"]
    life.reading = ""
    network.sites[TOWN].receive([act for act, _ in network.sites[TOWN].parked.values()])
    assert life.agreed(case).facts.unserved == ()


def test_a_struck_correction_is_not_to_be_handed_over(life):
    case = ended(life)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.at(COUNTY)
    events = ledger.load(case).events
    last = events[-1]
    strike = CaseEvent(
        "f" * 32, "case.struck", COUNTY, {"case": case, "ids": [last.id], "reason": "x", "to": [COUNTY]}
    )
    assert fold([*events, strike], apex=COUNTY).facts.unserved == ()


def test_events_in_any_order_of_arrival_make_the_same_of_it(life):
    case = ended(life)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    life.move(COUNTY, case, "mark_decision", APPROVER, **REVOKED)
    life.at(COUNTY)
    events = ledger.load(case).events
    wanted = fold(events, apex=COUNTY)
    assert [one.act for one in wanted.facts.unserved] == [events[-1].id]
    for last in permutations(events[-4:]):
        assert fold([*events[:-4], *last], apex=COUNTY) == wanted
    assert changed_at(wanted, events) == events[-1].body["data"]["at"]
    assert life.now - NOON < DAY
