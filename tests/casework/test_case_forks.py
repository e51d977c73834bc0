"""Forks and strikes, the order of events, and what a node owes a case by rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework.errors import NotInOrder, WrongApex
from common.casework.rules.case import advance, fold
from common.casework.rules.duties import Answer, Strike, duty_of
from common.casework.rules.flow import Action, Report, Role, State
from tests.casework.build import COUNTY, TOWN, VILLAGE, act_id
from tests.casework.story import Story

A = Action
TO_DECISION = (A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE)


# --- forks


def test_the_first_of_two_stands_until_the_apex_strikes_one():
    story = Story()
    other = story.branch()
    returned, forwarded = other.move(A.RETURN), story.move(A.FORWARD)
    accepted = story.move(A.ACCEPT)
    here = fold([story.filed, forwarded, returned, accepted], apex=COUNTY)
    there = fold([story.filed, returned, forwarded, accepted], apex=COUNTY)
    assert (here.state, there.state) == (State.ACCEPTED, State.RETURNED)
    assert here.forks == ((forwarded.id, (returned.id,)),)
    assert there.forks == ((returned.id, (forwarded.id,)),)
    assert duty_of(here, COUNTY) == Strike((returned.id,), stands=(forwarded.id,))
    assert duty_of(here, TOWN) is None
    strike = story.strike(returned.id)
    events = [story.filed, forwarded, returned, accepted, strike]
    assert fold(events, apex=COUNTY) == fold(list(reversed(events)), apex=COUNTY)
    assert fold(list(reversed(events)), apex=COUNTY).state is State.ACCEPTED


def test_what_follows_a_struck_act_is_out_with_it():
    story = Story()
    forwarded = story.move(A.FORWARD)
    story.go_to(A.ACCEPT, A.REVIEW)
    struck = fold([*story.events, story.strike(forwarded.id)], apex=COUNTY)
    assert (struck.state, struck.holder, struck.due) == (State.RECEIVED, TOWN, "")
    assert duty_of(struck, COUNTY) is None


def test_only_the_apex_strikes():
    story = Story().go_to(A.FORWARD)
    strike = story.strike(story.state.last, author=TOWN)
    with pytest.raises(WrongApex):
        advance(story.state, strike)
    state = fold([*story.events, strike], apex=COUNTY)
    assert (state.state, state.invalid) == (State.CHECKED, {strike.id: WrongApex.code})


def test_a_strike_that_came_first_keeps_its_act_out():
    story = Story()
    twin = story.branch()
    loser = twin.move(A.RETURN)
    state = advance(story.state, story.strike(loser.id))
    assert advance(state, loser) == state


def test_a_struck_filing_leaves_the_case_a_record():
    """No accepted case is lost, whatever is struck."""
    story = Story()
    assert fold([story.filed, story.strike(story.filed.id)], apex=COUNTY).state is State.RECEIVED


def test_of_two_filings_under_one_number_one_stands_in_the_end():
    story = Story()
    again = replace(story.filed, id=act_id("again"))
    strike = story.strike(again.id)
    assert fold([again, story.filed], apex=COUNTY).forks == ((again.id, (story.filed.id,)),)
    assert fold([again, story.filed, strike], apex=COUNTY).chain == (story.filed.id,)


# --- order


def test_the_same_act_twice_counts_once():
    story = Story().go_to(A.FORWARD)
    report = story.report(Report.REMIND)
    assert fold([*story.events, *story.events], apex=COUNTY) == story.state
    for event in (story.filed, *story.events):
        assert advance(story.state, event) == story.state
    assert [r.id for r in story.state.open_reports] == [report.id]


def test_a_move_that_does_not_continue_the_chain_is_not_taken_in_order():
    story = Story()
    late = story.draft(A.RETURN)
    story.move(A.FORWARD)
    with pytest.raises(NotInOrder):
        advance(story.state, late)


def test_unknown_kinds_and_keys_are_let_through():
    """A later program's event beside, and its keys inside, change nothing for this one."""
    story = Story()
    event = story.draft(A.FORWARD, data={"rating": {"level": 5}}, later=[1, 2])
    other = replace(event, id=act_id("later"), kind="case.due_changed")
    state = fold([story.filed, other, event], apex=COUNTY)
    assert (state.state, state.invalid) == (State.CHECKED, {})


def test_only_a_step_that_demands_a_date_sets_the_date_of_the_case():
    story = Story().go_to(A.FORWARD, A.ACCEPT)
    story.move(A.REVIEW, data={"due": "2026-03-20", "legal_due": "2026-03-20"})
    assert (story.state.due, story.state.facts.legal_due) == ("2026-03-09", "")
    story.move(A.EXTEND)
    assert story.state.due == "2026-03-23"


# --- duties


@pytest.mark.parametrize("steps", [(), (A.FORWARD,), (A.FORWARD, A.ACCEPT), (A.FORWARD, A.ACCEPT, A.REVIEW)])
def test_a_withdrawal_before_the_decision_is_granted_by_the_holder_alone(steps):
    story = Story().go_to(*steps)
    report = story.report(Report.WITHDRAW)
    others = {VILLAGE, TOWN, COUNTY} - {story.state.holder}
    assert [duty_of(story.state, other) for other in others] == [None, None]
    duty = duty_of(story.state, story.state.holder)
    assert isinstance(duty, Answer) and (duty.action, duty.report) == (A.GRANT_WITHDRAWAL, report.id)


@pytest.mark.parametrize("steps", [TO_DECISION, (A.RETURN,), (*TO_DECISION, A.CLOSE)])
def test_a_withdrawal_after_the_answer_is_refused_with_the_reason(steps):
    story = Story().go_to(*steps)
    story.report(Report.WITHDRAW)
    duty = duty_of(story.state, story.state.holder)
    assert isinstance(duty, Answer) and duty.action is A.REFUSE_WITHDRAWAL and "复议" in duty.note
    before = story.state.state
    story.move(A.REFUSE_WITHDRAWAL, data={"note": duty.note})
    assert (story.state.state, duty_of(story.state, story.state.holder)) == (before, None)


@pytest.mark.parametrize("steps", [TO_DECISION, (A.RETURN,), (A.FORWARD, A.NOT_ACCEPT)])
def test_handing_over_closes_the_case(steps):
    story = Story().go_to(*steps)
    story.report(Report.HANDED_OVER)
    duty = duty_of(story.state, story.state.holder)
    assert isinstance(duty, Answer) and duty.action is A.CLOSE


def test_a_hand_over_from_before_the_decision_never_closes_a_case():
    story = Story()
    story.report(Report.HANDED_OVER)
    duty = duty_of(story.state, TOWN)
    assert isinstance(duty, Answer) and duty.action is A.NOTE
    story.go_to(*TO_DECISION)
    duty = duty_of(story.state, COUNTY)
    assert isinstance(duty, Answer) and duty.action is A.NOTE


def test_a_report_about_a_move_not_yet_here_waits_for_it():
    """A holder put back from an old copy must not answer before it knows its own later moves again."""
    story = Story().go_to(*TO_DECISION)
    old = fold(story.events[:-1], apex=COUNTY)
    report = story.report(Report.HANDED_OVER)
    assert duty_of(advance(old, report), COUNTY) is None
    assert duty_of(story.state, COUNTY) is not None


@pytest.mark.parametrize("what", [Report.PAPERS_BROUGHT, Report.REMIND])
def test_what_comes_after_the_end_is_noted(what):
    story = Story().go_to(A.GRANT_WITHDRAWAL)
    story.report(what)
    duty = duty_of(story.state, TOWN)
    assert isinstance(duty, Answer) and duty.action is A.NOTE
    story.move(A.NOTE)
    assert (story.state.state, duty_of(story.state, TOWN)) == (State.WITHDRAWN, None)


def test_papers_and_reminders_are_left_to_people_while_the_case_is_open():
    story = Story()
    story.report(Report.PAPERS_BROUGHT)
    story.report(Report.REMIND)
    assert duty_of(story.state, TOWN) is None
    assert Role.NODE not in {Role(story.filed.body["data"]["actor"]["role"])}
