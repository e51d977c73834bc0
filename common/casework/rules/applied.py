"""One event applied to a case: the filing that begins it, a step that continues it, a report that is read.

Pure. A step counts only if its author holds the case where the step continues it, the flow table has it with
that outcome, and everything its row demands is met. `case.py` folds many events with these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from common.casework.errors import (
    BadShape,
    NotHolder,
    WrongApex,
    WrongOrigin,
    WrongOutcome,
)
from common.casework.rules import number
from common.casework.rules.changes import after_step
from common.casework.rules.demands import check_demands, person
from common.casework.rules.event import CaseEvent, CaseState, PaperRef, ReportState
from common.casework.rules.facts import Facts, Said, first_facts
from common.casework.rules.flow import TO_HAND_OVER, Step, step_for
from common.casework.rules.judge import after_answers, grown, holder_after
from common.casework.rules.services import owed_again, unserved_after, with_services
from common.casework.rules.shape import (
    check_filed,
    check_moved,
    check_reported,
)
from common.casework.rules.words import (
    Action,
    Demand,
    Party,
    Report,
    State,
    read_action,
    read_report,
    read_role,
)
from common.days import local_day

# Only rows that demand a due date set one, whatever other steps carry under that word.
_SETS_DUE = frozenset({Demand.DUE, Demand.LATER_DUE})
_RESULT = ("name", "number", "valid_until")


def begin(event: CaseEvent, *, apex: str) -> CaseState:
    """Return the case made by its filing.

    Raises:
        BadShape, UnknownWord: the body cannot be read.
        WrongOrigin: number, author and origin are not one node's.
        WrongApex: the filing names another top.
        NotYourStep: filed by a role that takes no papers in.
        WrongOutcome: it claims a state or holder that the table does not give.
    """
    body = event.body
    check_filed(body, len(event.blobs))
    _check_origin(event, apex)
    parties, data = body["parties"], body["data"]
    step = step_for(State.START, read_action(body["action"]), Party.ORIGIN, read_role(data["actor"]["role"]))
    holding, holder = holder_after(step, Party.ORIGIN, event.author, parties)
    if body["state"] != step.next_state or body["holder"] != holder:
        raise WrongOutcome(state=body["state"], holder=body["holder"])
    return CaseState(
        case=body["case"],
        apex=apex,
        item=body["item"],
        item_version=body["item_version"],
        item_doc=body.get("item_doc", ""),
        item_name=data.get("item_name") or body["item"],
        state=step.next_state,
        holder=holder,
        holding=holding,
        parties=parties,
        place=body["place"],
        applicant=data["applicant"],
        filed_at=data["at"],
        changed_at=data["at"],
        chain=(event.id,),
        held_since=event.id,
        paper_sources=_papers_of(event),
        facts=first_facts(body),
    )


def _check_origin(event: CaseEvent, apex: str) -> None:
    body = event.body
    case, parties = body["case"], body["parties"]
    if not {"origin", "acceptor", "competent", "hand_over"} <= parties.keys():
        raise BadShape(part="parties")
    if event.author != parties["origin"] or not number.check(case) or number.origin_of(case) != event.author:
        raise WrongOrigin(case=case)
    if body["apex"] != apex:
        raise WrongApex(apex=body["apex"])


def read_reported(event: CaseEvent) -> ReportState:
    """Return a report as it stands before anyone answered it.

    Raises:
        BadShape, UnknownWord: the body cannot be read.
    """
    check_reported(event.body, len(event.blobs))
    data = event.body["data"]
    return ReportState(
        id=event.id,
        what=read_report(event.body["report"]),
        author=event.author,
        at=data["at"],
        seen=data.get("seen", ""),
        data=data,
        papers=_papers_of(event).get(event.id, ()),
    )


def moved(state: CaseState, event: CaseEvent) -> CaseState:
    """Return the case after a step that continues it.

    Raises:
        LiandongError: the step does not count; the class says why.
    """
    body = event.body
    check_moved(body, len(event.blobs))
    if event.author != state.holder:
        raise NotHolder(author=event.author, holder=state.holder)
    data = body["data"]
    action, role = read_action(body["action"]), read_role(data["actor"]["role"])
    step = step_for(state.state, action, state.holding, role)
    parties = grown(state.parties, body.get("parties_added", {}))
    holding, holder = holder_after(step, state.holding, state.holder, parties)
    if body["state"] != step.next_state or body["holder"] != holder:
        raise WrongOutcome(state=body["state"], holder=body["holder"])
    reports = after_answers(state, step, body["answers"], event.id)
    check_demands(state, step, data, [state.reports[act] for act in body["answers"]], flow_of(event))
    sources = _papers_of(event)
    return replace(
        state,
        applicant=_applicant_after(state, step, data),
        facts=_facts_after(state, event, action),
        state=step.next_state,
        holder=holder,
        holding=holding,
        held_since=state.held_since if holding is state.holding else event.id,
        parties=parties,
        chain=(*state.chain, event.id),
        changed_at=data["at"],
        reports=reports,
        paper_sources={**state.paper_sources, **sources} if sources else state.paper_sources,
        due=data.get("due", state.due) if _SETS_DUE.intersection(step.demands) else state.due,
        lacking=_lacking_after(state, step, data),
        result=_result_after(state, step, data),
        reviewer=person(data["actor"]) if action is Action.REVIEW else state.reviewer,
        concluded=event.id if _concludes(step) else state.concluded,
        concluded_at=data["at"] if _concludes(step) else state.concluded_at,
    )


def flow_of(event: CaseEvent) -> int:
    """Return the version of the table under which an event was signed; the first where it names none."""
    flow = event.body.get("flow", 1)
    return flow if type(flow) is int else 1


def _concludes(step: Step) -> bool:
    return step.next_state in TO_HAND_OVER and step.state not in TO_HAND_OVER


def _lacking_after(state: CaseState, step: Step, data: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    if "lacking" in data:
        return tuple(data["lacking"])
    return () if Report.PAPERS_BROUGHT in step.answers else state.lacking


def _facts_after(state: CaseState, event: CaseEvent, action: Action) -> Facts:
    data = event.body["data"]
    reports = [state.reports[act] for act in event.body["answers"]]
    answered = tuple((report.what, report.data) for report in reports)
    said = Said(event.id, data, local_day(data["at"]), state.holding, answered)
    facts = after_step(state.facts, action, said)
    facts = with_services(facts, state, action, said, reports)
    left = (*unserved_after(state, event, action, flow_of(event), reports), *owed_again(state, facts, event))
    return facts if left == facts.unserved else replace(facts, unserved=left)


def _applicant_after(state: CaseState, step: Step, data: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the applicant as corrections leave them; what was filed stays in the filing."""
    return (
        _put_right("applicant", state.applicant, data, state.applicant)
        if _corrects(step)
        else state.applicant
    )


def _result_after(state: CaseState, step: Step, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what was decided: a row that demands a result sets it, only corrections change it."""
    if Demand.RESULT in step.demands:
        result: Mapping[str, Any] = data["result"]
        return result
    if step.action is Action.TERMINATE:
        # What was approved and is given up is no result to be handed over.
        return {}
    # What had been left empty is put in by a correction, too.
    known = (*state.result, *_RESULT) if state.result else ()
    return _put_right("result", state.result, data, known) if _corrects(step) else state.result


def _corrects(step: Step) -> bool:
    return Demand.CORRECTION in step.demands


def _put_right(
    part: str, values: Mapping[str, Any], data: Mapping[str, Any], keys: Iterable[str]
) -> Mapping[str, Any]:
    fields = {line["field"]: line["new"] for line in data["correction"]}
    right = {key: fields[f"{part}.{key}"] for key in keys if f"{part}.{key}" in fields}
    return {**values, **right} if right else values


def _papers_of(event: CaseEvent) -> dict[str, tuple[PaperRef, ...]]:
    papers = event.body["data"].get("papers")
    if not papers:
        return {}
    return {event.id: tuple(PaperRef(p["key"], p["name"], event.blobs[p["blob"]]) for p in papers)}


def with_reports(state: CaseState, reports: Mapping[str, ReportState]) -> CaseState:
    """Return the case with more reports, as they stood before anyone answered them."""
    return replace(state, reports={**state.reports, **reports}) if reports else state
