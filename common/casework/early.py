"""Which steps it is too early for, as far as the state of a case alone does not say."""

from __future__ import annotations

from collections.abc import Collection

from common.casework import ledger
from common.casework.context import CaseContext
from common.casework.filling import is_origin_heard
from common.casework.rules.event import CaseState
from common.casework.rules.flow import MAKING
from common.casework.rules.keeping import given_up_on
from common.casework.rules.result_demands import is_held_up
from common.casework.rules.words import Action, State


def too_early(ctx: CaseContext, state: CaseState, today: str) -> Collection[Action]:
    """Return the steps that would be refused today (local, YYYY-MM-DD) as the applicant still has time."""
    if state.state is State.SUPPLEMENT and not is_origin_heard(ctx, state):
        return (Action.LAPSE,)
    if state.state in MAKING and is_held_up(state):
        day = given_up_on(state, ledger.load(state.case).events)
        return (Action.TERMINATE,) if today < day else ()
    return ()
