"""What a page offers a person: the steps and reports that would not be refused for how the case stands. Pure.

It only leaves out; whatever is not offered and asked for all the same is refused by the rules themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from common.casework.rules.demands import may_act
from common.casework.rules.dues import extendable_until
from common.casework.rules.event import CaseState
from common.casework.rules.flow import BEFORE_DECISION, ENDED, FLOW, MAKING, REPORTS, Party, Step
from common.casework.rules.keeping import uncollected_on
from common.casework.rules.letter_days import receipts_of, relied_on
from common.casework.rules.letters import letters_out
from common.casework.rules.provided import has_fees
from common.casework.rules.result_demands import is_held_up, owes_originals
from common.casework.rules.services import collectable, is_unreached, to_be_announced
from common.casework.rules.serving import announcement_runs
from common.casework.rules.waiting import is_handed_over, papers_are_here
from common.casework.rules.words import Action, Desk, Report, Role, State
from common.catalogue.rules.item import ServiceItem


@dataclass(frozen=True, slots=True)
class _Seen:
    """A case as one looks at it: its item (None: not here), the local day ("" when it does not matter)."""

    state: CaseState
    item: ServiceItem | None
    today: str


_Sense = Callable[[_Seen], bool]


def actions_for(
    state: CaseState, item: ServiceItem | None, roles: Iterable[Role], department: str, today: str = ""
) -> tuple[Action, ...]:
    """Return what a person may do to a case at the node that holds it, in the order of the table.

    Args:
        item: in the version of the case, None when it is not here.
        department: of the person.
        today: local, YYYY-MM-DD; "" offers also what only a day that has not come stands in the way of.
    """
    held, seen = frozenset(roles), _Seen(state, item, today)
    steps = (step for step in _steps_of(state) if step.role in held)
    return tuple(dict.fromkeys(step.action for step in steps if _fits(seen, step, department)))


def reports_for(state: CaseState, roles: Iterable[Role], department: str) -> tuple[Report, ...]:
    """Return what a person of a node with a part in the case may report, in the order of the table."""
    held = frozenset(roles)
    return tuple(
        rule.what
        for rule in REPORTS
        if state.state in rule.states
        and held.intersection(rule.roles)
        and report_makes_sense(state, rule.what, department)
        and _is_usual(state, rule.what)
    )


def _is_usual(state: CaseState, what: Report) -> bool:
    """Say whether a report is worth a button: one sent from afar may come late and is still taken."""
    if what is Report.WITHDRAW:
        return state.state in BEFORE_DECISION
    if what is Report.HANDED_OVER:
        return not is_handed_over(state)
    if what in (Report.RATED, Report.CALLED_BACK):
        if any(report.what is what for report in state.open_reports):
            return False
        return any(report.what is Report.HANDED_OVER for report in state.reports.values())
    return True


def report_makes_sense(state: CaseState, what: Report, department: str) -> bool:
    """Say whether a report can still change anything, as its sender sees the case."""
    facts = state.facts
    if what is Report.OPINION:
        is_asked = any(asked.department == department for asked in facts.silent)
        # Until the one full notice a department may answer anew: what it erred in could not be mended later.
        is_joint = department in facts.joint and not facts.noticed
        return is_asked if facts.accepted_on else is_joint
    if what is Report.HANDED_OVER and state.state in ENDED:
        # Who comes for what nobody fetched is given it, however long ago the case has ended.
        return bool(facts.unserved or collectable(state))
    if what is Report.COLLECT_AT and state.state in ENDED:
        return bool(facts.unserved)
    if what is Report.HANDED_OVER:
        # A notice that the case has ended is handed over also where its decision is not in force.
        return not facts.standing or state.state is State.TERMINATED
    if what is Report.LETTER_CAME:
        return bool(letters_out(state))
    if what is Report.NOT_SERVED:
        return is_unreached(state)
    if what is Report.PAID:
        return facts.owes_fee
    if what is Report.ORIGINALS_SEEN:
        return owes_originals(state)
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


def _fits(seen: _Seen, step: Step, department: str) -> bool:
    if step.desk is not Desk.ANY and not may_act(seen.state, step.desk, department):
        return False
    makes_sense = _SENSE.get(step.action)
    return makes_sense is None or makes_sense(seen)


def _may_lapse(seen: _Seen) -> bool:
    is_over = not seen.today or seen.today > seen.state.facts.answer_by
    return is_over and not papers_are_here(seen.state)


def _may_issue(seen: _Seen) -> bool:
    facts = seen.state.facts
    return not facts.owes_fee and not facts.standing and not owes_originals(seen.state)


def _may_extend(seen: _Seen) -> bool:
    is_allowed = seen.item is None or seen.item.extension_days > 0
    return is_allowed and not seen.state.facts.extended and seen.today <= extendable_until(seen.state)


def _is_uncollected(seen: _Seen) -> bool:
    is_long_enough = not seen.today or seen.today >= uncollected_on(seen.state)
    # What is announced waits for the end of that, and counts as served.
    return is_long_enough and announcement_runs(seen.state, seen.today) is None


def _may_announce(seen: _Seen) -> bool:
    is_out = announcement_runs(seen.state, seen.today) is not None or is_handed_over(seen.state)
    return bool(to_be_announced(seen.state)) and not is_out


def _may_put_day_right(seen: _Seen) -> bool:
    return any(not relied_on(seen.state, one) for one in receipts_of(seen.state))


# Steps that make no sense for every case in their state.
_SENSE: Mapping[Action, _Sense] = {
    Action.SETTLE: lambda seen: seen.item is not None and seen.item.is_instant,
    Action.TAKE_PAPERS: lambda seen: papers_are_here(seen.state),
    Action.RESUME: lambda seen: papers_are_here(seen.state),
    Action.LAPSE: _may_lapse,
    Action.EXTEND: _may_extend,
    Action.RECORD_ABSENCE: lambda seen: bool(seen.state.facts.silent),
    Action.REVIEW: lambda seen: not seen.state.facts.silent,
    Action.APPROVE: lambda seen: not seen.state.facts.tolerated,
    Action.ISSUE: _may_issue,
    Action.ASK_FEE: lambda seen: not seen.state.facts.fee and has_fees(seen.item),
    Action.TAKE_FEE: lambda seen: seen.state.facts.owes_fee,
    Action.EXPEDITE: lambda seen: not seen.state.facts.green,
    Action.TERMINATE: lambda seen: seen.state.state not in MAKING or is_held_up(seen.state),
    Action.CLOSE_UNCOLLECTED: _is_uncollected,
    Action.KEEP_UNSERVED: lambda seen: bool(seen.state.facts.unserved) and _is_uncollected(seen),
    Action.ANNOUNCE: _may_announce,
    Action.CORRECT_LETTER_DAY: _may_put_day_right,
    Action.VOID_RECEIPT: _may_put_day_right,
    # Without the receipt of what was made after the end the file is not whole.
    Action.ARCHIVE: lambda seen: not seen.state.facts.unserved,
}
_BY_STATE: Mapping[object, tuple[Step, ...]] = {
    state: tuple(step for step in FLOW if step.state is state) for state in {step.state for step in FLOW}
}
