"""Whatever stands in the optional parts of signed data: nothing but a refusal is ever raised, nowhere.

Method: hypothesis bends the parts of filings, steps and reports. The fold and `advance` must raise only
`LiandongError` and agree; the receiving node must park or apply, go on with its duties, and show the case on
its page and in its lists; the door must refuse or sign.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.casework.context import load_calendar
from common.casework.errors import CannotApply
from common.casework.messages import apply
from common.casework.rules import parts
from common.casework.rules.case import advance, begin, fold
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.flow import FLOW, REPORTS, Action, Party, Report, Role, State
from common.casework.rules.offered import actions_for, reports_for
from common.casework.rules.timed import alarm_on, timed_duty
from common.casework.rules.waiting import opinions_due, waits_for
from common.casework.service import Casework
from common.errors import LiandongError
from common.store.database import unit_of_work
from tests.casework.build import COUNTY, NOON, TOWN, VILLAGE, act_id, as_act
from tests.casework.life.tools import ITEMS_OF_LIFE, Shelf, staff
from tests.casework.life.wild import ANY_JSON, GOOD, SIGNABLE, bent_parts
from tests.casework.nodes import FakeOutbox, acts_of, make_context
from tests.casework.story import Story

A = Action
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
ALWAYS = ["actor", "at", "note", "papers"]
WAYS = [
    (), (A.FORWARD,), (A.SEND_BACK,), (A.FORWARD, A.ASK_PAPERS), (A.FORWARD, A.ASK_PAPERS, A.TAKE_PAPERS),
    (A.FORWARD, A.ACCEPT), (A.FORWARD, A.ACCEPT, A.BEGIN_SPECIAL), (A.FORWARD, A.ACCEPT, A.ASK_FEE),
    (A.FORWARD, A.ACCEPT, A.REVIEW), (A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE),
    (A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE), (A.FORWARD, A.ACCEPT, A.REVIEW, A.REFUSE),
    (A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE, A.CLOSE), (A.GRANT_WITHDRAWAL,),
]  # fmt: skip


@pytest.fixture(autouse=True)
def quiet():
    """A thousand parked acts need not be told of on the screen."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@st.composite
def steps(draw: st.DrawFn) -> tuple[Story, CaseEvent]:
    """A story anywhere on its way, and a step from there with bent parts."""
    story = Story().go_to(*draw(st.sampled_from(WAYS)))
    state = story.state
    rows = [s for s in FLOW if s.state is state.state and s.by in (state.holding, Party.HOLDER)]
    step = draw(st.sampled_from(rows))
    data = draw(bent_parts([*sorted(parts.MOVED_DATA), *ALWAYS], SIGNABLE))
    return story, story.draft(step.action, role=step.role, data=data)


@st.composite
def reports(draw: st.DrawFn) -> tuple[Story, list[CaseEvent]]:
    """A story anywhere on its way, and reports with bent parts from anybody who may send some."""
    story = Story().go_to(*draw(st.sampled_from(WAYS)))
    if story.state.state is State.ACCEPTED and draw(st.booleans()):
        story = Story().go_to(A.FORWARD)
        story.move(A.ACCEPT, data={"asked": GOOD["asked"]})
    events = []
    for _ in range(draw(st.integers(1, 3))):
        what = draw(st.sampled_from(list(Report)))
        pen, data = story.branch(), draw(bent_parts([*sorted(parts.REPORTED_DATA), *ALWAYS], SIGNABLE))
        good = {"actor": GOOD["actor"], "receipt": GOOD["receipt"], "verdict": "agree", "rating": 5}
        try:
            author = draw(st.sampled_from((VILLAGE, TOWN, COUNTY)))
            event = pen.report(what, author=author, **{**good, **data})
        except LiandongError:
            event = pen.events[-1]
        events.append(replace(event, id=act_id(event.body, len(events))))
    return story, events


@st.composite
def filings(draw: st.DrawFn) -> CaseEvent:
    """A filing with bent parts in its body and its data."""
    filed = Story(draw(st.sampled_from(("checked", "direct", "town")))).filed
    body = {**filed.body, **draw(bent_parts(sorted(parts.FILED_BODY), SIGNABLE, 1))}
    body["data"] = {**body["data"], **draw(bent_parts([*sorted(parts.FILED_DATA), *ALWAYS], SIGNABLE))}
    return replace(filed, id=act_id(body), body=body)


def look_at(state: CaseState) -> None:
    """Ask of a case all that pages and jobs ask of it by the rules alone."""
    calendar, today = load_calendar(), date(2026, 4, 20)
    alarm_on(state, today, calendar)
    timed_duty(state, today, today, ITEMS_OF_LIFE["joint"], calendar)
    waits_for(state), opinions_due(state)
    for department in ("", "协办部门"):
        actions_for(state, ITEMS_OF_LIFE["joint"], list(Role), department)
        reports_for(state, list(Role), department)


@SLOW
@given(steps())
def test_a_step_counts_the_same_in_the_fold_and_alone_or_is_refused(drawn):
    story, event = drawn
    try:
        state = advance(story.state, event)
    except LiandongError as fault:
        assert fold([*story.events, event], apex=COUNTY).invalid == {event.id: fault.code}
        return
    assert fold([*story.events, event], apex=COUNTY) == state
    look_at(state)


@SLOW
@given(filings())
def test_a_filing_makes_a_case_or_is_refused(filed):
    try:
        state = begin(filed, apex=COUNTY)
    except LiandongError:
        return
    look_at(state)


class _Undo(Exception):
    """Leaves the unit so that the next example finds the tables empty."""


def undone(casework: Casework, work: Any) -> None:
    """Do something in a unit that is undone."""
    try:
        with unit_of_work():
            work()
            raise _Undo
    except _Undo:
        pass


def made(node, address: str = COUNTY) -> Casework:
    node(address)
    return Casework(replace(make_context(address, FakeOutbox(address)), catalogue=Shelf()))


@SLOW
@given(drawn=steps())
def test_a_node_applies_or_parks_a_step_and_goes_on(node, caplog, drawn):
    story, event = drawn
    county = made(node)

    def work() -> None:
        result = apply(county.ctx, [*acts_of(story), as_act(event)], NOON)
        assert CannotApply.code not in {why.reason for why in result.parked.values()}
        assert set(result.parked) <= {event.id}
        county.page(story.case)
        county.recompute_dues("", NOON, 50)
        county.do_timed_duties(("", ""), NOON + 90 * 86_400_000, 50)
        county.page(story.case)

    caplog.clear()
    undone(county, work)
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


@SLOW
@given(drawn=reports())
def test_a_node_answers_or_parks_reports_and_its_staff_can_go_on(node, caplog, drawn):
    """After the duties every report that was taken and can be answered by rule is answered."""
    story, events = drawn
    county = made(node, story.state.holder)

    def work() -> None:
        result = apply(county.ctx, [*acts_of(story), *(as_act(event) for event in events)], NOON)
        assert CannotApply.code not in {why.reason for why in result.parked.values()}
        county.page(story.case)
        state = county.case(story.case)
        open_kinds = {r.what for r in state.open_reports if not r.seen or r.seen in state.chain}
        by_hand = {Report.PAPERS_BROUGHT, Report.REMIND}
        assert open_kinds <= by_hand, open_kinds
        if Action.EXPEDITE in county.actions_for(state, ["CLERK"]):
            county.move_case(story.case, "expedite", staff("CLERK"), {"note": "急"}, NOON)

    caplog.clear()
    undone(county, work)
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


@SLOW
@given(filed=filings())
def test_a_node_applies_or_parks_a_filing_and_its_acceptor_can_answer_it(node, caplog, filed):
    holder = str(filed.body["holder"])
    here = made(node, holder)

    def work() -> None:
        result = apply(here.ctx, [as_act(filed)], NOON)
        assert CannotApply.code not in {why.reason for why in result.parked.values()}
        if result.parked:
            return
        case = str(filed.body["case"])
        here.page(case)
        here.has_version_question(case)
        here.do_timed_duties(("", ""), NOON + 30 * 86_400_000, 50)
        role = "CHECKER" if here.case(case).holding is Party.CHECKER else "CLERK"
        if Action.RETURN in here.actions_for(here.case(case), [role]):
            here.move_case(case, "return", staff(role), {"note": "不归我们"}, NOON)

    caplog.clear()
    undone(here, work)
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


@SLOW
@given(way=st.sampled_from(WAYS), data=st.data())
def test_the_door_signs_or_refuses_a_step(node, way, data):
    """Any JSON in any part, as a page or an interface could hand it in."""
    story = Story().go_to(*way)
    here = made(node, story.state.holder)
    row = data.draw(st.sampled_from([s for s in FLOW if s.state is story.state.state]))
    keys = [*sorted(parts.MOVED_DATA), "note", "parties_added", "at", "actor", "other"]
    given_data = {**GOOD, **data.draw(bent_parts(keys, ANY_JSON, 4))}
    given_data.pop("papers")

    def work() -> None:
        apply(here.ctx, acts_of(story), NOON)
        before, announced = here.case(story.case), len(here.ctx.outbox.acts)
        try:
            here.move_case(story.case, row.action, staff(row.role), given_data, NOON)
        except LiandongError:
            assert here.case(story.case) == before
            assert len(here.ctx.outbox.acts) == announced
        else:
            here.page(story.case)

    undone(here, work)


@SLOW
@given(way=st.sampled_from(WAYS), data=st.data())
def test_the_door_signs_or_refuses_a_report(node, way, data):
    story = Story().go_to(*way)
    here = made(node, story.state.holder)
    rule = data.draw(st.sampled_from(REPORTS))
    keys = [*sorted(parts.REPORTED_DATA), "note", "at", "actor", "other"]
    given_data = {**GOOD, **data.draw(bent_parts(keys, ANY_JSON, 4))}
    given_data.pop("papers")

    def work() -> None:
        apply(here.ctx, acts_of(story), NOON)
        before = here.case(story.case)
        try:
            here.report(story.case, rule.what, staff(rule.roles[0]), given_data, NOON)
        except LiandongError:
            assert here.case(story.case) == before
        else:
            here.page(story.case)

    undone(here, work)
