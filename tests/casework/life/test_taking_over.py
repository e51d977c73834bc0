"""The county takes cases over: for which causes, what becomes of them, and of the former holder's acts."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from common.casework import errors, held
from common.casework.rules.case import advance, fold
from common.casework.rules.event import CaseEvent
from common.casework.rules.flow import Action, Cause, Party, State
from common.casework.rules.shape import TAKEN_OVER
from common.casework.rules.taking_over import SILENT_DAYS, Known, answering_department, causes_of
from common.casework.rules.words import Role
from common.casework.taking_over import Taken
from common.store.database import database, unit_of_work
from tests.casework.build import AGENT, COUNTY, NOON, TOWN, VILLAGE, act_id, as_act, signed_actor, small_tree
from tests.casework.life.tools import (
    APPROVER,
    CHECKER,
    CLERK,
    DAY,
    NOTICE,
    OURS,
    RECEIVER,
    REVIEWER,
    Life,
    staff,
)
from tests.casework.story import Story

A = Action
ADMIN, WHY = staff("ADMIN", "县政务服务中心"), "青峪镇的电脑已经损坏，无人办理。"
TODAY = date(2026, 3, 20)
AUDIT = "actor, action, object"


def take_over(life: Life, *cases: str, who: Any = APPROVER, at: str = COUNTY, note: str = WHY) -> Taken:
    """Take cases over; nothing is delivered."""
    casework = life.at(at)
    with unit_of_work():
        return casework.take_over(cases, who, note, life.now)


def why_not(life: Life, case: str, **said: Any) -> str:
    taken = take_over(life, case, **said)
    assert taken.done == ()
    return taken.left[case].code


# --- the rules


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


def test_nothing_is_a_cause_for_a_case_that_the_county_holds_or_that_is_closed():
    everything = Known(TODAY, date(2026, 3, 2), date(2026, 3, 2), is_relieved=True)
    assert causes_of(Story("direct").state, everything) == {}
    assert causes_of(Story("town").go_to(A.RETURN, A.CLOSE).state, everything) == {}
    assert causes_of(Story("town").go_to(A.GRANT_WITHDRAWAL).state, everything) == {}
    # After the door silence is no acceptance any more; of a checker it never was.
    assert Cause.DEEMED not in causes_of(Story("town").go_to(A.ACCEPT).state, everything)
    assert Cause.DEEMED not in causes_of(Story().state, everything)
    assert set(causes_of(Story("town").state, everything)) == set(Cause)


def test_who_answers_is_the_department_if_the_county_has_it_else_the_hall_else_everybody():
    hall = "县政务服务中心"
    posts = frozenset({"CLERK", "REVIEWER", "APPROVER"})
    assert answering_department("县民政局", {"县民政局": {"REVIEWER"}, hall: posts}) == "县民政局"
    assert answering_department("社会事务办公室", {"县民政局": {"REVIEWER"}, hall: posts}) == hall
    assert answering_department("社会事务办公室", {hall: frozenset({"CLERK"})}) == ""
    assert answering_department("", {hall: posts}) == ""


# --- (a) deemed acceptance


def test_a_case_whose_township_kept_silent_is_taken_over_accepted_by_law_and_brought_to_its_end(life):
    case = life.file("town")
    life.wait(7)  # Monday 9 March, the fifth working day
    assert why_not(life, case) == errors.TakeOverRefused.code
    life.wait(1)
    assert life.at(COUNTY).deemed_since(case, life.now) == date(2026, 3, 2)
    assert held.left_unanswered(COUNTY, "2026-03-10") == [case]
    assert life.at(COUNTY).causes_to_take_over(case, life.now) == {Cause.DEEMED: "2026-03-02"}
    assert take_over(life, case).done == (case,)
    life.network.run()
    state = life.agreed(case)
    assert (state.state, state.holder, state.holding) == (State.ACCEPTED, COUNTY, Party.COMPETENT)
    assert (state.facts.accepted_on, state.facts.deemed_on) == ("2026-03-02", "2026-03-02")
    assert state.due == "2026-03-09"
    assert state.parties["acceptor"] == state.parties["competent"] == COUNTY
    # The township hears of everything that follows, and judges nothing any more.
    assert TOWN in state.parties.values() and state.facts.gone == ()
    with pytest.raises(errors.NotHolder):
        life.move(TOWN, case, "review", REVIEWER)
    for action, who, said in (("review", REVIEWER, {}), ("approve", APPROVER, {}), ("issue", CLERK, {})):
        life.move(COUNTY, case, action, who, **said)
    life.report(VILLAGE, case, "handed_over", AGENT, **RECEIVER)
    assert life.agreed(case).state is State.CLOSED
    rows = [row for row in audit_rows(life) if row[1] == "case.taken_over"]
    assert [(row[0], row[2]) for row in rows] == [(APPROVER.login, case)]


def audit_rows(life: Life) -> list[tuple[Any, ...]]:
    life.at(COUNTY)
    return list(database.execute_sql(f"SELECT {AUDIT} FROM audit").fetchall())


# --- (b) a township that never returns


STEPS: dict[str, tuple[tuple[str, Any, dict[str, Any]], ...]] = {
    "RECEIVED": (),
    "SENT_BACK": (("send_back", CHECKER, NOTICE),),
    "SUPPLEMENT": (("ask_papers", CLERK, NOTICE),),
    "ACCEPTED": (("accept", CLERK, {}),),
    "REVIEWED": (("accept", CLERK, {}), ("review", REVIEWER, {})),
    "APPROVED": (("accept", CLERK, {}), ("review", REVIEWER, {}), ("approve", APPROVER, {})),
}
STEPS["ISSUED"] = (*STEPS["APPROVED"], ("issue", CLERK, {}))
TO_THE_END = {
    State.RECEIVED: ("accept", CLERK, {}),
    State.SUPPLEMENT: None,
    State.ACCEPTED: ("review", REVIEWER, {}),
    State.REVIEWED: ("approve", APPROVER, {}),
    State.APPROVED: ("issue", CLERK, {}),
}


def held_by_the_township(life: Life, state: str, n: int) -> str:
    case = life.file("checked" if state == "SENT_BACK" else "town", overrule=f"第{n}户")
    for action, who, said in STEPS[state]:
        life.move(TOWN, case, action, who, **said)
    return case


def bring_to_the_end(life: Life, case: str) -> None:
    while life.state(case).state is not State.ISSUED:
        step = TO_THE_END[life.state(case).state]
        if step is None:
            life.report(VILLAGE, case, "papers_brought", AGENT, note="补来照片")
            step = ("take_papers", CLERK, {})
            life.move(COUNTY, case, step[0], step[1])
            step = ("accept", CLERK, {})
        life.move(COUNTY, case, step[0], step[1], **step[2])
    life.report(VILLAGE, case, "handed_over", AGENT, **RECEIVER)


def test_forty_cases_of_a_dead_township_go_on_at_the_county(life):
    """In whatever state they were left; results are fetched at the village as before."""
    states = list(itertools.islice(itertools.cycle(STEPS), 40))
    cases = [held_by_the_township(life, state, n) for n, state in enumerate(states)]
    life.at(COUNTY)
    assert [(heap.holder, heap.count) for heap in held.holders(COUNTY)] == [(TOWN, 40)]
    page = held.held_by(TOWN, limit=25)
    assert sorted(c for _, c in (*page, *held.held_by(TOWN, page[-1], 25))) == sorted(cases)
    assert {why_not(life, case) for case in cases[:7]} == {errors.TakeOverRefused.code}
    life.line.relieved.add(TOWN)
    taken = take_over(life, *cases, "511921108203-A9-00000", who=ADMIN)
    assert (set(taken.done), list(taken.left)) == (set(cases), ["511921108203-A9-00000"])
    life.network.run()
    assert held.holders(COUNTY) == []
    for case, before in zip(cases, states, strict=True):
        state = life.agreed(case)
        # What the checker had sent back the county's window asks for in due form, or takes as it is.
        now = State.RECEIVED if before == "SENT_BACK" else State(before)
        assert (state.state, state.holder, state.facts.gone) == (now, COUNTY, (TOWN,))
    for case in cases[:7]:
        bring_to_the_end(life, case)
        assert life.agreed(case).state is State.CLOSED


def test_what_was_to_be_fetched_at_the_dead_township_is_fetched_at_the_county(life):
    case = life.file("town", at=TOWN, who=CLERK)
    life.move(TOWN, case, "ask_papers", CLERK, **NOTICE)
    life.line.heard[TOWN] = NOON
    life.wait(SILENT_DAYS)
    assert take_over(life, case).done == (case,)
    life.network.run()
    assert life.agreed(case).facts.collect_at == COUNTY
    assert waits(life, case) == (COUNTY, "wait_papers")
    life.report(COUNTY, case, "papers_brought", CLERK, note="补来照片")
    life.move(COUNTY, case, "take_papers", CLERK)
    assert life.agreed(case).state is State.SUPPLEMENTED


def waits(life: Life, case: str) -> tuple[Any, ...]:
    life.at(COUNTY)
    row = database.execute_sql('SELECT waits_at, needs FROM case_file WHERE "case" = ?', (case,)).fetchone()
    return tuple(row)


@pytest.mark.parametrize("seed", range(4))
def test_what_an_old_computer_sends_later_is_struck_by_id_and_its_author_reads_why(life, seed):
    """It forwarded, or decided, while its line was down; the county had taken over meanwhile."""
    case = life.file("town")
    life.line.relieved.add(TOWN)
    acts = [life.move_unheard(TOWN, case, "accept", CLERK), life.move_unheard(TOWN, case, "review", REVIEWER)]
    brought = life.report_unheard(VILLAGE, case, "papers_brought", AGENT, note="补来")
    assert take_over(life, case).done == (case,)
    life.network.run(random.Random(seed))
    state = life.agreed(case)
    assert (state.state, state.holder, state.forks) == (State.RECEIVED, COUNTY, ())
    assert state.struck == {acts[0]} and not set(acts) & set(state.chain)
    assert brought in state.reports
    page = life.at(TOWN).page(case)
    standing = {entry.act: entry.standing for entry in page.timeline}
    assert [standing[act] for act in acts] == ["struck", "out"]
    (strike,) = [entry for entry in page.timeline if entry.word == "struck"]
    assert "县级接管" in strike.note
    (taken,) = [entry for entry in page.timeline if entry.word == "taken_over"]
    assert (taken.label, taken.note, taken.standing) == ("上级接管", WHY, "stands")
    life.move(COUNTY, case, "accept", CLERK)
    assert life.agreed(case).state is State.ACCEPTED


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
def test_a_closed_case_and_one_that_the_county_holds_are_not_taken_over(life, steps):
    story = Story("town").go_to(*steps)
    for one in (story, Story("direct", counter=2)):
        with pytest.raises(errors.TakeOverRefused):
            advance(one.state, take_over_event(one))
    assert why_not(life, life.file("direct")) == errors.TakeOverRefused.code


def test_only_the_county_takes_over_and_only_with_a_reason_and_by_who_answers_for_it(life):
    case = life.file("town")
    life.line.relieved.add(TOWN)
    assert why_not(life, case, at=VILLAGE, who=AGENT) == errors.TakeOverRefused.code
    assert why_not(life, case, note="  ") == errors.ReasonMissing.code
    for role in ("CLERK", "LEAD", "SUPERVISOR", "REVIEWER"):
        assert why_not(life, case, who=staff(role)) == errors.NotYourStep.code
    assert life.agreed(case).holder == TOWN
    assert life.at(VILLAGE).causes_to_take_over(case, life.now) == {}
    assert take_over(life, case, who=ADMIN).done == (case,)
    assert why_not(life, case) == errors.TakeOverRefused.code


def test_a_take_over_that_came_before_what_it_follows_waits_for_it(life):
    story = Story("town").go_to(A.ACCEPT)
    taken = take_over_event(story)
    site = life.network.sites[VILLAGE]
    site.receive([as_act(story.filed), as_act(taken)])
    assert site.parked[taken.id][1].waits_for == f"act:{story.state.last}"
    site.receive([as_act(event) for event in story.events])
    assert site.parked == {} and life.state(story.case, VILLAGE).holder == COUNTY
