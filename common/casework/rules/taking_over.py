"""When and how the top takes a case over from the node that holds it, and what becomes of the case then.

Pure. A take-over beats every other move that follows the same event: `case.py` sees to that. Without a cause
there is none, neither at the door nor in an event that arrives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from common.casework.errors import NotYourStep, ReasonMissing, TakeOverRefused, WrongApex, WrongOutcome
from common.casework.rules.applied import flow_of
from common.casework.rules.clocks.receipts import NOTICE_DAYS
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.facts import Facts
from common.casework.rules.flow import (
    BEFORE_ACCEPTANCE,
    ENDED,
    FLOW_VERSION,
    Cause,
    Party,
    Role,
    State,
    take_over_rule,
)
from common.casework.rules.left_to_do import left_to_do
from common.casework.rules.shape import check_taken_over
from common.casework.rules.words import read_cause, read_role
from common.days import local_day
from common.people.rules.departments import CENTRES

# Days without a word after which a node counts as silent: a line that is down for a weekend is mended, and
# nobody's case is taken away for it.
SILENT_DAYS = 7
# Where more than half of the nodes, and so many at least, fall silent at once, rather this clock is wrong.
MASS_LEAST = 3
FORMER = "former"
_JUDGING = (Party.CHECKER, Party.ACCEPTOR, Party.COMPETENT)
_NOBODY_THERE = (Cause.SILENT, Cause.RELIEVED, Cause.UNSERVED)
# The table since which a take-over opens nothing again that a checker had answered.
_STAYS_ANSWERED = 10
# What the roster says needs no date.
BY_THE_ROSTER = (Cause.RELIEVED, Cause.UNSERVED)


@dataclass(frozen=True, slots=True)
class Known:
    """What the top knows beside the case, on the local date `today`.

    `deemed_since` is the day from which the law takes the case as accepted, None when it does not; `heard_on`
    the day of the last word from its holder, None when there never was one.
    """

    today: date
    deemed_since: date | None = None
    heard_on: date | None = None
    is_relieved: bool = False


def causes_of(state: CaseState, known: Known) -> dict[Cause, str]:
    """Return for which causes the top may take a case over now, each with its day (YYYY-MM-DD or "").

    None: it holds the case itself, the case has ended and nothing is left to do, or its holder is at
    work and still has time. A node never heard of is not silent: it is being set up, or has to be relieved.
    """
    found: dict[Cause, str] = {}
    if state.holder == state.apex or _is_over(state):
        return found
    if known.deemed_since is not None and _is_of(Cause.DEEMED, state):
        found[Cause.DEEMED] = known.deemed_since.isoformat()
    for cause in BY_THE_ROSTER:
        if known.is_relieved and _is_of(cause, state):
            found[cause] = ""
    silent = known.heard_on is not None and (known.today - known.heard_on).days >= SILENT_DAYS
    if silent and known.heard_on is not None and _is_of(Cause.SILENT, state):
        found[Cause.SILENT] = known.heard_on.isoformat()
    return found


def is_mass_silence(heard_on: Iterable[date], today: date) -> bool:
    """Say whether so many nodes look silent today that the date here has to be looked at first.

    Args:
        heard_on: the day of the last word from each node that was ever heard.
    """
    days = [(today - heard).days for heard in heard_on]
    silent = sum(day >= SILENT_DAYS for day in days)
    return silent >= MASS_LEAST and silent * 2 > len(days)


def is_confirmed(confirmed_on: date | None, today: date) -> bool:
    """Say whether a person's word that the date is right still holds: a week, and for no day before it."""
    return confirmed_on is not None and 0 <= (today - confirmed_on).days < SILENT_DAYS


def _is_of(cause: Cause, state: CaseState) -> bool:
    rule = take_over_rule(cause)
    return state.state in rule.states and state.holding in rule.parts


def _is_over(state: CaseState, flow: int = FLOW_VERSION) -> bool:
    return state.state in ENDED and not left_to_do(state, flow)


def check_takeable(state: CaseState, flow: int = FLOW_VERSION) -> None:
    """Check that a case is one that anybody could take over at all.

    Args:
        flow: the table under which it would be, or was, taken over.

    Raises:
        TakeOverRefused: it has ended and nothing is left to do, or the top holds it.
    """
    if _is_over(state, flow):
        raise TakeOverRefused("本件已经办结，不能接管。")
    if state.holder == state.apex:
        raise TakeOverRefused("本件已由县级办理，不用接管。")


def cause_to_name(causes: Mapping[Cause, str]) -> Cause:
    """Return the cause that is signed where there are several: that the node is gone before that it is late.

    Raises:
        TakeOverRefused: there is none.
    """
    for cause in (*BY_THE_ROSTER, Cause.SILENT, Cause.DEEMED):
        if cause in causes:
            return cause
    raise TakeOverRefused()


def answering_department(wanted: str, staffed: Mapping[str, Iterable[str]]) -> str:
    """Return which department of the top is in charge of a case that it takes over.

    The one that was, if the top has it; else the hall's window, if whoever examines and decides is there,
    too; else none: then everybody in the right post may act, and a transfer finds the department.

    Args:
        staffed: the departments of the top's staff → their posts.
    """
    if not wanted or wanted in staffed:
        return wanted
    for hall in CENTRES:
        if {Role.CLERK, Role.REVIEWER, Role.APPROVER} <= {str(post) for post in staffed.get(hall, ())}:
            return hall
    return ""


def taken_over(state: CaseState, event: CaseEvent) -> CaseState:
    """Return the case after a take-over that continues it.

    The node it is taken from stays among the parties and hears of all that follows, but judges nothing more.

    Raises:
        BadShape, UnknownWord: the body cannot be read.
        WrongApex: its author is not the case's apex.
        WrongOutcome: it gives the case to somebody else.
        ReasonMissing: it says in no words why.
        NotYourStep: this post does not take cases over.
        TakeOverRefused: its cause does not hold for the case as it stands.
    """
    body = event.body
    check_taken_over(body, len(event.blobs))
    if event.author != state.apex:
        raise WrongApex(author=event.author)
    if body["holder"] != state.apex:
        raise WrongOutcome(holder=body["holder"])
    data = body["data"]
    cause, role = read_cause(data["cause"]), read_role(data["actor"]["role"])
    check_takeable(state, flow_of(event))
    _check_cause(state, cause, data)
    if role not in take_over_rule(cause).roles:
        raise NotYourStep(state.state, "taken_over", role)
    parties = _parties_after(state)
    holding, becomes = _held_as(state, cause, parties, flow_of(event))
    return replace(
        state,
        state=becomes,
        holder=state.apex,
        holding=holding,
        held_since=state.held_since if holding is state.holding else event.id,
        parties=parties,
        facts=_facts_after(state, event, cause),
        chain=(*state.chain, event.id),
        changed_at=data["at"],
    )


def _check_cause(state: CaseState, cause: Cause, data: Mapping[str, Any]) -> None:
    """What working days are, and what the top has heard, only the top knows: of that it gives its word."""
    if not data.get("note", "").strip():
        raise ReasonMissing()
    days = {Cause.DEEMED: NOTICE_DAYS + 1, Cause.SILENT: SILENT_DAYS}.get(cause, 0)
    since = data.get("since", "")
    if not _is_of(cause, state) or (days and not since):
        raise TakeOverRefused()
    if days and (date.fromisoformat(local_day(data["at"])) - date.fromisoformat(since)).days < days:
        raise TakeOverRefused()


def _parties_after(state: CaseState) -> Mapping[str, str]:
    """Return the parties with the top in every part in which the former holder judged; nobody is left out."""
    judging = {part.value for part in _JUDGING}
    parties = {
        part: state.apex if part in judging and address == state.holder else address
        for part, address in state.parties.items()
    }
    if state.holder in parties.values():
        return parties
    number = sum(part.startswith(FORMER) for part in parties) + 1
    return {**parties, f"{FORMER}_{number}": state.holder}


def _held_as(state: CaseState, cause: Cause, parties: Mapping[str, str], flow: int) -> tuple[Party, State]:
    """Return in which part the top holds the case, and where it stands.

    Where the top itself accepts, no check stands before it: its window asks for what is missing in due form.
    What a checker has answered stays answered, and is to be handed over.
    """
    part = take_over_rule(cause).held_as
    if part is not None:
        return part, state.state
    is_open = state.state in BEFORE_ACCEPTANCE or flow < _STAYS_ANSWERED
    if is_open and state.holding is Party.CHECKER and parties[Party.ACCEPTOR] == state.apex:
        return Party.ACCEPTOR, State.RECEIVED
    return state.holding, state.state


def _facts_after(state: CaseState, event: CaseEvent, cause: Cause) -> Facts:
    facts, data = state.facts, event.body["data"]
    facts = replace(
        facts,
        taken_over=(*facts.taken_over, event.id),
        department=data.get("department", ""),
        former=(*facts.former, state.holder),
    )
    if cause not in _NOBODY_THERE:
        return facts
    # Nothing is fetched, and nobody is told, where nobody is.
    place = facts.collect_at or state.parties[Party.HAND_OVER]
    at = state.apex if place == state.holder else facts.collect_at
    return replace(facts, gone=(*facts.gone, state.holder), collect_at=at)
