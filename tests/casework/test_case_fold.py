"""The fold: what counts, what does not, and why; reports are answered once, forks end with a strike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework.errors import (
    AnswerMissing,
    AnswerNotOpen,
    BadShape,
    DueMissing,
    LackingMissing,
    NoFiling,
    NotHolder,
    NotInstant,
    NotYourStep,
    PartyChanged,
    ReasonMissing,
    ResultMissing,
    SamePerson,
    StepNotAllowed,
    UnknownWord,
    WrongApex,
    WrongOrigin,
    WrongOutcome,
)
from common.casework.rules.case import advance, begin, fold
from common.casework.rules.flow import Action, Report, State
from common.casework.rules.waiting import Work, waits_for
from tests.casework.build import COUNTY, TOWN, TOWN_2, VILLAGE, VILLAGE_2, act_id
from tests.casework.story import Story

A = Action
TO_DECISION = (A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE)


def refused(story: Story, action: Action, error: type[Exception], **changes) -> None:
    """Assert that an event is refused in order, has its code in the fold, and changes nothing else."""
    event = story.draft(action, **changes)
    with pytest.raises(error):
        advance(story.state, event)
    whole = fold([*story.events, event], apex=COUNTY)
    assert whole.invalid == {event.id: error.code}
    assert replace(whole, invalid={}) == story.state


def test_a_case_goes_from_the_village_to_its_end():
    story = Story()
    assert (story.state.holder, waits_for(story.state)) == (TOWN, (Work.CHECK, TOWN))
    story.go_to(A.FORWARD)
    assert (story.state.holder, waits_for(story.state)) == (COUNTY, (Work.ACCEPTANCE, COUNTY))
    story.go_to(A.ASK_PAPERS)
    assert waits_for(story.state) == (Work.WAIT_PAPERS, VILLAGE)
    story.report(Report.PAPERS_BROUGHT)
    assert waits_for(story.state) == (Work.BROUGHT, COUNTY)
    story.move(A.TAKE_PAPERS)
    assert story.state.lacking == ()
    story.go_to(A.ACCEPT, A.REVIEW)
    assert (story.state.due, waits_for(story.state)) == ("2026-03-09", (Work.APPROVAL, COUNTY))
    story.go_to(A.APPROVE)
    assert waits_for(story.state) == (Work.MAKE_OUT, COUNTY)
    story.go_to(A.ISSUE)
    assert waits_for(story.state) == (Work.HAND_OUT, VILLAGE)
    story.go_to(A.CLOSE)
    assert (story.state.state, waits_for(story.state)) == (State.CLOSED, (Work.NOTHING, ""))
    assert story.state.open_reports == ()
    assert fold(story.events, apex=COUNTY) == story.state


@pytest.mark.parametrize(
    ("route", "holders"),
    [
        ("checked", [TOWN, COUNTY, COUNTY]),
        ("town", [TOWN, TOWN]),
        ("entrusted", [TOWN, COUNTY]),
        ("direct", [COUNTY, COUNTY]),
    ],
)
def test_the_holder_follows_the_route(route, holders):
    story, found = Story(route), []
    for action in (A.FORWARD, A.ACCEPT) if route == "checked" else (A.ACCEPT,):
        found.append(story.state.holder)
        story.move(action)
    assert [*found, story.state.holder] == holders


def test_with_a_checker_the_acceptor_cannot_skip_the_check():
    """Even where both parts fall to one address, as when a township is not in service."""
    story = Story()
    story.filed.body["parties"]["checker"] = COUNTY
    story.filed.body["holder"] = COUNTY
    story.state = begin(story.filed, apex=COUNTY)
    with pytest.raises(NotYourStep):
        story.draft(A.ACCEPT)
    assert story.draft(A.FORWARD).body["state"] == "CHECKED"


def test_settled_on_the_spot_only_where_all_parts_are_one_node():
    story = Story("instant")
    story.move(A.SETTLE)
    assert story.state.state is State.ISSUED
    refused(Story("town"), A.SETTLE, NotInstant)


@pytest.mark.parametrize(
    ("steps", "action", "changes", "error"),
    [
        ((), A.FORWARD, {"author": VILLAGE}, NotHolder),
        ((), A.FORWARD, {"author": COUNTY}, NotHolder),
        ((A.FORWARD,), A.ACCEPT, {"author": TOWN}, NotHolder),
        ((), A.FORWARD, {"holder": TOWN}, WrongOutcome),
        ((), A.FORWARD, {"state": "ACCEPTED"}, WrongOutcome),
        ((), A.RETURN, {"data": {"note": " "}}, ReasonMissing),
        ((A.FORWARD,), A.NOT_ACCEPT, {"data": {"note": ""}}, ReasonMissing),
        ((A.FORWARD, A.ACCEPT, A.REVIEW), A.REFUSE, {"data": {"note": "　"}}, ReasonMissing),
        ((), A.SEND_BACK, {"data": {"lacking": []}}, LackingMissing),
        ((A.FORWARD,), A.ASK_PAPERS, {"data": {"lacking": []}}, LackingMissing),
        ((A.FORWARD,), A.ASK_PAPERS, {"data": {"lacking": [{"key": "photo"}]}}, BadShape),
        ((A.FORWARD,), A.ACCEPT, {"data": {"due": "2026-02-30"}}, BadShape),
        ((A.FORWARD,), A.ACCEPT, {"data": {"due": 20260309}}, BadShape),
        ((A.FORWARD, A.ACCEPT, A.REVIEW), A.APPROVE, {"data": {"result": {"name": ""}}}, ResultMissing),
        ((A.FORWARD, A.ACCEPT, A.REVIEW), A.APPROVE, {"data": {"result": "证明"}}, BadShape),
        ((), A.FORWARD, {"parties_added": {"acceptor": TOWN_2}}, PartyChanged),
        ((), A.FORWARD, {"data": {"actor": {"name": "某", "role": "WIZARD"}}}, UnknownWord),
        ((), A.FORWARD, {"to": []}, BadShape),
        ((), A.FORWARD, {"to": ["nowhere"]}, BadShape),
        ((), A.FORWARD, {"answers": [act_id("no such report")]}, AnswerNotOpen),
        ((), A.FORWARD, {"data": {"actor": {"name": "某", "role": "CLERK"}}}, NotYourStep),
        ((), A.FORWARD, {"data": {"actor": "某"}}, BadShape),
        ((), A.FORWARD, {"data": {"papers": [{"key": "k", "name": "n", "blob": 0}]}}, BadShape),
    ],
)
def test_a_step_against_the_rules_does_not_count(steps, action, changes, error):
    refused(Story().go_to(*steps), action, error, **changes)


def test_acceptance_needs_its_date():
    story = Story().go_to(A.FORWARD)
    event = story.draft(A.ACCEPT)
    del event.body["data"]["due"]
    with pytest.raises(DueMissing):
        advance(story.state, event)


def test_a_step_the_table_does_not_hold_is_refused():
    story = Story()
    event = story.draft(A.FORWARD)
    event.body["action"] = "approve"
    with pytest.raises(StepNotAllowed):
        advance(story.state, event)


@pytest.mark.parametrize("actor", [{"login": "reviewer"}, {"name": "reviewer某"}])
@pytest.mark.parametrize("action", [A.APPROVE, A.REFUSE])
def test_one_person_cannot_review_and_approve(action, actor):
    """The same login under another name, or the same name under another login."""
    story = Story().go_to(A.FORWARD, A.ACCEPT, A.REVIEW)
    person = {"login": "other", "name": "他人", "role": "APPROVER", "department": "", **actor}
    refused(story, action, SamePerson, data={"actor": person})


# --- reports


def test_a_report_never_moves_a_case():
    story = Story()
    before = story.state
    for what in Report:
        story.report(what)
    after = story.state
    assert (after.state, after.holder, after.chain, after.due) == (
        before.state, before.holder, before.chain, before.due,
    )  # fmt: skip
    assert len(after.open_reports) == len(Report)


def test_an_open_request_passes_on_with_the_case_and_is_answered_once():
    story = Story()
    report = story.report(Report.PAPERS_BROUGHT)
    story.move(A.FORWARD)
    assert [r.id for r in story.state.open_reports] == [report.id]
    story.move(A.ACCEPT)
    assert story.state.open_reports == ()
    assert story.state.reports[report.id].answered_by == story.state.last
    refused(story, A.REVIEW, AnswerNotOpen, answers=[report.id])


@pytest.mark.parametrize(
    ("steps", "action"), [((A.SEND_BACK,), A.RESUME), ((A.FORWARD, A.ASK_PAPERS), A.TAKE_PAPERS)]
)
def test_papers_are_taken_only_when_some_were_brought(steps, action):
    refused(Story().go_to(*steps), action, AnswerMissing)


def test_a_reminder_does_not_count_as_papers():
    story = Story().go_to(A.SEND_BACK)
    reminder = story.report(Report.REMIND)
    refused(story, A.RESUME, AnswerMissing, answers=[reminder.id])


def test_a_person_cannot_answer_a_withdrawal_by_another_step():
    story = Story()
    withdrawal = story.report(Report.WITHDRAW)
    refused(story, A.FORWARD, AnswerNotOpen, answers=[withdrawal.id])


def test_an_end_answers_whatever_is_still_open():
    story = Story()
    story.report(Report.PAPERS_BROUGHT)
    story.report(Report.REMIND)
    story.go_to(A.GRANT_WITHDRAWAL)
    assert (story.state.state, story.state.open_reports) == (State.WITHDRAWN, ())


def test_papers_are_listed_in_one_order_at_every_node():
    story = Story()
    papers = [{"key": "photo", "name": "照片", "blob": 0, "pages": 1}]
    first = story.report(Report.REMIND)
    early = replace(first, id=act_id(1), blobs=("aa",))
    late = replace(first, id=act_id(2), blobs=("bb",))
    for at, event in enumerate((early, late)):
        event.body["data"] = {**event.body["data"], "papers": papers, "at": 5 + at}
    one = fold([story.filed, early, late], apex=COUNTY)
    other = fold([late, early, story.filed], apex=COUNTY)
    assert one.papers == other.papers
    assert set(one.papers["photo"]) == {"aa", "bb"}


# --- filing


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"case": "511921108203-A1-00071"}, WrongOrigin),
        ({"apex": TOWN}, WrongApex),
        ({"state": "ACCEPTED"}, WrongOutcome),
        ({"holder": COUNTY}, WrongOutcome),
        ({"follows": "x"}, BadShape),
        ({"parties": {"origin": VILLAGE}}, BadShape),
        ({"item_version": "1"}, BadShape),
        ({"to": "511921"}, BadShape),
        ({"action": "levitate"}, UnknownWord),
        ({"action": "forward"}, StepNotAllowed),
    ],
)
def test_a_wrong_filing_makes_no_case(changes, error):
    filed = Story().filed
    wrong = replace(filed, body={**filed.body, **changes})
    with pytest.raises(error):
        begin(wrong, apex=COUNTY)
    with pytest.raises(NoFiling):
        fold([wrong], apex=COUNTY)


def test_nobody_files_under_the_number_of_another_node():
    filed = Story().filed
    body = {**filed.body, "parties": {**filed.body["parties"], "origin": VILLAGE_2}}
    with pytest.raises(WrongOrigin):
        begin(replace(filed, author=VILLAGE_2, body=body), apex=COUNTY)


def test_only_an_agent_or_a_clerk_takes_a_case_in():
    filed = Story().filed
    data = {**filed.body["data"], "actor": {"name": "某", "role": "APPROVER"}}
    with pytest.raises(NotYourStep):
        begin(replace(filed, body={**filed.body, "data": data}), apex=COUNTY)


def test_events_without_their_filing_make_no_case():
    story = Story().go_to(A.FORWARD)
    with pytest.raises(NoFiling):
        fold(story.events[1:], apex=COUNTY)
