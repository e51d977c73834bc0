"""A wrong day on the receipt of a letter is put right by the holder; what runs from it runs anew."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from common.casework.errors import (
    FilingIncomplete,
    LetterDayReliedOn,
    StepNotAllowed,
)
from common.casework.rules import applied
from common.casework.rules.clocks.remedies import Remedies, Told
from common.casework.rules.facts import POSTED, Service
from common.casework.rules.letter_days import Receipt, receipts_of, relied_on
from common.casework.rules.services import collectable, service_of
from common.casework.rules.words import Action
from common.days import local_day
from common.desk import register
from common.desk.rules.remedy_lines import service_lines
from tests.casework.build import COUNTY, VILLAGE
from tests.casework.life.test_fetched_afterwards import SUSPENDED
from tests.casework.life.test_handed_over_on import issued
from tests.casework.life.test_posted import posted, result_service
from tests.casework.life.test_served_after_the_end import NAME
from tests.casework.life.test_service_after_relief import unknown
from tests.casework.life.tools import APPROVER, CLERK

WHY = "看错了回执上的日期"
# The result is made on the 2nd; it is posted on the 4th, and the clerk types the 6th for the 9th.
WRONG, RIGHT = "2026-03-06", "2026-03-09"


def came(life: Any, on: str = WRONG, tracking: str = "EMS1") -> str:
    """A case whose result was posted, its receipt registered later."""
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted(tracking, served_on="2026-03-04"))
    life.wait(3)
    life.report(VILLAGE, case, "letter_came", letter={"tracking": tracking, "on": on})
    return case


def right_day(life: Any, case: str, on: str = RIGHT, at: int = 0, **other: Any) -> dict[str, Any]:
    one = receipts_of(life.state(case))[at]
    said = {"record": one.record, "tracking": one.tracking, "was": one.on, "on": on, **other}
    return {"note": WHY, "letter_day": said}


def put_right(life: Any, case: str, on: str = RIGHT, at: int = 0, **other: Any) -> str:
    return life.move(COUNTY, case, "correct_letter_day", CLERK, **right_day(life, case, on, at, **other))


def test_the_holder_puts_the_day_right_and_the_former_record_stays(life):
    case = came(life)
    before = life.agreed(case)
    (receipt,) = receipts_of(before)
    record = next(act for act, one in before.reports.items() if one.what == "letter_came")
    assert receipt == Receipt("EMS1", "2026-03-04", WRONG, record)
    act = put_right(life, case)
    state = life.agreed(case)
    assert result_service(life, case) == Service((state.concluded,), POSTED, RIGHT)
    assert receipts_of(state) == (Receipt("EMS1", "2026-03-04", RIGHT, act),)
    assert state.reports[record].data["letter"]["on"] == WRONG, "as it was signed"
    assert (state.state, collectable(state)) == (before.state, frozenset())


def test_what_runs_from_service_runs_anew(life):
    case = came(life)
    told = Remedies(Told.USUAL, Told.USUAL)
    lines = [dict(service_lines(life.state(case), told, life.calendar))]
    put_right(life, case)
    lines.append(dict(service_lines(life.state(case), told, life.calendar)))
    assert [one["送达日期"][:10] for one in lines] == [WRONG, RIGHT] and "已更正" in lines[1]["送达日期"]
    ends = [date.fromisoformat(one["申请行政复议最后一日"][:10]) for one in lines]
    assert all(
        end >= date.fromisoformat(on) + timedelta(days=60)
        for end, on in zip(ends, (WRONG, RIGHT), strict=True)
    )
    assert ends[0] < ends[1]
    life.at(VILLAGE)
    (line,) = register.lines(VILLAGE, 0, life.now)
    assert line.steps["送达"] == RIGHT


def test_a_day_that_came_with_the_hand_over_is_put_right_as_well_and_twice(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted(served_on="2026-03-04", delivered_on=WRONG))
    first = put_right(life, case)
    second = put_right(life, case, "2026-03-05")
    (receipt,) = receipts_of(life.agreed(case))
    assert (receipt.on, receipt.record) == ("2026-03-05", second) and first != second


def test_a_letter_that_two_sites_wrote_down_came_on_one_day(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted(served_on="2026-03-05"))
    life.report(COUNTY, case, "handed_over", CLERK, **posted(served_on="2026-03-04"))
    life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS1", "on": WRONG})
    (receipt,) = receipts_of(life.agreed(case))
    assert (receipt.on, receipt.posted_on) == (WRONG, "2026-03-04")
    put_right(life, case)
    assert {one.on for one in life.agreed(case).facts.served} == {RIGHT}


def test_of_two_letters_the_one_that_is_named_is_put_right(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted("EMS1", served_on="2026-03-04", delivered_on=WRONG))
    correction = life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.wait(3)
    today = local_day(life.now)
    life.report(VILLAGE, case, "handed_over", **posted("EMS2", delivered_on=today))
    put_right(life, case)
    state = life.agreed(case)
    assert [one.on for one in receipts_of(state)] == [RIGHT, today]
    assert service_of(state, correction).on == today


@pytest.mark.parametrize(
    ("on", "field", "code"),
    [
        ("2026-03-18", "letter_right", "in_future"),
        ("2026-03-03", "letter_right", "too_early"),
        (WRONG, "letter_right", "unchanged"),
        ("", "letter_right", "required"),
        ("3月9日", "letter_right", "required"),
    ],
)
def test_a_day_on_which_it_cannot_have_come_is_not_taken(life, on, field, code):
    case = came(life)
    with pytest.raises(FilingIncomplete) as refused:
        put_right(life, case, on)
    assert [(one.field, one.code) for one in refused.value.problems] == [(field, code)]


@pytest.mark.parametrize("other", [{"record": "f" * 32}, {"was": "2026-03-05"}, {"tracking": "EMS9"}])
def test_what_does_not_name_the_record_that_counts_is_not_taken(life, other):
    case = came(life)
    with pytest.raises(FilingIncomplete) as refused:
        put_right(life, case, **other)
    assert [one.field for one in refused.value.problems] == ["letter_record"]


def test_the_same_correction_sent_twice_counts_once(life):
    case = came(life)
    said = right_day(life, case)
    life.move(COUNTY, case, "correct_letter_day", CLERK, **said)
    with pytest.raises(FilingIncomplete):
        life.move(COUNTY, case, "correct_letter_day", CLERK, **said)
    assert len(life.said(COUNTY, case, "correct_letter_day")) == 1


def test_where_a_court_has_spoken_since_nothing_is_put_right(life):
    case = came(life)
    life.move(COUNTY, case, "mark_decision", APPROVER, **SUSPENDED)
    state = life.agreed(case)
    (receipt,) = receipts_of(state)
    assert relied_on(state, receipt) == state.last
    assert Action.CORRECT_LETTER_DAY not in life.at(COUNTY).actions_for(state, ["CLERK"], CLERK.department)
    with pytest.raises(LetterDayReliedOn):
        put_right(life, case)
    assert result_service(life, case).on == WRONG


def test_what_had_been_said_before_the_receipt_has_not_gone_by_it(life):
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted(served_on="2026-03-04"))
    life.move(COUNTY, case, "mark_decision", APPROVER, **SUSPENDED)
    life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS1", "on": WRONG})
    put_right(life, case)
    assert receipts_of(life.agreed(case))[0].on == RIGHT


def test_a_letter_that_is_out_has_no_day_to_put_right(life):
    case = issued(life)
    with pytest.raises(StepNotAllowed):
        life.move(COUNTY, life.file(), "correct_letter_day", CLERK, note=WHY)
    life.report(VILLAGE, case, "handed_over", **posted())
    state = life.agreed(case)
    assert receipts_of(state) == ()
    assert Action.CORRECT_LETTER_DAY not in life.at(COUNTY).actions_for(state, ["CLERK"], CLERK.department)


def test_an_archived_case_is_put_right_too(life):
    case = came(life)
    life.move(COUNTY, case, "archive", CLERK)
    put_right(life, case)
    assert receipts_of(life.agreed(case))[0].on == RIGHT


def test_a_program_that_does_not_know_the_step_keeps_it_until_it_is_upgraded(life, monkeypatch):
    """A node with the seventh table goes by the wrong day meanwhile, and by the right one then."""
    case = came(life)
    life.move_unheard(COUNTY, case, "correct_letter_day", CLERK, **right_day(life, case))
    network, village, real = life.network, life.network.sites[VILLAGE], applied.read_action
    with monkeypatch.context() as older:
        older.setattr(
            applied,
            "read_action",
            lambda word: unknown(word) if word == "correct_letter_day" else real(word),
        )
        network.collect()
        village.receive([act for key in list(network.waiting) for act in network.waiting[key]])
        assert {why.waits_for for _, why in village.parked.values()} == {"version"}
        assert receipts_of(life.state(case, VILLAGE))[0].on == WRONG
    village.receive([act for act, _ in village.parked.values()])
    network.run()
    assert receipts_of(life.agreed(case))[0].on == RIGHT and village.parked == {}
