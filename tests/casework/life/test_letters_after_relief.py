"""A township is relieved while a letter of a closed case is out or a day is wrong: the county goes on.

Terms run from the service, and only who holds a case may write down what becomes of that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from common.casework import errors, held, incoming, ledger
from common.casework.late import unreceipted
from common.casework.rules import left_to_do
from common.casework.rules.case import fold
from common.casework.rules.flow import Cause, Party, State
from common.casework.rules.left_to_do import Left
from common.casework.rules.letter_days import receipts_of
from common.casework.rules.letters import letters_out
from common.casework.rules.services import service_of
from common.casework.rules.waiting import Work, waits_for
from common.days import later, local_day
from tests.casework.build import COUNTY, TOWN, VILLAGE
from tests.casework.life.test_collected_after_relief import issued, kept, sent
from tests.casework.life.test_left_to_do import came, sent_and_suspended
from tests.casework.life.test_not_reached import letter, visit
from tests.casework.life.test_service_after_relief import dead, ended
from tests.casework.life.test_taking_over import ADMIN, take_over, why_not
from tests.casework.life.tools import CLERK, OURS, RECEIVER, Life


def listed(life: Life, gone: tuple[str, ...] = (TOWN,), days: int = 365) -> list[str]:
    """Return the township's cases in the county's list of what it may take over, which counts as many."""
    life.at(COUNTY)
    letters = held.Letters(gone, later(local_day(life.now), -days))
    names = [case for _, case in held.held_by(TOWN, letters=letters)]
    heaps = {heap.holder: heap for heap in held.holders(COUNTY, letters)}
    heap = heaps.get(TOWN)
    assert len(names) == (heap.cases + heap.unserved + heap.letters if heap else 0)
    return names


def without_receipt(life: Life, at: str = COUNTY, department: str = "") -> list[str]:
    """Return the cases in the list of letters without a receipt, of fifteen days or more."""
    life.at(at)
    today = local_day(life.now)
    posted_on = (later(today, -365), later(today, -15))
    return [line.case for line in unreceipted(at, department, posted_on)]


def put_right(life: Life, at: str, case: str, on: str, unheard: bool = False) -> str:
    (one,) = receipts_of(life.state(case, at))
    said = {"record": one.record, "tracking": one.tracking, "was": one.on, "on": on}
    move: Callable[..., str] = life.move_unheard if unheard else life.move
    return move(at, case, "correct_letter_day", CLERK, note="看错了", letter_day=said)


def archive(life: Life, case: str) -> str:
    life.move(TOWN, case, "archive", CLERK)
    return case


@pytest.mark.parametrize("is_archived", [False, True])
def test_the_letters_of_a_relieved_township_are_taken_over_together_and_asked_after(
    life: Life, is_archived: bool
) -> None:
    cases = [sent(life), sent(life), sent(life)]
    state = State.ARCHIVED if is_archived else State.CLOSED
    for case in cases if is_archived else ():
        archive(life, case)
    with dead(life):
        assert listed(life) == sorted(cases, key=lambda case: (life.state(case).filed_at, case))
        assert listed(life, gone=()) == [], "who is at work asks the post by itself"
        for case in cases:
            assert life.at(COUNTY).causes_to_take_over(case, life.now) == {Cause.UNSERVED: ""}
        assert set(take_over(life, *cases, who=ADMIN).done) == set(cases)
        assert listed(life) == [] and without_receipt(life) == []
        life.wait(16)
        assert set(without_receipt(life)) == set(cases)
    for case in cases:
        found = life.agreed(case)
        assert (found.state, found.holder, found.holding) == (state, COUNTY, Party.HAND_OVER)
    assert without_receipt(life, TOWN) == [], "it holds them no more"
    today = local_day(life.now)
    came_back, arrived, fetched = cases
    life.report(VILLAGE, came_back, "not_served", **letter(today))
    life.report(COUNTY, arrived, "letter_came", CLERK, letter={"tracking": "EMS1", "on": today})
    life.report(VILLAGE, fetched, "handed_over", **RECEIVER)
    assert without_receipt(life) == []
    found = life.agreed(arrived)
    assert service_of(found, found.concluded).on == today and letters_out(found) == ()
    assert service_of(life.agreed(fetched), life.state(fetched).concluded).on == today
    assert waits_for(life.agreed(came_back)) == (Work.HAND_OUT, VILLAGE)
    life.report(VILLAGE, came_back, "handed_over", **RECEIVER)
    assert life.agreed(came_back).facts.unserved == ()
    assert [life.state(case).state for case in cases] == [state] * 3


def test_a_letter_of_over_a_year_ago_is_listed_for_nobody_but_may_be_taken_over(life: Life) -> None:
    case = sent(life)
    with dead(life):
        life.wait(365)
        assert listed(life) == [case]
        life.wait(1)
        assert listed(life) == []
        assert take_over(life, case).done == (case,)
    assert life.agreed(case).holder == COUNTY


def test_the_window_of_the_department_that_answers_now_is_the_one_reminded(life: Life) -> None:
    case = sent(life)
    life.staffed = {OURS: frozenset({"CLERK"})}
    with dead(life):
        assert take_over(life, case).done == (case,)
        life.wait(20)
        assert without_receipt(life, department=life.state(case).facts.department or "x") == [case]
        assert without_receipt(life, department="县教育局") == (
            [] if life.state(case).facts.department else [case]
        )


def test_what_is_listed_comes_page_by_page_each_once(life: Life) -> None:
    cases = {sent(life), kept(life), issued(life), sent(life)}
    with dead(life):
        letters = held.Letters((TOWN,), "2026-01-01")
        life.at(COUNTY)
        seen: list[tuple[int, str]] = []
        while page := held.held_by(TOWN, seen[-1] if seen else (0, ""), 1, letters):
            seen += page
        assert seen == sorted(set(seen)) and len(seen) == 3
        assert {case for _, case in seen} < cases, "nobody has come for what was kept"


def test_a_wrong_day_of_receipt_is_put_right_by_the_county(life: Life) -> None:
    case = came(life)
    life.wait(1)
    right = local_day(life.now)
    with dead(life):
        assert listed(life) == [], "nobody knows yet that it is wrong"
        assert life.at(COUNTY).causes_to_take_over(case, life.now) == {Cause.UNSERVED: ""}
        with pytest.raises(errors.NotHolder):
            put_right(life, COUNTY, case, right)
        assert take_over(life, case).done == (case,)
        put_right(life, COUNTY, case, right)
    state = life.agreed(case)
    assert service_of(state, state.concluded).on == right and state.state is State.CLOSED
    assert why_not(life, case) == errors.TakeOverRefused.code, "the county holds it"


def test_a_letter_with_a_decision_that_is_suspended_is_waited_for_as_well(life: Life) -> None:
    case = sent_and_suspended(life)
    with dead(life):
        assert listed(life) == [case]
        assert take_over(life, case).done == (case,)
        life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS1", "on": local_day(life.now)})
    state = life.agreed(case)
    assert service_of(state, state.concluded).on == local_day(life.now) and state.open_reports == ()


def test_a_word_of_a_hand_over_that_nobody_answered_is_answered_by_the_county(life: Life) -> None:
    """The township had closed the case by its own word; the village told the same, and never heard of it."""
    case = issued(life)
    life.report_unheard(TOWN, case, "handed_over", CLERK, **RECEIVER)
    told = life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    with dead(life):
        life.network.run()
        (open_one,) = life.state(case).open_reports
        assert waits_for(life.state(case)) == (Work.ANSWER, TOWN) and listed(life) == [case]
        assert (open_one.id, left_to_do.left_to_do(life.state(case))) == (told, (Left.TOLD, Left.FORCE))
        ahead = replace(life.state(case), reports={told: replace(open_one, seen="f" * 32)})
        assert waits_for(ahead) == (Work.NOTHING, ""), "what is not here yet is not waited for so"
        assert take_over(life, case).done == (case,)
    state = life.agreed(case)
    assert state.reports[told].answered_by == state.last and state.open_reports == ()


@pytest.mark.parametrize("make", [kept, sent, ended])
def test_a_try_in_vain_that_nobody_answered_is_listed_and_answered_by_the_county(
    life: Life, make: Callable[[Life], str]
) -> None:
    """Somebody was not at home, and the township is gone before it writes that down."""
    if make is ended:
        case = issued(life)
        life.report_unheard(TOWN, case, "handed_over", CLERK, **RECEIVER)
    else:
        case = make(life)
    with dead(life):
        tried = life.report_unheard(VILLAGE, case, "not_served", **visit(local_day(life.now)))
        life.network.run()
        state = life.state(case)
        assert left_to_do.left_to_do(state)[0] is Left.TOLD
        assert waits_for(state) == (Work.ANSWER, TOWN) and listed(life) == [case]
        assert take_over(life, case).done == (case,)
    state = life.agreed(case)
    assert state.reports[tried].answered_by in state.chain and state.open_reports == ()
    assert waits_for(state) == (Work.NOTHING, "")


def test_what_both_ends_did_to_a_letter_is_settled_for_the_county(life: Life) -> None:
    """The township came back, wrote the receipt down and archived it before it heard of the take-over."""
    case, today = sent(life), local_day(life.now)
    with dead(life):
        report = life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS1", "on": today})
        assert take_over(life, case).done == (case,)
        own = life.move_unheard(TOWN, case, "archive", CLERK)
        life.network.run()
    state = life.agreed(case)
    assert (state.holder, state.state) == (COUNTY, State.CLOSED) and own in state.struck
    assert service_of(state, state.concluded).on == today
    assert state.reports[report].answered_by in state.chain and state.open_reports == ()
    (strike,) = [entry for entry in life.at(TOWN).page(case).timeline if entry.word == "struck"]
    assert "县级接管" in strike.note


def test_a_day_put_right_by_a_township_that_came_back_is_struck_and_may_be_put_right_by_the_county(
    life: Life,
) -> None:
    case = came(life)
    was = local_day(life.now)
    life.wait(2)
    right = local_day(life.now)
    with dead(life):
        assert take_over(life, case).done == (case,)
        own = put_right(life, TOWN, case, right, unheard=True)
        life.network.run()
    state = life.agreed(case)
    assert own in state.struck and service_of(state, state.concluded).on == was
    life.line.relieved.discard(TOWN)
    with pytest.raises(errors.NotHolder):
        put_right(life, TOWN, case, right)
    put_right(life, COUNTY, case, right)
    state = life.agreed(case)
    assert service_of(state, state.concluded).on == right


@pytest.mark.parametrize("make", [came, sent_and_suspended])
def test_what_a_former_table_did_not_take_over_stays_where_it_was(
    life: Life, make: Callable[[Life], str]
) -> None:
    case = make(life)
    life.line.relieved.add(TOWN)
    assert take_over(life, case).done == (case,)
    life.at(COUNTY)
    events = ledger.load(case).events
    former: list[Any] = [
        replace(one, body={**one.body, "flow": 8}) if one.kind == "case.taken_over" else one for one in events
    ]
    assert fold(events, apex=COUNTY).holder == COUNTY
    state = fold(former, apex=COUNTY)
    assert (state.holder, list(state.invalid.values())) == (TOWN, [errors.TakeOverRefused.code])


def test_a_program_with_the_former_table_keeps_it_until_it_is_upgraded(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = came(life)
    life.wait(1)
    right, village = local_day(life.now), life.network.sites[VILLAGE]
    life.line.relieved.add(TOWN)
    assert take_over(life, case).done == (case,)
    with monkeypatch.context() as older:
        older.setattr(incoming, "FLOW_VERSION", 8)
        older.setattr(left_to_do, "LEFT", [one for one in left_to_do.LEFT if one.since <= 8])
        life.network.collect()
        acts = [
            act for (_, _, reader), some in life.network.waiting.items() if reader == VILLAGE for act in some
        ]
        village.receive(acts)
        assert {why.waits_for for _, why in village.parked.values()} == {"version"}
        assert life.state(case, VILLAGE).holder == TOWN
    village.receive([act for act, _ in village.parked.values()])
    life.network.run()
    put_right(life, COUNTY, case, right)
    assert life.agreed(case).holder == COUNTY


def test_only_a_relieved_holder_is_a_cause(life: Life) -> None:
    case = sent(life)
    life.line.heard[TOWN] = life.now
    life.wait(30)
    assert why_not(life, case) == errors.TakeOverRefused.code, "it is silent, and may ask the post"
    life.line.relieved.add(TOWN)
    assert why_not(life, case, who=CLERK) == errors.NotYourStep.code
    assert take_over(life, case).done == (case,)
