"""公告送达: who is nowhere to be found is served by announcement, thirty days after it came out."""

from __future__ import annotations

from datetime import date

import pytest

from common.casework import late, ledger, queues
from common.casework.errors import (
    AnnouncedMissing,
    AnnouncementRuns,
    NothingToServe,
    ReasonMissing,
    StepNotAllowed,
    UnknownWord,
)
from common.casework.queues import Wanted
from common.casework.rules import applied
from common.casework.rules.case import fold
from common.casework.rules.clocks.announced import counts_on
from common.casework.rules.flow import State
from common.casework.rules.serving import announced_until
from common.casework.rules.waiting import Work, waits_for
from common.casework.rules.words import Action
from common.days import local_day
from tests.casework.build import COUNTY, TOWN, VILLAGE
from tests.casework.life.test_served_after_the_end import NAME, REVOKED, ended
from tests.casework.life.tools import APPROVER, CLERK, RECEIVER

TRIED = "两次上门没有人，邮寄被退回，村委会也不知道去向"


def public(on: str, **changes: str) -> dict[str, object]:
    return {
        "announced": {"on": on, "where": "县政务服务中心公告栏", "why": "missing", **changes},
        "note": TRIED,
        "sought": "3 月 1 日打电话停机，问过村委会和邻居",
        "not_open": [{"way": "上门送达", "why": "路断了"}, {"way": "邮寄", "why": "没有邮政投递"}],
    }


def issued(life) -> str:
    case = life.approved()
    life.move(COUNTY, case, "issue", CLERK)
    return case


def announced(life) -> str:
    case = issued(life)
    life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    return case


@pytest.mark.parametrize(
    ("out", "counts"),
    [
        ("2026-03-02", "2026-04-01"),
        # The thirtieth day is in the holidays of the National Day: it passes all the same.
        ("2026-09-03", "2026-10-03"),
        ("2026-01-18", "2026-02-17"),
        # A Sunday, the end of a year, and a February with and without its 29th day.
        ("2026-05-01", "2026-05-31"),
        ("2026-12-15", "2027-01-14"),
        ("2028-01-30", "2028-02-29"),
        ("2027-01-30", "2027-03-01"),
    ],
)
def test_thirty_days_pass_and_the_day_of_the_announcement_is_not_one_of_them(out, counts):
    assert counts_on(date.fromisoformat(out)).isoformat() == counts


def test_what_was_announced_counts_as_served_when_thirty_days_have_passed(life):
    case = announced(life)
    state = life.agreed(case)
    until = announced_until(state)
    assert state.state is State.ISSUED and until == date(2026, 4, 1)
    assert waits_for(state) == (Work.ANNOUNCED, COUNTY)
    life.at(COUNTY)
    (line,) = queues.waiting(Wanted(waits_at=COUNTY, works=("announced",)))
    assert (line.case, line.due, line.alarm_on) == (case, "2026-04-01", "2026-04-01")
    life.at(VILLAGE)
    assert queues.waiting(Wanted(waits_at=VILLAGE)) == []
    life.wait(30)
    life.day_job()
    assert life.agreed(case).state is State.ISSUED, "the thirtieth day has not passed"
    life.wait(1)
    life.day_job()
    state = life.agreed(case)
    assert state.state is State.CLOSED and waits_for(state) == (Work.NOTHING, "")
    (said,) = life.said(COUNTY, case, "deem_served")
    assert said["served_on"] == "2026-04-01"
    life.day_job()
    assert len(life.said(COUNTY, case, "deem_served")) == 1


def test_who_comes_meanwhile_is_served_as_ever(life):
    case = announced(life)
    life.wait(12)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert life.agreed(case).state is State.CLOSED
    life.wait(30)
    life.day_job()
    assert life.said(COUNTY, case, "deem_served") == []


def test_who_was_served_before_the_announcement_was_known_there_ends_the_case(life):
    """The word of it was on its way; by it the announcement did not count any more, and nor did the end."""
    case = issued(life)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    life.move_unheard(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    life.network.run()
    state = life.agreed(case)
    assert (state.state, state.invalid) == (State.CLOSED, {})
    assert len(life.said(COUNTY, case, "close")) == 1


def test_what_was_handed_over_as_is_known_here_is_not_announced(life, monkeypatch):
    """Of such a report the answer comes with it; only where it is put off is it open here."""
    case = issued(life)
    monkeypatch.setattr("common.casework.messages.do_duties", lambda ctx, cases, now_ms: None)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    with pytest.raises(NothingToServe):
        life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))


def test_nothing_counts_as_served_before_the_place_of_the_hand_over_was_heard(life):
    """Somebody may have come there in time, and the word of it be on its way."""
    case = announced(life)
    life.wait(31)
    life.line.heard[VILLAGE] = life.now - 5 * 86_400_000
    life.day_job()
    assert life.agreed(case).state is State.ISSUED
    life.at(COUNTY)
    today = local_day(life.now)
    assert (late.overdue(COUNTY, today), late.count_overdue(COUNTY, today)) == ([], 0), "it is decided"
    life.line.heard[VILLAGE] = life.now
    life.day_job()
    assert life.agreed(case).state is State.CLOSED


def test_a_decision_put_right_after_its_announcement_is_announced_anew(life):
    case = announced(life)
    life.wait(10)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    state = life.agreed(case)
    assert announced_until(state) is None and waits_for(state) == (Work.HAND_OUT, VILLAGE)
    life.wait(25)
    life.day_job()
    assert life.agreed(case).state is State.ISSUED
    life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    life.wait(31)
    life.day_job()
    assert life.agreed(case).state is State.CLOSED


def test_what_was_made_after_the_end_is_announced_too(life):
    case = ended(life, archived=True)
    life.wait(3)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    state = life.agreed(case)
    assert state.state is State.ARCHIVED and waits_for(state) == (Work.ANNOUNCED, COUNTY)
    life.wait(31)
    life.day_job()
    state = life.agreed(case)
    assert (state.state, state.facts.unserved) == (State.ARCHIVED, ())
    assert waits_for(state)[0] is Work.NOTHING


def test_an_announcement_says_why_where_and_a_day_on_which_it_can_have_been(life):
    case, today = issued(life), local_day(life.now)
    wrong = (public("2027-01-01"), public("2026-03-01"), public(today, why="lazy"), {"note": TRIED})
    for said in wrong:
        with pytest.raises(AnnouncedMissing):
            life.move(COUNTY, case, "announce", CLERK, **said)
    with pytest.raises(ReasonMissing):
        life.move(COUNTY, case, "announce", CLERK, **{**public(today), "note": " "})
    with pytest.raises(StepNotAllowed):
        life.move(COUNTY, life.accepted(overrule="另有一户"), "announce", CLERK, **public(today))


def test_what_is_not_to_be_handed_over_is_not_announced(life):
    today = local_day(life.now)
    with pytest.raises(NothingToServe):
        life.move(COUNTY, ended(life), "announce", CLERK, **public(today))
    revoked = life.approved(overrule="另有一户")
    life.move(COUNTY, revoked, "issue", CLERK)
    life.move(COUNTY, revoked, "mark_decision", APPROVER, **REVOKED)
    with pytest.raises(NothingToServe):
        life.move(COUNTY, revoked, "announce", CLERK, **public(today))


def test_it_is_offered_while_it_makes_sense(life):
    def offered(case: str) -> bool:
        county = life.at(COUNTY)
        return Action.ANNOUNCE in county.actions_for(county.case(case), ["CLERK"], today=local_day(life.now))

    case = issued(life)
    assert offered(case)
    life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    assert not offered(case) and not offered(life.accepted(overrule="另有一户"))


def test_a_node_that_does_not_know_the_words_keeps_them_and_reads_them_later(life, monkeypatch):
    case = issued(life)
    real, reading = applied.read_action, {"at": ""}

    def older(word):
        if word == "announce" and reading["at"] == TOWN:
            raise UnknownWord(word)
        return real(word)

    monkeypatch.setattr(applied, "read_action", older)
    life.move_unheard(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    network = life.network
    network.collect()
    for key in list(network.waiting):
        reading["at"] = key[2]
        network.sites[key[2]].receive(network.waiting.pop(key))
    assert [why.waits_for for _, why in network.sites[TOWN].parked.values()] == ["version"]
    reading["at"] = ""
    network.sites[TOWN].receive([act for act, _ in network.sites[TOWN].parked.values()])
    assert waits_for(life.agreed(case)) == (Work.ANNOUNCED, COUNTY)


def test_a_struck_announcement_serves_nobody(life):
    case = announced(life)
    life.at(COUNTY)
    events = ledger.load(case).events
    strike = {"case": case, "ids": [events[-1].id], "reason": "x", "to": [COUNTY]}
    state = fold([*events, type(events[-1])("f" * 32, "case.struck", COUNTY, strike)], apex=COUNTY)
    assert announced_until(state) is None and waits_for(state)[0] is Work.HAND_OUT


def test_while_the_thirty_days_run_the_case_is_neither_closed_as_uncollected_nor_announced_again(life):
    """It was closed five days later, kept for thirty days by then: what was put up served nobody any more."""
    case = issued(life)
    life.wait(26)
    life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    life.wait(5)
    with pytest.raises(AnnouncementRuns):
        life.move(COUNTY, case, "close_uncollected", CLERK, note="无人来领")
    with pytest.raises(AnnouncementRuns):
        # The form of a second clerk, open since before the first sent theirs.
        life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    county = life.at(COUNTY)
    offered = county.actions_for(county.case(case), ["CLERK"], today=local_day(life.now))
    assert Action.CLOSE_UNCOLLECTED not in offered
    life.wait(26)
    life.day_job()
    (said,) = life.said(COUNTY, case, "deem_served")
    assert said["served_on"] == "2026-04-27"


def test_what_was_announced_after_the_end_is_not_kept_as_uncollected_meanwhile(life):
    case = ended(life)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.wait(26)
    life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    life.wait(5)
    with pytest.raises(AnnouncementRuns):
        life.move(COUNTY, case, "keep_unserved", CLERK, note="无人来领")


@pytest.mark.parametrize("is_over", [False, True])
def test_what_a_clock_ahead_announced_is_announced_anew(life, is_over):
    """It ran till 2036, and nothing ended the case before: neither another announcement nor giving it up."""
    case = ended(life) if is_over else issued(life)
    if is_over:
        life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    today = life.now
    life.wait(3650)
    life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    life.wait(-3650)
    assert life.now == today
    life.wait(1)
    on = local_day(life.now)
    state = life.state(case)
    assert Action.ANNOUNCE in life.at(COUNTY).actions_for(state, ["CLERK"], state.facts.department, on)
    life.move(COUNTY, case, "announce", CLERK, **public(on))
    assert announced_until(life.agreed(case)) == counts_on(date.fromisoformat(on))
    life.wait(31)
    life.day_job()
    assert life.agreed(case).state is State.CLOSED and life.state(case).facts.unserved == ()
