"""A step that the table does not hold: 409, the state the case is in, and what may be done now."""

from __future__ import annotations

import pytest

from common.casework.errors import StepNotAllowed
from common.casework.rules.flow import FLOW, Action, Party, Report, Role, State, actions_from, step_for
from common.casework.rules.labels import label
from tests.casework.build import COUNTY, VILLAGE
from tests.casework.life.tools import APPROVER, CLERK, REVIEWER

HELD = [
    (state, party)
    for state in State
    for party in Party
    if any(s.state is state and s.by is party for s in FLOW) and party is not Party.HOLDER
]


@pytest.mark.parametrize(("state", "party"), HELD)
def test_every_other_action_is_refused_with_state_and_what_may_be_done_now(state, party):
    held = {step.action for step in FLOW if step.state is state}
    now = actions_from(state, party)
    for action in set(Action) - held:
        for role in Role:
            with pytest.raises(StepNotAllowed) as refused:
                step_for(state, action, party, role)
            fault = refused.value
            assert (fault.code, fault.status, fault.state) == ("E101", 409, state.value)
            assert fault.allowed == tuple(one.value for one in now)
            assert label(state) in fault.sentence and label(action) in fault.sentence
            assert all(label(one) in fault.sentence for one in now)


@pytest.mark.parametrize(
    ("steps", "tried"),
    [
        ((), "approve"),
        ((), "issue"),
        ((("accept", CLERK),), "accept"),
        ((("accept", CLERK),), "take_fee_of_nothing"),
        ((("accept", CLERK), ("review", REVIEWER), ("approve", APPROVER)), "reconsider"),
    ],
)
def test_at_the_door_nothing_is_left_behind(life, steps, tried):
    case = life.file()
    for action, who in steps:
        life.move(COUNTY, case, action, who)
    before = life.agreed(case)
    with pytest.raises(Exception) as refused:
        life.move(COUNTY, case, tried, APPROVER if tried in ("approve", "reconsider") else CLERK)
    assert (refused.value.code, refused.value.status) in (("E101", 409), ("E124", 409))
    assert life.agreed(case) == before


def test_at_a_node_that_does_not_hold_the_case_nothing_is_done(life):
    case = life.file()
    with pytest.raises(Exception) as refused:
        life.move(VILLAGE, case, "accept", CLERK)
    assert (refused.value.code, refused.value.status) == ("E103", 409)


def test_every_report_is_refused_outside_its_states(life):
    """A withdrawn case takes none; all of them answer 409 and say so."""
    case = life.file()
    life.report(VILLAGE, case, "withdraw")
    for what in Report:
        who = REVIEWER if what is Report.OPINION else CLERK
        with pytest.raises(Exception) as refused:
            life.report(VILLAGE, case, what, who, note="x", rating=1, place=COUNTY, verdict="agree")
        assert (refused.value.code, refused.value.status) == ("E117", 409), what
