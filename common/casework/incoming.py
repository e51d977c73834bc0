"""One bulk of arriving case events: read, judged one after the other in memory, written together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from common.casework import ledger, records
from common.casework.context import CaseContext
from common.casework.duties import is_owing
from common.casework.errors import (
    BadShape,
    CaseNotFound,
    DepartmentUnknown,
    ItemNotAvailable,
    NotInOrder,
    NotInstant,
    UnknownWord,
)
from common.casework.filling import is_department
from common.casework.lacking import check_settled
from common.casework.ledger import OpenCase
from common.casework.records import EventRow, PaperRow
from common.casework.rules.applied import flow_of
from common.casework.rules.case import advance, begin, fold, read_struck
from common.casework.rules.duties import line_of, uncovered
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.flow import FLOW_VERSION, SINCE, Demand
from common.casework.rules.judge import check_route
from common.casework.rules.shape import FILED, KINDS, MOVED, REPORTED, STRUCK, check_moved, check_taken_over
from common.casework.rules.words import Action
from common.casework.senders import awaited_by
from common.catalogue.rules.item import ServiceItem
from common.catalogue.service import KIND as ITEM
from common.catalogue.service import WOKEN as CATALOGUE_KEY
from common.errors import LiandongError
from sync.protocol import canonical
from sync.protocol.acts.deliver import Applied, Parked
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import Act

_ACT_ID = re.compile(r"[0-9a-f]{32}")
_DOC_HASH = re.compile(r"[0-9a-f]{64}")
_PERSON, _VERSION = "person", "version"
# The table since which what is settled on the spot accounts for papers that are missing.
_SINCE_COMPLETE = 3


class _Put(Exception):
    """Inside this module only: the event cannot be applied now; carries why and what it waits for."""

    def __init__(self, code: str, waits_for: str) -> None:
        super().__init__(code)
        self.parked = Parked(code, waits_for)


@dataclass(slots=True)
class _Rows:
    """What is to be written at the end."""

    events: list[EventRow] = field(default_factory=list)
    papers: list[PaperRow] = field(default_factory=list)
    struck: set[tuple[str, str]] = field(default_factory=set)


class Batch:
    """The events of one call: `take` each in order, then `write`; `result` says what became of them."""

    def __init__(self, ctx: CaseContext, acts: Sequence[Act], now_ms: int) -> None:
        self.ctx = ctx
        self._now_ms = now_ms
        self.result = Applied()
        self._tree = ctx.tree()
        self._rows = _Rows()
        self._fresh: set[str] = set()
        self._changed: set[str] = set()
        self._owing: set[str] = set()
        self._reach: dict[tuple[str, ...], bool] = {}
        self._items: dict[tuple[str, int, str], ServiceItem | None] = {}
        self._events = {act.id: _read(act) for act in acts}
        events = [event for event in self._events.values() if isinstance(event, CaseEvent)]
        self._here = records.known_cases(event.body["case"] for event in events)
        moving = {event.body["case"] for event in events if event.kind != FILED} & self._here
        rows = records.events_of_many(moving)
        self._cases: dict[str, OpenCase] = {case: ledger.opened(rows[case]) for case in rows}

    def take(self, act: Act) -> None:
        """Judge one act after those taken before; keep it for `write`, or park it in `result`."""
        event = self._events[act.id]
        try:
            if isinstance(event, Parked):
                raise _Put(event.reason, event.waits_for)
            self._judge(event, act)
        except _Put as put:
            self.result.parked[act.id] = put.parked
        except UnknownWord as fault:
            self.result.parked[act.id] = Parked(fault.code, _VERSION)
        except LiandongError as fault:
            self.result.parked[act.id] = Parked(fault.code, _waits_after(event))

    def _judge(self, event: CaseEvent, act: Act) -> None:
        name = event.body["case"]
        case = self._case(name)
        if case is not None and case.knows(event.id):
            return
        if event.kind == FILED:
            case = self._filed(event, case)
            self.result.woke.add(f"case:{name}")
        elif case is None:
            raise _Put(CaseNotFound.code, _awaited(event))
        elif event.kind == MOVED:
            self._moved(event, case)
        elif event.kind == REPORTED:
            if (waits := awaited_by(self.ctx, case, event)) is not None:
                raise _Put(*waits)
            case.state = advance(case.state, event)
        elif event.kind == STRUCK:
            self._rows.struck |= {(act, name) for act in read_struck(event, case.state.apex)}
            _go_on(case, event)
        else:
            self._taken_over(event, case)
        self._keep(event, act, case)

    def _case(self, name: str) -> OpenCase | None:
        case = self._cases.get(name)
        if case is None and name in self._here:
            # A second filing under a number that is here already.
            case = self._cases[name] = ledger.load(name)
        return case

    def _filed(self, event: CaseEvent, case: OpenCase | None) -> OpenCase:
        begun = begin(event, apex=self._tree.top)
        self._check_route(begun, event)
        if case is not None:
            _go_on(case, event)
            return case
        name = event.body["case"]
        case = OpenCase(begun, [], {})
        self._cases[name] = case
        self._fresh.add(name)
        return case

    def _check_route(self, begun: CaseState, event: CaseEvent) -> None:
        item = self._item(begun)
        if item is not None:
            check_route(item, begun)
        elif begun.apex == self.ctx.me:
            # The top has every version it ever published. A node below may have joined after this one; for it
            # the top judges.
            raise _Put(ItemNotAvailable.code, _doc_key(event))

    def _item(self, state: CaseState) -> ServiceItem | None:
        key = (state.item, state.item_version, state.item_doc)
        if key not in self._items:
            self._items[key] = self.ctx.catalogue.version(*key)
        return self._items[key]

    def _moved(self, event: CaseEvent, case: OpenCase) -> None:
        check_moved(event.body, len(event.blobs))
        self._check_by_catalogue(event, case)
        _check_needed(case, event.body["follows"], *event.body["answers"])
        _go_on(case, event)
        if event.body.get("parties_added"):
            self.result.woke.add(f"case:{event.body['case']}")
            self._owing.add(event.body["case"])

    def _check_by_catalogue(self, event: CaseEvent, case: OpenCase) -> None:
        """Check what only the items tell; where they are not here yet, the others judge, or it waits."""
        action, data, flow = event.body["action"], event.body["data"], flow_of(event)
        item = self._item(case.state) if action == Action.SETTLE else None
        if item is not None:
            if not item.is_instant:
                raise NotInstant(item=item.code)
            if flow >= _SINCE_COMPLETE:
                check_settled(case, item, data)
        named = data.get("department", "") if action == Action.TRANSFER else ""
        if named and flow >= SINCE[Demand.UNASKED] and not is_department(self.ctx, named):
            # Where the catalogue is behind, the item that names it is still on its way.
            raise _Put(DepartmentUnknown.code, CATALOGUE_KEY)

    def _taken_over(self, event: CaseEvent, case: OpenCase) -> None:
        check_taken_over(event.body, len(event.blobs))
        _check_needed(case, event.body["follows"])
        _go_on(case, event)

    def _keep(self, event: CaseEvent, act: Act, case: OpenCase) -> None:
        case.events.append(event)
        case.here[event.id] = self._now_ms
        row = ledger.event_row(event, len(case.events), act.content.decode(), act.blobs, self._now_ms)
        self._rows.events.append(row._replace(struck=1) if event.id in case.state.struck else row)
        if act.blobs:
            self._rows.papers.extend(ledger.paper_rows(event, act.blobs))
        self._changed.add(case.state.case)
        if case.state.apex == self.ctx.me and not self._reaches_all(event, case):
            self._owing.add(case.state.case)

    def _reaches_all(self, event: CaseEvent, case: OpenCase) -> bool:
        to, parties = event.body["to"], case.state.parties.values()
        key = (event.author, *to, "", *parties)
        known = self._reach.get(key)
        if known is None:
            known = self._reach[key] = not uncovered(self._tree, event.author, to, parties)
        return known

    def write(self) -> None:
        """Write what was kept, in the open unit.

        Raises:
            records.IntegrityError: a row is already there; the caller undoes the whole bulk.
        """
        calendar = self.ctx.calendar()
        records.add_files([ledger.row_of(self._cases[name], calendar) for name in sorted(self._fresh)])
        older = sorted(self._changed - self._fresh)
        records.update_files([ledger.row_of(self._cases[name], calendar) for name in older])
        for name in sorted(self._changed):
            ledger.write_asked(self._cases[name].state)
        records.add_events(self._rows.events)
        records.add_papers(self._rows.papers)
        records.strike(self._rows.struck)

    def owing(self) -> set[str]:
        """Return the cases of this call to which the node now owes something."""
        me = self.ctx.me
        owed = {name for name in self._changed if is_owing(self.ctx, self._cases[name])}
        mine = {name for name in self._owing | self._changed if self._cases[name].state.apex == me}
        return owed | (mine & (self._owing | self._lost(mine)))

    def _lost(self, names: set[str]) -> set[str]:
        """Return those of these cases that a node which came back with an empty disk may lack."""
        # All acts of a case are asked about only where such a node stands on one of its lines.
        anew = set(self.ctx.sync.lost_by(()))
        near = {name for name in names if anew & line_of(self._cases[name].state, self._tree)} if anew else ()
        found = self.ctx.sync.lost_by(event.id for name in near for event in self._cases[name].events)
        lost: set[str] = set().union(*found.values())
        return {name for name in near if any(event.id in lost for event in self._cases[name].events)}


def _awaited(event: CaseEvent) -> str:
    """Return what the event of a case waits for that is not here.

    A step waits for the one it follows, which is asked for by its id: the case may be so old that its first
    acts were deleted by rule where this node gets its frames from, and others still have them.
    """
    before = event.body.get("follows", "")
    is_step = type(before) is str and _ACT_ID.fullmatch(before)
    return f"act:{before}" if is_step else f"case:{event.body['case']}"


def _check_needed(case: OpenCase, *acts: str) -> None:
    for needed in acts:
        if not _ACT_ID.fullmatch(needed):
            raise BadShape(part="follows")
        if not case.knows(needed):
            raise _Put(NotInOrder.code, f"act:{needed}")


def _doc_key(filed: CaseEvent) -> str:
    """Return what a case waits for whose item is not here: the signed document it names, else its version."""
    named = filed.body.get("item_doc", "")
    if _DOC_HASH.fullmatch(named):
        return f"doc:{named}"
    return f"doc:{ITEM}/{filed.body['item']}/{filed.body['item_version']}"


def _read(act: Act) -> CaseEvent | Parked:
    if act.kind not in KINDS:
        return Parked(UnknownWord.code, _VERSION)
    try:
        body = canonical.loads(act.content)
    except NotCanonical:
        return Parked(BadShape.code, _PERSON)
    if type(body) is not dict or type(body.get("case")) is not str:
        return Parked(BadShape.code, _PERSON)
    return CaseEvent(act.id, act.kind, act.author, body, tuple([blob.hash for blob in act.blobs]))


def _go_on(case: OpenCase, event: CaseEvent) -> None:
    """Bring the case up to date with an event; one that does not count raises, and the case is as before.

    Raises:
        LiandongError: the event breaks a rule where it continues the case.
        _Put: so says the fold of all events.
    """
    try:
        case.state = advance(case.state, event)
    except NotInOrder:
        state = fold((*case.events, event), apex=case.state.apex)
        if event.id in state.invalid:
            raise _Put(state.invalid[event.id], _waits_after(event)) from None
        case.state = state


def _waits_after(event: CaseEvent | Parked) -> str:
    # An author with a newer table may do what this one does not know; after the upgrade it is judged again.
    flow = event.body.get("flow", 1) if isinstance(event, CaseEvent) else 1
    return _VERSION if type(flow) is int and flow > FLOW_VERSION else _PERSON
