"""The one door through which a case moves, and the reports that tell its holder something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from common.casework import ledger
from common.casework.context import Actor, CaseContext
from common.casework.errors import (
    AlreadyThere,
    BadShape,
    FilingIncomplete,
    NotYourStep,
    ReportNotAllowed,
)
from common.casework.filing import actor_entry, paper_entries
from common.casework.filling import filled
from common.casework.gone_on import gone_on
from common.casework.ledger import OpenCase
from common.casework.rules.case import advance
from common.casework.rules.demands import check_desk
from common.casework.rules.event import CaseEvent, CaseState, ReportState
from common.casework.rules.fitting import may_have_a_say
from common.casework.rules.flow import FLOW_VERSION, Step, report_rule, step_for
from common.casework.rules.handed import delivered_problems, served_problems
from common.casework.rules.judge import answered_by, grown, holder_after
from common.casework.rules.letters import letter_problems, letters_out
from common.casework.rules.offered import report_makes_sense
from common.casework.rules.recusal import check_not_own, sides
from common.casework.rules.reporting import report_problems
from common.casework.rules.shape import MOVED, REPORTED
from common.casework.rules.tried import tried_problems
from common.casework.rules.waiting import is_about_the_result
from common.casework.rules.words import Action, Report, Role, read_role
from common.casework.senders import may_report
from common.casework.unsure import check_asked
from common.errors import Problem
from common.store import audit
from sync.protocol import canonical
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import BlobRef

# Of what was posted or tried in vain: the part by which one is told from another.
_TOLD_ONCE = {Report.LETTER_CAME: "letter", Report.NOT_SERVED: "tried"}
# Once is enough: a second such report while the first is open says nothing new.
_ONCE = (Report.WITHDRAW, Report.HANDED_OVER, Report.PAID, Report.RATED)


@dataclass(frozen=True, slots=True)
class MoveDraft:
    """A step someone wants to take. `answers` None means every open report the step may answer."""

    action: Action
    actor: Actor
    data: Mapping[str, Any]
    answers: tuple[str, ...] | None = None


def take_step(ctx: CaseContext, case: OpenCase, draft: MoveDraft, now_ms: int) -> str:
    """Check, announce and store one step of a case this node holds; return the act's id.

    `case` is brought up to date. Raises as `Casework.move_case`; then nothing was announced or stored.
    """
    state = case.state
    if state.holder != ctx.me:
        raise gone_on(case, draft.action, ctx.me)
    step = step_for(state.state, draft.action, state.holding, read_role(draft.actor.role))
    check_desk(state, step.desk, draft.actor.department)
    asking = sides(state.applicant, state.facts.authority)
    check_not_own(asking, step.action, draft.actor.name, draft.data)
    rest, told = check_asked(ctx, state, draft.actor, draft.data)
    draft = replace(draft, data=rest)
    refs, papers = paper_entries(draft.data.get("papers", ()))
    body = _move_body(ctx, state, step, draft)
    # A hall's own step is nobody's but its own.
    is_agents = draft.actor.role == Role.AGENT
    actor = _in_whose_stead(ctx, case, draft.actor, now_ms) if is_agents else draft.actor
    body["data"] = {**filled(ctx, case, step, draft.data, now_ms), "actor": actor_entry(actor)}
    if papers:
        body["data"]["papers"] = papers
    act = announce(ctx, case, MOVED, body, refs)
    told = {"act": act, **told}
    audit.record(draft.actor.login or "node", f"case.{draft.action}", state.case, told, now_ms)
    return act


def _move_body(ctx: CaseContext, state: CaseState, step: Step, draft: MoveDraft) -> dict[str, Any]:
    added = draft.data.get("parties_added") or {}
    if not isinstance(added, Mapping):
        raise BadShape(part="parties_added")
    parties = grown(state.parties, added)
    body: dict[str, Any] = {
        "action": step.action.value,
        "answers": list(answered_by(state, step) if draft.answers is None else draft.answers),
        "case": state.case,
        "flow": FLOW_VERSION,
        "follows": state.last,
        "holder": holder_after(step, state.holding, state.holder, parties)[1],
        "state": step.next_state.value,
        "to": list(ctx.tree().cover(ctx.me, parties.values())),
    }
    if added:
        body["parties_added"] = dict(added)
    return body


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """What a person at this node wants the holder to know."""

    what: Report
    actor: Actor
    data: Mapping[str, Any]


def send_report(ctx: CaseContext, case: OpenCase, draft: ReportDraft, now_ms: int) -> str:
    """Check, announce and store one report; return the act's id. Raises as `Casework.report`."""
    state = case.state
    _check_report(ctx, state, draft, now_ms)
    rest, told = check_asked(ctx, state, draft.actor, draft.data)
    draft = replace(draft, data=rest)
    refs, papers = paper_entries(draft.data.get("papers", ()))
    data = {key: value for key, value in draft.data.items() if key not in ("actor", "papers")}
    data["note"] = str(draft.data.get("note", "")).strip()
    actor = _in_whose_stead(ctx, case, draft.actor, now_ms)
    data |= {"actor": actor_entry(actor), "at": now_ms, "papers": papers, "seen": state.last}
    body = {
        "case": state.case,
        "data": data,
        "report": draft.what.value,
        "to": list(ctx.tree().cover(ctx.me, state.parties.values())),
    }
    act = announce(ctx, case, REPORTED, body, refs)
    audit.record(draft.actor.login or "node", f"case.{draft.what}", state.case, {"act": act, **told}, now_ms)
    return act


def _in_whose_stead(ctx: CaseContext, case: OpenCase, actor: Actor, now_ms: int) -> Actor:
    """Return who acts, with the agent in whose stead it is done here today.

    Of several who are away it is the one who filed the case. An agent who stands in for another needs
    nobody's post, so all else is their own work. Where a hall works for a village whose agent is away
    it says so; a word of a checker or reviewer is the hall's own.
    """
    if actor.role not in (Role.AGENT, Role.CLERK):
        return actor
    parties = case.state.parties
    for site in dict.fromkeys((parties["origin"], parties.get("hand_over", ""))):
        away = ctx.absent_agents(actor.login, site, now_ms) if site else ()
        if away and site == parties["origin"] and (filer := _filer(case)) in away:
            return replace(actor, stands_in_for=filer)
        if away and site != ctx.me:
            return replace(actor, stands_in_for=away[0])
    return actor


def _filer(case: OpenCase) -> str:
    filed = next(event for event in case.events if event.id == case.state.chain[0])
    return str(filed.body["data"]["actor"].get("login", ""))


def _check_report(ctx: CaseContext, state: CaseState, draft: ReportDraft, now_ms: int) -> None:
    rule = report_rule(draft.what)
    if read_role(draft.actor.role) not in rule.roles:
        raise NotYourStep(state.state, draft.what, draft.actor.role)
    is_late = not report_makes_sense(state, draft.what, draft.actor.department)
    has_part = may_report(ctx, state, ctx.me)
    if draft.what is Report.OPINION:
        has_part = has_part and may_have_a_say(state, ctx.me)
    if state.state not in rule.states or is_late or not has_part:
        raise ReportNotAllowed(state=state.state.value, report=draft.what.value)
    # Of others it may be a lie that is never answered, and must not stop anybody here.
    ours = [report for report in state.open_reports if report.author == ctx.me and report.what is draft.what]
    is_said = draft.what in _ONCE and any(_still_says(state, report) for report in ours)
    if is_said or any(_brings_the_same(report, draft) for report in ours) or _is_told(ctx, state, draft):
        raise AlreadyThere(report=draft.what.value)
    problems = _problems_of(ctx, state, draft, now_ms)
    if problems:
        raise FilingIncomplete(problems=problems)


def _problems_of(ctx: CaseContext, state: CaseState, draft: ReportDraft, now_ms: int) -> list[Problem]:
    problems = report_problems(draft.what, draft.data)
    if draft.what is Report.HANDED_OVER:
        problems += served_problems(state, draft.data, now_ms) or delivered_problems(draft.data, now_ms)
    if draft.what is Report.LETTER_CAME:
        problems += letter_problems(state, draft.data, now_ms)
    if draft.what is Report.NOT_SERVED:
        problems += tried_problems(state, draft.data, now_ms)
    if draft.what is Report.COLLECT_AT and not problems and draft.data["place"] not in ctx.tree():
        problems = [Problem("place", "新的领取地点", "place", "没有这个站点，请重新选择领取地点。")]
    return problems


def _is_told(ctx: CaseContext, state: CaseState, draft: ReportDraft) -> bool:
    """Say whether the same receipt of a letter, or the same try, was told from here, as by a second click.

    A letter that is out after the answer was not yet known to be posted then, or some clock was wrong.
    """
    part = _TOLD_ONCE.get(draft.what)
    if part is None:
        return False
    ours = [one for one in state.reports.values() if one.author == ctx.me and one.what is draft.what]
    same = [one for one in ours if one.data[part] == draft.data.get(part)]
    is_out = any(one.tracking == draft.data[part].get("tracking") for one in letters_out(state) if same)
    return any(one.is_open or not is_out for one in same)


def _still_says(state: CaseState, report: ReportState) -> bool:
    """Say whether an open report speaks of the case as it is; what is handed over may be another by now."""
    return report.what is not Report.HANDED_OVER or is_about_the_result(state, report)


def _brings_the_same(report: ReportState, draft: ReportDraft) -> bool:
    """Say whether a report brings just the papers that an open one has brought, as one sent twice does."""
    brought = {(paper.key, paper.blob.hash) for paper in draft.data.get("papers", ())}
    return bool(brought) and brought == {(paper.key, paper.hash) for paper in report.papers}


def _check_signable(body: Mapping[str, Any]) -> None:
    try:
        canonical.dumps(body)
    except NotCanonical:
        raise BadShape(part="data") from None


def announce(
    ctx: CaseContext, case: OpenCase, kind: str, body: dict[str, Any], refs: Sequence[BlobRef] = ()
) -> str:
    """Judge an own event by the same rules as one from elsewhere, then announce and store it; return its id.

    Raises:
        LiandongError: it does not count; nothing was announced or stored.
    """
    _check_signable(body)
    hashes = tuple(ref.hash for ref in refs)
    advance(case.state, CaseEvent("", kind, ctx.me, body, hashes))
    act = ctx.outbox.announce(kind, body, body["to"], refs)
    event = CaseEvent(act, kind, ctx.me, body, hashes)
    case.state = advance(case.state, event)
    ledger.add_event(case, event, refs, body["data"]["at"], ctx.calendar())
    return act
