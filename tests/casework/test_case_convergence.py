"""Convergence: whatever order events come in, nodes that hold the same ones hold the same case."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from common.casework.rules.case import advance, begin, fold
from common.casework.rules.demands import check_demands
from common.casework.rules.duties import Strike, duty_of
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.flow import FLOW, Party, Step
from common.casework.rules.judge import may_answer
from common.casework.rules.letter_days import receipts_of
from common.casework.rules.words import Action, Report, Role
from common.errors import LiandongError
from tests.casework.build import COUNTY, TOWN, VILLAGE, VILLAGE_2, signed_actor
from tests.casework.life.stories import facts_set, filed_with
from tests.casework.story import USUAL, Story

ROUTES = ("checked", "town", "entrusted", "direct", "instant")
HELPS = "协办部门"
# Its day has passed already, so that silence can be drawn too.
ASKED = [{"department": HELPS, "matter": "意见", "due": "2026-03-01", "deemed": 1}]
ORIGINALS = {"originals": "after_review"}
_OF_HELPS = {"actor": {"login": "x", "name": "某", "role": "REVIEWER", "department": HELPS}}
_PHOTO = [{"key": "photo", "name": "照片", "how": "原件"}]
_POSTED = {"receiver": {"name": "某", "id_number": "x", "how": "邮寄", "tracking": "EMS1"}}
_BACK = {"tried": {"how": "邮寄", "why": "moved", "on": "2026-03-02", "tracking": "EMS1"}}
# What the same kind of report may also say.
SAID_OTHERWISE = {
    Report.OPINION: (
        {},
        _OF_HELPS,
        {**_OF_HELPS, "verdict": "disagree"},
        {**_OF_HELPS, "verdict": "complete"},
        {**_OF_HELPS, "verdict": "lacking", "lacking": _PHOTO},
    ),
    Report.PAID: ({}, {"receipt": {"fen": 1, "number": "票2"}}),
    Report.COLLECT_AT: ({}, {"place": VILLAGE_2}),
    Report.RATED: ({}, {"rating": 5}, {"rating": 99}),
    Report.HANDED_OVER: ({}, _POSTED, {**_POSTED, "served_on": "2026-03-01", "delivered_on": "2026-03-02"}),
    Report.NOT_SERVED: ({}, _BACK),
}
REPORTERS = (VILLAGE, VILLAGE_2, TOWN, COUNTY)


def fresh(draw: st.DrawFn) -> Story:
    """A new case, of a joint item or with papers to follow as drawn."""
    return filed_with(
        draw(st.sampled_from(ROUTES)),
        data={**draw(st.sampled_from(({}, facts_set()))), **draw(st.sampled_from(({}, ORIGINALS)))},
        **draw(st.sampled_from(({}, {"joint": [HELPS]}))),
    )


def possible_steps(story: Story) -> list[tuple[Action, Role]]:
    """Every step the table offers where the story stands."""
    state = story.state
    kinds = {report.what for report in state.open_reports}
    found = []
    for step in FLOW:
        if step.state is not state.state or step.by not in (state.holding, Party.HOLDER):
            continue
        needs = set(step.answers)
        if step.action is Action.NOTE:
            needs = {kind for kind in kinds if may_answer(step, kind)}
        if needs.isdisjoint(kinds) if needs or step.action is Action.NOTE else False:
            continue
        if _is_met(story, step):
            found.append((step.action, step.role))
    return found


def _is_met(story: Story, step: Step) -> bool:
    """Say whether what the row demands is met by what a story usually says."""
    said = {**USUAL.get(step.action, {}), **_of_the_case(story, step.action)}
    data = {"actor": signed_actor(step.role), "at": story.clock + 60_000, **said}
    try:
        check_demands(story.state, step, data)
    except LiandongError:
        return False
    return True


def _of_the_case(story: Story, action: Action) -> dict[str, Any]:
    """What a step says of this case alone: which record of a letter it makes void, or puts right by one of
    two days.
    """
    for one in receipts_of(story.state):
        named = {"record": one.record, "tracking": one.tracking, "was": one.on}
        if action is Action.VOID_RECEIPT:
            return {"letter_void": named}
        if action is Action.CORRECT_LETTER_DAY:
            on = "2026-03-01" if one.on == "2026-03-02" else "2026-03-02"
            return {"letter_day": {**named, "on": on}}
    return {}


def go_on(story: Story, draw: st.DrawFn, length: int) -> None:
    """Let the case take `length` more steps or reports, whichever are drawn."""
    for _ in range(length):
        steps = possible_steps(story)
        if not steps or draw(st.integers(0, 3)) == 0:
            what, author = draw(st.sampled_from(list(Report))), draw(st.sampled_from(REPORTERS))
            story.report(what, author=author, **draw(st.sampled_from(SAID_OTHERWISE.get(what, ({},)))))
        else:
            action, role = draw(st.sampled_from(steps))
            is_asking = story.state.facts.joint and action in (Action.ACCEPT, Action.DEEM_ACCEPT)
            said = {"asked": ASKED} if is_asking else _of_the_case(story, action)
            story.move(action, role=role, data=said)


@st.composite
def straight_stories(draw: st.DrawFn) -> Story:
    """One valid history, nobody ever contradicting anybody."""
    story = fresh(draw)
    go_on(story, draw, draw(st.integers(0, 12)))
    return story


@st.composite
def forked_events(draw: st.DrawFn) -> list[CaseEvent]:
    """A history of which one or two restored copies tell other continuations, as the county got them."""
    story = fresh(draw)
    branches = [story]
    for _ in range(draw(st.integers(0, 2))):
        go_on(story, draw, draw(st.integers(0, 4)))
        twin = draw(st.sampled_from(branches)).branch()
        go_on(twin, draw, draw(st.integers(1, 4)))
        branches.append(twin)
    go_on(story, draw, draw(st.integers(0, 4)))
    return merged([branch.events for branch in branches], draw)


def merged(branches: list[list[CaseEvent]], draw: st.DrawFn) -> list[CaseEvent]:
    """Interleave branches, each in its own order; what two branches share comes once."""
    left = [list(branch) for branch in branches]
    events: dict[str, CaseEvent] = {}
    while any(left):
        branch = draw(st.sampled_from([part for part in left if part]))
        event = branch.pop(0)
        events.setdefault(event.id, event)
    return list(events.values())


def strikes_of_the_apex(events: list[CaseEvent]) -> list[CaseEvent]:
    """What the county writes as the events come to it, one after the other."""
    pen = Story()
    pen.case = events[0].body["case"]
    here: list[CaseEvent] = []
    strikes: list[CaseEvent] = []
    for event in events:
        here.append(event)
        duty = duty_of(fold(here, apex=COUNTY), COUNTY)
        if isinstance(duty, Strike):
            strike = pen.strike(*duty.ids)
            here.append(strike)
            strikes.append(strike)
    return strikes


@given(straight_stories())
def test_one_event_more_gives_what_folding_anew_gives(story):
    state: CaseState | None = None
    for count, event in enumerate(story.events, start=1):
        state = begin(event, apex=COUNTY) if state is None else advance(state, event)
        assert state == fold(story.events[:count], apex=COUNTY)


@given(straight_stories(), st.data())
def test_any_order_of_one_history_gives_one_case(story, data):
    order = data.draw(st.permutations(story.events))
    assert fold(order, apex=COUNTY) == story.state


@given(straight_stories())
def test_each_report_is_answered_by_one_move_at_most(story):
    answered = [act for event in story.events for act in event.body.get("answers", ())]
    assert len(answered) == len(set(answered))
    for report in story.state.reports.values():
        assert report.answered_by in ("", *story.state.chain)


@settings(max_examples=60)
@given(forked_events(), st.data())
def test_every_node_comes_to_the_same_case_once_the_strikes_are_there(events, data):
    """Restored copies contradict each other; the county strikes by its own order, others see any order."""
    whole = [*events, *strikes_of_the_apex(events)]
    county = fold(whole, apex=COUNTY)
    assert county.forks == ()
    for _ in range(3):
        assert fold(data.draw(st.permutations(whole)), apex=COUNTY) == county


@given(forked_events())
def test_the_county_strikes_nothing_that_it_let_stand(events):
    """An act the county has once put on the chain, and not struck itself, stays on the chain."""
    strikes = strikes_of_the_apex(events)
    struck = {act for strike in strikes for act in strike.body["ids"]}
    state = fold([*events, *strikes], apex=COUNTY)
    assert struck.isdisjoint(state.chain)
    assert events[0].id == state.chain[0]
