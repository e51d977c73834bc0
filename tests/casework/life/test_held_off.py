"""What a node put back from an older copy puts off until its own acts are back."""

from __future__ import annotations

from dataclasses import replace

from common.casework import ledger
from common.casework.jobs import do_what_days_bring
from common.casework.rules.flow import State
from common.casework.service import Casework
from common.casework.taking_back import retract
from common.store.database import unit_of_work
from tests.casework.build import COUNTY, TOWN_2, VILLAGE, VILLAGE_3
from tests.casework.life.test_calendars import FRIDAY_OFF, OLD
from tests.casework.life.tools import CLERK, RECEIVER


def test_a_case_taken_back_meanwhile_keeps_nothing_of_the_others_from_being_done(life):
    """Its filing was of a stolen key: it is here no more, and every look at what days bring ended there."""
    site, unsure = life.network.sites[COUNTY], set[str]()
    site.casework = Casework(replace(site.casework.ctx, unsure=lambda: frozenset(unsure)))
    cases = [life.approved(), life.approved(overrule="另有一户")]
    for case in cases:
        life.move(COUNTY, case, "issue", CLERK)
    unsure.add(VILLAGE)
    for case in cases:
        life.report(VILLAGE, case, "handed_over", **RECEIVER)
        assert life.state(case).state is State.ISSUED
    gone, other = sorted(cases)
    county = life.at(COUNTY)
    with unit_of_work():
        retract(county.ctx, [ledger.load(gone).state.chain[0]])
    unsure.clear()
    with unit_of_work():
        assert county.do_held_off("", life.now, 5) == ""
    assert life.state(other).state is State.CLOSED


def test_a_new_calendar_waits_for_no_township_but_in_its_own_cases(life):
    """One that is silent for weeks kept the due dates of the whole county as they were."""
    site, unsure = life.network.sites[COUNTY], set[str]()
    site.casework = Casework(replace(site.casework.ctx, unsure=lambda: frozenset(unsure)))
    ours, theirs = life.accepted(), life.accepted(at=VILLAGE_3)
    unsure.add(TOWN_2)
    for calendar in (OLD, FRIDAY_OFF):
        life.calendar = calendar
        do_what_days_bring(life.at(COUNTY), unit_of_work, str(len(calendar.off)), life.now)
    assert [life.state(case).due for case in (ours, theirs)] == ["2026-03-10", "2026-03-09"]
    unsure.clear()
    do_what_days_bring(life.at(COUNTY), unit_of_work, str(len(FRIDAY_OFF.off)), life.now)
    assert [life.state(case).due for case in (ours, theirs)] == ["2026-03-10"] * 2
    assert len(life.said(COUNTY, ours, "due_changed")) == 1
