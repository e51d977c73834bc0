"""Judges one step of a case against its row: what it must carry, whom it answers, who holds the case then.

Pure. The same functions refuse a clerk at the door and an event that came from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from common.casework.errors import (
    AnswerMissing,
    AnswerNotOpen,
    BadShape,
    DueMissing,
    LackingMissing,
    NotInstant,
    PartyChanged,
    ReasonMissing,
    ResultMissing,
    SamePerson,
    WrongRoute,
)
from common.casework.rules.event import CaseState, ReportState
from common.casework.rules.flow import ENDED, Action, Demand, Party, Report, Role, Step
from common.catalogue.rules.item import Route
from sync.protocol.address import is_address, level

_TOWNSHIP = 4
_ONE_PLACE = (Party.ORIGIN, Party.ACCEPTOR, Party.COMPETENT)


def answered_by(state: CaseState, step: Step) -> tuple[str, ...]:
    """Return the open reports that a move by this row answers, oldest first."""
    return tuple(report.id for report in state.open_reports if may_answer(step, report.what))


def may_answer(step: Step, what: Report) -> bool:
    """Say whether a move by this row answers a report of this kind.

    An end answers whatever is still open. Papers brought and reminders are answered by the next step of a
    person; papers pass on unanswered with a case that is only forwarded. Withdrawal and hand-over are
    answered by the rows made for them.
    """
    if step.answers is what:
        return True
    if step.next_state in ENDED and step.state not in ENDED:
        return True
    if step.action is Action.NOTE:
        return what is not Report.WITHDRAW
    if step.role is Role.NODE:
        return False
    if what is Report.PAPERS_BROUGHT:
        return step.action is not Action.FORWARD
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


def check_route(route: Route, parties: Mapping[str, str], apex: str) -> None:
    """Check that nobody has taken a part in a new case that its item gives to another level.

    Which township a case belongs to depends on the roster as its author knew it, and where none is in service
    a node above stands in; so any township or node above one passes for it. `parties` and `apex` have passed
    `shape.check_filed`.

    Raises:
        WrongRoute: a part is missing, too many, or held too low.
    """
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


def check_demands(state: CaseState, step: Step, data: Mapping[str, Any]) -> None:
    """Check what the row demands beside its columns; `data` has passed `shape.check_moved`.

    Raises:
        ReasonMissing, LackingMissing, DueMissing, ResultMissing, SamePerson, NotInstant: as the name says.
    """
    for demand in step.demands:
        if demand is Demand.REASON and not data.get("note", "").strip():
            raise ReasonMissing()
        if demand is Demand.LACKING and not data.get("lacking"):
            raise LackingMissing()
        if demand is Demand.DUE and "due" not in data:
            raise DueMissing()
        if demand is Demand.RESULT and not str(data.get("result", {}).get("name", "")).strip():
            raise ResultMissing()
        if demand is Demand.ANOTHER_PERSON and _is_same_person(state.reviewer, person(data["actor"])):
            raise SamePerson()
        if demand is Demand.ONE_PLACE and len({state.parties[p] for p in _ONE_PLACE}) > 1:
            raise NotInstant()


def person(actor: Mapping[str, str]) -> tuple[str, str]:
    """Return who acted, for comparing: login and name."""
    return actor.get("login", ""), actor["name"]


def _is_same_person(one: tuple[str, str], other: tuple[str, str]) -> bool:
    # One login is one person; one name under two logins is taken for one person with two accounts.
    return (one[0] != "" and one[0] == other[0]) or one[1] == other[1]


def after_answers(state: CaseState, step: Step, answers: Sequence[str], by: str) -> Mapping[str, ReportState]:
    """Return the reports of the case after the move `by` (act id) has answered some.

    Raises:
        AnswerMissing: the row exists to answer a report, and none of that kind is answered.
        AnswerNotOpen: a report is unknown, answered before, or not for this row to answer.
    """
    if step.answers is not None or step.action is Action.NOTE:
        kinds = {state.reports[act].what for act in answers if act in state.reports}
        if not kinds or (step.answers is not None and step.answers not in kinds):
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
