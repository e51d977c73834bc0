"""A letter that came back, a door that stayed shut: on record, and the way is open to whatever comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from common.casework import ledger
from common.casework.errors import (
    BadShape,
    FilingIncomplete,
    NothingToServe,
    NotTried,
)
from common.casework.rules import applied
from common.casework.rules.applied import read_reported
from common.casework.rules.case import fold
from common.casework.rules.clocks.steps import changed_at
from common.casework.rules.event import CaseEvent
from common.casework.rules.facts import DEEMED, FAILED, HANDED, Service
from common.casework.rules.flow import State
from common.casework.rules.letters import letters_out
from common.casework.rules.services import collectable, service_of, to_be_announced
from common.casework.rules.serving import announced_until
from common.casework.rules.waiting import Work, waits_for
from common.casework.rules.words import Action
from common.days import local_day
from tests.casework.build import COUNTY, TOWN, VILLAGE
from tests.casework.life.test_announced import issued, public
from tests.casework.life.test_fetched_afterwards import RESTORED, SUSPENDED, kept
from tests.casework.life.test_posted import posted
from tests.casework.life.test_served_after_the_end import NAME, REVOKED
from tests.casework.life.test_service_after_relief import unknown
from tests.casework.life.tools import APPROVER, CLERK, RECEIVER


def visit(on: str, why: str = "absent") -> dict[str, Any]:
    return {"tried": {"how": "上门送达", "why": why, "on": on}}


def letter(on: str, why: str = "unclaimed", tracking: str = "EMS1") -> dict[str, Any]:
    return {"tried": {"how": "邮寄", "why": why, "on": on, "tracking": tracking}}


def came_back(life: Any, why: str = "unclaimed", wait: int = 9) -> str:
    """A case that ended as its result was posted, and the letter came back nine days later."""
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted())
    life.wait(wait)
    life.report(VILLAGE, case, "not_served", **letter(local_day(life.now), why))
    return case


def test_a_letter_that_came_back_is_to_be_served_again(life):
    case = came_back(life)
    state = life.agreed(case)
    assert state.state is State.CLOSED and state.open_reports == ()
    assert service_of(state, state.concluded) is None and letters_out(state) == ()
    (owed,) = state.facts.unserved
    assert (owed.act, owed.on, owed.since) == (state.concluded, "2026-03-11", state.last)
    assert waits_for(state) == (Work.HAND_OUT, VILLAGE)
    (one,) = state.facts.tries
    assert (one.acts, one.back, one.how, one.why) == ((owed.act,), (owed.act,), "邮寄", "unclaimed")
    life.at(COUNTY)
    assert changed_at(state, ledger.load(case).events) == life.now, "its ten days begin now"
    life.wait(1)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    state = life.agreed(case)
    assert service_of(state, state.concluded) == Service((state.concluded,), HANDED, local_day(life.now))
    assert (state.facts.unserved, state.facts.uncollected) == ((), ())


def test_a_letter_that_came_back_is_announced_and_counts_as_served(life):
    case = came_back(life)
    life.move(COUNTY, case, "archive", CLERK)
    life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now), why=FAILED))
    state = life.agreed(case)
    assert waits_for(state) == (Work.ANNOUNCED, COUNTY) and announced_until(state) == date(2026, 4, 10)
    life.wait(31)
    life.day_job()
    state = life.agreed(case)
    assert service_of(state, state.concluded) == Service((state.concluded,), DEEMED, "2026-04-10")
    assert state.facts.unserved == () and collectable(state) == {state.concluded}


def test_a_letter_that_came_back_may_be_posted_anew(life):
    case = came_back(life)
    life.report(VILLAGE, case, "handed_over", **posted("EMS2"))
    state = life.agreed(case)
    assert state.facts.unserved == () and [one.tracking for one in letters_out(state)] == ["EMS2"]
    life.wait(3)
    life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS2", "on": local_day(life.now)})
    assert service_of(life.agreed(case), state.concluded).on == local_day(life.now)


def test_a_letter_back_before_its_posting_was_answered_is_no_service(life):
    """Both come at once to the holder, whose end of the case answers them together."""
    case = issued(life)
    life.report_unheard(VILLAGE, case, "handed_over", **posted())
    life.report_unheard(VILLAGE, case, "not_served", **letter(local_day(life.now)))
    life.network.run()
    state = life.agreed(case)
    assert state.state is State.CLOSED and service_of(state, state.concluded) is None
    assert [one.act for one in state.facts.unserved] == [state.concluded]
    assert waits_for(state) == (Work.HAND_OUT, VILLAGE)


def test_of_two_letters_the_one_that_is_named_came_back(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted("EMS1"))
    right = life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.report(VILLAGE, case, "handed_over", **posted("EMS2"))
    life.report(VILLAGE, case, "not_served", **letter(local_day(life.now), tracking="EMS2"))
    state = life.agreed(case)
    assert [one.act for one in state.facts.unserved] == [right]
    assert [one.tracking for one in letters_out(state)] == ["EMS1"]


def test_a_letter_that_was_back_before_anybody_knew_of_its_posting_is_told_of_once_more(life):
    """Two sites wrote it down, and the word of the posting came last."""
    case, back = issued(life), letter(local_day(life.now))
    life.report(VILLAGE, case, "not_served", **back)
    life.report(COUNTY, case, "handed_over", CLERK, **posted())
    life.report(VILLAGE, case, "not_served", **back)
    state = life.agreed(case)
    assert [one.act for one in state.facts.unserved] == [state.concluded] and letters_out(state) == ()


def test_who_has_it_by_another_letter_is_owed_nothing_when_one_comes_back(life):
    """It was posted once more before the first came back; the second was received."""
    case, receipt = issued(life), {"tracking": "EMS2", "on": local_day(life.now)}
    for number in ("EMS1", "EMS2"):
        life.report(VILLAGE, case, "handed_over", **posted(number))
    life.report(VILLAGE, case, "not_served", **letter(local_day(life.now)))
    state = life.agreed(case)
    assert state.facts.unserved == () and [one.tracking for one in letters_out(state)] == ["EMS2"]
    life.report(VILLAGE, case, "letter_came", letter=receipt)
    state = life.agreed(case)
    assert (state.facts.unserved, letters_out(state)) == ((), ())


def test_what_is_not_yet_served_may_be_tried_and_is_announced_then(life):
    case, today = issued(life), local_day(life.now)
    with pytest.raises(NotTried):
        life.move(COUNTY, case, "announce", CLERK, **public(today, why=FAILED))
    life.report(VILLAGE, case, "not_served", **visit(today, "refused"))
    with pytest.raises(NotTried):
        # Who refuses is there: it is left with a witness.
        life.move(COUNTY, case, "announce", CLERK, **public(today, why=FAILED))
    life.report(VILLAGE, case, "not_served", **letter(today, tracking="EMS9"))
    state = life.agreed(case)
    assert waits_for(state) == (Work.HAND_OUT, VILLAGE)
    assert [one.why for one in state.facts.tries] == ["refused", "unclaimed"]
    with pytest.raises(FilingIncomplete) as left:  # There is a door at which to leave it.
        life.move(COUNTY, case, "announce", CLERK, **public(today, why=FAILED))
    assert [one.field for one in left.value.problems] == ["announced_not_visited"]
    life.report(VILLAGE, case, "not_served", **visit(today, "moved"))
    life.move(COUNTY, case, "announce", CLERK, **public(today, why=FAILED))
    assert waits_for(life.agreed(case)) == (Work.ANNOUNCED, COUNTY)


def test_what_a_former_program_announced_needed_no_try_on_record(life):
    case = issued(life)
    life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    life.at(COUNTY)
    events = ledger.load(case).events
    said = {**events[-1].body["data"], "announced": {**events[-1].body["data"]["announced"], "why": FAILED}}
    for flow, until in ((6, date(2026, 4, 1)), (7, None)):
        last = replace(events[-1], body={**events[-1].body, "data": said, "flow": flow})
        assert announced_until(fold([*events[:-1], last], apex=COUNTY)) == until


def test_a_try_of_long_ago_with_another_paper_opens_no_announcement(life):
    case = issued(life)
    life.report(VILLAGE, case, "not_served", **visit(local_day(life.now)))
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    life.wait(100)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    with pytest.raises(NotTried):
        life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now), why=FAILED))


def test_what_nobody_came_for_can_still_be_announced(life):
    """It was kept for ever, never served: no term ran against a refusal that nobody fetched."""
    case = kept(life)
    on = local_day(life.now)
    county = life.at(COUNTY)
    assert Action.ANNOUNCE in county.actions_for(county.case(case), ["CLERK"], today=on)
    with pytest.raises(NotTried):
        life.move(COUNTY, case, "announce", CLERK, **public(on, why=FAILED))
    life.report(VILLAGE, case, "not_served", **visit(on))
    life.move(COUNTY, case, "announce", CLERK, **public(on, why=FAILED))
    state = life.agreed(case)
    assert waits_for(state) == (Work.ANNOUNCED, COUNTY)
    assert [one.since for one in state.facts.unserved] == [state.last]
    county = life.at(COUNTY)
    assert Action.ANNOUNCE not in county.actions_for(state, ["CLERK"], today=on)
    life.wait(31)
    life.day_job()
    state = life.agreed(case)
    assert service_of(state, state.concluded).how == DEEMED and state.facts.unserved == ()
    with pytest.raises(NothingToServe):
        life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))


def test_who_comes_while_what_was_kept_is_announced_is_served_that_day(life):
    case = kept(life)
    life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    life.wait(5)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    state = life.agreed(case)
    assert service_of(state, state.concluded) == Service((state.concluded,), HANDED, local_day(life.now))
    assert (state.facts.unserved, state.facts.uncollected) == ((), ())


def test_what_a_former_program_announced_after_the_end_owes_what_it_owed(life):
    case = kept(life)
    life.move(COUNTY, case, "mark_decision", APPROVER, **SUSPENDED)
    mark = life.move(COUNTY, case, "mark_decision", APPROVER, **RESTORED)
    life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    life.at(COUNTY)
    events = ledger.load(case).events
    former = [*events[:-1], replace(events[-1], body={**events[-1].body, "flow": 6})]
    assert [one.act for one in fold(former, apex=COUNTY).facts.unserved][-1] == mark
    state = fold(events, apex=COUNTY)
    assert [one.act for one in state.facts.unserved][-1] == state.concluded


def test_a_revoked_decision_that_came_back_is_handed_to_nobody(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted())
    mark = life.move(COUNTY, case, "mark_decision", APPROVER, **REVOKED)
    life.report(VILLAGE, case, "not_served", **letter(local_day(life.now)))
    state = life.agreed(case)
    assert [one.act for one in state.facts.unserved] == [mark] and collectable(state) == frozenset()


def test_a_decision_that_came_back_and_is_suspended_then_waits_for_its_force(life):
    case = came_back(life)
    told = life.move(COUNTY, case, "mark_decision", APPROVER, **SUSPENDED)
    assert [one.act for one in life.agreed(case).facts.unserved] == [told]
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    back = life.move(COUNTY, case, "mark_decision", APPROVER, **RESTORED)
    state = life.agreed(case)
    assert to_be_announced(state) == {state.concluded, back}
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    state = life.agreed(case)
    assert state.facts.served[-1].acts == (state.concluded, back) and state.facts.uncollected == ()


def test_a_try_that_was_told_when_it_was_served_elsewhere_is_noted(life):
    case = issued(life)
    life.report_unheard(VILLAGE, case, "not_served", **visit(local_day(life.now)))
    life.report(COUNTY, case, "handed_over", CLERK, **RECEIVER)
    life.network.run()
    state = life.agreed(case)
    assert state.state is State.CLOSED and state.facts.unserved == () and state.open_reports == ()


def test_what_is_struck_out_brought_no_letter_back(life):
    case = came_back(life)
    life.at(COUNTY)
    events = ledger.load(case).events
    (record,) = [one.id for one in events if one.body.get("action") == "record"]
    strike = {"case": case, "ids": [record], "reason": "x", "to": [COUNTY], "data": {"at": life.now}}
    state = fold([*events, CaseEvent("f" * 32, "case.struck", COUNTY, strike)], apex=COUNTY)
    assert (state.facts.unserved, state.facts.tries) == ((), ()) and len(letters_out(state)) == 1


@pytest.mark.parametrize("data", [{}, {"tried": 1}, {"tried": {"how": "邮寄", "why": "moved", "on": "x"}}])
def test_a_try_in_a_wrong_form_is_none(life, data):
    case = issued(life)
    act = life.report(VILLAGE, case, "not_served", **visit(local_day(life.now)))
    life.at(COUNTY)
    (event,) = [one for one in ledger.load(case).events if one.id == act]
    rest = {key: value for key, value in event.body["data"].items() if key != "tried"}
    with pytest.raises(BadShape):
        read_reported(replace(event, body={**event.body, "data": {**rest, **data}}))


def test_a_program_that_does_not_know_the_words_keeps_them_until_it_is_upgraded(life, monkeypatch):
    """The former one stood between: what it could not read waits there, and is no service meanwhile."""
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted())
    life.report_unheard(VILLAGE, case, "not_served", **letter(local_day(life.now)))
    network, town, real = life.network, life.network.sites[TOWN], applied.read_report
    with monkeypatch.context() as older:
        older.setattr(
            applied, "read_report", lambda word: unknown(word) if word == "not_served" else real(word)
        )
        network.collect()
        town.receive([act for key in list(network.waiting) for act in network.waiting[key]])
        assert {why.waits_for for _, why in town.parked.values()} == {"version"}
    town.receive([act for act, _ in town.parked.values()])
    network.run()
    state = life.agreed(case)
    assert [one.act for one in state.facts.unserved] == [state.concluded] and town.parked == {}
