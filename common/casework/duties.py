"""Does what a node owes its cases: answers by rule, strikes at the apex, briefings of parties not told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from common.casework import ledger, records
from common.casework.context import NODE_ACTOR, CaseContext
from common.casework.ledger import OpenCase
from common.casework.rules.duties import Answer, Strike, briefs, duty_of, told_by_strike
from common.casework.rules.event import CaseEvent
from common.casework.rules.shape import BRIEF, STRUCK
from common.casework.rules.words import Action
from common.casework.steps import MoveDraft, take_step
from common.store import audit

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
        _brief(ctx, case)


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
    case.events.append(event)
    ledger.refold(case)
    records.add_events([ledger.event_row(event, len(case.events), ledger.text_of(body), ())])
    records.strike(duty.ids)
    records.update_files([ledger.file_row(case.state)])
    audit.record("node", "case.strike", case.state.case, {"ids": list(duty.ids)}, now_ms)


def _brief(ctx: CaseContext, case: OpenCase) -> None:
    for address, ids in briefs(case.state, case.events, ctx.tree()).items():
        body: dict[str, Any] = {"case": case.state.case, "ids": list(ids), "to": [address]}
        act = ctx.outbox.announce(BRIEF, body, (address,), ())
        event = CaseEvent(act, BRIEF, ctx.me, body)
        case.events.append(event)
        records.add_events([ledger.event_row(event, len(case.events), ledger.text_of(body), ())])
