"""Well-signed events that lie: forged duties, empty records, strangers' opinions, parties heaped up."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from common.casework.errors import (
    AnswerMissing,
    AnswerNotOpen,
    BadShape,
    NotHolder,
    NotYourStep,
    PartyChanged,
    StepNotAllowed,
    WrongOutcome,
    WrongRoute,
)
from common.casework.records import CaseAsked
from common.casework.rules.case import advance, fold
from common.casework.rules.event import CaseEvent
from common.casework.rules.flow import Action, Report, State
from common.casework.service import Casework
from tests.casework.build import COUNTY, TOWN, TOWN_2, VILLAGE, VILLAGE_3, act_id, as_act
from tests.casework.life.stories import filed_with
from tests.casework.life.tools import HELPS, OURS, Life, Shelf, staff
from tests.casework.nodes import FakeOutbox, NodeMaker, changed, make_context, take
from tests.casework.story import LACKING, Story

A = Action
ASKED = [{"department": HELPS, "matter": "意见", "due": "2026-03-05", "deemed": 1}]


def opinion_of(department: Any, name: str = "某") -> dict[str, Any]:
    return {"login": "x", "name": name, "role": "REVIEWER", "department": department}


def forged(story: Story, event: CaseEvent, **body: Any) -> CaseEvent:
    return CaseEvent(act_id(event.id, sorted(body)), event.kind, body.pop("author", event.author),
                     {**event.body, **body})  # fmt: skip


def out(story: Story, event: CaseEvent, error: type[Exception]) -> None:
    """Assert that an event counts neither alone nor in the fold, and parks with its reason."""
    with pytest.raises(error):
        advance(story.state, event)
    assert fold([*story.events, event], apex=COUNTY).invalid == {event.id: error.code}


# --- acts of the node itself, forged


@pytest.mark.parametrize("author", [VILLAGE, TOWN, TOWN_2])
def test_nobody_but_the_acceptor_deems_a_case_accepted(author):
    story = Story("direct")
    out(story, forged(story, story.draft(A.DEEM_ACCEPT), author=author), NotHolder)


def test_a_checker_that_holds_the_case_deems_nothing_accepted():
    story = Story("checked")
    event = story.draft(A.FORWARD, role="CHECKER")
    data = {**event.body["data"], "due": "2026-03-09", "legal_date": "2026-03-02",
            "actor": {"name": "系统", "role": "NODE"}}  # fmt: skip
    lie = forged(story, event, action="deem_accept", state="ACCEPTED", holder=COUNTY, data=data)
    out(story, lie, NotYourStep)


@pytest.mark.parametrize("steps", [(A.ASK_PAPERS,), (A.ASK_PAPERS, A.TAKE_PAPERS), (A.ACCEPT,)])
def test_after_the_notice_or_acceptance_nothing_is_deemed(steps):
    story = Story("direct")
    lie = story.draft(A.DEEM_ACCEPT)
    story.go_to(*steps)
    out(story, forged(story, lie, follows=story.state.last), StepNotAllowed)


def test_a_person_does_not_act_as_the_node():
    story = Story("direct")
    event = story.draft(A.DEEM_ACCEPT)
    data = {**event.body["data"], "actor": {"name": "某", "role": "CLERK"}}
    out(story, forged(story, event, data=data), NotYourStep)


@pytest.mark.parametrize("action", [A.RECORD, A.NOTE])
def test_a_record_or_a_note_that_answers_nothing_does_not_count(action):
    story = Story()
    out(story, story.draft(action, answers=[]), AnswerMissing)
    story.report(Report.REMIND)
    out(story, story.draft(action, answers=[act_id("no such report")]), AnswerMissing)


def test_a_record_answers_no_reminder_and_no_report_twice():
    story = Story()
    reminder, seen = story.report(Report.REMIND), story.report(Report.CALLED_BACK)
    out(story, story.draft(A.RECORD, answers=[seen.id, reminder.id]), AnswerNotOpen)
    out(story, story.draft(A.RECORD, answers=[seen.id, seen.id]), AnswerNotOpen)
    story.move(A.RECORD, answers=[seen.id])
    out(story, story.draft(A.RECORD, answers=[seen.id]), AnswerNotOpen)


# --- opinions


def joint_story(*again: str) -> Story:
    """A case of a joint item at the door."""
    return filed_with("direct", item="joint", joint=[HELPS, *again])


def at_county(node: NodeMaker) -> Casework:
    """The county, with items of every sort."""
    node(COUNTY)
    return Casework(replace(make_context(COUNTY, FakeOutbox(COUNTY)), catalogue=Shelf()))


def asked_story(**data: Any) -> Story:
    story = joint_story()
    story.move(A.ACCEPT, data={"asked": ASKED, **data})
    return story


@pytest.mark.parametrize(
    ("author", "department"), [(COUNTY, "生人"), (VILLAGE, HELPS), (TOWN, HELPS), (COUNTY, "")]
)
def test_an_opinion_of_a_stranger_or_from_a_wrong_node_is_noted_and_changes_nothing(node, author, department):
    story = asked_story()
    report = story.report(Report.OPINION, author=author, actor=opinion_of(department))
    county = at_county(node)
    assert take(county, *[as_act(event) for event in story.events]).parked == {}
    state = county.case(story.case)
    (asked,) = state.facts.asked
    assert (asked.verdict, state.reports[report.id].answered_by) == ("", state.last)
    assert county.page(story.case).timeline[-1].word == "note"


def test_a_record_forged_by_another_node_does_not_count():
    story = asked_story()
    report = story.report(Report.OPINION, author=COUNTY, actor=opinion_of(HELPS))
    out(story, forged(story, story.draft(A.RECORD, answers=[report.id]), author=TOWN), NotHolder)


def test_a_record_of_a_strangers_opinion_changes_nothing_even_by_the_holder():
    """Neither among those asked, nor at the door, nor over a verdict that stands."""
    story = joint_story()
    stranger = story.report(Report.OPINION, author=COUNTY, actor=opinion_of("生人"), verdict="lacking",
                            lacking=LACKING)  # fmt: skip
    story.move(A.RECORD, answers=[stranger.id])
    assert story.state.facts.door == {}
    story.move(A.ACCEPT, data={"asked": ASKED})
    for verdict in ("disagree", "agree"):
        report = story.report(Report.OPINION, author=COUNTY, actor=opinion_of(HELPS), verdict=verdict)
        story.move(A.RECORD, answers=[report.id])
    (asked,) = story.state.facts.asked
    assert asked.verdict == "disagree"


def test_a_record_of_a_wrong_amount_or_a_rating_beyond_the_scale_changes_nothing():
    story = Story().go_to(A.FORWARD, A.ACCEPT, A.ASK_FEE)
    paid = story.report(Report.PAID, receipt={"fen": 1, "number": "票"})
    rated = story.report(Report.RATED, rating=99)
    story.move(A.RECORD, answers=[paid.id, rated.id])
    assert (story.state.facts.receipt, story.state.facts.rating) == ({}, 0)


@pytest.mark.parametrize("department", [["x"], {"x": 1}, 7])
def test_a_department_that_is_no_text_stops_nobody(node, department):
    """It could neither be looked up nor compared; every later step of the case would fail over it."""
    story = asked_story()
    report = story.branch().report(Report.REMIND, author=COUNTY)
    lie = as_act(report)
    body = {**report.body, "report": "opinion"}
    lie = changed(lie, report="opinion",
                  data={**body["data"], "verdict": "agree", "actor": opinion_of(department)})  # fmt: skip
    county = at_county(node)
    result = take(county, *[as_act(event) for event in story.events], lie)
    assert result.parked[lie.id].reason == BadShape.code


# --- parties


def test_parties_are_added_and_never_taken_over():
    story = Story()
    out(story, forged(story, story.draft(A.FORWARD), parties_added={"acceptor": TOWN_2}), PartyChanged)
    out(story, forged(story, story.draft(A.FORWARD), parties_added={"hand_over": TOWN_2}), PartyChanged)
    out(story, forged(story, story.draft(A.FORWARD), parties_added={"x": "nowhere"}), BadShape)
    out(story, forged(story, story.draft(A.FORWARD), holder=VILLAGE), WrongOutcome)


def test_parties_cannot_be_heaped_up():
    story = Story()
    many = {f"p{n}": f"511921{n:03d}" for n in range(100, 165)}
    out(story, forged(story, story.draft(A.FORWARD), parties_added=many), BadShape)
    with pytest.raises(BadShape):
        filed_with(parties={**story.filed.body["parties"], **many})


def test_a_part_named_in_advance_does_not_stop_the_place_of_fetching(life: Life):
    """A township names the part that the county would give next to a place of fetching."""
    case = life.file("checked")
    forward = {"hand_over_6": TOWN_2, "hand_over_7": TOWN_2}
    life.move(TOWN, case, "forward", staff("CHECKER"), parties_added=forward)
    life.report(VILLAGE, case, "collect_at", place=VILLAGE_3)
    state = life.agreed(case)
    assert state.facts.collect_at == VILLAGE_3
    assert VILLAGE_3 in state.parties.values()
    life.move(COUNTY, case, "accept", staff("CLERK"))


def test_only_a_report_about_fetching_brings_a_new_party(life: Life):
    case = life.accepted()
    forged = life.report(VILLAGE, case, "remind", place=VILLAGE_3)
    assert VILLAGE_3 not in life.agreed(case).parties.values()
    assert life.state(case).reports[forged].data["place"] == VILLAGE_3
    story = Story("direct").go_to(A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE)
    rated = story.report(Report.RATED, rating=1, place=VILLAGE_3)
    county = life.at(COUNTY)
    take(county, *[as_act(event) for event in story.events])
    state = county.case(story.case)
    assert (state.reports[rated.id].is_open, state.facts.rating) == (False, 1)
    assert VILLAGE_3 not in state.parties.values()


@pytest.mark.parametrize("place", ["11", "511921199", "44"])
def test_a_place_that_is_no_node_is_noted_and_nothing_is_sent_there(node, place):
    story = Story("direct")
    story.report(Report.COLLECT_AT, place=place)
    county = at_county(node)
    assert take(county, *[as_act(event) for event in story.events]).parked == {}
    state = county.case(story.case)
    assert (state.open_reports, place in state.parties.values()) == ((), False)
    assert state.facts.collect_at == VILLAGE


def test_a_filing_that_takes_a_window_or_departments_its_item_does_not_have_is_parked(life: Life):
    county = life.at(COUNTY)
    for n, lie in enumerate(({"window": "centre"}, {"joint": [HELPS]}, {"department": "生人"})):
        filed = changed(as_act(Story("direct", counter=n + 5).filed), **lie)
        assert take(county, filed).parked[filed.id].reason == WrongRoute.code


# --- lists and depth


def test_a_department_named_twice_is_asked_once_and_the_acceptance_stands(node):
    """One acceptance, two lines about one department: the list of who is asked holds one of them."""
    asked = [*ASKED, {**ASKED[0], "matter": "另一件", "due": "2026-03-04"}]
    story = joint_story(HELPS)
    story.move(A.ACCEPT, data={"asked": asked})
    county = at_county(node)
    result = take(county, *[as_act(event) for event in story.events])
    assert result.parked == {}
    assert county.case(story.case).state is State.ACCEPTED
    assert [tuple(row) for row in CaseAsked.select().tuples()] == [(HELPS, story.case, "2026-03-04")]


def test_deep_and_huge_values_under_unknown_keys_change_nothing(node):
    story = Story()
    deep: Any = "x"
    for _ in range(25):
        deep = [deep]
    event = story.draft(A.FORWARD, data={"later": deep, "more": ["x" * 100] * 500})
    county = at_county(node)
    result = take(county, as_act(story.filed), as_act(event))
    assert result.parked == {}
    assert county.page(story.case).state.state is State.CHECKED


def test_a_rule_that_was_broken_is_told_to_a_person(node, caplog):
    """Each new row too: the event is parked with the code of its reason, at the holder's node."""
    story = filed_with("direct", department=OURS).go_to(A.ACCEPT, A.REVIEW)
    stranger = {"login": "x", "name": "生人", "role": "APPROVER", "department": "另一部门"}
    lies = [
        (story.draft(A.APPROVE, data={"actor": stranger}), "E129"),
        (story.draft(A.EXTEND, data={"due": "2026-03-01"}), "E134"),
        (story.draft(A.TERMINATE, data={"ground": "boredom"}), "E146"),
        (story.draft(A.ASK_FEE, data={"fee": {"fen": 0, "basis": "x"}}), "E139"),
        (story.draft(A.DEEM_OPINION), "E151"),
        (story.draft(A.APPROVE, author=TOWN), "E103"),
    ]  # fmt: skip
    county = at_county(node)
    take(county, *[as_act(event) for event in story.events])
    with caplog.at_level(logging.ERROR):
        for event, code in lies:
            why = take(county, as_act(event)).parked[event.id]
            assert (why.reason, why.waits_for) == (code, "person")
    assert caplog.records == []
    assert county.case(story.case).state is State.REVIEWED
