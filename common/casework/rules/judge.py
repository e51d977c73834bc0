"""Judges one step of a case against its row: what it must carry, whom it answers, who holds the case then.

Pure. The same functions refuse a clerk at the door and an event that came from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from common.casework.errors import (
    AnswerMissing,
    AnswerNotOpen,
    BadShape,
    PartyChanged,
    WrongRoute,
)
from common.casework.rules.event import CaseState, ReportState
from common.casework.rules.table import ENDED, RECORDED, Step
from common.casework.rules.words import Action, Party, Report, Role
from common.catalogue.rules.item import ServiceItem
from sync.protocol.address import is_address, level

_TOWNSHIP = 4
# Steps of people with which papers that were brought pass on unanswered: the next one takes them.
_PASSES_ON = frozenset(
    {Action.FORWARD, Action.REVIEW, Action.RECONSIDER, Action.BEGIN_SPECIAL, Action.END_SPECIAL}
)


def answered_by(state: CaseState, step: Step) -> tuple[str, ...]:
    """Return the open reports that a move by this row answers, oldest first."""
    return tuple(report.id for report in state.open_reports if may_answer(step, report.what))


def may_answer(step: Step, what: Report) -> bool:
    """Say whether a move by this row answers a report of this kind.

    An end answers whatever is still open. Papers brought and reminders are answered by the next step of a
    person that takes the case further; papers pass on unanswered with a case that is only forwarded or
    reviewed. What the node writes down or notes by itself is one report at a time.
    """
    if what in step.answers:
        return True
    if step.next_state in ENDED and step.state not in ENDED:
        return True
    if step.action is Action.NOTE:
        return what is not Report.WITHDRAW
    if step.role is Role.NODE or what in RECORDED:
        return False
    if what is Report.PAPERS_BROUGHT:
        return step.next_state is not step.state and step.action not in _PASSES_ON
    return what is Report.REMIND


def grown(parties: Mapping[str, str], added: Mapping[str, str]) -> Mapping[str, str]:
    """Return the parties with those a step adds.

    Raises:
        PartyChanged: a part already taken would go to another node.
        BadShape: an address is not one.
    """
    if not added:
        return parties
    for part, address in added.items():
        if not is_address(address):
            raise BadShape(part=part)
        if parties.get(part, address) != address:
            raise PartyChanged(part=part)
    return {**parties, **added}


def check_route(item: ServiceItem, state: CaseState) -> None:
    """Check that nobody has taken a part in a new case that its item gives to another level or department.

    Which township a case belongs to depends on the roster as its author knew it, and where none is in service
    a node above stands in; so any township or node above one passes. `state` is the case at its filing.

    Raises:
        WrongRoute: a part is missing, too many, or held too low.
    """
    route, parties, apex = item.route, state.parties, state.apex
    wanted = {Party.CHECKER: route.checker, Party.ACCEPTOR: route.acceptor, Party.COMPETENT: route.competent}
    for party, where in wanted.items():
        address = parties.get(party, "")
        if not where or not address:
            fits = not where and not address
        elif where == "township":
            fits = level(address) <= _TOWNSHIP
        else:
            fits = address == (apex if where == "county" else parties[Party.ORIGIN])
        if not fits:
            raise WrongRoute(part=party)
    if state.facts.department not in ("", route.department):
        raise WrongRoute(part="department")
    if state.facts.window not in ("", route.window):
        raise WrongRoute(part="window")
    if not {part.department for part in item.joint}.issuperset(state.facts.joint):
        raise WrongRoute(part="joint")


def holder_after(step: Step, holding: Party, holder: str, parties: Mapping[str, str]) -> tuple[Party, str]:
    """Return in which part, and at which address, the case is held after a step.

    Raises:
        BadShape: the case has no such party.
    """
    party = step.holder_after
    if party is None:
        return holding, holder
    if party is Party.FIRST:
        party = Party.CHECKER if Party.CHECKER in parties else Party.ACCEPTOR
    if party not in parties:
        raise BadShape(part=party)
    return party, parties[party]


def after_answers(state: CaseState, step: Step, answers: Sequence[str], by: str) -> Mapping[str, ReportState]:
    """Return the reports of the case after the move `by` (act id) has answered some.

    Raises:
        AnswerMissing: the row exists to answer a report, and none of that kind is answered.
        AnswerNotOpen: a report is unknown, answered before, or not for this row to answer.
    """
    if step.answers or step.action is Action.NOTE:
        kinds = {state.reports[act].what for act in answers if act in state.reports}
        if not kinds or (step.answers and kinds.isdisjoint(step.answers)):
            raise AnswerMissing()
    if not answers:
        return state.reports
    reports = dict(state.reports)
    for act in answers:
        report = reports.get(act)
        if report is None or report.answered_by or not may_answer(step, report.what):
            raise AnswerNotOpen(report=act)
        reports[act] = replace(report, answered_by=by)
    return reports
