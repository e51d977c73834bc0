"""更正 before and after the decision; a decision suspended, revoked or restored never opens a case again."""

from __future__ import annotations

import pytest

from common.casework import queues
from common.casework.errors import (
    CorrectionMissing,
    FilingIncomplete,
    NotYourStep,
    StandingMissing,
    StepNotAllowed,
)
from common.casework.records import CaseFile
from common.casework.rules.corrected import present_form
from common.casework.rules.facts import Correction
from common.casework.rules.flow import State
from common.casework.rules.waiting import Work, waits_for
from common.desk.rules.around import Around
from common.desk.rules.correcting import correctable
from tests.casework.build import COUNTY, ID_NUMBER, ITEMS, TOWN, VILLAGE
from tests.casework.life.tools import APPROVER, CHECKER, CLERK, RECEIVER, REVIEWER

SON = "511921197001010010"


def line(field: str, old: str, new: str) -> dict[str, object]:
    return {"correction": [{"field": field, "label": "项目", "old": old, "new": new}], "note": "录入有误"}


def test_a_name_put_right_before_the_decision_shows_in_every_list(life):
    case = life.file("checked")
    life.move(TOWN, case, "correct", CHECKER, **line("applicant.name", "何秀英", "何秀瑛"))
    state = life.agreed(case)
    assert state.applicant["name"] == "何秀瑛"
    for at in (VILLAGE, TOWN, COUNTY):
        life.at(at)
        assert [found.case for found in queues.find("何秀瑛")] == [case]
        assert queues.find("何秀英") == []
    (correction,) = state.facts.corrections
    assert (correction.old, correction.new, correction.act) == ("何秀英", "何秀瑛", state.last)
    assert life.network.sites[VILLAGE].outbox.bodies()[0][1]["data"]["applicant"]["name"] == "何秀英"


def test_a_number_put_right_is_found_and_compared_under_the_right_number(life):
    """Else the list finds the case under a stranger's number, and that stranger cannot file."""
    case = life.file()
    life.move(COUNTY, case, "correct", CLERK, **line("applicant.id_number", ID_NUMBER, SON))
    assert life.agreed(case).applicant["id_number"] == SON
    for at in (VILLAGE, COUNTY):
        life.at(at)
        assert [row.id_number for row in CaseFile.select()] == [SON]
    second = life.file()
    assert life.agreed(second).applicant["id_number"] == ID_NUMBER


def test_what_was_put_right_under_a_former_name_of_its_field_stands_once_in_the_list(life):
    """An address was called 住址: it stood there twice, once with what had been put right since."""
    case = life.file()
    for label, old, new in (("住址", "一组", "二组"), ("居住地址", "二组", "三组")):
        said = [{"field": "applicant.address", "label": label, "old": old, "new": new}]
        life.move(COUNTY, case, "correct", CLERK, correction=said, note="录入有误")
    listed = correctable(Around(life.agreed(case), None))
    assert listed["居住地址"] == ("applicant.address", "三组") and "住址" not in listed


def test_fields_of_the_form_are_kept_as_corrections_and_the_filing_as_it_was(life):
    case = life.accepted()
    life.move(COUNTY, case, "correct", REVIEWER, **line("form.income", "1200000", "1300000"))
    life.move(COUNTY, case, "correct", CLERK, **line("form.income", "1300000", "1400000"))
    state = life.agreed(case)
    assert [one.new for one in state.facts.corrections] == ["1300000", "1400000"]
    assert life.at(COUNTY).page(case).form == {"income": 1_200_000}


@pytest.mark.parametrize(
    "wrong",
    [line("applicant.name", "何秀英", "何秀英"), line("applicant.name", "何秀英", "　"), line("", "a", "b")],
)
def test_a_correction_says_what_and_differs_and_leaves_a_name(life, wrong):
    case = life.file()
    with pytest.raises(Exception) as refused:
        life.move(COUNTY, case, "correct", CLERK, **wrong)
    assert refused.value.code in (CorrectionMissing.code, "E111", "E118")


def test_a_decision_is_put_right_by_an_approver_only(life):
    case = life.approved()
    wrong = line("result.number", "", "通民字2号")
    for who in (CLERK, REVIEWER):
        with pytest.raises(NotYourStep):
            life.move(COUNTY, case, "correct_decision", who, **wrong)
    with pytest.raises(StepNotAllowed):
        life.move(COUNTY, case, "correct", CLERK, **wrong)
    with pytest.raises(StepNotAllowed):
        life.move(COUNTY, life.accepted(overrule="另有一户"), "correct_decision", APPROVER, **wrong)


def test_a_refusal_at_the_door_is_put_right_by_whoever_refused(life):
    """It is a decision, too: 不予受理决定书."""
    case = life.file()
    life.move(COUNTY, case, "not_accept", CLERK, note="不属于本机关")
    name = line("applicant.name", "何秀英", "何秀瑛")
    with pytest.raises(NotYourStep):
        life.move(COUNTY, case, "correct_decision", CLERK, **name)
    life.move(COUNTY, case, "correct_decision", APPROVER, **name)
    state = life.agreed(case)
    assert (state.state, state.applicant["name"]) == (State.NOT_ACCEPTED, "何秀瑛")


def test_a_decision_put_right_bears_the_right_name_and_number(life):
    case = life.accepted()
    life.move(COUNTY, case, "review", REVIEWER)
    life.move(COUNTY, case, "approve", APPROVER, result={"name": "示例证", "number": "通民字1号"})
    number = line("result.number", "通民字1号", "通民字2号")
    life.move(COUNTY, case, "correct_decision", APPROVER, **number)
    life.move(COUNTY, case, "correct_decision", APPROVER, **line("applicant.name", "何秀英", "何秀瑛"))
    state = life.agreed(case)
    assert state.result == {"name": "示例证", "number": "通民字2号"}
    assert (state.state, state.applicant["name"], len(state.facts.corrections)) == (
        State.APPROVED, "何秀瑛", 2,
    )  # fmt: skip


def test_a_number_left_out_of_a_decision_can_be_put_in(life):
    case = life.accepted()
    life.move(COUNTY, case, "review", REVIEWER)
    life.move(COUNTY, case, "approve", APPROVER, result={"name": "示例证"})
    life.move(COUNTY, case, "correct_decision", APPROVER, **line("result.number", "", "通民字2号"))
    assert life.agreed(case).result == {"name": "示例证", "number": "通民字2号"}


def test_a_decision_put_right_while_it_was_handed_over_is_handed_over_with_what_put_it_right(life):
    """The case closed on word of the wrong paper, and nobody brought the applicant the correction."""
    case = life.approved()
    life.move(COUNTY, case, "issue", CLERK)
    first = life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    life.move_unheard(
        COUNTY, case, "correct_decision", APPROVER, **line("applicant.name", "何秀英", "何秀瑛")
    )
    life.network.run()
    state = life.agreed(case)
    assert (state.state, state.reports[first].is_open) == (State.ISSUED, False)
    assert waits_for(state) == (Work.HAND_OUT, VILLAGE)
    assert "更正决定书" in life.said(COUNTY, case, "note")[0]["note"]
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert life.agreed(case).state is State.CLOSED


def _hears(life, address: str) -> None:
    """Bring a node what is under way to it; the others hear nothing yet."""
    network = life.network
    network.collect()
    for key in [key for key in network.waiting if key[2] == address]:
        network.sites[address].receive(network.waiting.pop(key))


def test_who_told_of_the_wrong_paper_need_not_wait_for_an_answer_to_hand_over_the_right_one(life):
    case = life.approved()
    life.move(COUNTY, case, "issue", CLERK)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    life.move_unheard(
        COUNTY, case, "correct_decision", APPROVER, **line("applicant.name", "何秀英", "何秀瑛")
    )
    _hears(life, VILLAGE)
    assert life.at(VILLAGE).case(case).applicant["name"] == "何秀瑛"
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    assert life.agreed(case).state is State.CLOSED


def test_who_told_of_the_right_paper_once_more_is_not_asked_to_hand_it_over_again(life):
    """The case is closed: they were told that it was put right since, and to hand over what they had."""
    case = life.approved()
    life.move(COUNTY, case, "issue", CLERK)
    life.move(COUNTY, case, "correct_decision", APPROVER, **line("applicant.name", "何秀英", "何秀瑛"))
    life.report_unheard(TOWN, case, "handed_over", CLERK, **RECEIVER)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    state = life.agreed(case)
    assert state.state is State.CLOSED and not state.open_reports
    notes = [one["note"] for one in life.said(COUNTY, case, "note")]
    assert notes == ["本件已经结束，已知悉。"]


# --- what reviews and courts do to a decision


def mark(word: str, document: str = "行政复议决定书1号") -> dict[str, object]:
    return {"standing": {"word": word, "document": document}, "note": "依文书"}


def test_a_decision_is_suspended_revoked_and_restored_and_the_case_stays_where_it_is(life):
    case = life.approved()
    life.move(COUNTY, case, "issue", CLERK)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    for word, shown in (("suspended", "suspended"), ("revoked", "revoked"), ("restored", None)):
        life.move(COUNTY, case, "mark_decision", APPROVER, **mark(word))
        state = life.agreed(case)
        assert (state.state, state.facts.standing.get("word")) == (State.CLOSED, shown)
    life.move(COUNTY, case, "archive", CLERK)
    life.move(COUNTY, case, "mark_decision", APPROVER, **mark("revoked", "判决书7号"))
    state = life.agreed(case)
    assert (state.state, state.facts.standing["document"]) == (State.ARCHIVED, "判决书7号")
    assert not {"accept", "review", "approve", "reconsider"} & {
        action.value for action in life.at(COUNTY).actions_for(state, ["CLERK", "REVIEWER", "APPROVER"])
    }


def test_a_mark_names_its_word_and_its_document(life):
    case = life.approved()
    for wrong in (mark("eaten"), mark("revoked", " "), {"note": "x"}):
        with pytest.raises(StandingMissing):
            life.move(COUNTY, case, "mark_decision", APPROVER, **wrong)
    with pytest.raises(NotYourStep):
        life.move(COUNTY, case, "mark_decision", CLERK, **mark("revoked"))


def test_nothing_undecided_is_marked(life):
    with pytest.raises(StepNotAllowed):
        life.move(COUNTY, life.accepted(), "mark_decision", APPROVER, **mark("revoked"))


def test_a_new_case_after_a_revoked_decision_is_linked_to_it(life):
    case = life.approved()
    life.move(COUNTY, case, "issue", CLERK)
    life.move(COUNTY, case, "mark_decision", APPROVER, **mark("revoked"))
    again = life.file(linked={"case": case, "why": "原决定被撤销，重新办理"})
    state = life.agreed(again)
    assert (state.state, state.facts.linked["case"]) == (State.RECEIVED, case)
    assert life.agreed(case).state is State.ISSUED


# --- what a correction may write


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("form.income", "很多"),
        ("form.income", ""),
        ("form.income", "-5"),
        ("form.income", "1e5"),
        ("applicant.phone", "12345"),
        ("applicant.id_number", "511921197001010011"),
        ("applicant.id_number", ""),
        ("applicant.name", "何\u202e秀英"),
        ("applicant.name", "何" * 201),
    ],
)
def test_what_could_not_have_been_filed_is_not_written_by_a_correction(life, field, new):
    case = life.file()
    with pytest.raises(FilingIncomplete) as refused:
        life.move(COUNTY, case, "correct", CLERK, **line(field, "原来的", new))
    assert [problem.field for problem in refused.value.problems] == ["correct_new"]
    assert life.agreed(case).facts.corrections == ()


def test_a_telephone_may_be_taken_out(life):
    case = life.file()
    life.move(COUNTY, case, "correct", CLERK, **line("applicant.phone", "13800000001", ""))
    assert life.agreed(case).applicant["phone"] == ""


def fixed(field: str, old: str, new: str) -> Correction:
    return Correction(field, "项目", old, new, "act")


def test_a_form_stands_as_the_last_correction_left_it():
    item = ITEMS["direct"]
    form = {"income": 1_200_000, "beyond": "x"}
    twice = [fixed("form.income", "1200000", "5"), fixed("form.income", "5", "1300050")]
    assert present_form(form, twice, item) == {"income": 1_300_050, "beyond": "x"}
    assert present_form(form, [fixed("applicant.name", "a", "b")], item) == form
    # Of a former program: what was typed then is shown, never worked with.
    assert present_form(form, [fixed("form.income", "1200000", "一万")], item)["income"] == "一万"
    assert present_form(form, [fixed("form.beyond", "x", "")], None) == {"income": 1_200_000}
    assert form == {"income": 1_200_000, "beyond": "x"}
