"""Which documents are sealed, on folded cases: two people, one organ, a decision that stands, made here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework.rules.event import Fork
from common.casework.rules.words import Action, Role
from common.seal.errors import (
    DecidedElsewhere,
    DecisionRevoked,
    Disputed,
    NoOrgan,
    NotADecision,
    NotDecided,
    NotReviewed,
    OnePersonOnly,
)
from common.seal.rules.deed import Deed, deed_of
from tests.casework.build import COUNTY, TOWN
from tests.casework.story import Story
from tests.seal.stage import ORGAN, in_charge, reviewed


def deed(story: Story, act: str, me: str = COUNTY) -> Deed:
    return deed_of(story.state, story.events, act, me)


@pytest.mark.parametrize("decision", [Action.APPROVE, Action.REFUSE])
def test_a_decision_for_and_against_is_sealed_for_the_department_in_charge(decision: Action):
    story = reviewed()
    event = story.move(decision)
    assert deed(story, event.id) == Deed(story.case, event.id, ORGAN, event.body["data"]["at"])


def test_a_decision_is_sealed_also_after_it_was_made_out_and_handed_over():
    story = reviewed()
    act = story.move(Action.APPROVE).id
    story.go_to(Action.ISSUE)
    assert deed(story, act).organ == ORGAN
    story.go_to(Action.CLOSE, Action.ARCHIVE)
    assert deed(story, act).organ == ORGAN


def test_a_correction_of_a_decision_is_sealed_under_its_own_act():
    story = reviewed()
    story.move(Action.APPROVE)
    act = story.move(Action.CORRECT_DECISION).id
    assert deed(story, act).act == act


@pytest.mark.parametrize("step", ["filing", "accept", "review", "issue"])
def test_no_other_step_of_a_decided_case_is_sealed(step: str):
    story = reviewed().go_to(Action.APPROVE, Action.ISSUE)
    named = {"filing": 0, "accept": 2, "review": 3, "issue": 5}
    with pytest.raises(NotADecision):
        deed(story, story.state.chain[named[step]])


def test_a_case_that_is_only_reviewed_is_not_sealed():
    story = reviewed()
    with pytest.raises(NotDecided):
        deed(story, story.state.last)


@pytest.mark.parametrize("act", ["", "0" * 32, "开"])
def test_an_act_that_is_not_in_the_case_is_not_sealed(act: str):
    story = reviewed()
    story.move(Action.APPROVE)
    with pytest.raises(NotDecided):
        deed(story, act)


def test_a_decision_that_does_not_stand_is_not_sealed():
    """Of two decisions that continue the same review one lost; the paper names the loser."""
    story = reviewed()
    other = story.branch()
    story.move(Action.APPROVE)
    loser = other.move(Action.REFUSE).id
    with pytest.raises(NotDecided):
        deed(story, loser)


def test_while_two_decisions_contradict_each_other_none_is_sealed():
    story = reviewed()
    act = story.move(Action.APPROVE).id
    state = replace(story.state, forks=(Fork(act, ("f" * 32,)),))
    with pytest.raises(Disputed):
        deed_of(state, story.events, act, COUNTY)


def test_what_another_node_decided_it_seals_itself():
    story = reviewed()
    act = story.move(Action.APPROVE).id
    with pytest.raises(DecidedElsewhere):
        deed(story, act, TOWN)


@pytest.mark.parametrize("who", [("approver", "别名"), ("", "approver某"), ("reviewer2", "approver某")])
def test_reviewed_and_decided_by_one_person_is_not_sealed(who: tuple[str, str]):
    """The flow table refuses such a step; the seal does not rely on it."""
    story = reviewed()
    act = story.move(Action.APPROVE).id
    state = replace(story.state, reviewer=who)
    with pytest.raises(OnePersonOnly):
        deed_of(state, story.events, act, COUNTY)


def test_decided_without_a_review_is_not_sealed():
    story = reviewed()
    act = story.move(Action.APPROVE).id
    with pytest.raises(NotReviewed):
        deed_of(replace(story.state, reviewer=("", "")), story.events, act, COUNTY)


def test_a_decision_by_anybody_but_an_approver_is_not_sealed():
    story = reviewed()
    event = story.move(Action.APPROVE)
    actor = {**event.body["data"]["actor"], "role": Role.CLERK.value}
    forged = replace(event, body={**event.body, "data": {**event.body["data"], "actor": actor}})
    with pytest.raises(NotADecision):
        deed_of(story.state, [forged], event.id, COUNTY)


def test_an_on_the_spot_result_by_one_person_is_not_sealed():
    story = Story("instant")
    act = story.move(Action.SETTLE).id
    with pytest.raises(NotADecision):
        deed(story, act, story.state.holder)


def test_a_revoked_decision_is_not_sealed_a_suspended_one_is():
    story = reviewed()
    act = story.move(Action.APPROVE).id
    story.move(Action.MARK_DECISION)
    assert deed(story, act).act == act
    story.move(Action.MARK_DECISION, data={"standing": {"word": "revoked", "document": "判决1号"}})
    with pytest.raises(DecisionRevoked):
        deed(story, act)


def test_a_case_without_a_department_in_charge_has_no_seal():
    story = Story("direct").go_to(Action.ACCEPT, Action.REVIEW)
    act = story.move(Action.APPROVE).id
    with pytest.raises(NoOrgan):
        deed(story, act)


def test_an_approver_of_another_department_has_no_seal():
    story = reviewed()
    act = story.move(Action.APPROVE).id
    facts = replace(story.state.facts, department="另一部门")
    with pytest.raises(NoOrgan):
        deed_of(replace(story.state, facts=facts), story.events, act, COUNTY)


def test_a_terminated_case_is_not_sealed():
    story = in_charge()
    act = story.move(Action.TERMINATE).id
    with pytest.raises(NotDecided):
        deed(story, act)


def test_the_head_of_a_township_approves_for_every_office_of_it():
    """A person of no department acts for all of them, at the desk and under the seal."""
    story = reviewed()
    nobody = {"login": "head", "name": "乡镇长", "role": "APPROVER", "department": ""}
    act = story.move(Action.APPROVE, data={"actor": nobody}).id
    assert deed(story, act).organ == ORGAN
