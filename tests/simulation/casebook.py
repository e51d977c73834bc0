"""The application of a simulated node: real casework rules over tables that go back with their unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from common.casework.errors import CaseNotFound, NotInOrder
from common.casework.rules.case import advance, begin, fold
from common.casework.rules.duties import Strike, briefs, duty_of, told_by_strike
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.flow import step_for
from common.casework.rules.judge import answered_by, holder_after
from common.casework.rules.shape import BRIEF, FILED, MOVED, REPORTED, STRUCK, TAKEN_OVER
from common.casework.rules.standing import changed, standing_of
from common.casework.rules.words import Action, Role
from common.casework.taking_back import resting_on
from common.errors import LiandongError
from sync.adapters.memory_undo import Undoing
from sync.protocol.acts.anew import lost_by, note_anew
from sync.protocol.acts.deliver import Applied, Parked
from sync.protocol.frame import Act, BlobRef
from sync.protocol.shelf import ShelfDoc
from tests.simulation.intended import read_event

if TYPE_CHECKING:
    from tests.simulation.site import Site

# Stands for whatever code casework gives an act that names a document this node has not seen.
NOT_HERE = "E000"
# And one with a word that this node's program does not know.
UNREAD = "E001"
NODE = {"department": "", "login": "", "name": "系统", "role": Role.NODE.value}


def document_of(body: dict[str, Any]) -> str:
    """Return the hash of the document a filing was made under, empty when it names none."""
    return str(body["data"]["form"].get("document", ""))


def _event_of(act: Act) -> CaseEvent:
    return read_event(act.id, act.kind, act.author, act.content, act.blobs)


class OpenCase(NamedTuple):
    """A case at one node: what it is and the events that made it, in this node's order."""

    state: CaseState
    events: tuple[CaseEvent, ...]


class CaseBook(Undoing):
    """All cases of one node. Written only inside the node's unit of work."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site
        self.cases: dict[str, OpenCase] = {}
        self.counters: dict[str, int] = {}
        self.standing: dict[str, str] = {}
        self.documents: dict[str, int] = {}
        self.shelf: dict[str, ShelfDoc] = {}
        self._acts: dict[str, set[str]] = {}
        # What would undo the unit that ended last.
        self.done: list[Any] = []

    def acts_of(self, case: str) -> set[str]:
        """Return the acts of a case that are in this book."""
        return self._acts.get(case, set())

    # --- the unit of work
    def begin(self) -> None:
        self._open = True

    def end(self) -> None:
        self.done, self._log = self._log, []
        self._open = False

    def take_back(self, done: list[Any]) -> None:
        """Undo a unit that had ended: the disk had only said that it was written."""
        for inverse, given in reversed(done):
            inverse(*given)

    def rollback(self) -> None:
        self._undo_to(0)
        self._open = False

    # --- what arrives
    def apply(self, acts: Sequence[Act]) -> Applied:
        """Apply acts in order, then do what this node owes the cases they touched."""
        result, touched = Applied(), {}
        for act in acts:
            event = _event_of(act)
            case = event.body["case"]
            if act.id in self._acts.get(case, ()):
                self.site.oracle.fail(2, self.site, f"act {act.id} is here and was given once more")
            try:
                parked = self._unread(event) or self._missing(event) or self._take(event)
            except LiandongError as fault:
                parked = Parked(fault.code, "person")
            if parked is not None:
                result.parked[act.id] = parked
            else:
                touched[case] = None
                result.woke.add(f"case:{case}")
        self.site.oracle.given(self.site, acts, result)
        for case in touched:
            self.do_duties(case)
        return result

    def retract(self, acts: Sequence[str]) -> dict[str, Parked]:
        """Take acts back, and what rests on them; each case stands as if they had never come."""
        left: dict[str, Parked] = {}
        for name in [case for case, known in self._acts.items() if not known.isdisjoint(acts)]:
            events = self.cases[name].events
            fallen = resting_on(events, set(acts))
            left |= {act: why for act, why in fallen.items() if act not in acts}
            rest = tuple(event for event in events if event.id not in fallen)
            self._set(self._acts, name, self._acts[name] - fallen.keys())
            if rest:
                self._set(self.cases, name, OpenCase(fold(rest, apex=self.cases[name].state.apex), rest))
            else:
                self._drop(self.cases, name)
        self.site.oracle.taken_back(self.site, [*acts, *left])
        return left

    def adopt(self, docs: Sequence[ShelfDoc]) -> set[str]:
        """Take documents into use: the highest version is in force, every one is known by its hash."""
        for doc in docs:
            if doc.version < self.documents.get(doc.slot, 0):
                self.site.county.faults.count("old_document_fetched")
            else:
                self._set(self.documents, doc.slot, doc.version)
            self._set(self.shelf, doc.statement.hash, doc)
        return {f"doc:{doc.statement.hash}" for doc in docs}

    def disown(self, docs: Sequence[ShelfDoc]) -> None:
        """Use documents no more."""
        for doc in docs:
            if doc.statement.hash in self.shelf:
                self._drop(self.shelf, doc.statement.hash)
            if self.documents.get(doc.slot) == doc.version:
                self._drop(self.documents, doc.slot)

    def _unread(self, event: CaseEvent) -> Parked | None:
        site, count = self.site, self.site.county.faults.count
        if event.kind in (MOVED, REPORTED) and site.unread.intersection(
            (event.body.get("action"), event.body.get("report"))
        ):
            site.kept_unread.add(event.id)
            count("kept_unread")
            return Parked(UNREAD, "version")
        if event.id in site.kept_unread:
            count("read_after_upgrade")
        return None

    def _missing(self, event: CaseEvent) -> Parked | None:
        body = event.body
        if event.kind == FILED:
            named = document_of(body)
            return Parked(NOT_HERE, f"doc:{named}") if named and named not in self.shelf else None
        known = self._acts.get(body["case"], ())
        if not known:
            is_step = event.kind in (MOVED, TAKEN_OVER) and body["follows"]
            return Parked(CaseNotFound.code, f"act:{body['follows']}" if is_step else f"case:{body['case']}")
        for act in (body["follows"], *body.get("answers", ())) if event.kind in (MOVED, TAKEN_OVER) else ():
            if act not in known:
                return Parked(NotInOrder.code, f"act:{act}")
        return None

    def _take(self, event: CaseEvent) -> None:
        case = event.body["case"]
        known = self.cases.get(case)
        if known is None:
            state, events = self._made_of(None, event), (event,)
        else:
            events = (*known.events, event)
            try:
                state = self._made_of(known.state, event)
            except NotInOrder:
                state = fold(events, apex=known.state.apex)
                if event.id in state.invalid:
                    raise
        self._keep(event.id, OpenCase(state, events))

    def _made_of(self, state: CaseState | None, event: CaseEvent) -> CaseState:
        # The rules are pure: where nodes stand at one state, one act makes the same of it at each.
        apex, known = self.site.tree.top, self.site.county.oracle.made_of
        key = (apex if state is None else id(state), event.id)
        if key not in known:
            known[key] = (state, begin(event, apex=apex) if state is None else advance(state, event))
        return known[key][1]

    def _keep(self, act: str, case: OpenCase) -> None:
        name = case.state.case
        self._set(self.cases, name, case)
        acts = self._acts.setdefault(name, set())
        acts.add(act)
        self._later(acts.discard, act)

    # --- what is done here
    def next_number(self) -> int:
        """Return the next value of the case counter."""
        number = self.counters.get("case", 0) + 1
        self._set(self.counters, "case", number)
        return number

    def announce(self, kind: str, body: dict[str, Any], refs: Sequence[BlobRef]) -> str:
        """Sign an own act, queue it, and take it into the book; return its id."""
        act = self.site.announce(kind, body, refs)
        event = CaseEvent(act, kind, self.site.address, body, tuple(ref.hash for ref in refs))
        if kind == BRIEF:
            known = self.cases[body["case"]]
            self._keep(act, OpenCase(known.state, (*known.events, event)))
        else:
            self._take(event)
        return act

    def move(self, case: str, action: Action, data: dict[str, Any], refs: Sequence[BlobRef] = ()) -> str:
        """Take one step of a case held here."""
        state = self.cases[case].state
        step = step_for(state.state, action, state.holding, Role(data["actor"]["role"]))
        answers = answered_by(state, step) if "only" not in data else (data.pop("only"),)
        body = {
            "action": action.value,
            "answers": list(answers),
            "case": case,
            "data": data,
            "follows": state.last,
            "holder": holder_after(step, state.holding, state.holder, state.parties)[1],
            "state": step.next_state.value,
            "to": list(self.site.tree.cover(self.site.address, state.parties.values())),
        }
        return self.announce(MOVED, body, refs)

    def _strike(self, case: str, duty: Strike) -> None:
        """Strike out what contradicts what stands: only where nodes were put back or acts taken back."""
        oracle = self.site.oracle
        if not oracle.forgetful and not oracle.undone and not self.site.county.upheavals.has_taken:
            oracle.fail(5, self.site, f"two moves follow one in {case}")
        state, events = self.cases[case]
        told = told_by_strike(state, events)
        to = self.site.tree.cover(self.site.address, told)
        self.announce(STRUCK, duty.body(case, self.site.dated(), to), ())
        self.site.county.faults.count("move_struck")

    def do_duties(self, case: str) -> None:
        """Do everything this node owes one case by rule."""
        me, tree = self.site.address, self.site.tree
        while (duty := duty_of(self.cases[case].state, me, self.cases[case].events)) is not None:
            if isinstance(duty, Strike):
                self._strike(case, duty)
                continue
            data = {"actor": NODE, "at": self.site.dated(), "note": duty.note}
            if duty.action in (Action.NOTE, Action.RECORD):
                data["only"] = duty.report
            self.move(case, duty.action, data)
        state, events = self.cases[case]
        if me != state.apex:
            return
        lost = lost_by(self.site.spool, [event.id for event in events])
        for address, ids in briefs(state, events, tree, lost).items():
            self.announce(BRIEF, {"case": case, "ids": list(ids), "to": [address]}, ())

    def brief_who_was_passed_by(self) -> None:
        """As `casework.briefing`: at the top, when somebody stands elsewhere or began anew."""
        tree = self.site.tree
        if self.site.address != tree.top:
            return
        before, now = dict(self.standing), standing_of(tree)
        found = {*changed(before, now), *note_anew(self.site.peer.core)}
        for address in sorted({*before, *now}) if before != now else ():
            if address in now:
                self._set(self.standing, address, now[address])
            else:
                self._drop(self.standing, address)
        for case in sorted(self.cases) if found else ():
            self.do_duties(case)
