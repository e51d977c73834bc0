"""How long what an applicant has to do or to fetch is waited for before a case may end without it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.facts import REVOKED
from common.casework.rules.serving import made_on
from common.casework.rules.words import Action
from common.days import later, local_day

# A result is kept, and a fee or originals waited for, so many days.
UNCOLLECTED_DAYS = 30
_DAY_MS = 86_400_000


def uncollected_on(state: CaseState) -> str:
    """Return the local day from which a case whose result nobody fetches may be closed, YYYY-MM-DD.

    Of what was made after the end it is the day from which that need not be kept at hand any more. What puts
    a decision right is kept as long as the decision.
    """
    return later(made_on(state), UNCOLLECTED_DAYS)


def given_up_on(state: CaseState, events: Iterable[CaseEvent]) -> str:
    """Return the local day from which what was approved may be ended as nobody pays or comes, YYYY-MM-DD.

    It counts from the decision; while a fee is owed, from the notice of it where that came later. "" when
    nothing is waited for: the decision is revoked.
    """
    if state.facts.standing.get("word") == REVOKED:
        return ""
    steps = {event.id: event for event in events}
    told_by = {Action.APPROVE} | ({Action.ASK_FEE} if state.facts.owes_fee else set())
    told = [
        int(steps[act].body["data"]["at"])
        for act in state.chain
        if act in steps and steps[act].body.get("action") in told_by
    ]
    return local_day(max(told, default=state.changed_at) + UNCOLLECTED_DAYS * _DAY_MS)
