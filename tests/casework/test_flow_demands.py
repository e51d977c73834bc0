"""What every step of the flow table must carry, written down a second time by hand."""

from __future__ import annotations

from common.casework.rules.flow import FLOW
from common.casework.rules.words import Action

MAY_DIFFER = (Action.TRANSFER, Action.TERMINATE)
REASON = {"reason"}
CARRIED = {
    "return": REASON,
    "not_accept": REASON,
    "reconsider": REASON,
    "refuse_withdrawal": REASON,
    "expedite": REASON,
    "close_uncollected": REASON,
    "keep_unserved": {"reason", "unserved"},
    "correct_letter_day": {"reason", "letter_day", "unrelied"},
    "void_receipt": {"reason", "letter_void", "unrelied"},
    "record_service": {"served"},
    "announce": {"reason", "announced", "tried", "ways"},
    "deem_served": {"passed", "reason"},
    "refuse": {"reason", "another_person"},
    "approve": {"result", "another_person", "no_gap"},
    "settle": {"result", "one_place", "no_gap"},
    "send_back": {"lacking"},
    "ask_papers": {"lacking", "answer_by"},
    "still_lacking": {"lacking", "answer_by", "within_notice", "same_content"},
    "lapse": {"overdue", "reason"},
    "accept": {"due"},
    "deem_accept": {"due", "legal_date"},
    "due_changed": {"due", "reason"},
    "transfer": {"department", "reason", "unasked"},
    "revive": {"in_time"},
    "record_absence": {"department", "reason"},
    "review": {"opinions", "proposal"},
    "begin_special": {"special"},
    "end_special": {"reason", "due"},
    "extend": {"reason", "later_due", "days"},
    "ask_fee": {"fee"},
    "take_fee": {"receipt"},
    "issue": {"in_force", "no_debt", "originals"},
    "correct": {"correction", "reason"},
    "correct_decision": {"correction", "reason"},
    "mark_decision": {"standing", "reason"},
    "terminate": {"ground", "reason"},
    "deem_opinion": {"silent", "reason"},
    "urge": {"silent", "reason"},
}


def test_what_steps_must_carry():
    demands: dict[str, set[str]] = {}
    for step in FLOW:
        found = {demand.value for demand in step.demands}
        assert demands.setdefault(step.action.value, found) == found or step.action in MAY_DIFFER
    assert {action: found for action, found in demands.items() if found} == CARRIED
