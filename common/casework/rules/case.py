"""A case is the fold of its signed events: the same events give the same case at every node.

Pure. A move counts only if its author holds the case where the move continues it and the flow table has
the step with that outcome. Of two that continue the same one, the first in this node's order stands until
the apex strikes one out; then that one and whatever continues it are out, everywhere and for ever. Reports
never move a case: they are open until a move of the holder answers them, which happens once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from common.casework.errors import (
    BadShape,
    NoFiling,
    NotHolder,
    NotInOrder,
    WrongApex,
    WrongOrigin,
    WrongOutcome,
)
from common.casework.rules import number
from common.casework.rules.dates import local_day
from common.casework.rules.demands import check_demands, person
from common.casework.rules.event import CaseEvent, CaseState, Fork, PaperRef, ReportState
from common.casework.rules.facts import Facts, Said, after_step, first_facts
from common.casework.rules.flow import TO_HAND_OVER, Step, step_for
from common.casework.rules.judge import after_answers, grown, holder_after
from common.casework.rules.shape import (
    FILED,
    MOVED,
    REPORTED,
    STRUCK,
    check_filed,
    check_moved,
    check_reported,
    check_struck,
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
from common.errors import LiandongError

# Only rows that demand a due date set one, whatever other steps carry under that word.
_SETS_DUE = frozenset({Demand.DUE, Demand.LATER_DUE})


def fold(events: Iterable[CaseEvent], *, apex: str) -> CaseState:
    """Return the case that these events make.

    Args:
        events: everything known of one case, in this node's order; an act given twice counts once.
        apex: address of the case's top, the only node whose `case.struck` counts.

    Raises:
        NoFiling: no valid filing is among them.
    """
    pile = _Pile(events, apex)
    state = pile.first()
    while True:
        following = pile.after(state)
        if following is None:
            return replace(state, forks=tuple(pile.forks), invalid=pile.invalid)
        state = following


def advance(state: CaseState, event: CaseEvent) -> CaseState:
    """Return the case after one more event that continues it; an act already in it changes nothing.

    Raises:
        NotInOrder: the event forks the case, or strikes out what stands: fold it again from all events.
        LiandongError: the event does not count; the class says why.
    """
    if event.kind == REPORTED:
        if event.id in state.reports:
            return state
        return _with_reports(state, {event.id: read_reported(event)})
    if event.id in state.chain:
        return state
    if event.kind == STRUCK:
        return _after_strike(state, event)
    if event.kind != MOVED or event.body.get("follows") != state.last:
        raise NotInOrder()
    if event.id in state.struck:
        return state
    return _moved(state, event)


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


class _Pile:
    """All events of one case, sorted by what they continue."""

    def __init__(self, events: Iterable[CaseEvent], apex: str) -> None:
        self.apex = apex
        self.forks: list[Fork] = []
        self.invalid: dict[str, str] = {}
        self._roots: list[CaseEvent] = []
        self._children: dict[str, list[CaseEvent]] = defaultdict(list)
        self._reports: dict[str, ReportState] = {}
        self._struck: set[str] = set()
        seen: set[str] = set()
        for event in events:
            if event.id not in seen:
                seen.add(event.id)
                self._sort(event)

    def _sort(self, event: CaseEvent) -> None:
        try:
            if event.kind == FILED:
                self._roots.append(event)
            elif event.kind == MOVED:
                self._children[str(event.body.get("follows"))].append(event)
            elif event.kind == REPORTED:
                self._reports[event.id] = read_reported(event)
            elif event.kind == STRUCK:
                self._struck |= read_struck(event, self.apex)
        except LiandongError as fault:
            self.invalid[event.id] = fault.code

    def first(self) -> CaseState:
        """Return the case at its filing, with all reports, none answered yet."""
        begun: dict[str, CaseState] = {}
        for event in self._roots:
            try:
                begun[event.id] = begin(event, apex=self.apex)
            except LiandongError as fault:
                self.invalid[event.id] = fault.code
        if not begun:
            raise NoFiling()
        standing = [act for act in begun if act not in self._struck]
        # Striking out every filing would lose the case; then one of them, the same everywhere, stays.
        winner, *losers = standing or [min(begun)]
        if losers:
            self.forks.append(Fork(winner, tuple(losers)))
        state = replace(begun[winner], struck=frozenset(self._struck))
        return _with_reports(state, self._reports)

    def after(self, state: CaseState) -> CaseState | None:
        """Return the case one move on, or None when nothing valid continues it."""
        found: list[CaseState] = []
        for event in self._children.get(state.last, ()):
            if event.id in self._struck:
                continue
            try:
                found.append(_moved(state, event))
            except LiandongError as fault:
                self.invalid[event.id] = fault.code
        if not found:
            return None
        if len(found) > 1:
            self.forks.append(Fork(found[0].last, tuple(loser.last for loser in found[1:])))
        return found[0]


def read_struck(event: CaseEvent, apex: str) -> frozenset[str]:
    """Return the acts that this event strikes out.

    Raises:
        BadShape: the body cannot be read.
        WrongApex: its author is not the case's apex.
    """
    check_struck(event.body)
    if event.author != apex:
        raise WrongApex(author=event.author)
    return frozenset(event.body["ids"])


def _after_strike(state: CaseState, event: CaseEvent) -> CaseState:
    ids = read_struck(event, state.apex)
    if not ids.isdisjoint(state.chain):
        raise NotInOrder()
    left = (Fork(f.winner, tuple(act for act in f.losers if act not in ids)) for f in state.forks)
    return replace(state, struck=state.struck | ids, forks=tuple(f for f in left if f.losers))


def _moved(state: CaseState, event: CaseEvent) -> CaseState:
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
    check_demands(state, step, data)
    reports = after_answers(state, step, body["answers"], event.id)
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
    )


def _concludes(step: Step) -> bool:
    return step.next_state in TO_HAND_OVER and step.state not in TO_HAND_OVER


def _lacking_after(state: CaseState, step: Step, data: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    if "lacking" in data:
        return tuple(data["lacking"])
    return () if Report.PAPERS_BROUGHT in step.answers else state.lacking


def _facts_after(state: CaseState, event: CaseEvent, action: Action) -> Facts:
    data = event.body["data"]
    answered = tuple(
        (report.what, report.data) for report in (state.reports[act] for act in event.body["answers"])
    )
    said = Said(event.id, data, local_day(data["at"]), state.holding, answered)
    return after_step(state.facts, action, said)


def _applicant_after(state: CaseState, step: Step, data: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the applicant as corrections leave them; what was filed stays in the filing."""
    return _put_right("applicant", state.applicant, data) if _corrects(step) else state.applicant


def _result_after(state: CaseState, step: Step, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what was decided: only a row that demands a result sets it, only corrections change it."""
    if Demand.RESULT in step.demands:
        result: Mapping[str, Any] = data["result"]
        return result
    return _put_right("result", state.result, data) if _corrects(step) else state.result


def _corrects(step: Step) -> bool:
    return Demand.CORRECTION in step.demands


def _put_right(part: str, values: Mapping[str, Any], data: Mapping[str, Any]) -> Mapping[str, Any]:
    fields = {line["field"]: line["new"] for line in data["correction"]}
    right = {key: fields[f"{part}.{key}"] for key in values if f"{part}.{key}" in fields}
    return {**values, **right} if right else values


def _papers_of(event: CaseEvent) -> dict[str, tuple[PaperRef, ...]]:
    papers = event.body["data"].get("papers")
    if not papers:
        return {}
    return {event.id: tuple(PaperRef(p["key"], p["name"], event.blobs[p["blob"]]) for p in papers)}


def _with_reports(state: CaseState, reports: Mapping[str, ReportState]) -> CaseState:
    return replace(state, reports={**state.reports, **reports}) if reports else state
