"""Steps of people at a node put back from an older copy, on cases that it may have taken further and lost."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from common.casework import records
from common.casework.context import NODE_ACTOR
from common.casework.errors import ClockDoubtful, MayHaveGoneOn, NotWaitedFor, ReasonMissing
from common.casework.jobs import do_what_days_bring
from common.casework.rules.flow import State
from common.casework.service import Casework
from common.casework.unsure import (
    GO_ON,
    count_days,
    may_pass_over,
    pass_over,
    passed,
    question,
    unsure_among,
    waited_for,
)
from common.days import local_day
from common.store import audit
from common.store.database import unit_of_work
from tests.casework.build import COUNTY, TOWN, TOWN_2, VILLAGE
from tests.casework.life.tools import APPROVER, CLERK, DAY, RECEIVER, REVIEWER


@pytest.fixture
def put_back(life):
    """A county put back now that waits for the sites put into this set."""
    waits, site, since = set[str](), life.network.sites[COUNTY], life.now
    ctx = replace(site.casework.ctx, unsure=lambda: frozenset(waits), put_back_at=lambda: since)
    site.casework = Casework(ctx)
    return waits


def _rows(life, about):
    life.at(COUNTY)
    return audit.rows(about)


def test_a_step_on_such_a_case_is_asked_about_and_kept_with_what_was_not_back(life, put_back):
    """It was signed without a word, stood before what came back, and that was struck out."""
    case, since = life.accepted(), life.now
    put_back.update((VILLAGE, TOWN_2))
    ctx = life.at(COUNTY).ctx
    assert unsure_among(ctx, [case]) == {case}
    wish = question(ctx, life.state(case))
    sayings = ({}, {GO_ON: ""}, {GO_ON: "1"}, {GO_ON: f"{since - 1},{VILLAGE}"}, {GO_ON: f"{since},{TOWN_2}"})
    for said in sayings:
        with pytest.raises(MayHaveGoneOn) as refused:
            life.move(COUNTY, case, "review", REVIEWER, **said)
    assert refused.value.problems[0].field == GO_ON and life.state(case).state is State.ACCEPTED
    act = life.move(COUNTY, case, "review", REVIEWER, **{GO_ON: wish})
    assert life.state(case).state is State.REVIEWED
    assert GO_ON not in life.said(COUNTY, case, "review")[0], "what somebody knew is nobody's but this node's"
    row = [row for row in _rows(life, case) if row.action == "case.review"][-1]
    assert json.loads(row.detail) == {"act": act, "not_back": {"since": since, "waits": [VILLAGE]}}
    put_back.add(TOWN)
    with pytest.raises(MayHaveGoneOn):
        life.move(COUNTY, case, "approve", APPROVER, **{GO_ON: wish})
    put_back.clear()
    life.move(COUNTY, case, "approve", APPROVER, **{GO_ON: ""})
    assert [json.loads(row.detail).keys() for row in _rows(life, case)][-1] == {"act"}


def test_a_report_is_asked_about_too_and_a_case_of_another_branch_is_not(life, put_back):
    case = life.approved()
    life.move(COUNTY, case, "issue", CLERK)
    put_back.add(TOWN_2)
    assert unsure_among(life.at(COUNTY).ctx, [case]) == set()
    put_back.add(TOWN)
    with pytest.raises(MayHaveGoneOn):
        life.report(COUNTY, case, "remind", CLERK, note="快办")
    wish = question(life.at(COUNTY).ctx, life.state(case))
    life.report(COUNTY, case, "remind", CLERK, note="快办", **{GO_ON: wish})
    assert "not_back" in json.loads(_rows(life, case)[-1].detail)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert life.state(case).state is State.ISSUED, "what the node owes by itself waits on"


def test_a_case_taken_in_since_goes_on_without_a_question(life, put_back):
    """All that was filed afterwards had the warning, and its duties waited for weeks."""
    case = life.file(at=COUNTY)
    put_back.add(TOWN)
    life.move(COUNTY, case, "accept", CLERK)
    assert unsure_among(life.at(COUNTY).ctx, [case, "0-A1-00000"]) == {"0-A1-00000"}
    ctx = replace(life.at(COUNTY).ctx, epoch_n=lambda: 7, unsure=lambda: frozenset({COUNTY}))
    assert unsure_among(ctx, [case]) == {case}, "it is of before"


def test_cases_are_taken_over_but_those_that_may_have_been_already(life, put_back):
    case, other = life.file("checked"), life.file("checked", overrule="另有一户")
    life.line.relieved.add(TOWN)
    put_back.add(VILLAGE)
    county = life.at(COUNTY)
    with unit_of_work():
        taken = county.take_over([case, other], APPROVER, "乡镇停用", life.now)
    assert taken.done == () and {type(fault) for fault in taken.left.values()} == {MayHaveGoneOn}


def confirm(day: str) -> None:
    """Let somebody have said that a local day is the right one."""
    with unit_of_work():
        records.set_mark(records.DAY, day)


def test_a_silent_site_is_waited_for_no_longer_once_somebody_has_said_so(life, put_back):
    """Nobody relieves it, and its computer is gone: its cases waited for ever."""
    case = life.accepted()
    put_back.update((VILLAGE, TOWN_2))
    ctx, since = life.at(COUNTY).ctx, life.now

    def say(address: str = VILLAGE, why: str = " 电脑被盗 ") -> None:
        with unit_of_work():
            pass_over(ctx, address, CLERK, why, life.now)

    with unit_of_work():
        count_days(ctx, life.now)
    with pytest.raises(NotWaitedFor):
        say()
    life.wait(7)
    confirm(local_day(since - 90 * DAY))
    with pytest.raises(ClockDoubtful):
        say()
    confirm(local_day(life.now))
    with pytest.raises(NotWaitedFor):
        say(TOWN)
    with pytest.raises(ReasonMissing):
        say(why=" ")
    assert waited_for(ctx) == {VILLAGE, TOWN_2}
    say()
    told = _rows(life, VILLAGE)[-1]
    assert (told.actor, told.action) == (CLERK.login, "case.wait_no_longer")
    assert json.loads(told.detail) == {"since": since, "spoke_at": 0, "why": "电脑被盗"}
    assert waited_for(ctx) == {TOWN_2} and [one.address for one in passed(ctx)] == [VILLAGE]
    life.move(COUNTY, case, "review", REVIEWER)
    life.at(COUNTY)
    life.line.spoke[VILLAGE] = life.now
    assert waited_for(ctx) == {VILLAGE, TOWN_2}, "it speaks after all: what it holds is on its way"
    say()
    assert waited_for(ctx) == {TOWN_2}, "in touch all the while, it never gave all back"
    life.line.spoke[VILLAGE] = life.now + 1
    say(TOWN_2)
    assert waited_for(ctx) == frozenset() and [one.address for one in passed(ctx)] == [TOWN_2, VILLAGE]
    again = replace(ctx, put_back_at=lambda: since + 1)
    assert waited_for(again) == {VILLAGE, TOWN_2}, "another older copy was put back"


def test_what_the_node_does_by_itself_is_asked_by_nobody(life, put_back):
    case = life.accepted()
    put_back.add(VILLAGE)
    life.move(COUNTY, case, "due_changed", NODE_ACTOR, due="2026-03-31", note="按新日历")
    assert len(life.said(COUNTY, case, "due_changed")) == 1


@pytest.mark.parametrize("shown", [-6000, 3650])
def test_the_days_of_waiting_are_counted_by_a_clock_that_is_right(life, put_back, shown):
    """Set up anew the machine showed 2009 or 2036: nobody had to wait a day, or everybody for years."""
    put_back.add(VILLAGE)
    site = life.network.sites[COUNTY]
    since = life.now + shown * DAY
    casework = site.casework = Casework(replace(site.casework.ctx, put_back_at=lambda: since))
    life.at(COUNTY)
    assert not may_pass_over(casework.ctx, life.now)
    do_what_days_bring(casework, unit_of_work, "2026", life.now)
    life.wait(6)
    do_what_days_bring(casework, unit_of_work, "2026", life.now)
    assert not may_pass_over(casework.ctx, life.now)
    life.wait(1)
    assert may_pass_over(casework.ctx, life.now)


@pytest.mark.parametrize("shown", [-6000, 3650])
def test_whether_a_site_was_in_touch_is_told_by_a_clock_that_is_right(life, put_back, shown):
    """Where it had shown 2009, a silent site that spoke at last was waited for no more as it gave all back.

    Where it had shown 2036, one in touch all the while was waited for again with its next word.
    """
    put_back.update((VILLAGE, TOWN))
    site, since = life.network.sites[COUNTY], life.now + shown * DAY
    casework = site.casework = Casework(replace(site.casework.ctx, put_back_at=lambda: since))
    life.at(COUNTY)
    life.line.spoke.update({VILLAGE: life.now - DAY, TOWN: life.now - DAY})
    do_what_days_bring(casework, unit_of_work, "2026", life.now)
    life.wait(8)
    confirm(local_day(life.now))
    life.line.spoke[TOWN] = life.now
    for address in (VILLAGE, TOWN):
        with unit_of_work():
            pass_over(casework.ctx, address, CLERK, "电脑被盗", life.now)
    assert waited_for(casework.ctx) == frozenset()
    life.line.spoke.update({VILLAGE: life.now + 1, TOWN: life.now + 1})
    assert waited_for(casework.ctx) == {VILLAGE}
