"""Does what a node owes its cases: answers by rule, strikes at the apex, briefings of parties not told."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from common.casework import ledger, records
from common.casework.context import NODE_ACTOR, CaseContext
from common.casework.early import is_place_heard, without_unheard
from common.casework.filling import item_of
from common.casework.ledger import OpenCase
from common.casework.records import is_fault_of_disk
from common.casework.rules.dues import Dues, changed
from common.casework.rules.duties import Answer, Strike, briefs, duty_of, told_by_strike
from common.casework.rules.event import CaseEvent
from common.casework.rules.flow import BEFORE_DECISION, UNDER_REVIEW
from common.casework.rules.rivals import has_rival_ahead
from common.casework.rules.shape import BRIEF, STRUCK
from common.casework.rules.timed import timed_duty
from common.casework.rules.words import Action, Party, Report
from common.casework.steps import MoveDraft, take_step
from common.casework.unsure import may_have_gone_on
from common.days import local_date
from common.store import audit

log = logging.getLogger(__name__)

# Cases whose duties wait, of a node that was put back, until its own acts are back.
_HELD_OFF = "held_off"
_OPEN = tuple(state.value for state in BEFORE_DECISION)
_NO_SUCH_PLACE = "没有所报的领取地点，已知悉，未记入。"
_NEW_CALENDAR = "工作日历有变化，按新的日历重新计算办理期限。"


def do_duties(ctx: CaseContext, cases: Iterable[str], now_ms: int) -> None:
    """Do everything this node owes these cases; those without a duty are not touched.

    Safe to repeat: each duty makes one event, and is owed no more once that event is there.
    """
    for case in sorted(set(cases)):
        settle_duties(ctx, ledger.load(case), now_ms)


def settle_duties(ctx: CaseContext, case: OpenCase, now_ms: int) -> None:
    """Do everything this node owes one case, later where it may have done it and lost that."""
    if may_have_gone_on(ctx, case.state):
        if is_owing(ctx, case):
            _hold_off(case.state.case)
    else:
        _settle(ctx, case, now_ms)
    if ctx.me == case.state.apex:
        brief(ctx, case, now_ms)


def _settle(ctx: CaseContext, case: OpenCase, now_ms: int) -> None:
    while True:
        duty = duty_of(case.state, ctx.me, case.events)
        if duty is None:
            break
        if isinstance(duty, Strike):
            _strike(ctx, case, duty, now_ms)
        else:
            take_step(ctx, case, _draft(ctx, case, duty), now_ms)
    dues = _dues_of_another_calendar(ctx, case)
    if dues is not None:
        _sign_dues(ctx, case, dues, now_ms)


def _hold_off(case: str) -> None:
    held = _held_off()
    if case not in held:
        records.set_mark(_HELD_OFF, json.dumps([*held, case]))


def _held_off() -> list[str]:
    return list(json.loads(records.mark(_HELD_OFF) or "[]"))


def do_held_off(ctx: CaseContext, after: str, now_ms: int, limit: int) -> str:
    """Do, in the open unit, what was put off for some cases; return after which to go on, "" at the end."""
    held = sorted(_held_off())
    looked_at = [case for case in held if case > after][:limit]
    done = {case for case in looked_at if _is_done_now(ctx, case, now_ms)}
    if done:
        records.set_mark(_HELD_OFF, json.dumps([case for case in held if case not in done]))
    return looked_at[-1] if len(looked_at) == limit else ""


def _is_done_now(ctx: CaseContext, name: str, now_ms: int) -> bool:
    try:
        # It may have been taken back since: then nothing is owed.
        case = ledger.load(name)
        if may_have_gone_on(ctx, case.state):
            return False
        settle_duties(ctx, case, now_ms)
    except Exception as fault:
        if is_fault_of_disk(fault):
            raise
        # It is still owed at the next event of the case.
        log.exception("what was put off in case %s cannot be done now", name)
    return True


def is_owing(ctx: CaseContext, case: OpenCase) -> bool:
    """Say whether `settle_duties` would do anything, but for briefings. It only reads."""
    owed = duty_of(case.state, ctx.me, case.events)
    return owed is not None or _dues_of_another_calendar(ctx, case) is not None


def do_timed_duties(
    ctx: CaseContext, after: tuple[str, str], now_ms: int, limit: int
) -> tuple[str, str] | None:
    """Do what is owed because a day has passed; see `Casework.do_timed_duties`."""
    today = local_date(now_ms)
    found = records.alarmed(ctx.me, today.isoformat(), after, limit)
    for _, name in found:
        case = ledger.load(name)
        try:
            if not may_have_gone_on(ctx, case.state):
                do_what_is_timed(ctx, case, now_ms)
        except Exception as fault:
            if is_fault_of_disk(fault):
                raise
            # One case that cannot be dealt with must not keep the others waiting.
            log.exception("timed duty in case %s cannot be done now", name)
        # Also where nothing is owed: under the present calendar the day may be another one.
        ledger.write_case(case, ctx.calendar())
    return found[-1] if len(found) == limit else None


def do_what_is_timed(ctx: CaseContext, case: OpenCase, now_ms: int) -> None:
    """Do what this node, its holder, owes one case because a day has passed."""
    today = local_date(now_ms)
    while True:
        arrived = local_date(case.arrived_at(now_ms))
        if has_rival_ahead(case.state, ctx.me, case.events):
            return
        state = without_unheard(ctx, case, today)
        duty = timed_duty(state, arrived, today, item_of(ctx, state), ctx.calendar())
        if duty is None or (duty.action is Action.DEEM_SERVED and not is_place_heard(ctx, case.state)):
            return
        take_step(ctx, case, MoveDraft(duty.action, NODE_ACTOR, duty.data), now_ms)


def recompute_dues(ctx: CaseContext, after: str, now_ms: int, limit: int) -> str:
    """Sign the due dates that the calendar has moved; see `Casework.recompute_dues`."""
    cases = records.held_in(ctx.me, _OPEN, after, limit)
    for name in cases:
        case = ledger.load(name)
        try:
            if not may_have_gone_on(ctx, case.state):
                _recompute(ctx, case, now_ms)
        except Exception as fault:
            if is_fault_of_disk(fault):
                raise
            log.exception("due dates of case %s cannot be worked out", name)
        ledger.write_case(case, ctx.calendar())
    return cases[-1] if len(cases) == limit else ""


def _recompute(ctx: CaseContext, case: OpenCase, now_ms: int) -> None:
    state = case.state
    # Another version has other limits: what was signed under one that is not here stays as it is.
    item = ctx.catalogue.version(state.item, state.item_version, state.item_doc)
    if item is None or not state.facts.accepted_on:
        return
    dues = changed(item, state, ctx.calendar())
    if dues is not None:
        _sign_dues(ctx, case, dues, now_ms)


def _sign_dues(ctx: CaseContext, case: OpenCase, dues: Dues, now_ms: int) -> None:
    data = {**dues.as_data(), "note": _NEW_CALENDAR}
    take_step(ctx, case, MoveDraft(Action.DUE_CHANGED, NODE_ACTOR, data), now_ms)


def _dues_of_another_calendar(ctx: CaseContext, case: OpenCase) -> Dues | None:
    """Return the last days of a case that came to the top with days signed elsewhere, None where they fit.

    A township may have accepted it before the calendar in force had reached it. The top publishes calendars,
    so its own is never the older one; its look through its cases was over before this one came.
    """
    state, me = case.state, ctx.me
    if not me == state.apex == state.holder or state.state not in UNDER_REVIEW:
        return None
    if has_rival_ahead(state, me, case.events):
        return None
    signers = {event.id: event.author for event in case.events if "due" in event.body.get("data", {})}
    if next((signers[act] for act in reversed(state.chain) if act in signers), me) == me:
        return None
    item = ctx.catalogue.version(state.item, state.item_version, state.item_doc)
    try:
        return changed(item, state, ctx.calendar()) if item is not None else None
    except ValueError:
        # What cannot be worked out stays as it was signed, and keeps nothing of what arrives with it out.
        return None


def _draft(ctx: CaseContext, case: OpenCase, duty: Answer) -> MoveDraft:
    report, parties = case.state.reports[duty.report], case.state.parties
    action, data = duty.action, dict[str, Any](note=duty.note)
    if action is Action.RECORD and report.what is Report.COLLECT_AT:
        place = report.data["place"]
        if place not in ctx.tree():
            action, data["note"] = Action.NOTE, _NO_SUCH_PLACE
        elif place not in parties.values():
            # Whoever is to hand the result over has to hear of the case from now on.
            data["parties_added"] = {_free_part(parties): place}
    # What is noted or written down is the one report it was made for; the other steps answer all they may.
    is_single = action in (Action.NOTE, Action.RECORD)
    return MoveDraft(action, NODE_ACTOR, data, (duty.report,) if is_single else None)


def _free_part(parties: Mapping[str, str]) -> str:
    number = len(parties)
    while f"{Party.HAND_OVER}_{number}" in parties:
        number += 1
    return f"{Party.HAND_OVER}_{number}"


def _strike(ctx: CaseContext, case: OpenCase, duty: Strike, now_ms: int) -> None:
    told = told_by_strike(case.state, case.events)
    body = duty.body(case.state.case, now_ms, ctx.tree().cover(ctx.me, told))
    act = ctx.outbox.announce(STRUCK, body, body["to"], ())
    event = CaseEvent(act, STRUCK, ctx.me, body)
    ledger.note_event(case, event, (), now_ms)
    ledger.refold(case)
    records.strike((struck, case.state.case) for struck in duty.ids)
    ledger.write_case(case, ctx.calendar())
    audit.record("node", "case.strike", case.state.case, {"ids": list(duty.ids)}, now_ms)


def brief(ctx: CaseContext, case: OpenCase, now_ms: int) -> None:
    """At the apex, point out to everybody with a part in the case which of its acts never reached it."""
    lost = ctx.sync.lost_by(event.id for event in case.events)
    for address, ids in briefs(case.state, case.events, ctx.tree(), lost).items():
        body: dict[str, Any] = {"case": case.state.case, "ids": list(ids), "to": [address]}
        act = ctx.outbox.announce(BRIEF, body, (address,), ())
        ledger.note_event(case, CaseEvent(act, BRIEF, ctx.me, body), (), now_ms)
