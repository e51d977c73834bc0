"""One node put together: what pages, jobs and commands may ask of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.authority.service import Letters
from common.calendar.service import Calendars
from common.casework import lists
from common.casework.context import Tick
from common.casework.service import Casework
from common.catalogue.service import Catalogue
from common.clock import Clock
from common.config import NodeConfig
from common.documents.service import Documents
from common.journal.service import ViewLog
from common.node import records
from common.node.disk import DiskWatch
from common.node.enrolment import EnrolmentDesk
from common.node.keys import KeyFile
from common.node.profile import TierProfile
from common.node.sheet import make_sheet, said
from common.node.staffing import Staffing
from common.node.words import sentence_of
from common.papers.service import Papers
from common.people.below import StaffBelow
from common.people.resets import Resets
from common.people.service import People
from common.people.standins import StandIns
from common.places.rules import Place
from common.proofs.service import Proofs
from common.seal.service import Seals
from common.store import audit
from common.store.database import database, is_unit_open, reading, unit_of_work
from common.web.ports import LineState
from sync.adapters.blob_files import BlobFiles
from sync.adapters.engine import Engine
from sync.adapters.runner import Runner
from sync.adapters.spool import SqlSpool
from sync.adapters.standing import Overlook, Standing
from sync.adapters.waiting import Waiting, WaitingRoom
from sync.adapters.witness import WitnessFile
from sync.protocol import ticks
from sync.protocol.address import Tree
from sync.protocol.core import Note
from sync.protocol.eviction import fetch_back
from sync.protocol.frame import BlobRef, Evidence
from sync.protocol.peer import Peer
from sync.protocol.witness import Word

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from common.archive.service import Archive

_STAGES = {ticks.SAVED: Tick.SAVED, ticks.HOP_STORED: Tick.TOWNSHIP, ticks.END_STORED: Tick.COUNTY}


class Clocks:
    """The three clocks of a frame's evidence, and the unit of work that includes the sync layer."""

    def __init__(self, clock: Clock, boot_id: str) -> None:
        self.clock = clock
        self.boot_id = boot_id

    def evidence(self) -> Evidence:
        """Return what the clocks say now."""
        return Evidence(max(0, self.clock.now_ms()), self.boot_id, self.clock.mono_ms())


class Heart:
    """Spool and peer of a node with the one unit of work around them."""

    def __init__(self, spool: SqlSpool, peer: Peer, clocks: Clocks, witness: WitnessFile) -> None:
        self.spool = spool
        self.peer = peer
        self.clocks = clocks
        self.witness = witness
        self._tree = Tree({})

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Hold the unit of work: database, spool and peer together, all or nothing.

        Raises:
            DiskFull, DatabaseBusy, DiskFault: nothing was changed.
        """
        try:
            with unit_of_work():
                self.spool.begin()
                self.peer.begin()
                yield
                tree = self.peer.core.tree
                self.peer.end()
                self.spool.end()
                news = self.peer.news
            self._tree = tree
        except BaseException:
            # Also when the commit itself failed: what the peer has in memory was never written.
            self.peer.suspect()
            raise
        if news is not None:
            self._attest(news)

    def _attest(self, news: Word) -> None:
        # Before anybody is shown the number of a new case. What leaves for another node makes sure once more, so
        # that a disk which cannot be written now does not undo what is saved already.
        try:
            self.witness.cover(news)
        except OSError:
            log.exception("the witness could not be written")

    def attest(self) -> None:
        """Let the witness say how things stand; called after the first epoch was opened, and at each start.

        Raises:
            OSError: the witness cannot be written.
        """
        with self.unit():
            word = self.peer.word()
        if word.epoch:
            self.witness.cover(word)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold one state of everything for a long look; others go on writing. See `database.reading`."""
        try:
            with reading():
                self.spool.begin()
                self.peer.begin()
                yield
        finally:
            # No `end`: it would write. The next unit starts afresh.
            self.peer.suspect()

    def tree(self) -> Tree:
        """Return the tree: inside this thread's unit as it now stands, else as of the last unit."""
        return self.peer.core.tree if is_unit_open() else self._tree

    def submit(self, kind: str, content: bytes, to: Sequence[str], blobs: Sequence[BlobRef]) -> str:
        """Give an own act its places (the outbox calls this inside the unit)."""
        for blob in blobs:
            if not self.spool.have_blobs([blob.hash]):
                self.peer.hold_blob(blob)
        return self.peer.submit((kind, content), to, blobs, self.clocks.evidence())

    def place_of(self, act: str) -> Tick:
        """Return how far an act got, in the words of a case."""
        return _STAGES[ticks.tick_of(self.spool, self.tree(), act).stage]

    def places_of(self, acts: Iterable[str]) -> dict[str, Tick]:
        """Return the same of many acts, asked at once."""
        found = ticks.ticks_of(self.spool, self.tree(), acts)
        return {act: _STAGES[tick.stage] for act, tick in found.items()}

    def epoch_n(self) -> int:
        """Return the number of this node's epoch."""
        return int(self.peer.core.identity.epoch.split("-")[0])

    def last_contact(self) -> int:
        """Return when this node last heard from one above it, UTC milliseconds, 0 for never; in a unit."""
        core = self.peer.core
        above = core.tree.up(core.me)[1:]
        return max((self.peer.neighbour(address).contact_at for address in above), default=0)


@dataclass(slots=True)
class Node:
    """A node as pages, jobs and commands see it."""

    config: NodeConfig
    profile: TierProfile
    me: str
    clock: Clock
    heart: Heart
    keys: KeyFile
    engine: Engine
    runner: Runner | None
    blobs: BlobFiles
    casework: Casework
    catalogue: Catalogue
    calendars: Calendars
    staffing: Staffing
    papers: Papers
    places: dict[str, Place]
    drafts: Any
    enrolment: EnrolmentDesk
    proofs: Proofs
    archives: Callable[[], Archive]
    documents: Documents
    seals: Seals
    disk: DiskWatch

    @property
    def archive(self) -> Archive:
        """The packages of ended cases; what makes them is loaded when somebody asks for the first."""
        return self.archives()

    @property
    def people(self) -> People:
        """The accounts and their sessions."""
        return self.staffing.people

    @property
    def stand_ins(self) -> StandIns:
        """Who stands in for whom."""
        return self.staffing.stand_ins

    @property
    def staff_below(self) -> StaffBelow:
        """The staff of nodes below."""
        return self.staffing.below

    @property
    def resets(self) -> Resets:
        """Forgotten passwords of administrators."""
        return self.staffing.resets

    @property
    def views(self) -> ViewLog:
        """Who looked at whose data."""
        return self.staffing.views

    @property
    def letters(self) -> Letters:
        """Letters of authority."""
        return self.staffing.letters

    @property
    def peer(self) -> Peer:
        """The sync peer; call it inside `unit()` only."""
        return self.heart.peer

    @property
    def spool(self) -> SqlSpool:
        """What the peer remembers."""
        return self.heart.spool

    def unit(self) -> Any:
        """Open the unit of work; see `Heart.unit`."""
        return self.heart.unit()

    def tree(self) -> Tree:
        """Return who is above whom."""
        return self.heart.tree()

    def wake(self) -> None:
        """Something new waits to be sent."""
        if self.runner is not None:
            self.runner.wake()

    def site_name(self) -> str:
        """Return the name in the header: from the settings, else of the division."""
        place = self.places.get(self.me)
        return self.config.site_name or (place.name if place else self.me)

    def place_name(self, address: str) -> str:
        """Return the name of a division, or its address when it has none here."""
        place = self.places.get(address)
        return place.name if place else address

    def paper_names(self, blobs: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Return hash → (case number, name of the paper) of those of these papers that a case here names."""
        return lists.paper_names(blobs)

    def fingerprint(self) -> str:
        """Return the fingerprint of the network's root."""
        identity = self.spool.identity()
        return identity.fingerprint if identity else ""

    def standing(self, addresses: Iterable[str]) -> dict[str, Standing]:
        """Return how it stands with other nodes, in their order. It only reads, and waits for no unit."""
        return Overlook(database.obj).standing(self.tree(), addresses)

    def waiting_for(self, address: str) -> Waiting:
        """Return what has not reached another node yet. It only reads, and waits for no unit."""
        return WaitingRoom(database.obj).waiting(self.tree(), address)

    def ask_back(self, blob: str, login: str, now_ms: int) -> bool:
        """Ask the nodes above for a paper that has left this node; False when it is here. In a unit."""
        asked = fetch_back(self.peer.core, blob)
        if asked:
            audit.record(login, "paper.asked_back", blob, {}, now_ms)
        return asked

    def heads_sheet(self, now_ms: int) -> dict[str, Any]:
        """Return the sheet of all heads at this moment, and what it says of itself under `fields`."""
        sheet = make_sheet(self, now_ms)
        return {**sheet, "fields": said(sheet)}

    def below(self) -> list[tuple[str, str, int, int]]:
        """Return (address, name, last contact in UTC ms or 0, 1 when something waits) of the nodes below."""
        found = self.standing(self.tree().children(self.me))
        return [(address, self.place_name(address), at.contact_at, at.waits) for address, at in found.items()]

    def notes(self, limit: int) -> list[records.Note]:
        """Return the newest notes of the line, each with a sentence for people."""
        return [
            records.Note(at, code, sentence_of(code), a, d) for at, code, a, d in records.latest_notes(limit)
        ]

    def journal(self, notes: Sequence[Note]) -> None:
        """Keep notes of the sync layer for the line page; called outside any unit."""
        now = self.clock.now_ms()
        with unit_of_work():
            records.add_notes([(now, n.code, n.address, n.detail[:200]) for n in notes])

    def line_state(self) -> LineState | None:
        """Return what the header says of the line upward; None at the top."""
        if self.runner is None:
            return None
        state = self.runner.state
        if state.failures:
            return LineState("bad", "线路不通，已存本站，线路恢复后自动发送")
        if not state.last_ok_at:
            return LineState("warn", "正在联系上级站")
        return LineState("good", "线路正常")
