"""Who comes after nobody came is given the papers, and it is written down; the day of service stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework import ledger
from common.casework.errors import AlreadyThere, ReportNotAllowed
from common.casework.rules import duties
from common.casework.rules.case import fold
from common.casework.rules.clocks.steps import changed_at
from common.casework.rules.event import CaseEvent
from common.casework.rules.facts import DEEMED, HANDED, POSTED, Service
from common.casework.rules.flow import State
from common.casework.rules.services import collectable, service_of
from common.casework.rules.waiting import Work, waits_for
from common.casework.rules.words import Report
from common.days import local_day
from tests.casework.build import COUNTY, TOWN, VILLAGE
from tests.casework.life.test_announced import announced, issued, public
from tests.casework.life.test_served_after_the_end import NAME, REVOKED
from tests.casework.life.tools import APPROVER, CLERK, RECEIVER

RESTORED = {**REVOKED, "standing": {"word": "restored", "document": "判决书8号"}}


def deemed(life) -> str:
    case = announced(life)
    life.wait(31)
    life.day_job()
    return case


def kept(life) -> str:
    case = issued(life)
    life.wait(31)
    life.move(COUNTY, case, "close_uncollected", CLERK, note="通知三次，无人来领")
    return case


def result_service(life, case: str) -> Service | None:
    state = life.agreed(case)
    return service_of(state, state.concluded)


def test_who_fetches_what_counts_as_served_changes_no_day_of_service(life):
    case = deemed(life)
    life.wait(10)
    state = life.agreed(case)
    assert collectable(state) == {state.concluded}
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    state = life.agreed(case)
    assert (state.state, state.open_reports, state.facts.uncollected) == (State.CLOSED, (), ())
    assert [one.how for one in state.facts.served] == [DEEMED, HANDED]
    assert result_service(life, case) == Service((state.concluded,), DEEMED, "2026-04-01")
    assert "送达日期不变" in life.said(COUNTY, case, "note")[-1]["note"]
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, case, "handed_over", **RECEIVER)


def test_what_was_kept_is_served_on_the_day_on_which_it_is_fetched(life):
    case = kept(life)
    life.move(COUNTY, case, "archive", CLERK)
    assert result_service(life, case) is None
    life.wait(100)
    life.report(TOWN, case, "handed_over", CLERK, **RECEIVER)
    state = life.agreed(case)
    assert state.state is State.ARCHIVED and waits_for(state) == (Work.NOTHING, "")
    assert result_service(life, case) == Service((state.concluded,), HANDED, local_day(life.now))


def test_two_desks_at_once_hand_it_over_once(life):
    case = kept(life)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    with pytest.raises(AlreadyThere):
        life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    life.report_unheard(TOWN, case, "handed_over", CLERK, **RECEIVER)
    life.network.run()
    state = life.agreed(case)
    assert (len(state.facts.served), state.facts.uncollected, state.open_reports) == (1, (), ())
    assert len(life.said(COUNTY, case, "note")) == 2


def test_who_came_before_it_counted_as_served_was_served_then(life):
    """The word of it came late: the site was out of service and not waited for."""
    case = announced(life)
    life.wait(20)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    on = local_day(life.now)
    life.wait(20)
    life.day_job()
    assert len(life.said(COUNTY, case, "deem_served")) == 1
    assert (result_service(life, case).how, result_service(life, case).on) == (HANDED, on)


def test_a_node_with_the_former_program_takes_note_and_all_agree(life, monkeypatch):
    case = deemed(life)
    monkeypatch.setattr(duties, "collected_by", lambda state, report: frozenset())
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert life.agreed(case).facts.uncollected == ()
    assert life.said(COUNTY, case, "note")[-1]["note"] == "本件已经结束，已知悉。"


def test_a_revoked_decision_is_handed_to_nobody_any_more(life):
    case = kept(life)
    mark = life.move(COUNTY, case, "mark_decision", APPROVER, **REVOKED)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    state = life.agreed(case)
    assert [one.acts for one in state.facts.served] == [(mark,)]
    assert state.facts.uncollected == (state.concluded,) and collectable(state) == frozenset()
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, case, "handed_over", **RECEIVER)


def test_what_nobody_fetched_goes_with_what_puts_it_right(life):
    case = kept(life)
    act = life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    state = life.agreed(case)
    assert state.facts.served == (Service((state.concluded, act), HANDED, local_day(life.now)),)
    assert state.facts.uncollected == ()


def test_what_was_put_right_and_kept_can_be_fetched_too(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    act = life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.wait(31)
    life.move(COUNTY, case, "keep_unserved", CLERK, note="通知三次，无人来领")
    assert life.agreed(case).facts.uncollected == (act,)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert service_of(life.agreed(case), act).on == local_day(life.now)


def test_what_is_struck_out_served_nobody(life):
    case = deemed(life)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    life.at(COUNTY)
    events = ledger.load(case).events
    ends = [one.id for one in events if one.body.get("action") == "deem_served"]
    strike = {"case": case, "ids": ends, "reason": "x", "to": [COUNTY], "data": {"at": life.now}}
    state = fold([*events, CaseEvent("f" * 32, "case.struck", COUNTY, strike)], apex=COUNTY)
    assert (state.state, state.facts.served, state.facts.uncollected) == (State.ISSUED, (), ())


@pytest.mark.parametrize("at", [0, 4_070_908_800_000])
def test_a_day_that_a_wrong_clock_gave_is_no_day_of_service(life, at):
    """1970 and 2099: nothing runs from them, and no node stumbles over them."""
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    life.at(COUNTY)
    events = ledger.load(case).events
    wrong = [
        replace(one, body={**one.body, "data": {**one.body["data"], "at": at}})
        if one.body.get("report") == Report.HANDED_OVER
        else one
        for one in events
    ]
    state = fold(wrong, apex=COUNTY)
    assert state.facts.served == (Service((state.concluded,), HANDED, ""),)


def test_of_what_is_posted_the_post_tells_the_day(life):
    case = issued(life)
    receiver = {**RECEIVER["receiver"], "how": "邮寄", "tracking": "1"}
    life.report(VILLAGE, case, "handed_over", receiver=receiver)
    state = life.agreed(case)
    assert service_of(state, state.concluded) == Service((state.concluded,), POSTED, "")
    # What is made since is handed over without it; then the letter came back, and somebody comes for that.
    act = life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert life.agreed(case).facts.served[-1].acts == (act,)
    life.wait(20)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    state = life.agreed(case)
    assert service_of(state, state.concluded) == Service((state.concluded,), HANDED, local_day(life.now))
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, case, "handed_over", **RECEIVER)


def test_a_withdrawn_case_has_nothing_to_fetch(life):
    case = life.accepted(overrule="另有一户")
    life.report(VILLAGE, case, "withdraw", note="不办了")
    state = life.agreed(case)
    assert state.state is State.WITHDRAWN and collectable(state) == frozenset()


def test_who_had_the_result_before_it_lost_its_force_is_told_of_that(life):
    """The two passed each other on the line: the case closed, and nobody was to tell who had the licence."""
    case = issued(life)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    mark = life.move_unheard(COUNTY, case, "mark_decision", APPROVER, **REVOKED)
    life.network.run()
    state = life.agreed(case)
    assert state.state is State.CLOSED and [one.act for one in state.facts.unserved] == [mark]
    assert waits_for(state) == (Work.HAND_OUT, VILLAGE)
    life.at(COUNTY)
    former = [replace(one, body={**one.body, "flow": 5}) for one in ledger.load(case).events]
    assert fold(former, apex=COUNTY).facts.unserved == (), "what a former program signed stays as it was"
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    state = life.agreed(case)
    assert state.facts.unserved == () and service_of(state, mark).on == local_day(life.now)


def test_who_was_told_with_the_result_is_not_told_again(life):
    case = issued(life)
    life.move(COUNTY, case, "mark_decision", APPROVER, **REVOKED)
    life.move(COUNTY, case, "mark_decision", APPROVER, **RESTORED)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert life.agreed(case).facts.unserved == ()


SUSPENDED = {**REVOKED, "standing": {"word": "suspended", "document": "通知3号"}}


def test_who_was_told_that_it_is_suspended_was_not_given_it_though_its_force_is_back(life):
    """Force came back while the word of it was under way: nobody could fetch the licence ever after."""
    case = kept(life)
    told = life.move(COUNTY, case, "mark_decision", APPROVER, **SUSPENDED)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    back = life.move_unheard(COUNTY, case, "mark_decision", APPROVER, **RESTORED)
    life.network.run()
    state = life.agreed(case)
    assert [one.acts for one in state.facts.served] == [(told,)]
    assert collectable(state) == {state.concluded} and [one.act for one in state.facts.unserved] == [back]
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    state = life.agreed(case)
    assert state.facts.served[-1].acts == (state.concluded, back) and state.facts.uncollected == ()


def test_who_was_given_it_before_word_of_its_revocation_has_it(life):
    """The day of service was lost, and it was offered once more when its force was back."""
    case = kept(life)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    mark = life.move_unheard(COUNTY, case, "mark_decision", APPROVER, **REVOKED)
    life.network.run()
    state = life.agreed(case)
    assert result_service(life, case) == Service((state.concluded,), HANDED, local_day(life.now))
    assert state.facts.uncollected == () and [one.act for one in state.facts.unserved] == [mark]
    assert "已登记" in life.said(COUNTY, case, "note")[-1]["note"]


def test_a_letter_that_came_back_was_fetched_though_something_was_made_meanwhile(life):
    case = issued(life)
    receiver = {**RECEIVER["receiver"], "how": "邮寄", "tracking": "1"}
    life.report(VILLAGE, case, "handed_over", receiver=receiver)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    life.move_unheard(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.network.run()
    state = life.agreed(case)
    assert result_service(life, case) == Service((state.concluded,), HANDED, local_day(life.now))
    assert len(state.facts.unserved) == 1 and state.facts.uncollected == ()


def test_who_had_it_before_it_lost_its_force_is_told_though_the_case_had_ended_as_uncollected(life):
    """The site had been heard, and had not heard itself: it handed over what was revoked and given up."""
    case = issued(life)
    mark = life.move_unheard(COUNTY, case, "mark_decision", APPROVER, **REVOKED)
    life.wait(31)
    life.move_unheard(COUNTY, case, "close_uncollected", CLERK, note="通知三次，无人来领")
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    life.network.run()
    state = life.agreed(case)
    assert result_service(life, case) == Service((state.concluded,), HANDED, local_day(life.now))
    assert [one.act for one in state.facts.unserved] == [mark]
    assert waits_for(state) == (Work.HAND_OUT, VILLAGE)
    life.at(COUNTY)
    events = ledger.load(case).events
    assert changed_at(state, events) == life.now, "its ten days begin now, and it is not late at once"
    former = [replace(one, body={**one.body, "flow": 5}) for one in events]
    assert fold(former, apex=COUNTY).facts.unserved == ()
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert service_of(life.agreed(case), mark).on == local_day(life.now)
    assert life.agreed(case).facts.unserved == ()


def test_an_announcement_of_the_result_announces_no_mark_that_was_told_to_nobody(life):
    """It was made before anybody heard of the hand-over, and the marks were taken as served by it."""
    case = issued(life)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    marks = [life.move_unheard(COUNTY, case, "mark_decision", APPROVER, **one) for one in (REVOKED, RESTORED)]
    life.move_unheard(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    life.network.run()
    assert waits_for(life.agreed(case)) == (Work.HAND_OUT, VILLAGE)
    life.wait(31)
    life.day_job()
    assert [one.act for one in life.agreed(case).facts.unserved] == marks
    life.move(COUNTY, case, "announce", CLERK, **public(local_day(life.now)))
    life.wait(31)
    life.day_job()
    assert life.agreed(case).facts.unserved == ()
