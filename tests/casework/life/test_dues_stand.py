"""Due dates and receipts stand as signed, however late, often or mixed up the messages come."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.casework import records
from common.casework.context import load_calendar
from common.casework.rules.case import fold
from common.casework.rules.event import CaseState
from common.casework.rules.flow import Action
from common.casework.rules.timed import due_now
from common.errors import LiandongError
from common.store.database import database
from sync.protocol import canonical
from tests.casework.build import COUNTY, TOWN, VILLAGE
from tests.casework.life.tools import APPROVER, CHECKER, CLERK, HELPS, LEAD, REVIEWER, Life, staff
from tests.casework.story import SAID, USUAL, Story
from tests.casework.test_case_convergence import straight_stories

SETS_DUE = {"accept", "deem_accept", "end_special", "extend", "due_changed"}
PEOPLE = (CLERK, CHECKER, REVIEWER, APPROVER, LEAD, staff("CLERK", "另一部门"), staff("REVIEWER", "另一部门"))
OLD = load_calendar()
_HEAP = "waits_at, department, needs, state"
CALENDARS = (OLD, replace(OLD, off=OLD.off | {date(2026, 3, 13), date(2026, 3, 18)}))


@given(straight_stories(), st.data())
def test_what_comes_twice_or_in_another_order_moves_no_day(story, data):
    """Method: the events of a history, some of them twice, in any order."""
    again = data.draw(st.lists(st.sampled_from(story.events), max_size=6))
    order = data.draw(st.permutations([*story.events, *again]))
    state = fold(order, apex=COUNTY)
    assert (state.due, state.facts) == (story.state.due, story.state.facts)


@given(straight_stories(), st.data())
def test_a_part_of_the_history_shows_a_day_that_was_signed_and_no_other(story, data):
    """A node to which only the first events came shows the day they signed; the others change it by name."""
    count = data.draw(st.integers(1, len(story.events)))
    state = fold(story.events[:count], apex=COUNTY)
    assert state.due == last_signed(state, {e.id: (e.author, e.body) for e in story.events})


def last_signed(state: CaseState, bodies: Mapping[str, tuple[str, Mapping[str, Any]]]) -> str:
    """Return the due date that the chain signed last, having looked who signed."""
    due = ""
    for act in state.chain:
        author, body = bodies[act]
        if body["action"] in SETS_DUE:
            due = body["data"]["due"]
            assert author in (state.parties["acceptor"], state.parties["competent"])
    return due


def signed_by(life: Life) -> dict[str, tuple[str, Mapping[str, Any]]]:
    return {
        act.id: (act.author, canonical.loads(act.content))
        for site in life.network.sites.values()
        for act in site.outbox.acts
    }


def test_a_reminder_changes_no_day_and_a_late_report_neither():
    story = Story().go_to(Action.FORWARD, Action.ACCEPT)
    before = (story.state.due, story.state.facts)
    for what, data in SAID.items():
        story.report(what, **{**data, "due": "2030-01-01", "received_on": "2030-01-01"})
    assert (story.state.due, story.state.facts) == before


@pytest.mark.parametrize("seed", range(6))
def test_every_tier_shows_the_last_signed_day_while_lines_are_late_and_mixed(life, seed):
    """Method: seeded staff at every node; days pass, calendars change, acts come late, twice, disordered.

    After each round every node's due date is the one its chain signed last, and what was once signed about
    receipt and acceptance is as it was. A failing seed is the whole bug report.
    """
    rng = random.Random(seed)
    run, life.network.run = life.network.run, lambda: None
    items = ("direct", "checked", "special", "joint", "fee", "tolerant", "town")
    cases = [life.file(rng.choice(items), overrule="另有一户") for _ in range(3)]
    stood: dict[tuple[str, str], tuple[str, ...]] = {}
    done = 0
    for _ in range(45):
        done += act_at_random(life, rng, rng.choice(cases))
        if rng.random() < 0.3:
            life.wait(rng.choice((0.3, 1, 2, 5)))
        if rng.random() < 0.5:
            run(rng)
        if rng.random() < 0.3:
            send_again(life, rng)
        look(life, cases, stood)
    run(rng)
    look(life, cases, stood)
    assert done >= 5
    for case in cases:
        life.agreed(case)
    for at in (VILLAGE, TOWN, COUNTY):
        life.at(at)
        assert kept_heaps() == counted_heaps()


def kept_heaps() -> list[tuple[Any, ...]]:
    """Return how many cases lie on each heap, as the node keeps it."""
    found = database.execute_sql(f"SELECT {_HEAP}, count FROM case_heap WHERE count <> 0 ORDER BY {_HEAP}")
    return found.fetchall()


def counted_heaps() -> list[tuple[Any, ...]]:
    """Return the same, counted anew."""
    found = database.execute_sql(f"SELECT {_HEAP}, COUNT(*) FROM case_file GROUP BY {_HEAP} ORDER BY {_HEAP}")
    return found.fetchall()


def act_at_random(life: Life, rng: random.Random, case: str) -> int:
    """Let somebody try something; return 1 if the door allowed it."""
    try:
        chance = rng.random()
        if chance < 0.1:
            life.day_job(rng.choice((TOWN, COUNTY)))
        elif chance < 0.15:
            life.new_calendar(rng.choice(CALENDARS), rng.choice((TOWN, COUNTY)))
        elif chance < 0.4:
            what = rng.choice([*sorted(SAID), "papers_brought", "remind", "remind", "papers_brought"])
            who = staff("REVIEWER", HELPS) if what == "opinion" else CLERK
            at = COUNTY if what == "opinion" else VILLAGE
            life.report(at, case, what, who, **{"note": "说明", **SAID.get(what, {})})
        else:
            step_at_random(life, rng, case)
    except LiandongError:
        return 0
    return 1


def step_at_random(life: Life, rng: random.Random, case: str) -> None:
    states = life.network.states(case)
    holders = [at for at, state in states.items() if state.holder == at] or [VILLAGE]
    at = rng.choice(holders)
    state = life.state(case, at)
    casework = life.at(at)
    ways = [
        (action, who) for who in PEOPLE for action in casework.actions_for(state, [who.role], who.department)
    ]
    # What ends a case is drawn seldom, so that most of them get far.
    ends = ("return", "not_accept", "terminate", "refuse", "lapse")
    weights = [0.15 if action in ends else 1.0 for action, _ in ways]
    if ways:
        action, who = rng.choices(ways, weights)[0]
        life.move(
            at,
            case,
            action,
            who,
            **{key: value for key, value in USUAL.get(action, {}).items() if key != "at"},
        )


def send_again(life: Life, rng: random.Random) -> None:
    """Give some node acts it has had, or is yet to get, once more and out of order."""
    acts = [act for site in life.network.sites.values() for act in site.outbox.acts]
    at = rng.choice((VILLAGE, TOWN, COUNTY))
    some = [act for act in rng.sample(acts, min(6, len(acts))) if act.kind.startswith("case.")]
    life.network.sites[at].receive([act for act in some if act.author != at])


def look(life: Life, cases: list[str], stood: dict[tuple[str, str], tuple[str, ...]]) -> None:
    """Assert that all nodes show what was signed, and that what stood before stands."""
    bodies = signed_by(life)
    for case in cases:
        for at, state in life.network.states(case).items():
            assert state.due == last_signed(state, bodies), (at, case)
            facts = state.facts
            now = (facts.checker_on, facts.acceptor_on, facts.accepted_on, facts.deemed_on)
            for was, is_now in zip(stood.get((at, case), ("",) * 4), now, strict=True):
                assert was in ("", is_now), (at, case, was, is_now)
            stood[(at, case)] = now
            row = records.CaseFile.get_or_none(records.CaseFile.case == case) if life.at(at) else None
            assert row is not None and row.due == due_now(state)
