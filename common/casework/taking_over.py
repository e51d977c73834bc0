"""The top takes cases over whose holder is silent, gone, or let the law's time pass. See `rules.taking_over`.

Each needs an open unit of work; event, audit row and what follows by rule are in that one unit.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from common.casework import ledger, records
from common.casework.context import Actor, CaseContext
from common.casework.duties import do_what_is_timed, settle_duties
from common.casework.errors import DayInQuestion, TakeOverRefused
from common.casework.filing import actor_entry
from common.casework.filling import item_of
from common.casework.ledger import OpenCase
from common.casework.rules.flow import FLOW_VERSION, Cause
from common.casework.rules.shape import TAKEN_OVER
from common.casework.rules.taking_over import (
    BY_THE_ROSTER,
    Known,
    answering_department,
    cause_to_name,
    causes_of,
    check_takeable,
    is_confirmed,
    is_mass_silence,
)
from common.casework.rules.timed import deemed_since, is_doubtful, is_over_for_good
from common.casework.steps import announce
from common.casework.unsure import check_asked
from common.days import local_date, local_day
from common.errors import LiandongError
from common.store import audit
from common.store.database import require_unit

log = logging.getLogger(__name__)

SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of taking over many cases: those the top now holds, and why it does not hold the others."""

    done: tuple[str, ...]
    left: dict[str, LiandongError]


def take_over(ctx: CaseContext, case: OpenCase, actor: Actor, note: str, now_ms: int) -> str:
    """Take one case over, and go on with it: what is owed by rule is done at once; return the act's id.

    `case` is brought up to date. Raises as `Casework.take_over`; then nothing was announced or stored.
    """
    state = case.state
    if ctx.me != state.apex:
        raise TakeOverRefused("只有县级可以接管办件；请联系县政务服务中心。")
    check_takeable(state)
    check_asked(ctx, state, actor, {})
    causes = causes_now(ctx, case, now_ms)
    cause = cause_to_name(causes)
    parties = {*state.parties.values(), state.holder}
    body: dict[str, Any] = {
        "case": state.case,
        "data": {
            "actor": actor_entry(actor),
            "at": now_ms,
            "cause": cause.value,
            "department": answering_department(state.facts.department, ctx.staffed()),
            "note": note.strip(),
            "since": causes[cause],
        },
        "flow": FLOW_VERSION,
        "follows": state.last,
        "holder": ctx.me,
        "to": list(ctx.tree().cover(ctx.me, parties)),
    }
    act = announce(ctx, case, TAKEN_OVER, body)
    told = {"act": act, "cause": cause.value, "from": state.holder}
    audit.record(actor.login, "case.taken_over", state.case, told, now_ms)
    _go_on(ctx, case, now_ms)
    return act


def take_over_all(ctx: CaseContext, cases: Iterable[str], actor: Actor, note: str, now_ms: int) -> Taken:
    """Take many cases over, each for itself: one that is refused keeps none of the others back."""
    done: list[str] = []
    left: dict[str, LiandongError] = {}
    is_questioned = is_day_in_question(ctx, now_ms)
    for name in dict.fromkeys(cases):
        try:
            case = ledger.load(name)
            if is_questioned and causes_now(ctx, case, now_ms).keys().isdisjoint(BY_THE_ROSTER):
                raise DayInQuestion()
            take_over(ctx, case, actor, note, now_ms)
        except LiandongError as fault:
            left[name] = fault
        else:
            done.append(name)
    return Taken(tuple(done), left)


def is_day_in_question(ctx: CaseContext, now_ms: int) -> bool:
    """Say whether the date here has to be confirmed before anybody counts as silent or late.

    So it is when most nodes look silent at once, and nobody has said that the date is right. It reads the
    last word of every node: ask once for many cases. That a node is relieved needs no date.
    """
    today, mark = local_date(now_ms), records.mark(SILENCE)
    if is_confirmed(date.fromisoformat(mark) if mark else None, today):
        return False
    near = ctx.neighbours
    others = (each for each in ctx.tree().addresses() if each != ctx.me and not near.is_relieved(each))
    heard = [at for at in map(near.heard_at, others) if at]
    return is_mass_silence((local_date(min(at, now_ms)) for at in heard), today)


def confirm_day(now_ms: int, by: str) -> str:
    """Take the present local day for right though most nodes look silent, as a person says; return it.

    Raises:
        UnitMisuse: no unit of work is open.
    """
    require_unit()
    today = local_day(now_ms)
    records.set_mark(SILENCE, today)
    audit.record(by, "case.confirm_silence", today, {}, now_ms)
    return today


def causes_now(ctx: CaseContext, case: OpenCase, now_ms: int) -> dict[Cause, str]:
    """Return for which causes this node, if it is the top, may take the case over now; see `causes_of`."""
    holder, today = case.state.holder, local_date(now_ms)
    last = records.mark(records.DAY)
    heard = ctx.neighbours.heard_at(holder)
    # A clock that leapt says nothing of days gone by; that a node is relieved somebody has said.
    is_sure = not is_doubtful(today, date.fromisoformat(last) if last else None)
    since = deemed_now(ctx, case, now_ms) if is_sure else None
    known = Known(
        today,
        # No more than the acceptance itself is a take-over taken back.
        since if since and is_over_for_good(since, today, ctx.calendar()) else None,
        local_date(min(heard, now_ms)) if heard and is_sure else None,
        ctx.neighbours.is_relieved(holder),
    )
    return causes_of(case.state, known)


def deemed_now(ctx: CaseContext, case: OpenCase, now_ms: int) -> date | None:
    """Return since when a case counts as accepted, its acceptor silent; see `Casework.deemed_since`."""
    item = item_of(ctx, case.state)
    if item is not None and item.is_instant:
        return None
    arrived, today = local_date(case.arrived_at(now_ms)), local_date(now_ms)
    return deemed_since(case.state, arrived, today, ctx.calendar())


def _go_on(ctx: CaseContext, case: OpenCase, now_ms: int) -> None:
    """Answer what waits, and write the deemed acceptance if its day has passed."""
    for look in (settle_duties, do_what_is_timed):
        try:
            look(ctx, case, now_ms)
        except LiandongError:
            # The case is taken over all the same; the next act of it, or the next day, looks again.
            log.exception("what is owed in case %s cannot be done now", case.state.case)
