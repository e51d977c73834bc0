"""The rules of a take-over: its causes, who answers then, what it beats, and what is no take-over."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.casework import errors
from common.casework.rules.case import advance, fold
from common.casework.rules.event import CaseEvent
from common.casework.rules.flow import Action, Cause, Party, State
from common.casework.rules.shape import TAKEN_OVER
from common.casework.rules.taking_over import (
    SILENT_DAYS,
    Known,
    answering_department,
    causes_of,
    is_confirmed,
    is_mass_silence,
)
from common.casework.rules.waiting import Work, waits_for
from common.casework.rules.words import Role
from common.errors import LiandongError
from tests.casework.build import COUNTY, NOON, TOWN, VILLAGE, act_id, as_act, signed_actor, small_tree
from tests.casework.life.tools import DAY, OURS
from tests.casework.life.wild import SIGNABLE
from tests.casework.story import Story

A = Action
WHY = "青峪镇的电脑已经损坏，无人办理。"
TODAY = date(2026, 3, 20)


def test_the_causes_are_silence_at_the_door_days_without_a_word_and_the_roster():
    town = Story("town").state
    known = Known(TODAY, heard_on=TODAY)
    assert causes_of(town, known) == {}
    assert causes_of(town, replace(known, deemed_since=date(2026, 3, 2))) == {Cause.DEEMED: "2026-03-02"}
    week_ago = date.fromordinal(TODAY.toordinal() - SILENT_DAYS)
    assert causes_of(town, replace(known, heard_on=week_ago)) == {Cause.SILENT: "2026-03-13"}
    assert causes_of(town, replace(known, heard_on=date.fromordinal(week_ago.toordinal() + 1))) == {}
    assert causes_of(town, Known(TODAY, is_relieved=True)) == {Cause.RELIEVED: ""}
    # A node that is being set up was never heard of, and is not silent.
    assert causes_of(town, Known(TODAY)) == {}


@pytest.mark.parametrize(
    ("silent", "heard", "is_mass"),
    [(2, 0, False), (3, 0, True), (3, 2, True), (3, 3, False), (99, 100, False)],
)
def test_where_most_nodes_are_silent_at_once_the_date_is_in_question(silent, heard, is_mass):
    week_ago = date.fromordinal(TODAY.toordinal() - SILENT_DAYS)
    assert is_mass_silence([week_ago] * silent + [TODAY] * heard, TODAY) is is_mass


def test_that_the_date_is_right_holds_for_a_week_and_not_backwards():
    said = [is_confirmed(date.fromordinal(TODAY.toordinal() + days), TODAY) for days in (1, 0, -6, -7)]
    assert said == [False, True, True, False] and not is_confirmed(None, TODAY)


def test_nothing_is_a_cause_for_a_case_that_the_county_holds_or_that_is_over():
    everything = Known(TODAY, date(2026, 3, 2), date(2026, 3, 2), is_relieved=True)
    assert causes_of(Story("direct").state, everything) == {}
    # Of what was answered a review or a court may still make something.
    assert causes_of(Story("town").go_to(A.RETURN, A.CLOSE).state, everything) == {Cause.UNSERVED: ""}
    assert causes_of(Story("town").go_to(A.GRANT_WITHDRAWAL).state, everything) == {}
    # After the door silence is no acceptance any more; of a checker it never was.
    assert Cause.DEEMED not in causes_of(Story("town").go_to(A.ACCEPT).state, everything)
    assert Cause.DEEMED not in causes_of(Story().state, everything)
    assert set(causes_of(Story("town").state, everything)) == {*Cause} - {Cause.UNSERVED}


@pytest.mark.parametrize("action", [A.RETURN, A.TERMINATE])
def test_what_a_checker_has_answered_stays_answered_and_is_handed_over_from_the_county(action):
    """A returned case was back at the door of the county, as if nobody had answered the applicant."""
    story = Story().go_to(action)
    assert story.state.holding is Party.CHECKER and story.state.parties["acceptor"] == COUNTY
    for flow, state, holding in (
        (10, story.state.state, Party.CHECKER),
        (9, State.RECEIVED, Party.ACCEPTOR),
    ):
        after = advance(story.state, take_over_event(story, flow=flow))
        assert (after.state, after.holding, after.holder) == (state, holding, COUNTY)
    story.events.append(event := take_over_event(story, flow=10))
    story.state = advance(story.state, event)
    assert waits_for(story.state)[0] is Work.HAND_OUT and story.state.concluded == story.events[-2].id
    story.move(A.CLOSE_UNCOLLECTED, role=Role.CLERK)
    assert story.state.state is State.CLOSED


def test_who_answers_is_the_department_if_the_county_has_it_else_the_hall_else_everybody():
    hall = "县政务服务中心"
    posts = frozenset({"CLERK", "REVIEWER", "APPROVER"})
    assert answering_department("县民政局", {"县民政局": {"REVIEWER"}, hall: posts}) == "县民政局"
    assert answering_department("社会事务办公室", {"县民政局": {"REVIEWER"}, hall: posts}) == hall
    assert answering_department("社会事务办公室", {hall: frozenset({"CLERK"})}) == ""
    assert answering_department("", {hall: posts}) == ""


def test_a_take_over_beats_whatever_follows_the_same_act_in_any_order():
    story = Story("town")
    other, third = story.branch(), story.branch()
    accepted, returned = story.move(A.ACCEPT), other.move(A.RETURN)
    reviewed = story.move(A.REVIEW)
    taken = take_over_event(third)
    events = [accepted, returned, reviewed, taken]
    states = [fold([story.filed, *order], apex=COUNTY) for order in itertools.permutations(events)]
    assert {(s.state, s.holder, s.last) for s in states} == {(State.RECEIVED, COUNTY, taken.id)}
    assert {frozenset(s.forks[0].losers) for s in states} == {frozenset({accepted.id, returned.id})}
    assert advance(third.state, taken).last == taken.id


def take_over_event(story: Story, author: str = COUNTY, **changes: Any) -> CaseEvent:
    """Return a signed take-over of a case as it stands in a story, by a node that may say anything."""
    data = {
        "actor": signed_actor(Role.APPROVER), "at": NOON + 30 * DAY, "note": WHY, "cause": "relieved",
        "since": "", "department": OURS, **changes.pop("data", {}),
    }  # fmt: skip
    body = {
        "case": story.case, "data": data, "flow": 3, "follows": story.state.last, "holder": COUNTY,
        "to": list(small_tree().cover(COUNTY, story.state.parties.values())), **changes,
    }  # fmt: skip
    return CaseEvent(act_id("taken", story.case, str(body)), TAKEN_OVER, author, body)


LIES = [
    (TOWN, {}, errors.WrongApex),
    (VILLAGE, {"holder": VILLAGE}, errors.WrongApex),
    (COUNTY, {"holder": TOWN}, errors.WrongOutcome),
    (COUNTY, {"data": {"note": " "}}, errors.ReasonMissing),
    (COUNTY, {"data": {"actor": signed_actor(Role.CLERK)}}, errors.NotYourStep),
    (COUNTY, {"data": {"cause": "deemed", "since": ""}}, errors.TakeOverRefused),
    (COUNTY, {"data": {"cause": "deemed", "since": "2026-03-28"}}, errors.TakeOverRefused),
    (COUNTY, {"data": {"cause": "silent", "since": "2026-03-27"}}, errors.TakeOverRefused),
    (COUNTY, {"data": {"cause": "silent", "since": "soon"}}, errors.BadShape),
    (COUNTY, {"data": {"cause": 7}}, errors.BadShape),
    (COUNTY, {"data": {"cause": "whim"}}, errors.UnknownWord),
    (COUNTY, {"data": {"department": 7}}, errors.BadShape),
    (COUNTY, {"data": {"papers": [{"key": "x", "name": "y", "blob": 0}]}}, errors.BadShape),
    (COUNTY, {"data": 7}, errors.BadShape),
    (COUNTY, {"holder": "x"}, errors.BadShape),
    (COUNTY, {"to": []}, errors.BadShape),
]


@pytest.mark.parametrize(("author", "changes", "error"), LIES)
def test_a_take_over_that_breaks_a_rule_is_parked_where_it_arrives(life, author, changes, error):
    story = Story("town")
    event = lie(story, author, changes)
    site = life.network.sites[VILLAGE]
    site.receive([as_act(story.filed), as_act(event)])
    assert site.parked[event.id][1].reason == error.code
    assert site.parked[event.id][1].waits_for == ("version" if error is errors.UnknownWord else "person")
    assert life.state(story.case, VILLAGE).chain == (story.filed.id,)


def lie(story: Story, author: str, changes: dict[str, Any]) -> CaseEvent:
    event = take_over_event(story, author)
    body = {**event.body, **{k: v for k, v in changes.items() if k != "data"}}
    data = changes.get("data", {})
    body["data"] = {**event.body["data"], **data} if isinstance(data, dict) else data
    return replace(event, body=body, id=act_id("lie", author, str(changes)))


@pytest.mark.parametrize("steps", [(A.RETURN, A.CLOSE), (A.GRANT_WITHDRAWAL,)])
def test_a_closed_case_and_one_that_the_county_holds_are_not_taken_over(steps):
    story = Story("town").go_to(*steps)
    for one in (story, Story("direct", counter=2)):
        with pytest.raises(errors.TakeOverRefused):
            advance(one.state, take_over_event(one))


def test_a_take_over_that_came_before_what_it_follows_waits_for_it(life):
    story = Story("town").go_to(A.ACCEPT)
    taken = take_over_event(story)
    site = life.network.sites[VILLAGE]
    site.receive([as_act(story.filed), as_act(taken)])
    assert site.parked[taken.id][1].waits_for == f"act:{story.state.last}"
    site.receive([as_act(event) for event in story.events])
    assert site.parked == {} and life.state(story.case, VILLAGE).holder == COUNTY


PLACES = ("cause", "since", "department", "note", "actor", "at", "holder", "to")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_a_take_over_says_it_counts_whole_or_is_refused_by_name(data):
    """Method: any part of its body replaced by what nobody meant; fold and advance agree, nothing breaks."""
    story = Story("town").go_to(*data.draw(st.sampled_from([(), (A.ACCEPT,), (A.ASK_PAPERS,), (A.RETURN,)])))
    event = take_over_event(story, data.draw(st.sampled_from([COUNTY, COUNTY, TOWN])))
    place = data.draw(st.sampled_from(PLACES))
    value = data.draw(SIGNABLE)
    changed = {place: value} if place in ("holder", "to") else {"data": {**event.body["data"], place: value}}
    lie = replace(event, body={**event.body, **changed}, id=act_id("bent", place, str(value)))
    whole = fold([*story.events, story.filed, lie], apex=COUNTY)
    try:
        state = advance(story.state, lie)
    except LiandongError as fault:
        assert (whole.invalid, whole.chain) == ({lie.id: fault.code}, story.state.chain)
    else:
        assert (state, state.holder) == (whole, COUNTY) and lie.author == COUNTY
