"""Does what a node owes its cases: answers by rule, strikes at the apex, briefings of parties not told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from common.casework import ledger, records
from common.casework.context import NODE_ACTOR, CaseContext
from common.casework.filling import item_of
from common.casework.ledger import OpenCase
from common.casework.rules.deadlines import local_date
from common.casework.rules.dues import changed
from common.casework.rules.duties import Answer, Strike, briefs, duty_of, told_by_strike
from common.casework.rules.event import CaseEvent
from common.casework.rules.flow import BEFORE_DECISION
from common.casework.rules.shape import BRIEF, STRUCK
from common.casework.rules.timed import timed_duty
from common.casework.rules.words import Action
from common.casework.steps import MoveDraft, take_step
from common.store import audit

_OPEN = tuple(state.value for state in BEFORE_DECISION)
_NEW_CALENDAR = "工作日历有变化，按新的日历重新计算办理期限。"
_STRIKE_REASON = "同一步之后有两个相互矛盾的办理，保留先到达县级的一个。"


def do_duties(ctx: CaseContext, cases: Iterable[str], now_ms: int) -> None:
    """Do everything this node owes these cases; those without a duty are not touched.

    Safe to repeat: each duty makes one event, and is owed no more once that event is there.
    """
    for case in sorted(set(cases)):
        settle_duties(ctx, ledger.load(case), now_ms)


def settle_duties(ctx: CaseContext, case: OpenCase, now_ms: int) -> None:
    """Do everything this node owes one case."""
    while True:
        duty = duty_of(case.state, ctx.me)
        if duty is None:
            break
        if isinstance(duty, Strike):
            _strike(ctx, case, duty, now_ms)
        else:
            take_step(ctx, case, _draft(case, duty), now_ms)
    if ctx.me == case.state.apex:
        _brief(ctx, case, now_ms)


def do_timed_duties(
    ctx: CaseContext, after: tuple[str, str], now_ms: int, limit: int
) -> tuple[str, str] | None:
    """Do what is owed because a day has passed; see `Casework.do_timed_duties`."""
    today = local_date(now_ms)
    found = records.alarmed(ctx.me, today.isoformat(), after, limit)
    for _, name in found:
        case = ledger.load(name)
        while True:
            arrived = local_date(case.arrived_at())
            duty = timed_duty(case.state, arrived, today, item_of(ctx, case.state), ctx.calendar())
            if duty is None:
                break
            take_step(ctx, case, MoveDraft(duty.action, NODE_ACTOR, duty.data), now_ms)
        # Also where nothing is owed: under the present calendar the day may be another one.
        ledger.write_case(case, ctx.calendar())
    return found[-1] if len(found) == limit else None


def recompute_dues(ctx: CaseContext, after: str, now_ms: int, limit: int) -> str:
    """Sign the due dates that the calendar has moved; see `Casework.recompute_dues`."""
    cases = records.held_in(ctx.me, _OPEN, after, limit)
    for name in cases:
        case = ledger.load(name)
        item = item_of(ctx, case.state)
        if item is not None and case.state.facts.accepted_on:
            dues = changed(item, case.state, ctx.calendar())
            if dues is not None:
                data = {**dues.as_data(), "note": _NEW_CALENDAR}
                take_step(ctx, case, MoveDraft(Action.DUE_CHANGED, NODE_ACTOR, data), now_ms)
        ledger.write_case(case, ctx.calendar())
    return cases[-1] if len(cases) == limit else ""


def _draft(case: OpenCase, duty: Answer) -> MoveDraft:
    # What is noted or written down is the one report it was made for; the other steps answer all they may.
    is_single = duty.action in (Action.NOTE, Action.RECORD)
    data: dict[str, Any] = {"note": duty.note}
    place = case.state.reports[duty.report].data.get("place", "")
    if duty.action is Action.RECORD and place and place not in case.state.parties.values():
        # Whoever is to hand the result over has to hear of the case from now on.
        data["parties_added"] = {f"hand_over_{len(case.state.parties)}": place}
    return MoveDraft(duty.action, NODE_ACTOR, data, (duty.report,) if is_single else None)


def _strike(ctx: CaseContext, case: OpenCase, duty: Strike, now_ms: int) -> None:
    told = told_by_strike(case.state, case.events)
    body: dict[str, Any] = {
        "case": case.state.case,
        "data": {"at": now_ms},
        "ids": list(duty.ids),
        "reason": _STRIKE_REASON,
        "to": list(ctx.tree().cover(ctx.me, told)),
    }
    act = ctx.outbox.announce(STRUCK, body, body["to"], ())
    event = CaseEvent(act, STRUCK, ctx.me, body)
    ledger.note_event(case, event, (), now_ms)
    ledger.refold(case)
    records.strike(duty.ids)
    ledger.write_case(case, ctx.calendar())
    audit.record("node", "case.strike", case.state.case, {"ids": list(duty.ids)}, now_ms)


def _brief(ctx: CaseContext, case: OpenCase, now_ms: int) -> None:
    for address, ids in briefs(case.state, case.events, ctx.tree()).items():
        body: dict[str, Any] = {"case": case.state.case, "ids": list(ids), "to": [address]}
        act = ctx.outbox.announce(BRIEF, body, (address,), ())
        ledger.note_event(case, CaseEvent(act, BRIEF, ctx.me, body), (), now_ms)
