"""The county takes cases over: for which causes, what becomes of them, and of the former holder's acts."""

from __future__ import annotations

import itertools
import random
from datetime import date
from typing import Any

import pytest

from common.casework import errors, held, taking_over
from common.casework.rules.flow import Action, Cause, Party, State
from common.casework.rules.taking_over import SILENT_DAYS
from common.casework.taking_over import Taken
from common.store.database import database, unit_of_work
from tests.casework.build import AGENT, COUNTY, NOON, TOWN, TOWN_2, VILLAGE, VILLAGE_2, VILLAGE_3
from tests.casework.life.tools import (
    APPROVER,
    CHECKER,
    CLERK,
    NOTICE,
    RECEIVER,
    REVIEWER,
    Life,
    staff,
)
from tests.casework.test_case_network import ITEMS, act_at_random, file

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


# --- (a) deemed acceptance


def test_a_case_whose_township_kept_silent_is_taken_over_accepted_by_law_and_brought_to_its_end(life):
    case = life.file("town")
    life.wait(7)  # Monday 9 March, the fifth working day
    assert why_not(life, case) == errors.TakeOverRefused.code
    assert why_not(life, life.file("direct", overrule="另一户")) == errors.TakeOverRefused.code
    life.wait(1)
    assert life.at(COUNTY).deemed_since(case, life.now) == date(2026, 3, 2)
    assert held.left_unanswered(COUNTY, "2026-03-10", {"instant"}) == [case]
    assert held.left_unanswered(COUNTY, "2026-03-10", {"town"}) == []
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
    assert [(heap.holder, heap.cases) for heap in held.holders(COUNTY)] == [(TOWN, 40)]
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


def test_when_the_countys_clock_leaps_nobody_counts_as_silent_until_the_date_is_confirmed(life):
    """Eight days ahead at once: every node looks silent, and every case late; a relieved node stays gone."""
    silent, late, relieved = (life.file("town", overrule=f"第{n}户") for n in range(3))
    life.move(TOWN, silent, "accept", CLERK)
    life.line.heard = {each: life.now for each in (TOWN, TOWN_2, VILLAGE, VILLAGE_2, VILLAGE_3)}
    life.wait(8)
    assert life.at(COUNTY).causes_to_take_over(silent, life.now) == {Cause.SILENT: "2026-03-02"}
    assert [why_not(life, case) for case in (silent, late)] == ["E167", "E167"]
    # Where two of five are silent, or the others were never heard of, it is they.
    said = life.line.heard
    life.line.heard = {**said, VILLAGE: life.now, VILLAGE_2: life.now, VILLAGE_3: life.now}
    assert not taking_over.is_day_in_question(life.at(COUNTY).ctx, life.now)
    life.line.heard = {**said, TOWN_2: 0, VILLAGE_2: 0, VILLAGE_3: 0}
    assert not taking_over.is_day_in_question(life.at(COUNTY).ctx, life.now)
    life.line.heard = said
    life.line.relieved = {TOWN}
    assert take_over(life, relieved).done == (relieved,)
    life.line.relieved = set()
    assert why_not(life, silent) == "E167"
    with unit_of_work():
        assert taking_over.confirm_day(life.now, "approver") == "2026-03-10"
    assert take_over(life, silent, late).done == (silent, late)
    assert ("approver", "case.confirm_silence", "2026-03-10") in audit_rows(life)


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


# By these seeds the county finds something to take over.
@pytest.mark.parametrize("seed", [0, 2, 3, 4, 6, 7])
def test_all_nodes_agree_though_the_county_takes_over_while_others_go_on(life, seed):
    """Method: seeded clerks everywhere, a county that takes over what it can, streams in drawn order.

    A failing seed is the whole bug report.
    """
    rng = random.Random(1_000 + seed)
    life.line.relieved = {TOWN, TOWN_2}
    cases = [file(life.network, rng.choice(ITEMS), at) for at in (VILLAGE, VILLAGE_2, VILLAGE_3)]
    taken: list[str] = []
    for _ in range(40):
        case = rng.choice(cases)
        if rng.random() < 0.85:
            act_at_random(life.network, rng, case)
        else:
            taken += take_over(life, case).done
        if rng.random() < 0.4:
            life.network.run(rng)
    life.network.run(rng)
    assert life.network.parked() == {}
    for case in cases:
        states = life.network.states(case)
        assert all(state == states[COUNTY] for state in states.values()) and states[COUNTY].forks == ()
        assert not states[COUNTY].facts.taken_over or states[COUNTY].holder == COUNTY
    assert taken


def test_what_cannot_be_settled_after_a_take_over_does_not_make_it_look_undone(life, monkeypatch):
    """The act is signed already: to say that nothing happened would be a lie."""
    case = life.file("town")
    life.wait(8)

    def refuses(*_said: object) -> None:
        raise errors.ReasonMissing()

    monkeypatch.setattr(taking_over, "settle_duties", refuses)
    taken = take_over(life, case)
    assert (taken.done, taken.left) == ((case,), {})
    assert life.state(case).holder == COUNTY and life.state(case).state is State.ACCEPTED
