"""What a township made after the end of a case and had not served when it was relieved, the county serves."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from common.casework import errors, held, queues
from common.casework.rules import taking_over
from common.casework.rules.case import advance, fold
from common.casework.rules.duties import duty_of
from common.casework.rules.event import CaseEvent
from common.casework.rules.flow import Action, Cause, Party, State
from common.casework.rules.waiting import Work, waits_for
from common.days import local_date
from sync.protocol.frame import Act
from tests.casework.build import AGENT, COUNTY, TOWN, VILLAGE, act_id, as_act
from tests.casework.life.test_served_after_the_end import BACK, NAME, REVOKED
from tests.casework.life.test_take_over_rules import take_over_event
from tests.casework.life.test_taking_over import ADMIN, take_over, why_not
from tests.casework.life.tools import APPROVER, CLERK, RECEIVER, REVIEWER, Life
from tests.casework.story import Story

A = Action


def ended(life: Life, at: str = VILLAGE, archived: bool = False) -> str:
    """Return a case that the township has decided, whose result was handed over where it was filed."""
    who = AGENT if at == VILLAGE else CLERK
    case = life.file("town", at=at, who=who)
    for action, person in (("accept", CLERK), ("review", REVIEWER), ("approve", APPROVER), ("issue", CLERK)):
        life.move(TOWN, case, action, person)
    life.report(at, case, "handed_over", who, **RECEIVER)
    if archived:
        life.move(TOWN, case, "archive", CLERK)
    return case


@contextmanager
def dead(life: Life) -> Iterator[None]:
    """Let the township be relieved, hear nothing while this lasts, and everything at the end."""
    site, kept = life.network.sites[TOWN], list[Act]()
    life.line.relieved.add(TOWN)
    site.receive = kept.extend  # type: ignore[method-assign]
    yield
    del site.receive
    site.receive(kept)
    life.network.run()


def served_by_the_county(life: Life, case: str, stays: State) -> None:
    state = life.agreed(case)
    assert (state.state, state.holder, state.facts.unserved) == (stays, COUNTY, ())
    assert waits_for(state) == (Work.NOTHING, "") and not state.open_reports
    assert len(life.said(COUNTY, case, "record_service")) == 1


@pytest.mark.parametrize("archived", [False, True])
def test_a_closed_case_of_a_relieved_township_is_served_by_the_county(life: Life, archived: bool) -> None:
    """The report of the hand-over stayed unanswered for ever: nobody may take over what has ended."""
    case = ended(life, archived=archived)
    stays = State.ARCHIVED if archived else State.CLOSED
    life.move(TOWN, case, "correct_decision", APPROVER, **NAME)
    with dead(life):
        report = life.report(VILLAGE, case, "handed_over", **RECEIVER)
        assert waits_for(life.state(case)) == (Work.CLOSING, TOWN)
        assert [heap[:2] for heap in held.holders(COUNTY)] == [(TOWN, 0)]
        assert [heap.unserved for heap in held.holders(COUNTY)] == [1]
        assert [name for _, name in held.held_by(TOWN)] == [case]
        assert life.at(COUNTY).causes_to_take_over(case, life.now) == {Cause.UNSERVED: ""}
        assert take_over(life, case, who=ADMIN).done == (case,)
        assert held.holders(COUNTY) == [] and held.held_by(TOWN) == []
    served_by_the_county(life, case, stays)
    assert life.state(case).reports[report].answered_by == life.state(case).last
    assert life.state(case).facts.gone == (TOWN,)


def test_what_was_to_be_fetched_at_the_township_waits_at_the_county_and_nothing_else_does(life: Life) -> None:
    case = ended(life, at=TOWN)
    before = life.state(case)
    life.move(TOWN, case, "correct_decision", APPROVER, **NAME)
    since = life.now
    with dead(life):
        life.wait(3)
        assert take_over(life, case).done == (case,)
        state = life.state(case)
        assert waits_for(state) == (Work.HAND_OUT, COUNTY)
        (line,) = queues.waiting(queues.Wanted(waits_at=COUNTY))
        assert (line.case, line.updated_at, line.department) == (case, since, "")
        posts = ["CLERK", "REVIEWER", "APPROVER"]
        assert set(life.at(COUNTY).actions_for(state, posts, "示例部门")) == {
            A.ANNOUNCE, A.KEEP_UNSERVED, A.MARK_DECISION,
        }  # fmt: skip
        life.report(COUNTY, case, "handed_over", CLERK, **RECEIVER)
    served_by_the_county(life, case, State.CLOSED)
    after = life.state(case)
    assert (after.due, after.result, after.reviewer, after.concluded) == (
        before.due, before.result, before.reviewer, before.concluded,
    )  # fmt: skip
    life.move(COUNTY, case, "archive", CLERK)
    assert life.agreed(case).state is State.ARCHIVED


def test_it_is_taken_over_to_be_served_and_not_to_be_decided_anew(life: Life) -> None:
    case = ended(life)
    life.move(TOWN, case, "correct_decision", APPROVER, **NAME)
    life.line.relieved.add(TOWN)
    assert take_over(life, case).done == (case,)
    with pytest.raises(errors.NotYourStep):
        life.move(COUNTY, case, "correct_decision", APPROVER, **BACK)
    assert life.state(case).holding is Party.HAND_OVER


@pytest.mark.parametrize("archived", [False, True])
def test_what_a_court_makes_of_a_relieved_townships_decision_is_said_by_the_county_and_served(
    life: Life, archived: bool
) -> None:
    """Nobody could: so a decision that a court had revoked stood at every node as one in force."""
    case = ended(life, archived=archived)
    stays = life.state(case).state
    life.line.relieved.add(TOWN)
    assert held.holders(COUNTY) == [], "nobody knows of a need, so no list tells of it"
    assert life.at(COUNTY).causes_to_take_over(case, life.now) == {Cause.UNSERVED: ""}
    with pytest.raises(errors.NotHolder):
        life.move(COUNTY, case, "mark_decision", APPROVER, **REVOKED)
    assert take_over(life, case).done == (case,)
    with pytest.raises(errors.NotYourStep):
        life.move(COUNTY, case, "mark_decision", CLERK, **REVOKED)
    life.move(COUNTY, case, "mark_decision", APPROVER, **REVOKED)
    state = life.agreed(case)
    assert (state.facts.standing["word"], waits_for(state)) == ("revoked", (Work.HAND_OUT, VILLAGE))
    life.report(VILLAGE, case, "handed_over", AGENT, **RECEIVER)
    served_by_the_county(life, case, stays)


def test_a_take_over_for_a_decisions_force_alone_does_not_hold_under_a_former_table() -> None:
    story = Story("town").go_to(A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE, A.CLOSE)
    over = take_over_event(story, data={"cause": "unserved"}, flow=10)
    assert advance(story.state, over).holding is Party.HAND_OVER
    with pytest.raises(errors.TakeOverRefused):
        advance(story.state, take_over_event(story, data={"cause": "unserved"}, flow=9))


def test_words_that_nobody_answered_any_more_are_answered_with_the_take_over(life: Life) -> None:
    """A rating given after the end waited for ever for a township that is no more."""
    case = ended(life)
    with dead(life):
        report = life.report(VILLAGE, case, "rated", AGENT, rating=5)
        assert take_over(life, case).done == (case,)
    state = life.agreed(case)
    assert (state.reports[report].is_open, state.facts.rating) == (False, 5)


def test_without_a_decision_or_a_relieved_holder_nothing_ended_is_taken_over(life: Life) -> None:
    owed, withdrawn = ended(life, at=TOWN), life.file("town", overrule="另一户")
    life.report(VILLAGE, withdrawn, "withdraw", AGENT, note="不办了")
    assert life.state(withdrawn).state is State.WITHDRAWN
    life.move(TOWN, owed, "correct_decision", APPROVER, **NAME)
    life.line.heard[TOWN] = life.now
    life.wait(30)
    assert why_not(life, owed) == errors.TakeOverRefused.code, "it is silent, and may have answered"
    life.line.relieved.add(TOWN)
    assert why_not(life, withdrawn) == errors.TakeOverRefused.code
    assert why_not(life, owed, who=CLERK) == errors.NotYourStep.code
    assert take_over(life, owed).done == (owed,)
    assert why_not(life, owed) == errors.TakeOverRefused.code


def test_what_both_ends_did_is_settled_for_the_county_and_nothing_is_lost(life: Life) -> None:
    """The township answered, and put right anew, before it heard that the county had taken the case over."""
    case = ended(life)
    life.move(TOWN, case, "correct_decision", APPROVER, **NAME)
    with dead(life):
        life.report(VILLAGE, case, "handed_over", **RECEIVER)
        assert take_over(life, case).done == (case,)
        second = life.move_unheard(TOWN, case, "correct_decision", APPROVER, **BACK)
        life.network.run()
    served_by_the_county(life, case, State.CLOSED)
    assert second in life.state(case).struck
    (strike,) = [entry for entry in life.at(TOWN).page(case).timeline if entry.word == "struck"]
    assert "县级接管" in strike.note


def test_a_township_that_comes_back_hears_of_it_and_serves_no_more(life: Life) -> None:
    case = ended(life)
    life.move(TOWN, case, "correct_decision", APPROVER, **NAME)
    with dead(life):
        assert take_over(life, case).done == (case,)
    life.line.relieved.discard(TOWN)
    with pytest.raises(errors.NotHolder):
        life.move(TOWN, case, "announce", CLERK)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    served_by_the_county(life, case, State.CLOSED)


def test_announced_by_the_township_it_counts_as_served_at_the_county(life: Life) -> None:
    case = ended(life, at=TOWN)
    life.move(TOWN, case, "correct_decision", APPROVER, **NAME)
    on = local_date(life.now).isoformat()
    public = {"announced": {"on": on, "where": "镇公告栏", "why": "missing"}, "note": "无法联系"}
    life.move(TOWN, case, "announce", CLERK, **public, sought="问过村委会")
    with dead(life):
        assert take_over(life, case).done == (case,)
        life.wait(31)
        life.day_job()
        state = life.state(case)
        assert (state.state, state.facts.unserved, state.holder) == (State.CLOSED, (), COUNTY)


def owed_story() -> Story:
    story = Story("town").go_to(A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE, A.CLOSE)
    story.move(A.CORRECT_DECISION)
    return story


def taken_event(story: Story, **data: Any) -> CaseEvent:
    return take_over_event(story, data={"cause": "unserved", **data})


def test_the_fold_is_the_same_in_any_order_and_when_it_is_played_again() -> None:
    story = owed_story()
    other = story.branch()
    taken, put_right = taken_event(story), other.move(A.CORRECT_DECISION)
    before = [event for event in story.events if event.id != story.filed.id]
    states = [
        fold([story.filed, *before, *order, *again], apex=COUNTY)
        for order in itertools.permutations([taken, put_right])
        for again in ((), (taken, put_right))
    ]
    assert {(s.state, s.holder, s.last, s.forks[0].losers) for s in states} == {
        (State.CLOSED, COUNTY, taken.id, (put_right.id,))
    }
    assert advance(story.state, taken).facts.unserved == story.state.facts.unserved


def test_a_cause_for_another_state_is_none() -> None:
    story, open_one = owed_story(), Story("town", counter=2).go_to(A.ACCEPT)
    closed = Story("town", counter=3).go_to(A.RETURN, A.CLOSE)
    for one, cause in ((story, "relieved"), (story, "silent"), (open_one, "unserved"), (closed, "unserved")):
        with pytest.raises(errors.TakeOverRefused):
            advance(one.state, take_over_event(one, data={"cause": cause, "since": "2026-03-01"}))
    with pytest.raises(errors.WrongApex):
        advance(story.state, replace(taken_event(story), author=TOWN))


def test_of_a_correction_that_a_thief_signed_nothing_is_left_to_do(life: Life) -> None:
    """Struck out by id, it takes the take-over that followed it along: the case is as it was at its end."""
    story = owed_story()
    taken = taken_event(story)
    state = fold([story.filed, *story.events, taken], apex=COUNTY)
    forged = story.state.last
    body = {
        "case": story.case, "data": {"at": 1}, "ids": [forged], "reason": "钥匙被盗", "to": [TOWN],
    }  # fmt: skip
    strike = CaseEvent(act_id("strike", forged), "case.struck", COUNTY, body)
    after = fold([story.filed, *story.events, taken, strike], apex=COUNTY)
    assert state.holder == COUNTY
    assert (after.state, after.holder, after.facts.unserved) == (State.CLOSED, TOWN, ())
    assert duty_of(after, COUNTY) is None and waits_for(after) == (Work.NOTHING, "")


def test_a_program_that_knows_no_such_cause_keeps_the_take_over_until_it_is_upgraded(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, site = owed_story(), life.network.sites[VILLAGE]
    taken = taken_event(story)
    site.receive([as_act(event) for event in story.events])
    with monkeypatch.context() as older:
        older.setattr(taking_over, "read_cause", unknown)
        site.receive([as_act(taken)])
        assert site.parked[taken.id][1].waits_for == "version"
        assert life.state(story.case, VILLAGE).holder == TOWN
    site.receive([act for act, _ in site.parked.values()])
    assert site.parked == {} and life.state(story.case, VILLAGE).holder == COUNTY


def unknown(word: str) -> Cause:
    raise errors.UnknownWord(word)
