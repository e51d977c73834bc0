"""What a row of the flow table demands beside its columns: one small check for each word, in one table.

Pure. The same checks refuse a clerk at the door and an event that came from elsewhere; they look at nothing
but the case as folded so far and the signed data of the step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from common.casework import errors
from common.casework.rules import paper_demands as papers
from common.casework.rules import result_demands as results
from common.casework.rules.event import CaseState, ReportState
from common.casework.rules.facts import GROUNDS, STANDINGS
from common.casework.rules.table import FLOW_VERSION, SINCE, Step
from common.casework.rules.waiting import opinions_due
from common.casework.rules.words import Demand, Desk, Party
from common.days import is_date, local_day
from common.people.rules.departments import CENTRES

SPECIAL_KINDS = (
    "hearing", "tender", "auction", "inspection", "testing", "quarantine", "appraisal", "expert_review",
    "other",
)  # fmt: skip
_ONE_PLACE = (Party.ORIGIN, Party.ACCEPTOR, Party.COMPETENT)


def check_demands(
    state: CaseState,
    step: Step,
    data: Mapping[str, Any],
    answered: Sequence[ReportState] = (),
    flow: int = FLOW_VERSION,
) -> None:
    """Check a step against its row; `data` has passed `shape.check_moved`.

    Args:
        answered: the reports that the step answers.
        flow: the table under which it was signed; it need not meet what a later one began to demand.

    Raises:
        LiandongError: the first demand that is not met; the class says which.
    """
    check_desk(state, step.desk, data["actor"].get("department", ""))
    for demand in step.demands:
        if flow < SINCE.get(demand, 0):
            continue
        if demand in _OF_ANSWERS:
            _OF_ANSWERS[demand](state, answered)
        else:
            _CHECKS[demand](state, data)


def check_desk(state: CaseState, desk: Desk, department: str) -> None:
    """Check that a person of this department may act at this desk of the case.

    A case that names no department in charge is open to everybody of the node in the right role, and a person
    who belongs to no department (the head of a township, say) acts for all of them.

    Raises:
        WrongDepartment: another department is in charge.
    """
    if not may_act(state, desk, department):
        raise errors.WrongDepartment(wanted=state.facts.department, department=department)


def may_act(state: CaseState, desk: Desk, department: str) -> bool:
    """Say whether a person of this department may act at this desk of the case; see `check_desk`."""
    wanted = state.facts.department
    if desk is Desk.ANY or not wanted or department in ("", wanted):
        return True
    return desk is Desk.WINDOW and state.facts.window == "centre" and department in CENTRES


def _reason(state: CaseState, data: Mapping[str, Any]) -> None:
    if not data.get("note", "").strip():
        raise errors.ReasonMissing()


def _due(state: CaseState, data: Mapping[str, Any]) -> None:
    if "due" not in data:
        raise errors.DueMissing()


def _later_due(state: CaseState, data: Mapping[str, Any]) -> None:
    _due(state, data)
    if state.facts.extended:
        raise errors.ExtendedBefore()
    if data["due"] <= state.due:
        raise errors.DueNotLater(due=state.due)


def _days(state: CaseState, data: Mapping[str, Any]) -> None:
    # Whoever works limits out again, without the item perhaps, has to know by how much they were extended.
    if data.get("extension_days", 0) < 1:
        raise errors.DaysMissing()


def _legal_date(state: CaseState, data: Mapping[str, Any]) -> None:
    if not is_date(data.get("legal_date")):
        raise errors.BadShape(part="legal_date")


def _result(state: CaseState, data: Mapping[str, Any]) -> None:
    if not str(data.get("result", {}).get("name", "")).strip():
        raise errors.ResultMissing()


def person(actor: Mapping[str, str]) -> tuple[str, str]:
    """Return who acted, for comparing: login and name."""
    return actor.get("login", ""), actor["name"]


def _another_person(state: CaseState, data: Mapping[str, Any]) -> None:
    one, other = state.reviewer, person(data["actor"])
    # One login is one person; one name under two logins is taken for one person with two accounts.
    if (one[0] != "" and one[0] == other[0]) or one[1] == other[1]:
        raise errors.SamePerson()


def _one_place(state: CaseState, data: Mapping[str, Any]) -> None:
    if len({state.parties[party] for party in _ONE_PLACE}) > 1:
        raise errors.NotInstant()


def _special(state: CaseState, data: Mapping[str, Any]) -> None:
    special = _object(data, "special")
    known = special.get("kind") in SPECIAL_KINDS and str(special.get("name", "")).strip()
    if not known or not is_date(special.get("expected")):
        raise errors.SpecialMissing()


def _silent(state: CaseState, data: Mapping[str, Any]) -> None:
    today = local_day(data["at"])
    late = {asked.department for asked in state.facts.silent if asked.due < today}
    if not data.get("departments") or not late.issuperset(data["departments"]):
        raise errors.NotSilent()


def _opinions(state: CaseState, data: Mapping[str, Any]) -> None:
    silent = [asked.department for asked in state.facts.silent]
    if silent:
        raise errors.OpinionsMissing(departments=silent)
    if state.facts.objections and not data.get("note", "").strip():
        raise errors.ReasonMissing()


def _department(state: CaseState, data: Mapping[str, Any]) -> None:
    if type(data.get("department")) is not str or not data["department"].strip():
        raise errors.DepartmentMissing()
    if data["department"] == state.facts.department:
        raise errors.DepartmentMissing()


def _unasked(state: CaseState, data: Mapping[str, Any]) -> None:
    if owes_opinion(state, data["department"]):
        raise errors.DepartmentAsked(department=data["department"])


def owes_opinion(state: CaseState, department: str) -> bool:
    """Say whether a department of a joint case has been asked its opinion and has not answered."""
    return department in {name for name, _due in opinions_due(state)}


def _proposal(state: CaseState, data: Mapping[str, Any]) -> None:
    if "proposal" not in data:
        raise errors.ProposalMissing()


def _fee(state: CaseState, data: Mapping[str, Any]) -> None:
    if state.facts.receipt:
        raise errors.FeePaid(number=str(state.facts.receipt["number"]))
    fee = _object(data, "fee")
    if not _is_amount(fee.get("fen")) or not str(fee.get("basis", "")).strip():
        raise errors.FeeMissing()


def _receipt(state: CaseState, data: Mapping[str, Any]) -> None:
    if not state.facts.owes_fee:
        raise errors.NoFeeOpen()
    check_receipt(data, int(state.facts.fee["fen"]))


def check_receipt(data: Mapping[str, Any], fen: int) -> None:
    """Check the mark of a payment: the whole amount, and the number of the official receipt.

    Raises:
        ReceiptMissing: amount or number is missing or does not fit.
    """
    receipt = _object(data, "receipt")
    paid, number = receipt.get("fen"), str(receipt.get("number", "")).strip()
    if paid != fen or not number:
        raise errors.ReceiptMissing(fen, paid if type(paid) is int else None, number)


def _correction(state: CaseState, data: Mapping[str, Any]) -> None:
    lines = data.get("correction")
    if type(lines) is not list or not lines:
        raise errors.CorrectionMissing()
    for line in lines:
        texts = [line.get(key) for key in ("field", "label", "old", "new")] if type(line) is dict else [None]
        if not all(type(text) is str for text in texts) or not texts[0] or texts[2] == texts[3]:
            raise errors.CorrectionMissing()
        if texts[0] == "applicant.name" and not str(texts[3]).strip():
            raise errors.CorrectionMissing()


def _standing(state: CaseState, data: Mapping[str, Any]) -> None:
    standing = _object(data, "standing")
    if standing.get("word") not in STANDINGS or not str(standing.get("document", "")).strip():
        raise errors.StandingMissing()


def _ground(state: CaseState, data: Mapping[str, Any]) -> None:
    if data.get("ground") not in GROUNDS:
        raise errors.GroundMissing()


def _object(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key, {})
    return value if isinstance(value, Mapping) else {}


def _is_amount(value: object) -> bool:
    return type(value) is int and 0 < value < 10**12


_CHECKS: Mapping[Demand, Callable[[CaseState, Mapping[str, Any]], None]] = {
    Demand.REASON: _reason,
    Demand.LACKING: papers.check_lacking,
    Demand.ANSWER_BY: papers.check_answer_by,
    Demand.WITHIN_NOTICE: papers.check_within_notice,
    Demand.SAME_CONTENT: papers.check_same_content,
    Demand.OVERDUE: papers.check_overdue,
    Demand.DUE: _due,
    Demand.LATER_DUE: _later_due,
    Demand.DAYS: _days,
    Demand.LEGAL_DATE: _legal_date,
    Demand.RESULT: _result,
    Demand.ANOTHER_PERSON: _another_person,
    Demand.ONE_PLACE: _one_place,
    Demand.SPECIAL: _special,
    Demand.SILENT: _silent,
    Demand.OPINIONS: _opinions,
    Demand.DEPARTMENT: _department,
    Demand.UNASKED: _unasked,
    Demand.PROPOSAL: _proposal,
    Demand.NO_GAP: papers.check_no_gap,
    Demand.FEE: _fee,
    Demand.RECEIPT: _receipt,
    Demand.IN_FORCE: results.check_in_force,
    Demand.NO_DEBT: results.check_no_debt,
    Demand.ORIGINALS: results.check_originals,
    Demand.HELD_UP: results.check_held_up,
    Demand.CORRECTION: _correction,
    Demand.STANDING: _standing,
    Demand.GROUND: _ground,
    Demand.UNSERVED: results.check_unserved,
    Demand.ANNOUNCED: results.check_announced,
    Demand.TRIED: results.check_tried,
    Demand.WAYS: results.check_ways,
    Demand.LETTER_DAY: results.check_letter_day,
    Demand.LETTER_VOID: results.check_letter_void,
    Demand.UNRELIED: results.check_unrelied,
    Demand.PASSED: results.check_passed,
}
_OF_ANSWERS: Mapping[Demand, Callable[[CaseState, Sequence[ReportState]], None]] = {
    Demand.IN_TIME: papers.check_in_time,
    Demand.SERVED: results.check_served,
}
assert {*_CHECKS, *_OF_ANSWERS} == set(Demand), "every demand needs its check"
