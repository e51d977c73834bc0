"""Deemed acceptance: written once, by the acceptor's node when it next runs, from the day of receipt."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from common.casework.context import load_calendar
from common.casework.errors import DeemedAccepted, StepNotAllowed
from common.casework.jobs import do_what_days_bring
from common.casework.rules.flow import Cause, State
from common.casework.rules.timed import deemed_since, timed_duty
from common.store.database import unit_of_work
from tests.casework.build import AGENT, COUNTY, ITEMS, TOWN, VILLAGE, a_filing
from tests.casework.life.tools import CHECKER, CLERK, DAY, HELPS, NOTICE, OURS, staff

WEEK = 7


def test_the_sixth_working_day_makes_an_unanswered_case_accepted_from_the_day_of_receipt(life):
    case = life.file()  # Monday 2 March; the fifth working day is Monday 9 March
    life.wait(WEEK)
    life.day_job()
    assert life.state(case).state is State.RECEIVED
    life.wait(1)
    life.day_job()
    state = life.agreed(case)
    assert (state.state, state.holder) == (State.ACCEPTED, COUNTY)
    assert (state.facts.deemed_on, state.facts.accepted_on) == ("2026-03-02", "2026-03-02")
    assert (state.due, state.facts.legal_due, state.facts.acceptor_on) == (
        "2026-03-09", "2026-03-30", "2026-03-02",
    )  # fmt: skip
    (data,) = life.said(COUNTY, case, "deem_accept")
    assert data["actor"]["role"] == "NODE" and "参照行政许可法第三十二条" in data["note"]


def test_the_law_is_applied_to_licences_and_gone_by_elsewhere(life):
    state = life.state(life.file())
    for code, word in (("01", "依照"), ("05", "参照")):
        item = replace(ITEMS["direct"], type_code=code)
        duty = timed_duty(state, date(2026, 3, 2), date(2026, 3, 20), item, load_calendar())
        assert duty is not None and f"{word}行政许可法第三十二条" in duty.data["note"]


def test_it_is_written_once_however_often_the_job_runs(life):
    cases = [life.file(overrule="另有一户") for _ in range(5)]  # more than one batch
    life.wait(WEEK + 1)
    for _ in range(3):
        life.day_job()
        life.wait(1)
    assert [len(life.said(COUNTY, case, "deem_accept")) for case in cases] == [1] * 5


def test_a_job_that_was_cut_off_goes_on_where_it_was(life):
    cases = [life.file(overrule="另有一户") for _ in range(4)]
    life.wait(WEEK + 1)
    county = life.at(COUNTY)
    with pytest.raises(KeyboardInterrupt), unit_of_work():
        county.do_timed_duties(("", ""), life.now, 2)
        raise KeyboardInterrupt
    life.network.sites[COUNTY].outbox.acts.clear()  # the real outbox lies in the same unit
    life.network.sites[COUNTY].outbox.to.clear()
    with unit_of_work():
        county.do_timed_duties(("", ""), life.now, 2)
    assert [life.state(case).state for case in cases].count(State.ACCEPTED) == 2
    life.day_job()
    assert [life.state(case).state for case in cases].count(State.ACCEPTED) == 4


def test_the_top_sees_since_when_and_only_the_acceptor_writes_it(life):
    """A township that was switched off: the county shows it meanwhile and writes nothing."""
    case = life.file("town")
    life.wait(WEEK + 1)
    for at in (COUNTY, VILLAGE):
        life.day_job(at)
    state = life.state(case)
    assert state.state is State.RECEIVED
    today, arrived = date(2026, 3, 10), date(2026, 3, 2)
    assert deemed_since(state, arrived, today, load_calendar()) == arrived
    assert deemed_since(state, arrived, date(2026, 3, 9), load_calendar()) is None
    life.day_job(TOWN)
    assert life.agreed(case).facts.deemed_on == "2026-03-02"
    life.day_job(COUNTY)
    assert life.said(COUNTY, case, "deem_accept") == []


def test_the_days_run_from_the_acceptors_receipt_not_from_filing_or_checking(life):
    case = life.file("checked")
    life.wait(30)
    for at in (TOWN, COUNTY):
        life.day_job(at)
    assert life.state(case).state is State.RECEIVED
    life.move(TOWN, case, "forward", CHECKER)  # Wednesday 1 April
    life.wait(8)  # 6 April is a holiday: the fifth working day is 9 April
    life.day_job()
    assert life.state(case).state is State.CHECKED
    life.wait(1)
    life.day_job()
    state = life.agreed(case)
    assert (state.facts.deemed_on, state.facts.checker_on) == ("2026-04-01", "2026-03-02")


@pytest.mark.parametrize("steps", [("ask_papers",), ("not_accept",), ("return",), ("accept",)])
def test_an_answer_in_time_leaves_nothing_to_deem(life, steps):
    case = life.file()
    for step in steps:
        life.move(COUNTY, case, step, CLERK, note="理由", **(NOTICE if step == "ask_papers" else {}))
    before = life.state(case)
    life.wait(60)
    life.day_job()
    assert life.agreed(case) == before


def test_a_case_brought_to_completion_after_the_notice_is_not_deemed(life):
    case = life.file()
    life.move(COUNTY, case, "ask_papers", CLERK, **NOTICE)
    life.report(VILLAGE, case, "papers_brought", note="补来")
    life.move(COUNTY, case, "take_papers", CLERK)
    life.wait(60)
    life.day_job()
    assert life.agreed(case).state is State.SUPPLEMENTED


def test_an_item_settled_on_the_spot_is_not_deemed_and_keeps_nobody_else_waiting(life):
    instant = [life.file("instant", overrule="另有一户") for _ in range(5)]
    life.wait(60)
    life.day_job(VILLAGE)
    assert {life.state(case, VILLAGE).state for case in instant} == {State.RECEIVED}


def test_a_case_whose_item_is_not_here_waits_and_keeps_nobody_else_waiting(life):
    lost, good = life.file("special"), life.file("direct")
    item = life.shelf.items.pop("special")
    life.wait(WEEK + 1)
    life.day_job()
    assert life.state(lost).state is State.RECEIVED
    assert life.state(good).state is State.ACCEPTED
    life.shelf.items["special"] = item
    life.day_job()
    assert life.agreed(lost).facts.deemed_on == "2026-03-02"


def test_departments_hear_of_it_only_then_so_their_days_run_from_then(life):
    """Else their silence of before they were asked would count as agreement the same hour."""
    case = life.file("joint")
    life.wait(WEEK + 1)  # Tuesday 10 March
    life.day_job()
    facts = life.agreed(case).facts
    assert [(asked.verdict, asked.due) for asked in facts.asked] == [("", "2026-03-13"), ("", "2026-03-17")]
    assert facts.accepted_on == "2026-03-02"
    assert life.said(COUNTY, case, "deem_opinion") == []
    life.report(COUNTY, case, "opinion", staff("REVIEWER", HELPS), verdict="agree")
    assert life.agreed(case).facts.asked[0].verdict == "agree"


def test_a_clerk_who_comes_too_late_is_told_what_may_be_done_now(life):
    case = life.file()
    life.wait(WEEK + 1)
    life.day_job()
    with pytest.raises(StepNotAllowed) as refused:
        life.move(COUNTY, case, "ask_papers", staff("CLERK", OURS), **NOTICE)
    assert (refused.value.status, refused.value.state) == (409, "ACCEPTED")
    assert "review" in refused.value.allowed and "ask_papers" not in refused.value.allowed


def test_one_case_that_fails_does_not_stop_the_others(life, monkeypatch, caplog):
    from common.casework import duties

    bad, good = life.file("direct"), life.file("direct", overrule="另有一户")
    real = duties.timed_duty

    def failing(state, *rest):
        if state.case == bad:
            raise ValueError("a duty nobody thought of")
        return real(state, *rest)

    monkeypatch.setattr(duties, "timed_duty", failing)
    life.wait(WEEK + 1)
    life.day_job()
    assert life.state(good).state is State.ACCEPTED
    assert life.state(bad).state is State.RECEIVED
    assert bad in caplog.text
    monkeypatch.undo()
    life.day_job()
    assert life.agreed(bad).state is State.ACCEPTED


@pytest.mark.parametrize("years", [56, 6, 0.01])
def test_a_clock_that_had_lost_its_time_when_a_case_came_deems_nothing_at_once(life, years):
    """The acceptor's machine came up with a dead battery, took the case in, and was set right later."""
    county = life.network.sites[COUNTY]
    county.now = life.now - int(years * 365 * DAY)
    case = life.file()
    county.now = life.now
    life.day_job()
    assert life.state(case).state is State.RECEIVED
    life.wait(WEEK + 1)
    life.day_job()
    state = life.agreed(case)
    assert (state.facts.deemed_on, state.facts.acceptor_on) == ("2026-03-02", "2026-03-02")


def test_a_village_that_lives_in_a_later_year_moves_no_receipt_beyond_today(life):
    village = life.at(VILLAGE)
    with unit_of_work():
        case = village.file_case(a_filing("direct"), AGENT, life.now + 3_650 * DAY)
    life.network.run()
    life.wait(WEEK + 1)
    life.day_job()
    state = life.agreed(case)
    assert (state.state, state.facts.deemed_on) == (State.ACCEPTED, "2026-03-02"), "its own days are over"
    assert state.facts.acceptor_on == "2026-03-02"


@pytest.mark.parametrize("step", ["ask_papers", "not_accept", "return"])
def test_before_the_job_has_run_nothing_else_may_be_said_any_more(life, step):
    """行政许可法 32: after five working days without a notice the case is accepted, whoever noticed it."""
    case = life.file()
    life.wait(WEEK + 1)
    with pytest.raises(DeemedAccepted):
        life.move(COUNTY, case, step, CLERK, note="理由", **(NOTICE if step == "ask_papers" else {}))
    assert life.state(case).state is State.RECEIVED


def test_a_clerk_who_accepts_before_the_job_has_run_accepts_from_the_day_of_receipt(life):
    case = life.file()
    life.wait(WEEK + 1)
    life.move(COUNTY, case, "accept", CLERK)
    facts = life.agreed(case).facts
    assert (facts.accepted_on, facts.deemed_on) == ("2026-03-02", "2026-03-02")
    assert (life.state(case).due, facts.legal_due) == ("2026-03-09", "2026-03-30")


def test_a_clock_that_leapt_bars_no_notice(life):
    case = life.file()
    do_what_days_bring(life.at(COUNTY), unit_of_work, "", life.now)
    life.wait(400)
    life.move(COUNTY, case, "ask_papers", CLERK, **NOTICE)
    assert life.state(case).state is State.SUPPLEMENT


def test_under_a_year_without_its_arrangement_it_is_not_signed_while_the_days_may_still_be_free(life):
    """What is signed is never taken back; the calendar came on the way, and by it the organ was in time."""
    life.wait(336)
    case = life.file()  # Monday 1 February 2027, the week before the Spring Festival
    life.wait(10)
    life.day_job()
    assert life.agreed(case).state is State.RECEIVED, "by the holidays of the law alone it ended yesterday"
    draft = load_calendar()
    away = {date(2027, 2, day) for day in range(5, 14)}
    life.calendar = replace(draft, off=draft.off | away, years=draft.years | {2027}, drafts=frozenset())
    life.move(COUNTY, case, "ask_papers", CLERK, **NOTICE)
    assert life.agreed(case).state is State.SUPPLEMENT


def test_where_no_arrangement_ever_comes_it_is_signed_all_the_same(life):
    life.wait(336)
    case = life.file()
    life.wait(16)
    life.day_job()
    assert life.agreed(case).state is State.RECEIVED
    life.wait(1)
    life.day_job()
    state = life.agreed(case)
    assert (state.state, state.facts.deemed_on) == (State.ACCEPTED, "2027-02-01")


def test_the_window_does_not_end_a_case_that_counts_as_accepted(life):
    """Before the node wrote that down the clerk alone could end it, which takes the approver by then."""
    case = life.file()
    life.wait(WEEK + 1)
    said = {"ground": "other", "note": "不再办理"}
    with pytest.raises(DeemedAccepted):
        life.move(COUNTY, case, "terminate", CLERK, **said)
    life.day_job()
    life.move(COUNTY, case, "terminate", staff("APPROVER"), **said)
    assert life.agreed(case).state is State.TERMINATED


def test_nor_is_a_case_taken_over_for_it_while_the_days_may_still_be_free(life):
    """The township was in time by the arrangement that came afterwards, and its case was gone for good."""
    life.wait(336)
    case = life.file("town")
    life.wait(10)
    assert life.at(COUNTY).causes_to_take_over(case, life.now) == {}
    life.wait(7)
    assert set(life.at(COUNTY).causes_to_take_over(case, life.now)) == {Cause.DEEMED}
