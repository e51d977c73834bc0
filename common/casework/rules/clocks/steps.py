"""The limit of the step in which a case stands, as its item sets it for the supervision of the work.

Pure. It is a limit inside the house: it moves no date of the law and ends nothing. It counts from when the
node that has the step had the case, so that nobody answers for the time on the way; while the applicant's
turn lasts, or a special procedure, there is none or it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from common.casework.rules.clocks.course import Term, step_due
from common.casework.rules.deadlines import Calendar
from common.casework.rules.dues import pauses_of
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.flow import MAKING, TO_HAND_OVER, Party, State
from common.casework.rules.result_demands import is_held_up
from common.casework.rules.serving import announced_until
from common.casework.rules.waiting import is_handed_over
from common.catalogue.rules.item import ServiceItem
from common.catalogue.rules.values import Supervision

# A special procedure is no step of its own, nor is the making of what was approved.
_SAME = {State.SPECIAL.value: State.ACCEPTED.value, State.ISSUED.value: State.APPROVED.value}
_AT_ACCEPTOR = (State.RECEIVED, State.CHECKED, State.SUPPLEMENTED)
_Days = Callable[[Supervision], int]
_DAYS: Mapping[State, _Days] = {
    **dict.fromkeys(_AT_ACCEPTOR, lambda days: days.accept_days),
    **dict.fromkeys((State.ACCEPTED, State.SPECIAL), lambda days: days.review_days),
    State.REVIEWED: lambda days: days.decide_days,
    **dict.fromkeys((State.APPROVED, *TO_HAND_OVER), lambda days: days.deliver_days),
}


def begun_by(state: CaseState, events: Iterable[CaseEvent]) -> CaseEvent:
    """Return the act by which the step began in which a case stands; what only changes hands begins none."""
    known = {event.id: event for event in events}
    if state.facts.unserved:
        # The case has ended; what was made since, or is owed since, is a step of its own.
        first = state.facts.unserved[0]
        return known[first.since or first.act]
    begun, before = known[state.chain[0]], ""
    for act in state.chain:
        word = str(known[act].body.get("state", "")) or before
        word = _SAME.get(word, word)
        if word != before:
            begun, before = known[act], word
    return begun


def changed_at(state: CaseState, events: Iterable[CaseEvent]) -> int:
    """Return when a case last changed, of one whose result is to be made out or handed over when that came.

    The ten days for it begin once: what is noted, paid or put right meanwhile begins them not anew.

    Returns:
        UTC milliseconds.
    """
    if state.facts.unserved:
        return int(begun_by(state, events).body["data"]["at"])
    if state.state not in (*MAKING, *TO_HAND_OVER):
        return state.changed_at
    known, since = {event.id: event for event in events}, state.changed_at
    for act in reversed(state.chain):
        if known[act].body.get("state", state.state) != state.state:
            break
        since = int(known[act].body["data"]["at"])
    return since


def step_limit(state: CaseState, item: ServiceItem | None, began: date, calendar: Calendar) -> date | None:
    """Return the last day for the step in which a case stands, None where there is none or it stands still.

    Args:
        began: local day on which the node that has the step had the case in it; it is not counted.
    """
    days = _days_of(state, item)
    if days is None:
        return None
    return step_due(began, Term(days), pauses_of(state.facts), calendar)


def _days_of(state: CaseState, item: ServiceItem | None) -> int | None:
    # An item of format 1 says nothing of its steps.
    if item is None or item.is_instant or not any(_every(item.supervision)):
        return None
    if is_held_up(state) or is_handed_over(state) or announced_until(state) is not None:
        return None
    # No days (0) is what an item says of a step that it does not limit.
    if state.state is State.RECEIVED and state.holding is Party.CHECKER:
        return item.supervision.check_days or None
    days = _DAYS[State.ISSUED] if state.facts.unserved else _DAYS.get(state.state)
    return days(item.supervision) or None if days else None


def _every(days: Supervision) -> tuple[int, ...]:
    return days.check_days, days.accept_days, days.review_days, days.decide_days, days.deliver_days
