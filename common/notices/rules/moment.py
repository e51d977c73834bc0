"""The moment a notice speaks of: the case as its act left it, whatever has happened since.

Pure. What a node has received beside the line of steps up to the act (open reports, later steps, strikes)
does not enter: so the notice is the same at every node, and the same when it is printed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.casework.rules.case import fold, read_reported
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.shape import FILED, MOVED, REPORTED, TAKEN_OVER
from common.casework.rules.words import Party
from common.errors import LiandongError
from common.notices.errors import NoSuchNotice


@dataclass(frozen=True, slots=True)
class Moment:
    """One act and what it rests on.

    `path` is the steps from the filing up to the act (for a report: up to the last step its sender knew),
    `answered` the reports that these steps answered, in their order, `state` the case they make. `by` is the
    part in which the author acted. Where the top took the case over before, `former` is the case as it was
    then and `over` the act by which it did; a case may be taken over more than once: the last counts.
    `still_open` is what the same site had reported before this report and no step has answered up to here.
    """

    event: CaseEvent
    path: tuple[CaseEvent, ...]
    answered: tuple[CaseEvent, ...]
    state: CaseState
    by: Party
    former: CaseState | None = None
    over: CaseEvent | None = None
    still_open: tuple[CaseEvent, ...] = ()

    @property
    def word(self) -> str:
        """The signed action or report."""
        return word_of(self.event)

    @property
    def data(self) -> Mapping[str, Any]:
        """The signed data of the act."""
        found: Mapping[str, Any] = self.event.body["data"]
        return found

    @property
    def filing(self) -> Mapping[str, Any]:
        """The signed data of the filing."""
        found: Mapping[str, Any] = self.path[0].body["data"]
        return found

    @property
    def earlier(self) -> tuple[CaseEvent, ...]:
        """The steps before the act."""
        return self.path[:-1] if self.event is self.path[-1] else self.path


def word_of(event: CaseEvent) -> str:
    """Return the signed action or report of an event, "" for one of another kind."""
    return str(event.body.get("action") or event.body.get("report") or "")


def moment_of(events: Iterable[CaseEvent], act: str) -> Moment:
    """Return the moment of an act, given all that this node has of its case.

    Raises:
        NoSuchNotice: the act, or a step before it, is not here or breaks a rule.
    """
    known = {event.id: event for event in events}
    event = known.get(act)
    if event is None or event.kind not in (FILED, MOVED, REPORTED):
        raise NoSuchNotice
    path = _path_to(known, str(event.body["data"].get("seen", "")) if event.kind == REPORTED else act)
    answered = [known[one] for step in path for one in step.body.get("answers", ()) if one in known]
    own = [event] if event.kind == REPORTED else []
    state = _folded(path, [*answered, *own])
    if state.last != path[-1].id or (own and act not in state.reports):
        raise NoSuchNotice
    by = _folded(path[:-1], answered).holding if event.kind == MOVED else Party.ORIGIN
    over = next((step for step in reversed(path) if step.kind == TAKEN_OVER), None)
    former = _folded(path[: path.index(over)], answered) if over is not None else None
    before = _still_open(known.values(), event, path, answered) if own else ()
    return Moment(event, tuple(path), tuple(answered), state, by, former, over, before)


def _still_open(
    events: Iterable[CaseEvent], own: CaseEvent, path: list[CaseEvent], answered: list[CaseEvent]
) -> tuple[CaseEvent, ...]:
    """Return the readable reports a site made before one of its own, unanswered then.

    They came by the same stream as the report itself, before it: whoever has it has them.
    """
    known, done = {step.id for step in path}, {one.id for one in answered}
    found = [
        one
        for one in events
        if one.kind == REPORTED and one.author == own.author and one.id not in done and _is_readable(one)
    ]
    return tuple(
        one for one in found if one.body["data"].get("seen", "") in known and _when(one) < _when(own)
    )


def _is_readable(report: CaseEvent) -> bool:
    try:
        read_reported(report)
    except LiandongError:
        return False
    return True


def _when(report: CaseEvent) -> tuple[int, str]:
    return report.body["data"]["at"], report.id


def _path_to(known: Mapping[str, CaseEvent], act: str) -> list[CaseEvent]:
    path: list[CaseEvent] = []
    while act:
        event = known.get(act)
        if event is None or event.kind not in (FILED, MOVED, TAKEN_OVER) or event in path:
            raise NoSuchNotice
        path.append(event)
        act = str(event.body.get("follows", ""))
    if not path or path[-1].kind != FILED:
        raise NoSuchNotice
    return path[::-1]


def _folded(path: list[CaseEvent], reports: list[CaseEvent]) -> CaseState:
    try:
        return fold([*path, *reports], apex=str(path[0].body["apex"]))
    except LiandongError as fault:
        raise NoSuchNotice from fault
