"""Between rules and tables: reads a case as the fold of its rows, and writes what an event has made of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.casework import records
from common.casework.errors import CaseNotFound
from common.casework.records import EventRow, FileRow, PaperRow
from common.casework.rules.case import fold
from common.casework.rules.clocks.steps import begun_by, changed_at
from common.casework.rules.deadlines import Calendar
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.shape import FILED, STRUCK
from common.casework.rules.timed import alarm_on, due_now
from common.casework.rules.waiting import department_of, opinions_due, waits_for
from common.casework.rules.words import State
from common.days import local_date
from common.errors import LiandongError
from sync.protocol.frame import BlobRef

# Of what lists show of a case. Another one makes a node write the rows of all its cases anew at its next
# start, so it changes whenever `file_row` says something else of a case than before.
VERSION = "9"
# What a fold may meet in rows that somebody wrote past the program.
ODD = (LiandongError, LookupError, StopIteration, TypeError, ValueError, AttributeError)
_DAY_MS = 86_400_000
_ANY_TIME = 2**62
log = logging.getLogger(__name__)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


@dataclass(slots=True)
class OpenCase:
    """A case being worked on: its events in this node's order and the case they make.

    `here` says when each act came to this node, UTC milliseconds by its own clock (act → time).
    """

    state: CaseState
    events: list[CaseEvent]
    here: dict[str, int]

    def knows(self, act: str) -> bool:
        """Say whether an act is among the events."""
        return any(event.id == act for event in self.events)

    def filing(self) -> CaseEvent:
        """Return the filing that stands."""
        return next(event for event in self.events if event.id == self.state.chain[0])

    def arrived_at(self, now_ms: int = _ANY_TIME) -> int:
        """Return when the case came to this node in the part in which it is held now, UTC milliseconds.

        It is this node's own word. Only where it says that the case was here more than a day before it was
        sent, one of two clocks was wrong; then the later word holds, lest five days count as past at once.
        But what was sent on a day that has not come was sent by a clock that is ahead of this one: of the
        days since, this one alone can tell.

        Args:
            now_ms: the present time here; without it the later word holds in any case.
        """
        here = self.here.get(self.state.held_since)
        if not here:
            return self.state.changed_at
        sent = next(e.body["data"]["at"] for e in self.events if e.id == self.state.held_since)
        return int(sent) if here + _DAY_MS < sent <= now_ms else here

    def step_at(self) -> int:
        """Return when the step began in which the case stands, as this node knows it, UTC milliseconds.

        What brought it about counts from when it was here; whoever took the case over since has not had it
        before.
        """
        begun = begun_by(self.state, self.events).id
        since = self.arrived_at() if begun == self.state.held_since else self.here[begun]
        return max(since, *(self.here.get(act, 0) for act in self.state.facts.taken_over[-1:]), 0)

    def counted_from(self, now_ms: int = _ANY_TIME) -> int:
        """Return from when the days count for which nothing is signed, UTC milliseconds; see `alarm_on`.

        Args:
            now_ms: as in `arrived_at`.
        """
        return self.step_at() if self.state.state is State.SUPPLEMENTED else self.arrived_at(now_ms)


def load(case: str) -> OpenCase:
    """Return a case of this node.

    Raises:
        CaseNotFound: it is not here.
    """
    rows = records.events_of(case)
    if not rows:
        raise CaseNotFound(case=case)
    return opened(rows)


def opened(rows: Iterable[EventRow]) -> OpenCase:
    """Return the case that stored rows, at least a filing among them, make."""
    kept = list(rows)
    events = [records.as_event(row) for row in kept]
    return OpenCase(fold(events, apex=apex_of(events)), events, {row.act: row.here_at for row in kept})


def apex_of(events: Iterable[CaseEvent]) -> str:
    """Return the top that the case names for itself; it was compared with the roster when the case came."""
    return next(str(event.body["apex"]) for event in events if event.kind == FILED)


def refold(case: OpenCase) -> None:
    """Make the state anew from all events."""
    case.state = fold(case.events, apex=case.state.apex)


def file_row(state: CaseState, since_ms: int, calendar: Calendar) -> FileRow:
    """Return what lists show of a case.

    Args:
        since_ms: see `OpenCase.counted_from`.
    """
    needs, waits_at = waits_for(state)
    return FileRow(
        state.case,
        state.item,
        state.item_name,
        state.item_version,
        state.state.value,
        state.holder,
        waits_at,
        needs.value,
        state.parties["origin"],
        state.place,
        state.applicant["name"],
        state.applicant["id_number"],
        state.filed_at,
        state.changed_at,
        due_now(state),
        state.apex,
        state.chain[0],
        state.last,
        department_of(state, needs),
        int(bool(state.facts.green)),
        alarm_on(state, local_date(since_ms), calendar),
    )


def row_of(case: OpenCase, calendar: Calendar) -> FileRow:
    """Return what lists show of a case that is open here.

    The same at any time: so the time at which the newest of it came stands for the present one, and a case
    about which clocks disagree is looked at too early rather than never.
    """
    row = file_row(case.state, case.counted_from(max(case.here.values(), default=0)), calendar)
    return row._replace(updated_at=changed_at(case.state, case.events))


def write_case(case: OpenCase, calendar: Calendar) -> None:
    """Bring what lists show of an open case up to date, in the open unit."""
    records.update_files([row_of(case, calendar)])
    write_asked(case.state)


def write_some(after: str, limit: int, calendar: Calendar) -> str:
    """Write anew, in the open unit, what lists show of the next `limit` cases by number.

    A case whose acts no program of ours has written keeps its row.

    Returns:
        The last of them, "" when there are no more.
    """
    names = records.cases_after(after, limit)
    found = records.events_of_many(names)
    for name in names:
        try:
            write_case(opened(found.get(name, [])), calendar)
        except ODD:
            log.exception("what lists show of case %s cannot be worked out", name)
    return names[-1] if len(names) == limit else ""


def write_asked(state: CaseState) -> None:
    """Write which departments a joint case asks now; any other case asks none and costs nothing."""
    if state.facts.joint or state.facts.asked:
        records.set_asked(state.case, opinions_due(state))


def event_row(event: CaseEvent, pos: int, body: str, blobs: Sequence[BlobRef], here_at: int) -> EventRow:
    """Return the row of an applied act; `body` is its canonical text, `here_at` when it came (UTC ms)."""
    content = event.body
    data = content.get("data")
    at = data.get("at") if type(data) is dict else 0
    return EventRow(
        event.id,
        content["case"],
        pos,
        event.kind,
        event.author,
        content.get("follows", ""),
        at if type(at) is int else 0,
        body,
        records.write_blobs(blobs),
        0,
        here_at,
    )


def paper_rows(event: CaseEvent, blobs: Sequence[BlobRef]) -> list[PaperRow]:
    """Return a row for each paper an act brings; only filings, moves and reports bring any."""
    case = event.body["case"]
    found: list[PaperRow] = []
    if event.kind == STRUCK:
        return found
    for paper in event.body.get("data", {}).get("papers", ()):
        blob = blobs[paper["blob"]]
        pages = paper.get("pages", 1)
        found.append(
            PaperRow(
                case,
                event.id,
                paper["key"],
                blob.hash,
                paper["name"],
                blob.size,
                blob.type,
                pages if type(pages) is int else 1,
            )
        )
    return found


def note_event(case: OpenCase, event: CaseEvent, blobs: Sequence[BlobRef], now_ms: int) -> None:
    """Write one own event into the open unit, without what it makes of the case."""
    case.events.append(event)
    case.here[event.id] = now_ms
    records.add_events([event_row(event, len(case.events), text_of(event.body), blobs, now_ms)])
    records.add_papers(paper_rows(event, blobs))


def add_event(
    case: OpenCase, event: CaseEvent, blobs: Sequence[BlobRef], now_ms: int, calendar: Calendar
) -> None:
    """Write one own event of a case that `case.state` already includes, in the open unit."""
    note_event(case, event, blobs, now_ms)
    write_case(case, calendar)


def text_of(body: Mapping[str, Any]) -> str:
    """Return the canonical text of a body that was announced: the outbox has checked what it may hold."""
    return _encode(body)
