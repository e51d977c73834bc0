"""The day on which something was really handed over, as whoever did says: what runs from service runs so."""

from __future__ import annotations

from typing import Any

import pytest

from common.casework.errors import FilingIncomplete
from common.casework.rules.flow import State
from common.casework.rules.handed import served_at, served_day, served_minute
from common.casework.rules.words import Report
from common.days import local_minute
from common.desk import register
from common.desk.rules.around import Around
from common.desk.rules.step_fields import fields_of_report, read_report
from tests.casework.build import COUNTY, NOON, VILLAGE
from tests.casework.life.test_served_after_the_end import NAME, ended
from tests.casework.life.tools import APPROVER, CLERK, RECEIVER
from tests.casework.story import Story


def issued(life: Any) -> str:
    """A case whose result was made out on 2026-03-02, twelve days ago."""
    case = life.approved()
    life.move(COUNTY, case, "issue", CLERK)
    life.wait(12)
    return case


@pytest.mark.parametrize(
    ("said", "day", "minute", "at"),
    [
        ({}, "2026-03-02", "12:00", "2026-03-02 12:00"),
        ({"served_on": "2026-02-27"}, "2026-02-27", "", "2026-02-27 00:00"),
        ({"served_on": "2026-02-27", "served_time": "09:05"}, "2026-02-27", "09:05", "2026-02-27 09:05"),
        ({"served_on": "2026-02-27", "served_time": "9 am"}, "2026-02-27", "", "2026-02-27 00:00"),
        # Nobody here could have said so: it speaks of its own day.
        ({"served_on": "2026-03-03"}, "2026-03-02", "", "2026-03-02 00:00"),
        ({"served_on": 7}, "2026-03-02", "", "2026-03-02 00:00"),
    ],
)
def test_a_report_speaks_of_the_day_it_names_and_of_none_after_itself(said, day, minute, at):
    data = {"at": NOON, **said}
    assert local_minute(NOON) == "2026-03-02 12:00"
    assert (served_day(data), served_minute(data), local_minute(served_at(data))) == (day, minute, at)


@pytest.mark.parametrize(
    ("typed", "signed"),
    [
        ("15:30", "15:30"),
        ("15：30", "15:30"),
        ("９：05", "09:05"),
        ("9:30", "09:30"),
        ("9 点 30 分", "09:30"),
        ("15.30", "15:30"),
        ("下午三点", "下午三点"),
        ("25:00", "25:00"),
    ],
)
def test_a_time_is_read_as_a_keyboard_for_chinese_gives_it(typed, signed):
    around = Around(Story().state, None)
    asked = fields_of_report(Report.HANDED_OVER, around)
    data, problems = read_report(asked, {"served_on": "2026-03-05", "served_time": typed}, around)
    assert (data, problems) == ({"served_on": "2026-03-05", "served_time": signed}, [])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"served_on": "2026-03-15"}, "in_future"),
        ({"served_on": "2026-03-01"}, "too_early"),
        ({"served_on": "2026-3-5"}, "date"),
        ({"served_time": "10:00"}, "required"),
        ({"served_on": "2026-03-05", "served_time": "25:00"}, "time"),
        ({"served_on": "2026-03-14", "served_time": "12:01"}, "in_future"),
    ],
)
def test_a_day_on_which_it_cannot_have_been_is_not_taken(life, said, code):
    case = issued(life)
    with pytest.raises(FilingIncomplete) as refused:
        life.report(VILLAGE, case, "handed_over", **RECEIVER, **said)
    assert [problem.code for problem in refused.value.problems] == [code]


@pytest.mark.parametrize(
    "said", [{"served_on": "2026-03-02"}, {"served_on": "2026-03-14", "served_time": "12:00"}]
)
def test_the_first_and_the_last_moment_that_it_can_have_been_are_taken(life, said):
    case = issued(life)
    act = life.report(VILLAGE, case, "handed_over", **RECEIVER, **said)
    state = life.agreed(case)
    assert state.state is State.CLOSED
    data = state.reports[act].data
    assert {key: data[key] for key in said} == said and data["at"] == life.now


def test_a_result_put_right_was_not_handed_over_before_that(life):
    case = issued(life)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    with pytest.raises(FilingIncomplete):
        life.report(VILLAGE, case, "handed_over", **RECEIVER, served_on="2026-03-05")
    life.report(VILLAGE, case, "handed_over", **RECEIVER, served_on="2026-03-14")


def test_what_was_made_after_the_end_was_not_handed_over_before_it_was_made(life):
    case = ended(life)
    life.wait(10)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.wait(3)
    with pytest.raises(FilingIncomplete):
        life.report(VILLAGE, case, "handed_over", **RECEIVER, served_on="2026-03-05")
    life.report(VILLAGE, case, "handed_over", **RECEIVER, served_on="2026-03-13")
    assert life.agreed(case).facts.unserved == ()


def test_a_clock_that_stands_before_the_decision_stops_nobody(life):
    """What it shows is looked at by people; the result is with the applicant all the same."""
    case = issued(life)
    life.wait(-14)
    life.report(VILLAGE, case, "handed_over", **RECEIVER, served_on="2026-02-28")
    assert life.agreed(case).state is State.CLOSED


def test_the_call_back_is_due_three_days_after_the_day_that_was_said(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **RECEIVER, served_on="2026-03-10")
    life.at(VILLAGE)
    (call,) = register.due_calls([VILLAGE], life.now)
    assert (call.number, local_minute(call.handed_at)) == (case, "2026-03-10 00:00")


def test_the_register_has_the_day_that_was_said(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **RECEIVER, served_on="2026-03-05")
    life.at(VILLAGE)
    (line,) = register.lines(VILLAGE, 0, life.now)
    assert line.steps["送达"] == "2026-03-05"
