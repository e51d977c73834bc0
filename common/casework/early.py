"""For which steps it is too early, as far as the state of a case alone does not say."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from common.casework import ledger
from common.casework.context import CaseContext
from common.casework.errors import NotGivenUpYet
from common.casework.ledger import OpenCase
from common.casework.rules.event import CaseState
from common.casework.rules.flow import MAKING, Party
from common.casework.rules.keeping import given_up_on
from common.casework.rules.result_demands import is_held_up
from common.casework.rules.words import Action, State
from common.days import local_day


def too_early(ctx: CaseContext, state: CaseState, today: str) -> Collection[Action]:
    """Return the steps that would be refused today (local, YYYY-MM-DD) as the applicant still has time."""
    if state.state is State.SUPPLEMENT and not is_origin_heard(ctx, state):
        return (Action.LAPSE,)
    if state.state in MAKING and is_held_up(state):
        day = given_up_on(state, ledger.load(state.case).events)
        return (Action.TERMINATE,) if today < day else ()
    return ()


def check_waited(case: OpenCase, today: date) -> None:
    """Check that whoever owes a fee or originals was waited for before what was approved is given up.

    Raises:
        NotGivenUpYet: they still have time on the local date `today`.
    """
    day = given_up_on(case.state, case.events)
    if today.isoformat() < day:
        raise NotGivenUpYet(day)


def is_origin_heard(ctx: CaseContext, state: CaseState) -> bool:
    """Say whether all that was brought in time where the case was filed would be known here by now.

    Somebody may have come with the papers on the last day while the line was down: then the law's condition
    for ending the case is not met, and nobody here can tell. Where nobody is any more, nobody is waited for.
    """
    origin = state.parties[Party.ORIGIN]
    if origin == ctx.me or origin in state.facts.gone or ctx.neighbours.is_relieved(origin):
        return True
    return local_day(ctx.neighbours.heard_at(origin)) > state.facts.answer_by
