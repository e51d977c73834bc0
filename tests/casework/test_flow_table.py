"""The flow table: every combination of state, action, party and role, the forbidden ones too."""

from __future__ import annotations

from itertools import product

import pytest

from common.casework.errors import SENTENCES, NotYourStep, StepNotAllowed, UnknownWord
from common.casework.rules import flow, words
from common.casework.rules.flow import (
    BEFORE_DECISION,
    ENDED,
    FLOW,
    REPORTS,
    TO_HAND_OVER,
    Party,
    Role,
    State,
    actions_from,
    report_rule,
    step_for,
)
from common.casework.rules.labels import LABELS, MEANINGS
from common.casework.rules.waiting import Work
from common.casework.rules.words import Action, Demand, Report
from common.people.rules.roles import Role as StaffRole

REAL_PARTIES = (Party.ORIGIN, Party.CHECKER, Party.ACCEPTOR, Party.COMPETENT, Party.HAND_OVER)
RECEIVING = ["RECEIVED", "SUPPLEMENTED", "CHECKED"]

# Written down a second time, by hand and in another form, so that a slip in the table shows.
BY_PEOPLE = {
    "START file": "ORIGIN:AGENT>RECEIVED ORIGIN:CLERK>RECEIVED",
    "RECEIVED forward": "CHECKER:CHECKER>CHECKED",
    "RECEIVED send_back": "CHECKER:CHECKER>SENT_BACK",
    "SENT_BACK resume": "CHECKER:CHECKER>RECEIVED",
    "RECEIVED return": "CHECKER:CHECKER>RETURNED ACCEPTOR:CLERK>RETURNED",
    "CHECKED return": "ACCEPTOR:CLERK>RETURNED",
    "SUPPLEMENTED return": "ACCEPTOR:CLERK>RETURNED",
    "RECEIVED ask_papers": "ACCEPTOR:CLERK>SUPPLEMENT",
    "CHECKED ask_papers": "ACCEPTOR:CLERK>SUPPLEMENT",
    "SUPPLEMENT take_papers": "ACCEPTOR:CLERK>SUPPLEMENTED",
    "ACCEPTED review": "COMPETENT:REVIEWER>REVIEWED",
    "REVIEWED approve": "COMPETENT:APPROVER>APPROVED",
    "REVIEWED refuse": "COMPETENT:APPROVER>REFUSED",
    "RECEIVED settle": "ACCEPTOR:CLERK>APPROVED ACCEPTOR:AGENT>APPROVED",
    **{f"{s} accept": "ACCEPTOR:CLERK>ACCEPTED" for s in RECEIVING},
    **{f"{s} not_accept": "ACCEPTOR:CLERK>NOT_ACCEPTED" for s in RECEIVING},
}
OPEN_STATES = ["RECEIVED", "SENT_BACK", "CHECKED", "SUPPLEMENT", "SUPPLEMENTED", "ACCEPTED", "REVIEWED"]
ANSWERED_STATES = ["APPROVED", "REFUSED", "NOT_ACCEPTED", "RETURNED"]
BY_THE_NODE = {
    **{f"{s} grant_withdrawal": "WITHDRAWN" for s in OPEN_STATES},
    **{f"{s} refuse_withdrawal": s for s in (*ANSWERED_STATES, "WITHDRAWN", "CLOSED")},
    **{f"{s} close": "CLOSED" for s in ANSWERED_STATES},
    **{f"{s} note": s for s in (*OPEN_STATES, *ANSWERED_STATES, "WITHDRAWN", "CLOSED")},
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
    return found


ALLOWED = allowed_combinations()


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_only_the_steps_in_the_table_exist(state, action):
    """Method: all parties × roles for one state and action against a second, hand-written table."""
    for party, role in product(REAL_PARTIES, Role):
        expected = ALLOWED.get((state.value, action.value, party.value, role.value))
        if expected is not None:
            step = step_for(state, action, party, role)
            assert (step.next_state, step.action, step.role) == (expected, action, role)
        else:
            with pytest.raises((StepNotAllowed, NotYourStep)):
                step_for(state, action, party, role)


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
    assert refused.value.allowed == ("review",)
    assert "已受理" in refused.value.sentence and "审查" in refused.value.sentence


def test_the_one_full_notice_cannot_be_given_twice():
    """Nothing leads from the notice back to a state in which it may be given."""
    reached, seen = {State.SUPPLEMENT}, set()
    while reached - seen:
        state = (reached - seen).pop()
        seen.add(state)
        reached |= {s.next_state for s in FLOW if s.state is state}
    assert not [s for s in FLOW if s.action is Action.ASK_PAPERS and s.state in seen]


def test_every_state_can_be_reached_and_left_towards_an_end():
    reached = {State.START}
    for _ in State:
        reached |= {s.next_state for s in FLOW if s.state in reached}
    assert reached == set(State)
    ending = set(ENDED)
    for _ in State:
        ending |= {s.state for s in FLOW if s.next_state in ending}
    assert ending == set(State)


def test_the_three_groups_of_states_hold_each_state_once():
    assert sorted((State.START, *BEFORE_DECISION, *TO_HAND_OVER, *ENDED)) == sorted(State)


def test_the_holder_changes_only_on_filing_forwarding_and_acceptance():
    moving = {s.action for s in FLOW if s.holder_after is not None}
    assert moving == {Action.FILE, Action.FORWARD, Action.ACCEPT, Action.SETTLE}


def test_what_steps_must_carry():
    demands = {s.action: set(s.demands) for s in FLOW if s.demands}
    assert demands == {
        Action.RETURN: {Demand.REASON},
        Action.NOT_ACCEPT: {Demand.REASON},
        Action.REFUSE: {Demand.REASON, Demand.ANOTHER_PERSON},
        Action.REFUSE_WITHDRAWAL: {Demand.REASON},
        Action.APPROVE: {Demand.RESULT, Demand.ANOTHER_PERSON},
        Action.SETTLE: {Demand.RESULT, Demand.ONE_PLACE},
        Action.SEND_BACK: {Demand.LACKING},
        Action.ASK_PAPERS: {Demand.LACKING},
        Action.ACCEPT: {Demand.DUE},
    }


def test_a_report_of_every_kind_has_its_rule_and_an_answer():
    assert [rule.what for rule in REPORTS] == list(Report)
    answering = {s.answers for s in FLOW if s.answers}
    assert answering == {Report.PAPERS_BROUGHT, Report.WITHDRAW, Report.HANDED_OVER}
    assert report_rule(Report.HANDED_OVER).states == TO_HAND_OVER


def test_what_people_may_do_leaves_out_the_node_and_other_roles():
    assert actions_from(State.RECEIVED, Party.CHECKER) == (Action.FORWARD, Action.SEND_BACK, Action.RETURN)
    assert actions_from(State.RECEIVED, Party.CHECKER, [Role.CLERK, Role.AGENT]) == ()
    assert Action.GRANT_WITHDRAWAL not in actions_from(State.ACCEPTED, Party.COMPETENT)
    assert actions_from(State.REVIEWED, Party.COMPETENT, [Role.APPROVER]) == (Action.APPROVE, Action.REFUSE)


def test_every_word_has_its_label_and_every_state_its_meaning():
    everything = (*State, *Action, *Report, *Role, *REAL_PARTIES, *(w for w in Work if w))
    assert {word.value for word in everything} <= set(LABELS)
    assert set(MEANINGS) == {state.value for state in State}


def test_staff_roles_are_the_roles_of_the_table():
    assert {role.value for role in StaffRole} | {"NODE"} == {role.value for role in Role}


@pytest.mark.parametrize("read", [words.read_state, words.read_action, words.read_report, words.read_role])
def test_a_word_of_a_newer_program_is_told_from_a_wrong_step(read):
    with pytest.raises(UnknownWord):
        read("extend")
    assert flow.FLOW_VERSION >= 1


def test_every_refusal_has_its_own_code_and_sentence():
    """Pages that keep only the code can still say what happened."""
    assert len(SENTENCES) == 28 == len(set(SENTENCES.values()))
    assert all(code.startswith("E1") and len(code) == 4 for code in SENTENCES)
