"""A township is relieved when all it had made was served or kept: who comes for it afterwards is answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from common.casework import errors, held, ledger
from common.casework.rules.case import fold
from common.casework.rules.facts import HANDED, POSTED
from common.casework.rules.flow import Cause, Party, State
from common.casework.rules.services import collectable, service_of
from common.casework.rules.waiting import Work, waits_for
from common.days import local_day
from tests.casework.build import COUNTY, TOWN, VILLAGE
from tests.casework.life.test_announced import public
from tests.casework.life.test_not_reached import letter
from tests.casework.life.test_posted import posted
from tests.casework.life.test_service_after_relief import dead
from tests.casework.life.test_taking_over import take_over, why_not
from tests.casework.life.tools import APPROVER, CLERK, RECEIVER, REVIEWER, Life


def issued(life: Life) -> str:
    case = life.file("town")
    for action, who in (("accept", CLERK), ("review", REVIEWER), ("approve", APPROVER), ("issue", CLERK)):
        life.move(TOWN, case, action, who)
    return case


def kept(life: Life) -> str:
    """A case that the township decided and closed, as nobody had come for its result."""
    case = issued(life)
    life.wait(31)
    life.move(TOWN, case, "close_uncollected", CLERK, note="通知三次，无人来领")
    return case


def sent(life: Life) -> str:
    """The same, closed as the result was posted."""
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted())
    return case


def test_who_comes_after_the_township_was_relieved_is_answered_by_the_county(life: Life) -> None:
    """The village told of it, and nobody ever answered: nothing was to be served when the case had ended."""
    case = kept(life)
    with dead(life):
        assert held.holders(COUNTY) == [], "nothing waits for anybody yet"
        report = life.report(VILLAGE, case, "handed_over", **RECEIVER)
        assert waits_for(life.state(case)) == (Work.CLOSING, TOWN)
        life.at(COUNTY)
        assert [(heap.holder, heap.unserved) for heap in held.holders(COUNTY)] == [(TOWN, 1)]
        assert [name for _, name in held.held_by(TOWN)] == [case]
        assert life.at(COUNTY).causes_to_take_over(case, life.now) == {Cause.UNSERVED: ""}
        assert take_over(life, case).done == (case,)
        assert held.holders(COUNTY) == []
    state = life.agreed(case)
    assert (state.state, state.holder, state.holding) == (State.CLOSED, COUNTY, Party.HAND_OVER)
    assert state.reports[report].answered_by == state.last and waits_for(state) == (Work.NOTHING, "")
    assert service_of(state, state.concluded).on == local_day(life.now)


def test_a_case_taken_over_before_anybody_comes_is_answered_when_somebody_does(life: Life) -> None:
    case = kept(life)
    with dead(life):
        assert take_over(life, case).done == (case,)
        life.wait(3)
        life.report(VILLAGE, case, "handed_over", **RECEIVER)
        state = life.state(case)
        assert (service_of(state, state.concluded).how, state.open_reports) == (HANDED, ())
        assert why_not(life, case) == errors.TakeOverRefused.code, "all is over"
    assert life.agreed(case).holder == COUNTY


def test_what_nobody_came_for_is_announced_by_the_county(life: Life) -> None:
    case = kept(life)
    with dead(life):
        assert take_over(life, case).done == (case,)
        life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
        life.wait(31)
        life.day_job()
    state = life.agreed(case)
    assert state.facts.unserved == () and service_of(state, state.concluded).on == "2026-05-02"


@pytest.mark.parametrize("back", [False, True])
def test_what_becomes_of_a_letter_is_written_down_by_the_county(life: Life, back: bool) -> None:
    case = sent(life)
    today = local_day(life.now)
    with dead(life):
        if back:
            life.report(VILLAGE, case, "not_served", **letter(today))
        else:
            life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS1", "on": today})
        waiting = (Work.HAND_OUT, VILLAGE) if back else (Work.CLOSING, TOWN)
        assert waits_for(life.state(case)) == waiting
        life.at(COUNTY)
        assert [heap.unserved for heap in held.holders(COUNTY)] == [1]
        assert take_over(life, case).done == (case,)
    state = life.agreed(case)
    assert state.open_reports == () and waits_for(state)[0] is (Work.HAND_OUT if back else Work.NOTHING)
    found = service_of(state, state.concluded)
    assert found is None if back else (found.how, found.on) == (POSTED, today)


def test_what_a_former_program_could_not_take_over_stays_where_it_was(life: Life) -> None:
    case = kept(life)
    life.line.relieved.add(TOWN)
    assert take_over(life, case).done == (case,)
    life.at(COUNTY)
    events = ledger.load(case).events
    former: list[Any] = [
        replace(one, body={**one.body, "flow": 6}) if one.kind == "case.taken_over" else one for one in events
    ]
    assert fold(events, apex=COUNTY).holder == COUNTY
    state = fold(former, apex=COUNTY)
    assert (state.holder, list(state.invalid.values())) == (TOWN, [errors.TakeOverRefused.code])
    assert collectable(state) == {state.concluded}
