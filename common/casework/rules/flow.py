"""The flow table as the program asks it: the row for a step, what may be done now, the rule of a report.

Pure. The rows are in `table.py`; everything that asks for them asks here.
"""

from __future__ import annotations

from collections.abc import Iterable

from common.casework.errors import NotYourStep, StepNotAllowed
from common.casework.rules.table import (
    BEFORE_ACCEPTANCE,
    BEFORE_DECISION,
    ENDED,
    FLOW,
    FLOW_VERSION,
    MAKING,
    RECORDED,
    REPORTS,
    SINCE,
    TAKE_OVERS,
    TO_HAND_OVER,
    UNDER_REVIEW,
    ReportRule,
    Step,
    TakeOverRule,
)
from common.casework.rules.words import Action, Cause, Demand, Desk, Party, Report, Role, State

__all__ = (
    "BEFORE_ACCEPTANCE",
    "BEFORE_DECISION",
    "ENDED",
    "FLOW",
    "FLOW_VERSION",
    "MAKING",
    "RECORDED",
    "REPORTS",
    "SINCE",
    "TAKE_OVERS",
    "TO_HAND_OVER",
    "UNDER_REVIEW",
    "Action",
    "Cause",
    "Demand",
    "Desk",
    "Party",
    "Report",
    "ReportRule",
    "Role",
    "State",
    "Step",
    "TakeOverRule",
    "actions_from",
    "report_rule",
    "step_for",
    "take_over_rule",
)

_STEPS = {(s.state, s.action, s.by, s.role): s for s in FLOW}
assert len(_STEPS) == len(FLOW), "two rows for one (state, action, by, role)"
_REPORT_RULES = {rule.what: rule for rule in REPORTS}
assert len(_REPORT_RULES) == len(REPORTS), "two rows for one report"
_TAKE_OVER_RULES = {rule.cause: rule for rule in TAKE_OVERS}
assert set(_TAKE_OVER_RULES) == set(Cause) and len(TAKE_OVERS) == len(Cause), "one row for each cause"


def step_for(state: State, action: Action, party: Party, role: Role) -> Step:
    """Return the row for this step.

    Args:
        party: the part in which the acting node holds the case.

    Raises:
        StepNotAllowed: nobody may take this step from this state.
        NotYourStep: it belongs to another party or role.
    """
    for by in (party, Party.HOLDER):
        step = _STEPS.get((state, action, by, role))
        if step is not None:
            return step
    if any(s.state is state and s.action is action for s in FLOW):
        raise NotYourStep(state, action, role)
    raise StepNotAllowed(state, action, actions_from(state, party))


def actions_from(state: State, party: Party, roles: Iterable[Role] | None = None) -> tuple[Action, ...]:
    """Return what people may do to a case in `state` at the node that holds it as `party`, in table order.

    Args:
        roles: only what these roles may do; None means everyone's. The node's own steps are left out.
    """
    wanted = None if roles is None else frozenset(roles)
    found = (
        s.action
        for s in FLOW
        if s.state is state
        and s.by in (party, Party.HOLDER)
        and s.role is not Role.NODE
        and (wanted is None or s.role in wanted)
    )
    return tuple(dict.fromkeys(found))


def report_rule(what: Report) -> ReportRule:
    """Return the rule for a kind of report."""
    return _REPORT_RULES[what]


def take_over_rule(cause: Cause) -> TakeOverRule:
    """Return the rule by which the top takes cases over for this cause."""
    return _TAKE_OVER_RULES[cause]
