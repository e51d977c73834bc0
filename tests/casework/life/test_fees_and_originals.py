"""Fees are asked for and paid anywhere, originals are seen; only then a result is made."""

from __future__ import annotations

import pytest

from common.casework.errors import (
    AlreadyThere,
    BadShape,
    FeeOpen,
    FeePaid,
    FilingIncomplete,
    OriginalsMissing,
    ReceiptMissing,
    ReportNotAllowed,
)
from common.casework.rules.flow import State
from tests.casework.build import COUNTY, VILLAGE
from tests.casework.life.tools import AGENT, CLERK, Life

FEE = {"fee": {"fen": 8_000, "basis": "示例收费文件"}}


def receipt(fen: int = 8_000, number: str = "票000123") -> dict[str, dict[str, int | str]]:
    return {"receipt": {"fen": fen, "number": number}}


def owing(life: Life) -> str:
    case = life.approved("fee")
    life.move(COUNTY, case, "ask_fee", CLERK, **FEE)
    return case


def test_cash_at_the_village_is_reported_and_lets_the_result_be_made(life):
    case = owing(life)
    with pytest.raises(FeeOpen):
        life.move(COUNTY, case, "issue", CLERK)
    life.report(VILLAGE, case, "paid", AGENT, **receipt())
    state = life.agreed(case)
    assert (state.facts.owes_fee, state.facts.receipt["number"]) == (False, "票000123")
    life.move(COUNTY, case, "issue", CLERK)
    assert life.agreed(case).state is State.ISSUED


def test_the_countys_clerk_takes_the_fee_at_the_window(life):
    case = owing(life)
    life.move(COUNTY, case, "take_fee", CLERK, **receipt())
    life.move(COUNTY, case, "issue", CLERK)
    assert life.agreed(case).facts.receipt == receipt()["receipt"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (receipt(7_999), "金额不一致：应缴 80 元，填的是 79.99 元。"),
        (receipt(number=" "), "没有填写票据号码。"),
        (receipt(80, ""), "金额不一致：应缴 80 元，填的是 0.80 元。没有填写票据号码。"),
        ({"receipt": {}}, "E118"),
        ({}, "没有填写实收金额。没有填写票据号码。"),
    ],
)
def test_the_window_takes_no_other_amount_and_nothing_without_a_receipt(life, wrong, told):
    case = owing(life)
    with pytest.raises((ReceiptMissing, BadShape)) as refused:
        life.move(COUNTY, case, "take_fee", CLERK, **wrong)
    assert str(refused.value).removeprefix("E141 ").startswith(told)
    assert life.agreed(case).facts.owes_fee


def test_another_amount_paid_at_the_village_is_noted_and_the_fee_stays_owed(life):
    case = owing(life)
    sent = life.report(VILLAGE, case, "paid", AGENT, **receipt(7_000))
    state = life.agreed(case)
    assert state.facts.owes_fee and state.reports[sent].answered_by == state.last
    life.report(VILLAGE, case, "paid", AGENT, **receipt())
    assert not life.agreed(case).facts.owes_fee


def test_all_that_a_report_of_payment_lacks_is_told_at_once(life):
    case = owing(life)
    for wrong in ({}, receipt(0, " "), {"receipt": "80"}, {"receipt": ["x"]}):
        with pytest.raises(FilingIncomplete) as refused:
            life.report(VILLAGE, case, "paid", AGENT, **wrong)
        assert {problem.field for problem in refused.value.problems} == {"receipt.fen", "receipt.number"}


def test_nobody_pays_what_was_not_asked_for_or_is_paid(life):
    case = life.approved("fee")
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, case, "paid", AGENT, **receipt())
    life.move(COUNTY, case, "ask_fee", CLERK, **FEE)
    life.report_unheard(VILLAGE, case, "paid", AGENT, **receipt())
    with pytest.raises(AlreadyThere):
        life.report_unheard(VILLAGE, case, "paid", AGENT, **receipt())
    life.network.run()
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, case, "paid", AGENT, **receipt())


def test_paid_twice_on_two_ways_the_first_receipt_stands(life):
    """Cash at the village while its line is down, and again at the window."""
    case = owing(life)
    sent = life.report_unheard(VILLAGE, case, "paid", AGENT, **receipt(number="村票1"))
    life.move_unheard(COUNTY, case, "take_fee", CLERK, **receipt(number="县票9"))
    life.network.run()
    state = life.agreed(case)
    assert state.facts.receipt["number"] == "县票9"
    assert not state.reports[sent].is_open


def test_a_notice_of_a_wrong_amount_is_put_right_before_anybody_paid_and_not_after(life):
    case = owing(life)
    life.move(COUNTY, case, "ask_fee", CLERK, fee={"fen": 6_000, "basis": "减免"})
    life.report(VILLAGE, case, "paid", AGENT, **receipt(6_000))
    with pytest.raises(FeePaid):
        life.move(COUNTY, case, "ask_fee", CLERK, **FEE)
    assert life.agreed(case).facts.receipt["fen"] == 6_000


# --- originals


def test_originals_are_seen_after_the_review_before_the_result_is_made(life):
    case = life.approved("originals")
    with pytest.raises(OriginalsMissing):
        life.move(COUNTY, case, "issue", CLERK)
    with pytest.raises(FilingIncomplete):
        life.report(VILLAGE, case, "originals_seen", AGENT)
    life.report(VILLAGE, case, "originals_seen", AGENT, note="户口簿原件与照片一致")
    assert life.agreed(case).facts.originals_act
    life.move(COUNTY, case, "issue", CLERK)
    assert life.agreed(case).state is State.ISSUED


def test_originals_are_asked_for_once_and_only_where_the_item_says_so(life):
    case = life.approved("originals")
    life.report(VILLAGE, case, "originals_seen", AGENT, note="一致")
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, case, "originals_seen", AGENT, note="一致")
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, life.accepted("direct"), "originals_seen", AGENT, note="一致")
