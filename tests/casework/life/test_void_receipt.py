"""The receipt of another letter was registered: its record is void, and the letter is out as before."""

from __future__ import annotations

from typing import Any

import pytest

from common.casework.errors import FilingIncomplete, LetterDayReliedOn, ReasonMissing
from common.casework.rules import applied
from common.casework.rules.clocks.remedies import Remedies, Told
from common.casework.rules.facts import HANDED, POSTED, Service
from common.casework.rules.letter_days import receipts_of
from common.casework.rules.letters import letters_out
from common.casework.rules.services import collectable
from common.casework.rules.words import Action, Report
from common.days import local_day
from common.desk import register
from common.desk.rules.remedy_lines import service_lines
from tests.casework.build import COUNTY, VILLAGE
from tests.casework.life.test_fetched_afterwards import SUSPENDED
from tests.casework.life.test_handed_over_on import issued
from tests.casework.life.test_letter_day import RIGHT, WRONG, came
from tests.casework.life.test_posted import posted, result_service
from tests.casework.life.test_service_after_relief import unknown
from tests.casework.life.tools import APPROVER, CLERK, RECEIVER

WHY = "是同村另一件的回执"
TOLD = Remedies(Told.USUAL, Told.USUAL)


def of_receipt(life: Any, case: str, **other: Any) -> dict[str, Any]:
    one = receipts_of(life.state(case))[0]
    said = {"record": one.record, "tracking": one.tracking, "was": one.on, **other}
    return {"note": WHY, "letter_void": said}


def void(life: Any, case: str, **other: Any) -> str:
    return life.move(COUNTY, case, "void_receipt", CLERK, **of_receipt(life, case, **other))


def came_at_once(life: Any) -> str:
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted(served_on="2026-03-04", delivered_on=WRONG))
    return case


@pytest.mark.parametrize("make", [came, came_at_once])
def test_the_letter_is_out_again_and_nothing_runs_until_its_own_receipt_comes(life, make):
    """People lost the right to a review by a receipt that was not theirs, and nobody could take it back."""
    case = make(life)
    before = life.agreed(case)
    assert letters_out(before) == ()
    void(life, case)
    state = life.agreed(case)
    assert receipts_of(state) == () and result_service(life, case) == Service((state.concluded,), POSTED, "")
    (letter,) = letters_out(state)
    assert (letter.tracking, letter.acts) == ("EMS1", (state.concluded,))
    assert (state.state, collectable(state)) == (before.state, {state.concluded})
    lines = dict(service_lines(state, TOLD, life.calendar))
    assert not any("最后一日" in name for name in lines) and WRONG not in str(lines)
    life.at(VILLAGE)
    (line,) = register.lines(VILLAGE, 0, life.now)
    assert line.steps["送达"] == "2026-03-04", "the day of its posting, as before its receipt was told of"
    life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS1", "on": RIGHT})
    assert result_service(life, case) == Service((state.concluded,), POSTED, RIGHT)
    assert letters_out(life.agreed(case)) == ()


def test_a_letter_that_comes_back_after_all_is_owed_again(life):
    case = came(life)
    void(life, case)
    today = local_day(life.now)
    tried = {"how": "邮寄", "why": "moved", "on": today, "tracking": "EMS1"}
    life.report(VILLAGE, case, "not_served", tried=tried)
    state = life.agreed(case)
    assert [one.act for one in state.facts.unserved] == [state.concluded]
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert result_service(life, case).how == HANDED


@pytest.mark.parametrize("behind", [0, 40])
def test_who_has_it_by_another_way_is_not_waited_for(life, behind):
    """It was posted and fetched besides; the receipt was told of by who had not heard of that."""
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted(served_on="2026-03-04"))
    # A clock that is behind tells no day of service: they have it all the same.
    life.wait(3 - behind)
    life.report_unheard(COUNTY, case, "handed_over", CLERK, **RECEIVER)
    life.wait(behind)
    life.report_unheard(VILLAGE, case, "letter_came", letter={"tracking": "EMS1", "on": WRONG})
    life.network.run()
    assert [one.on for one in receipts_of(life.agreed(case))] == [WRONG]
    void(life, case)
    state = life.agreed(case)
    assert (collectable(state), letters_out(state)) == (frozenset(), ())
    assert {one.how for one in state.facts.served if one.on} == (set() if behind else {HANDED})


def test_it_is_made_void_once_with_a_reason_and_by_the_record_that_counts(life):
    case = came(life)
    said = of_receipt(life, case)
    with pytest.raises(ReasonMissing):
        life.move(COUNTY, case, "void_receipt", CLERK, **{**said, "note": " "})
    for other in ({"record": "f" * 32}, {"was": "2026-03-05"}, {"tracking": "EMS9"}):
        with pytest.raises(FilingIncomplete) as refused:
            void(life, case, **other)
        assert [one.field for one in refused.value.problems] == ["void_record"]
    life.move(COUNTY, case, "void_receipt", CLERK, **said)
    with pytest.raises(FilingIncomplete):
        life.move(COUNTY, case, "void_receipt", CLERK, **said)
    assert len(life.said(COUNTY, case, "void_receipt")) == 1


def test_after_a_court_has_spoken_it_stays(life):
    case = came(life)
    life.move(COUNTY, case, "mark_decision", APPROVER, **SUSPENDED)
    state = life.agreed(case)
    assert Action.VOID_RECEIPT not in life.at(COUNTY).actions_for(state, ["CLERK"], CLERK.department)
    with pytest.raises(LetterDayReliedOn):
        void(life, case)
    assert result_service(life, case).on == WRONG


def test_the_two_steps_are_one_behind_the_other_and_the_first_to_come_counts(life):
    case = came(life)
    right = {"note": WHY, "letter_day": {**of_receipt(life, case)["letter_void"], "on": RIGHT}}
    life.move(COUNTY, case, "correct_letter_day", CLERK, **right)
    void(life, case)
    with pytest.raises(FilingIncomplete):
        life.move(COUNTY, case, "correct_letter_day", CLERK, **right)
    assert receipts_of(life.agreed(case)) == ()


def test_a_program_with_a_former_table_keeps_it_until_it_is_upgraded(life, monkeypatch):
    case = came(life)
    life.move_unheard(COUNTY, case, "void_receipt", CLERK, **of_receipt(life, case))
    network, village, real = life.network, life.network.sites[VILLAGE], applied.read_action
    with monkeypatch.context() as older:
        older.setattr(
            applied, "read_action", lambda word: unknown(word) if word == "void_receipt" else real(word)
        )
        network.collect()
        village.receive([act for key in list(network.waiting) for act in network.waiting[key]])
        assert {why.waits_for for _, why in village.parked.values()} == {"version"}
    village.receive([act for act, _ in village.parked.values()])
    network.run()
    assert receipts_of(life.agreed(case)) == () and village.parked == {}


def test_a_letter_made_void_is_reported_on_by_its_number_again(life):
    case = came(life)
    assert Report.LETTER_CAME not in life.at(VILLAGE).reports_for(life.state(case, VILLAGE), ["AGENT"], "")
    void(life, case)
    assert Report.LETTER_CAME in life.at(VILLAGE).reports_for(life.state(case, VILLAGE), ["AGENT"], "")
