"""The flow table: every combination of state, action, party and role, the forbidden ones too."""

from __future__ import annotations

from itertools import product

import pytest

from common.casework.errors import SENTENCES, NotYourStep, StepNotAllowed, UnknownWord
from common.casework.rules import flow, words
from common.casework.rules.flow import (
    BEFORE_ACCEPTANCE,
    BEFORE_DECISION,
    ENDED,
    FLOW,
    MAKING,
    RECORDED,
    REPORTS,
    TO_HAND_OVER,
    UNDER_REVIEW,
    Party,
    Role,
    State,
    actions_from,
    report_rule,
    step_for,
)
from common.casework.rules.labels import LABELS, MEANINGS
from common.casework.rules.waiting import Work
from common.casework.rules.words import Action, Demand, Desk, Report
from common.people.rules.roles import Role as StaffRole

REAL_PARTIES = (Party.ORIGIN, Party.CHECKER, Party.ACCEPTOR, Party.COMPETENT, Party.HAND_OVER)
DOOR = ["RECEIVED", "CHECKED", "SUPPLEMENTED"]
REVIEWING = ["ACCEPTED", "SPECIAL", "REVIEWED"]
OPEN_STATES = ["RECEIVED", "SENT_BACK", "CHECKED", "SUPPLEMENT", "SUPPLEMENTED", *REVIEWING]
ANSWERED_STATES = ["ISSUED", "REFUSED", "NOT_ACCEPTED", "RETURNED", "LAPSED", "TERMINATED"]
DONE = ["APPROVED", *ANSWERED_STATES, "WITHDRAWN", "CLOSED", "ARCHIVED"]
OVER, PUT_RIGHT = ("CLOSED", "ARCHIVED"), ("correct_decision", "mark_decision")
HOLDERS = ("ORIGIN", "CHECKER", "ACCEPTOR", "COMPETENT", "HAND_OVER")


def whoever(role: str, becomes: str) -> str:
    """A step of one role at the holder, in whichever part it holds the case."""
    return " ".join(f"{party}:{role}>{becomes}" for party in HOLDERS)


def roles(names: str, becomes: str) -> str:
    """A step of several roles at the holder."""
    return " ".join(whoever(name, becomes) for name in names.split())


# Written down a second time, by hand and in another form, so that a slip in the table shows.
BY_PEOPLE = {
    "START file": "ORIGIN:AGENT>RECEIVED ORIGIN:CLERK>RECEIVED",
    "RECEIVED forward": "CHECKER:CHECKER>CHECKED",
    "RECEIVED send_back": "CHECKER:CHECKER>SENT_BACK",
    "SENT_BACK resume": "CHECKER:CHECKER>RECEIVED",
    "SENT_BACK return": "CHECKER:CHECKER>RETURNED",
    "RECEIVED return": "CHECKER:CHECKER>RETURNED ACCEPTOR:CLERK>RETURNED",
    "CHECKED return": "ACCEPTOR:CLERK>RETURNED",
    "SUPPLEMENTED return": "ACCEPTOR:CLERK>RETURNED",
    "RECEIVED ask_papers": "ACCEPTOR:CLERK>SUPPLEMENT",
    "CHECKED ask_papers": "ACCEPTOR:CLERK>SUPPLEMENT",
    "SUPPLEMENT take_papers": "ACCEPTOR:CLERK>SUPPLEMENTED",
    "SUPPLEMENTED still_lacking": "ACCEPTOR:CLERK>SUPPLEMENT",
    "SUPPLEMENT lapse": "ACCEPTOR:CLERK>LAPSED",
    **{f"{s} accept": "ACCEPTOR:CLERK>ACCEPTED" for s in DOOR},
    **{f"{s} not_accept": "ACCEPTOR:CLERK>NOT_ACCEPTED" for s in DOOR},
    **{f"{s} transfer": f"ACCEPTOR:CLERK>{s}" for s in DOOR},
    "RECEIVED settle": "ACCEPTOR:CLERK>ISSUED ACCEPTOR:AGENT>ISSUED",
    "ACCEPTED review": "COMPETENT:REVIEWER>REVIEWED",
    "ACCEPTED begin_special": "COMPETENT:REVIEWER>SPECIAL",
    "SPECIAL end_special": "COMPETENT:REVIEWER>ACCEPTED",
    "ACCEPTED record_absence": "COMPETENT:LEAD>ACCEPTED",
    "ACCEPTED transfer": "COMPETENT:REVIEWER>ACCEPTED",
    "ACCEPTED extend": "COMPETENT:APPROVER>ACCEPTED",
    "REVIEWED extend": "COMPETENT:APPROVER>REVIEWED",
    **{f"{s} take_papers": f"COMPETENT:CLERK>{s} COMPETENT:REVIEWER>{s}" for s in REVIEWING},
    "REVIEWED reconsider": "COMPETENT:APPROVER>ACCEPTED",
    "REVIEWED approve": "COMPETENT:APPROVER>APPROVED",
    "REVIEWED refuse": "COMPETENT:APPROVER>REFUSED",
    **{f"{s} ask_fee": f"COMPETENT:CLERK>{s}" for s in (*REVIEWING, "APPROVED")},
    **{f"{s} take_fee": f"COMPETENT:CLERK>{s}" for s in (*REVIEWING, "APPROVED")},
    "APPROVED issue": "COMPETENT:CLERK>ISSUED",
    **{f"{s} close_uncollected": roles("CLERK AGENT", "CLOSED") for s in ANSWERED_STATES},
    **{f"{s} announce": roles("CLERK AGENT", s) for s in (*ANSWERED_STATES, *OVER)},
    **{f"{s} keep_unserved": roles("CLERK AGENT", s) for s in OVER},
    **{f"{s} correct_letter_day": roles("CLERK AGENT", s) for s in (*ANSWERED_STATES, *OVER)},
    **{f"{s} void_receipt": roles("CLERK AGENT", s) for s in (*ANSWERED_STATES, *OVER)},
    "CLOSED archive": roles("CLERK AGENT", "ARCHIVED"),
    "WITHDRAWN archive": roles("CLERK AGENT", "ARCHIVED"),
    **{f"{s} correct_decision": f"COMPETENT:APPROVER>{s}" for s in ("APPROVED", "ISSUED", "REFUSED")},
    **{f"{s} correct_decision": f"COMPETENT:APPROVER>{s} ACCEPTOR:APPROVER>{s}" for s in OVER},
    **{
        f"{s} mark_decision": f"COMPETENT:APPROVER>{s} ACCEPTOR:APPROVER>{s} HAND_OVER:APPROVER>{s}"
        for s in OVER
    },
    **{f"NOT_ACCEPTED {word}": "ACCEPTOR:APPROVER>NOT_ACCEPTED" for word in PUT_RIGHT},
    **{f"{s} mark_decision": f"COMPETENT:APPROVER>{s}" for s in ("APPROVED", "ISSUED", "REFUSED")},
    "RECEIVED expedite": "CHECKER:CHECKER>RECEIVED ACCEPTOR:CLERK>RECEIVED",
    "SENT_BACK expedite": "CHECKER:CHECKER>SENT_BACK",
    **{f"{s} expedite": f"ACCEPTOR:CLERK>{s}" for s in ("CHECKED", "SUPPLEMENT", "SUPPLEMENTED")},
    **{f"{s} expedite": f"COMPETENT:CLERK>{s}" for s in REVIEWING},
    "RECEIVED correct": "CHECKER:CHECKER>RECEIVED ACCEPTOR:CLERK>RECEIVED",
    "SENT_BACK correct": "CHECKER:CHECKER>SENT_BACK",
    **{f"{s} correct": f"ACCEPTOR:CLERK>{s}" for s in ("CHECKED", "SUPPLEMENT", "SUPPLEMENTED")},
    **{f"{s} correct": f"COMPETENT:CLERK>{s} COMPETENT:REVIEWER>{s}" for s in REVIEWING},
    "RECEIVED terminate": "CHECKER:CHECKER>TERMINATED ACCEPTOR:CLERK>TERMINATED",
    "SENT_BACK terminate": "CHECKER:CHECKER>TERMINATED",
    **{f"{s} terminate": "ACCEPTOR:CLERK>TERMINATED" for s in ("CHECKED", "SUPPLEMENT", "SUPPLEMENTED")},
    **{f"{s} terminate": "COMPETENT:APPROVER>TERMINATED" for s in (*REVIEWING, "APPROVED")},
}
BY_THE_NODE = {
    **{f"{s} grant_withdrawal": "WITHDRAWN" for s in OPEN_STATES},
    **{f"{s} refuse_withdrawal": s for s in DONE},
    **{f"{s} close": "CLOSED" for s in ANSWERED_STATES},
    **{f"{s} record_service": s for s in OVER},
    **{f"{s} deem_served": "CLOSED" for s in ANSWERED_STATES},
    **{f"{s} deem_served": s for s in OVER},
    **{f"{s} note": s for s in (*OPEN_STATES, *DONE)},
    **{f"{s} record": s for s in (*OPEN_STATES, *DONE)},
    **{f"{s} deem_opinion": s for s in REVIEWING},
    **{f"{s} urge": s for s in REVIEWING},
    **{f"{s} due_changed": s for s in REVIEWING},
}
BY_THE_ACCEPTORS_NODE = {
    **{f"{s} deem_accept": "ACCEPTED" for s in ("RECEIVED", "CHECKED")},
    "LAPSED revive": "SUPPLEMENTED",
}


def allowed_combinations() -> dict[tuple[str, str, str, str], str]:
    """(state, action, party, role) → next state, from the two tables above."""
    found = {}
    for key, ways in BY_PEOPLE.items():
        state, action = key.split()
        for way in ways.split():
            who, _, becomes = way.partition(">")
            party, _, role = who.partition(":")
            found[(state, action, party.lower(), role)] = becomes
    for key, becomes in BY_THE_NODE.items():
        state, action = key.split()
        for party in REAL_PARTIES:
            found[(state, action, party.value, "NODE")] = becomes
    for key, becomes in BY_THE_ACCEPTORS_NODE.items():
        state, action = key.split()
        found[(state, action, "acceptor", "NODE")] = becomes
    return found


ALLOWED = allowed_combinations()


@pytest.mark.parametrize("action", Action)
def test_only_the_steps_in_the_table_exist(action):
    """Method: all states × parties × roles for one action against a second, hand-written table."""
    for state, party, role in product(State, REAL_PARTIES, Role):
        where = (state.value, action.value, party.value, role.value)
        try:
            step = step_for(state, action, party, role)
        except (StepNotAllowed, NotYourStep):
            assert where not in ALLOWED, f"{where} is refused"
        else:
            assert where in ALLOWED, f"{where} is allowed"
            assert (step.next_state, step.action, step.role) == (ALLOWED[where], action, role), where


def test_every_row_of_the_table_is_one_of_the_expected_combinations():
    rows = {
        (s.state.value, s.action.value, party.value, s.role.value)
        for s in FLOW
        for party in (REAL_PARTIES if s.by is Party.HOLDER else (s.by,))
    }
    assert rows == set(ALLOWED)


def test_a_step_of_another_party_is_told_from_one_that_does_not_exist():
    with pytest.raises(NotYourStep):
        step_for(State.ACCEPTED, Action.REVIEW, Party.CHECKER, Role.CHECKER)
    with pytest.raises(StepNotAllowed) as refused:
        step_for(State.ACCEPTED, Action.APPROVE, Party.COMPETENT, Role.APPROVER)
    assert "review" in refused.value.allowed and "approve" not in refused.value.allowed
    assert "已受理" in refused.value.sentence and "审查" in refused.value.sentence


def test_the_one_full_notice_cannot_be_given_twice():
    """Nothing leads from the notice back to a state in which it may be given."""
    reached, seen = {State.SUPPLEMENT}, set()
    while reached - seen:
        state = (reached - seen).pop()
        seen.add(state)
        reached |= {s.next_state for s in FLOW if s.state is state}
    assert not [s for s in FLOW if s.action is Action.ASK_PAPERS and s.state in seen]
    again = [s for s in FLOW if s.next_state is State.SUPPLEMENT and s.state in seen - {State.SUPPLEMENT}]
    assert all(Demand.WITHIN_NOTICE in s.demands for s in again) and len(again) == 1


def test_every_state_can_be_reached_and_left_towards_an_end():
    reached = {State.START}
    for _ in State:
        reached |= {s.next_state for s in FLOW if s.state in reached}
    assert reached == set(State)
    ending = set(ENDED)
    for _ in State:
        ending |= {s.state for s in FLOW if s.next_state in ending}
    assert ending == set(State)


def test_the_groups_of_states_hold_each_state_once():
    assert sorted((State.START, *BEFORE_DECISION, *MAKING, *TO_HAND_OVER, *ENDED)) == sorted(State)
    assert set(BEFORE_DECISION) == {*BEFORE_ACCEPTANCE, *UNDER_REVIEW}


def test_the_holder_changes_only_on_filing_forwarding_and_acceptance():
    moving = {s.action for s in FLOW if s.holder_after is not None}
    assert moving == {Action.FILE, Action.FORWARD, Action.ACCEPT, Action.SETTLE, Action.DEEM_ACCEPT}


def test_who_may_do_it_is_a_matter_of_the_department_after_acceptance():
    """The door belongs to the department or the centre's window, what follows to the department alone."""
    for step in FLOW:
        if step.by is Party.ACCEPTOR and step.role is Role.CLERK and step.action is not Action.SETTLE:
            assert step.desk is Desk.WINDOW
        if step.by is Party.COMPETENT:
            assert step.desk is (Desk.WINDOW if step.role is Role.CLERK else Desk.DEPARTMENT)
        if step.role is Role.NODE:
            assert step.desk is Desk.ANY


def test_a_report_of_every_kind_has_its_rule_and_an_answer():
    assert [rule.what for rule in REPORTS] == list(Report)
    answering = {what for s in FLOW for what in s.answers}
    assert answering == {Report.PAPERS_BROUGHT, Report.WITHDRAW, Report.HANDED_OVER, *RECORDED}
    assert report_rule(Report.HANDED_OVER).states == (*TO_HAND_OVER, State.CLOSED, State.ARCHIVED)


def test_what_people_may_do_leaves_out_the_node_and_other_roles():
    assert actions_from(State.RECEIVED, Party.CHECKER, [Role.CHECKER]) == (
        Action.FORWARD, Action.SEND_BACK, Action.RETURN, Action.EXPEDITE, Action.CORRECT, Action.TERMINATE,
    )  # fmt: skip
    assert actions_from(State.RECEIVED, Party.CHECKER, [Role.AGENT]) == ()
    assert Action.GRANT_WITHDRAWAL not in actions_from(State.ACCEPTED, Party.COMPETENT)
    approver = actions_from(State.REVIEWED, Party.COMPETENT, [Role.APPROVER])
    assert approver == (Action.EXTEND, Action.RECONSIDER, Action.APPROVE, Action.REFUSE, Action.TERMINATE)


def test_every_word_has_its_label_and_every_state_its_meaning():
    everything = (*State, *Action, *Report, *Role, *REAL_PARTIES, *(w for w in Work if w))
    assert {word.value for word in everything} <= set(LABELS)
    assert set(MEANINGS) == {state.value for state in State}


def test_staff_roles_are_the_roles_of_the_table():
    assert {role.value for role in StaffRole} | {"NODE"} == {role.value for role in Role}


@pytest.mark.parametrize("read", [words.read_action, words.read_report, words.read_role])
def test_a_word_of_a_newer_program_is_told_from_a_wrong_step(read):
    with pytest.raises(UnknownWord):
        read("levitate")
    assert flow.FLOW_VERSION >= 5


def test_every_refusal_has_its_own_code_and_sentence():
    """Pages that keep only the code can still say what happened."""
    assert len(SENTENCES) == 93 == len(set(SENTENCES.values()))
    assert all(code.startswith("E1") and len(code) == 4 for code in SENTENCES)
