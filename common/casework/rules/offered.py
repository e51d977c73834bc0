"""What a page offers a person: the steps and reports that would not be refused for how the case stands. Pure.

It only leaves out; whatever is not offered and asked for all the same is refused by the rules themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from common.casework.rules.demands import may_act
from common.casework.rules.event import CaseState
from common.casework.rules.facts import AFTER_REVIEW
from common.casework.rules.flow import FLOW, REPORTS, Party, Step
from common.casework.rules.words import Action, Desk, Report, Role
from common.catalogue.rules.item import ServiceItem

_Sense = Callable[[CaseState, ServiceItem | None], bool]


def actions_for(
    state: CaseState, item: ServiceItem | None, roles: Iterable[Role], department: str
) -> tuple[Action, ...]:
    """Return what a person may do to a case at the node that holds it, in the order of the table.

    Args:
        item: in the version of the case, None when it is not here.
        department: of the person.
    """
    held = frozenset(roles)
    steps = (step for step in _steps_of(state) if step.role in held)
    return tuple(dict.fromkeys(step.action for step in steps if _fits(state, item, step, department)))


def reports_for(state: CaseState, roles: Iterable[Role], department: str) -> tuple[Report, ...]:
    """Return what a person of a node with a part in the case may report, in the order of the table."""
    held = frozenset(roles)
    return tuple(
        rule.what
        for rule in REPORTS
        if state.state in rule.states
        and held.intersection(rule.roles)
        and report_makes_sense(state, rule.what, department)
    )


def report_makes_sense(state: CaseState, what: Report, department: str) -> bool:
    """Say whether a report can still change anything, as its sender sees the case."""
    facts = state.facts
    if what is Report.OPINION:
        is_asked = any(asked.department == department for asked in facts.silent)
        is_joint = department in facts.joint and not facts.noticed and department not in facts.door
        return is_asked if facts.accepted_on else is_joint
    if what is Report.HANDED_OVER:
        return not facts.standing
    if what is Report.PAID:
        return facts.owes_fee
    if what is Report.ORIGINALS_SEEN:
        return facts.originals == AFTER_REVIEW and not facts.originals_act
    if what is Report.RATED:
        return not facts.rating
    if what is Report.CALLED_BACK:
        return not facts.called_back
    return True


def _steps_of(state: CaseState) -> Iterable[Step]:
    return (
        step
        for step in _BY_STATE.get(state.state, ())
        if step.by in (state.holding, Party.HOLDER) and step.role is not Role.NODE
    )


def _fits(state: CaseState, item: ServiceItem | None, step: Step, department: str) -> bool:
    if step.desk is not Desk.ANY and not may_act(state, step.desk, department):
        return False
    makes_sense = _SENSE.get(step.action)
    return makes_sense is None or makes_sense(state, item)


def _papers_are_here(state: CaseState, item: ServiceItem | None) -> bool:
    return any(report.what is Report.PAPERS_BROUGHT for report in state.open_reports)


# Steps that make no sense for every case in their state.
_SENSE: Mapping[Action, _Sense] = {
    Action.SETTLE: lambda state, item: item is not None and item.is_instant,
    Action.TAKE_PAPERS: _papers_are_here,
    Action.RESUME: _papers_are_here,
    Action.BEGIN_SPECIAL: lambda state, item: item is None or bool(item.special),
    Action.EXTEND: lambda state, item: not state.facts.extended and (item is None or item.extension_days > 0),
    Action.RECORD_ABSENCE: lambda state, item: bool(state.facts.silent),
    Action.REVIEW: lambda state, item: not state.facts.silent,
    Action.ASK_FEE: lambda state, item: not state.facts.fee and (item is None or bool(item.fees)),
    Action.TAKE_FEE: lambda state, item: state.facts.owes_fee,
    Action.EXPEDITE: lambda state, item: not state.facts.green,
}
_BY_STATE: Mapping[object, tuple[Step, ...]] = {
    state: tuple(step for step in FLOW if step.state is state) for state in {step.state for step in FLOW}
}
