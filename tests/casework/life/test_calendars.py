"""A new calendar signs the dates it moves, once, at the node that holds the case; no year stops a case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from common.casework.context import load_calendar
from common.casework.rules.deadlines import Calendar
from common.casework.rules.flow import State
from common.store.database import unit_of_work
from tests.casework.build import COUNTY, TOWN, VILLAGE
from tests.casework.life.tools import APPROVER, CLERK, DAY, HELPS, REVIEWER, Life, staff

OLD = load_calendar()
# Arrangements made up for the test: one more day off, and the year 2027.
FRIDAY_OFF = replace(OLD, off=OLD.off | {date(2026, 3, 6)})
JANUARY = frozenset({date(2027, 1, 4), date(2027, 1, 5)})
YEAR_2027 = Calendar(OLD.off | JANUARY, OLD.work, OLD.years | {2027})
QUIET_2027 = Calendar(OLD.off, OLD.work, OLD.years | {2027})
SPECIAL = {"special": {"kind": "inspection", "name": "现场检验", "expected": "2026-03-20"}}


def changes(life: Life, case: str, at: str = COUNTY) -> list[tuple[str, str]]:
    return [(data["due"], data.get("legal_due", "")) for data in life.said(at, case, "due_changed")]


def test_the_dates_it_moves_are_signed_once(life):
    cases = [life.accepted(overrule="另有一户") for _ in range(5)]
    before = life.agreed(cases[0])
    life.new_calendar(OLD)
    assert [changes(life, case) for case in cases] == [[]] * 5
    life.new_calendar(FRIDAY_OFF)
    assert [changes(life, case) for case in cases] == [[("2026-03-10", "2026-03-31")]] * 5
    life.new_calendar(FRIDAY_OFF)
    assert [len(changes(life, case)) for case in cases] == [1] * 5
    state = life.agreed(cases[0])
    assert (state.state, state.due, state.facts.legal_due) == (State.ACCEPTED, "2026-03-10", "2026-03-31")
    assert (state.facts.accepted_on, state.facts.acceptor_on) == (
        before.facts.accepted_on, before.facts.acceptor_on,
    )  # fmt: skip
    (data,) = life.said(COUNTY, cases[0], "due_changed")
    assert data["actor"]["role"] == "NODE" and data["note"]


def test_every_tier_shows_the_last_signed_day_whatever_its_own_calendar(life):
    """The village has the new calendar already, the township will never get it: neither computes anything."""
    case = life.accepted()
    life.calendar = FRIDAY_OFF
    for at in (VILLAGE, TOWN, COUNTY):
        assert life.state(case, at).due == "2026-03-09"
    life.new_calendar(FRIDAY_OFF)
    life.calendar = OLD
    for at in (VILLAGE, TOWN, COUNTY):
        assert life.state(case, at).due == "2026-03-10"


def test_only_the_node_that_holds_a_case_signs_for_it(life):
    ours, theirs = life.accepted(), life.file("town")
    life.move(TOWN, theirs, "accept", CLERK)
    for at in (VILLAGE, COUNTY):
        life.new_calendar(FRIDAY_OFF, at)
    assert (changes(life, ours), changes(life, theirs), changes(life, theirs, TOWN)) == (
        [("2026-03-10", "2026-03-31")], [], [],
    )  # fmt: skip
    assert life.agreed(theirs).due == "2026-03-09"
    life.new_calendar(FRIDAY_OFF, TOWN)
    assert life.agreed(theirs).due == "2026-03-10"


def test_a_case_whose_clock_stands_is_left_alone_until_it_goes_on(life):
    case = life.accepted("special")
    life.wait(1)
    life.move(COUNTY, case, "begin_special", REVIEWER, **SPECIAL)
    life.new_calendar(FRIDAY_OFF)
    assert (changes(life, case), life.agreed(case).due) == ([], "2026-03-09")
    life.wait(13)
    life.move(COUNTY, case, "end_special", REVIEWER, note="合格")
    assert life.agreed(case).due == "2026-03-20"
    life.new_calendar(FRIDAY_OFF)
    assert changes(life, case) == []


def test_cases_not_accepted_and_cases_decided_are_not_touched(life):
    waiting, decided = life.file("special"), life.approved("fee")
    before = [life.agreed(waiting), life.agreed(decided)]
    life.new_calendar(FRIDAY_OFF)
    assert [life.agreed(waiting), life.agreed(decided)] == before


def test_an_extension_counts_under_the_new_calendar_too(life):
    case = life.accepted()
    life.move(COUNTY, case, "extend", APPROVER, note="情况复杂", extension_days=3)
    life.new_calendar(FRIDAY_OFF)
    assert changes(life, case) == [("2026-03-13", "2026-04-03")]


def test_a_deemed_acceptance_is_moved_from_the_day_of_receipt(life):
    case = life.file()
    life.wait(8)
    life.day_job()
    life.new_calendar(FRIDAY_OFF)
    assert changes(life, case) == [("2026-03-10", "2026-03-31")]


def test_the_days_of_the_departments_stay_as_they_were_signed(life):
    case = life.accepted("joint")
    life.new_calendar(FRIDAY_OFF)
    assert [asked.due for asked in life.agreed(case).facts.asked] == ["2026-03-05", "2026-03-09"]
    life.report(COUNTY, case, "opinion", staff("REVIEWER", HELPS), verdict="agree")


def test_a_case_that_cannot_be_worked_out_does_not_stop_the_others(life, monkeypatch, caplog):
    from common.casework import duties

    bad, good = life.accepted(), life.accepted(overrule="另有一户")
    real = duties.changed

    def failing(item, state, calendar):
        if state.case == bad:
            raise ValueError("no such day comes within ten years")
        return real(item, state, calendar)

    monkeypatch.setattr(duties, "changed", failing)
    life.new_calendar(FRIDAY_OFF)
    assert (changes(life, bad), len(changes(life, good))) == ([], 1)
    assert bad in caplog.text


# --- years without an arrangement


def in_december(life: Life) -> None:
    life.wait((date(2026, 12, 28) - date(2026, 3, 2)).days)


def test_a_year_without_an_arrangement_stops_nothing_and_says_so(life):
    in_december(life)
    case = life.accepted()
    state = life.agreed(case)
    assert (state.state, state.due, state.facts.provisional) == (State.ACCEPTED, "2027-01-05", 1)


@pytest.mark.parametrize("years", [2, 12, 60])
def test_a_clock_far_in_the_future_stops_nothing(life, years):
    life.wait(365 * years)
    case = life.accepted("special")
    life.move(COUNTY, case, "begin_special", REVIEWER, **SPECIAL)
    life.wait(3)
    life.move(COUNTY, case, "end_special", REVIEWER, note="合格")
    life.move(COUNTY, case, "review", REVIEWER)
    life.move(COUNTY, case, "approve", APPROVER)
    state = life.agreed(case)
    assert (state.state, state.facts.provisional) == (State.APPROVED, 1)
    assert life.now - state.filed_at < 10 * DAY


def test_when_the_arrangement_comes_the_day_moves_and_is_provisional_no_more(life):
    in_december(life)
    case = life.accepted()
    life.new_calendar(YEAR_2027)
    state = life.agreed(case)
    assert (state.due, state.facts.provisional) == ("2027-01-07", 0)
    life.new_calendar(YEAR_2027)
    assert len(changes(life, case)) == 1


def test_when_it_moves_nothing_the_mark_still_goes_once(life):
    """Else a date that is certain would be called provisional for ever."""
    in_december(life)
    case = life.accepted()
    life.new_calendar(QUIET_2027)
    state = life.agreed(case)
    assert (state.due, state.facts.provisional) == ("2027-01-05", 0)
    life.new_calendar(QUIET_2027)
    assert len(changes(life, case)) == 1


def test_a_standing_clock_keeps_its_mark_until_it_goes_on(life):
    in_december(life)
    case = life.accepted("special")
    life.move(COUNTY, case, "begin_special", REVIEWER, **SPECIAL)
    life.new_calendar(QUIET_2027)
    assert (changes(life, case), life.agreed(case).facts.provisional) == ([], 1)


def accepted_under_the_old(life: Life, item: str) -> str:
    """Return a case that the township accepted while the new calendar had reached only the county."""
    case = life.file(item)
    life.move_unheard(TOWN, case, "accept", CLERK)
    life.calendar = FRIDAY_OFF
    life.network.run()
    return case


def test_a_case_that_comes_to_the_county_with_days_of_an_older_calendar_gets_the_right_ones(life):
    """The county's look through its cases under the new calendar was over when this one came."""
    case = accepted_under_the_old(life, "entrusted")
    assert changes(life, case) == [("2026-03-10", "2026-03-31")]
    assert life.agreed(case).due == "2026-03-10"
    life.report(VILLAGE, case, "remind", note="请尽快")
    life.move(COUNTY, case, "review", REVIEWER)
    assert len(changes(life, case)) == 1


def test_so_does_one_that_the_county_takes_over(life):
    case = accepted_under_the_old(life, "town")
    assert life.agreed(case).due == "2026-03-09"
    life.line.relieved.add(TOWN)
    casework = life.at(COUNTY)
    with unit_of_work():
        assert casework.take_over([case], APPROVER, "站点已停用", life.now).done == (case,)
    life.network.run()
    assert life.agreed(case).due == "2026-03-10"


def test_days_that_fit_are_not_signed_again_and_what_cannot_be_worked_out_keeps_nothing_out(
    life, monkeypatch
):
    from common.casework import duties

    fits = life.file("entrusted")
    life.move(TOWN, fits, "accept", CLERK)
    assert changes(life, fits) == []

    def failing(*_said: object) -> None:
        raise ValueError("no due date within ten years")

    monkeypatch.setattr(duties, "changed", failing)
    odd = life.file("entrusted", overrule="另有一户")
    life.move(TOWN, odd, "accept", CLERK)
    assert life.agreed(odd).state is State.ACCEPTED
