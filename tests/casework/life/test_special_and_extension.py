"""Time that does not count, and time that is added once: the due dates that are then signed."""

from __future__ import annotations

import pytest

from common.casework import late, queues
from common.casework.errors import (
    DueMissing,
    ExtendedBefore,
    ExtensionTooLate,
    ExtensionTooLong,
    NotYourStep,
    ReasonMissing,
    SpecialMissing,
    StepNotAllowed,
)
from common.casework.rules.flow import State
from tests.casework.build import COUNTY
from tests.casework.life.tools import APPROVER, CLERK, OURS, REVIEWER, Life


def test_an_extension_without_the_item_says_its_days_and_every_node_shows_the_same(life):
    """The item is published again later: nothing is counted back."""
    case = life.accepted()
    item = life.shelf.items.pop("direct")
    with pytest.raises(DueMissing):
        life.move(COUNTY, case, "extend", APPROVER, note="情况复杂")
    life.move(COUNTY, case, "extend", APPROVER, note="情况复杂", extension_days=3, due="2099-01-01")
    assert dues(life, case) == ("2026-03-12", "2026-04-02")
    assert life.agreed(case).facts.extension_days == 3
    life.shelf.items["direct"] = item
    life.new_calendar(life.calendar)
    assert life.said(COUNTY, case, "due_changed") == [] and dues(life, case)[0] == "2026-03-12"


SPECIAL = {"special": {"kind": "inspection", "name": "现场检验", "expected": "2026-03-20"}}


def dues(life: Life, case: str) -> tuple[str, str]:
    state = life.agreed(case)
    return state.due, state.facts.legal_due


def test_both_limits_are_signed_at_acceptance(life):
    assert dues(life, life.accepted()) == ("2026-03-09", "2026-03-30")


def test_a_special_procedure_stops_both_limits_and_they_run_on_the_day_after_its_end(life):
    case = life.accepted("special")
    life.wait(1)  # Tuesday: one of five days has run
    life.move(COUNTY, case, "begin_special", REVIEWER, **SPECIAL)
    state = life.agreed(case)
    assert (state.state, state.facts.pause.since, state.facts.pause.expected) == (
        State.SPECIAL, "2026-03-03", "2026-03-20",
    )  # fmt: skip
    assert dues(life, case) == ("2026-03-09", "2026-03-30")
    life.wait(13)  # Monday 16 March
    life.move(COUNTY, case, "end_special", REVIEWER, note="检验合格")
    assert dues(life, case) == ("2026-03-20", "2026-04-13")  # four more days; nineteen, over 6 April
    assert life.agreed(case).facts.pause is None


def test_two_procedures_add_up(life):
    case = life.accepted("special")
    for _ in range(2):
        life.wait(1)
        life.move(COUNTY, case, "begin_special", REVIEWER, **SPECIAL)
        life.wait(6)
        life.move(COUNTY, case, "end_special", REVIEWER, note="合格")
    facts = life.agreed(case).facts
    assert [(p.since, p.until) for p in facts.pauses] == [
        ("2026-03-03", "2026-03-09"), ("2026-03-10", "2026-03-16"),
    ]  # fmt: skip
    assert dues(life, case)[0] == "2026-03-19"


def test_one_ended_on_the_day_it_began_stops_nothing(life):
    case = life.accepted("special")
    life.move(COUNTY, case, "begin_special", REVIEWER, **SPECIAL)
    life.move(COUNTY, case, "end_special", REVIEWER, note="无需检验")
    assert dues(life, case) == ("2026-03-09", "2026-03-30")


def test_a_limit_that_was_missed_is_not_mended_by_a_procedure(life):
    case = life.accepted("special")
    life.wait(10)
    life.move(COUNTY, case, "begin_special", REVIEWER, **SPECIAL)
    life.wait(10)
    life.move(COUNTY, case, "end_special", REVIEWER, note="合格")
    assert dues(life, case)[0] == "2026-03-09"


def test_nothing_is_decided_while_the_procedure_runs(life):
    case = life.accepted("special")
    life.move(COUNTY, case, "begin_special", REVIEWER, **SPECIAL)
    for action, who in (("review", REVIEWER), ("extend", APPROVER), ("begin_special", REVIEWER)):
        with pytest.raises(StepNotAllowed):
            life.move(COUNTY, case, action, who, **SPECIAL)
    with pytest.raises(ReasonMissing):
        life.move(COUNTY, case, "end_special", REVIEWER)


def test_a_procedure_says_what_it_is_and_until_when(life):
    case = life.accepted("special")
    for key, value in (("kind", "magic"), ("name", " ")):
        with pytest.raises(SpecialMissing):
            life.move(COUNTY, case, "begin_special", REVIEWER, special={**SPECIAL["special"], key: value})
    with pytest.raises(SpecialMissing):
        life.move(COUNTY, case, "begin_special", REVIEWER)


def test_a_procedure_that_goes_on_past_its_day_is_among_the_late_and_until_then_the_case_is_not(life):
    """Its limits stand; the applicant was told until when, and nobody else would ever look."""
    case = life.accepted("special")
    life.move(COUNTY, case, "begin_special", REVIEWER, **SPECIAL)

    def late_on(day: str) -> list[str]:
        life.at(COUNTY)
        return [line.case for line in late.overdue(COUNTY, day)]

    (line,) = queues.find(case)
    assert (line.due, line.alarm_on) == ("2026-03-20", "2026-03-20")
    assert (late_on("2026-03-20"), late_on("2026-03-21")) == ([], [case])
    assert queues.heaps(COUNTY)["procedure"].due == "2026-03-20"
    life.wait(19)
    life.day_job()
    assert life.agreed(case).state is State.SPECIAL
    life.move(COUNTY, case, "end_special", REVIEWER, note="合格")
    (line,) = queues.find(case)
    assert (line.due, line.alarm_on) == (life.state(case).due, "") and late_on("2026-03-21") == []


# --- extension


def test_an_extension_lengthens_both_limits_once(life):
    case = life.accepted()
    life.move(COUNTY, case, "extend", APPROVER, note="情况复杂", extension_days=10)
    assert dues(life, case) == ("2026-03-23", "2026-04-14")
    (data,) = life.said(COUNTY, case, "extend")
    assert (data["due"], data["legal_due"], data["note"]) == ("2026-03-23", "2026-04-14", "情况复杂")
    with pytest.raises(ExtendedBefore):
        life.move(COUNTY, case, "extend", APPROVER, note="再延", extension_days=10)
    life.move(COUNTY, case, "review", REVIEWER)
    with pytest.raises(ExtendedBefore):
        life.move(COUNTY, case, "extend", APPROVER, note="再延", extension_days=1)
    assert dues(life, case) == ("2026-03-23", "2026-04-14")


def test_an_extension_keeps_to_what_the_item_allows(life):
    case = life.accepted()
    for days in (11, 0, -1, 2**40):
        with pytest.raises(ExtensionTooLong):
            life.move(COUNTY, case, "extend", APPROVER, note="情况复杂", extension_days=days)
    for days in ("10", [10], None, {}):
        with pytest.raises(Exception) as refused:
            life.move(COUNTY, case, "extend", APPROVER, note="情况复杂", extension_days=days)
        assert refused.value.code in ("E118", DueMissing.code)
    town = life.file("entrusted")
    life.move("511921108", town, "accept", CLERK)
    with pytest.raises(ExtensionTooLong) as refused:
        life.move(COUNTY, town, "extend", APPROVER, note="情况复杂")
    assert refused.value.status == 400


def test_only_the_approver_extends_and_only_with_a_reason(life):
    case = life.accepted()
    with pytest.raises(NotYourStep):
        life.move(COUNTY, case, "extend", REVIEWER, note="情况复杂")
    with pytest.raises(ReasonMissing):
        life.move(COUNTY, case, "extend", APPROVER, note=" ")


def test_a_limit_that_is_over_is_not_extended(life):
    """The promised day may be over while the law's is not; a case that is late by law stays late."""
    case, other = life.accepted(), life.accepted(overrule="另有一户")
    life.wait(28)  # Monday 30 March, the last day by law
    assert "extend" in life.at(COUNTY).actions_for(life.state(case), ["APPROVER"], OURS, "2026-03-30")
    life.move(COUNTY, case, "extend", APPROVER, note="情况复杂", extension_days=10)
    assert dues(life, case)[1] == "2026-04-14"
    life.wait(1)
    assert "extend" not in life.at(COUNTY).actions_for(life.state(other), ["APPROVER"], OURS, "2026-03-31")
    with pytest.raises(ExtensionTooLate, match="2026-03-30 已经过了"):
        life.move(COUNTY, other, "extend", APPROVER, note="情况复杂", extension_days=10)
    life.shelf.items.pop("direct")
    with pytest.raises(ExtensionTooLate):
        life.move(COUNTY, other, "extend", APPROVER, note="情况复杂", extension_days=3)
    assert dues(life, other) == ("2026-03-09", "2026-03-30")


def test_a_day_written_by_hand_counts_for_nothing(life):
    case = life.accepted()
    life.move(COUNTY, case, "extend", APPROVER, note="情况复杂", extension_days=1, due="2030-01-01")
    assert dues(life, case) == ("2026-03-10", "2026-03-31")


def test_an_extension_and_a_procedure_both_count(life):
    case = life.accepted("special")
    life.move(COUNTY, case, "extend", APPROVER, note="情况复杂", extension_days=2)
    assert dues(life, case)[0] == "2026-03-11"
    life.wait(1)
    life.move(COUNTY, case, "begin_special", REVIEWER, **SPECIAL)
    life.wait(7)
    life.move(COUNTY, case, "end_special", REVIEWER, note="合格")
    assert dues(life, case)[0] == "2026-03-18"
