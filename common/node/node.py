"""One node put together: what pages, jobs and commands may ask of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.authority.service import Letters
from common.calendar.service import Calendars
from common.casework import lists
from common.casework.service import Casework
from common.catalogue.service import Catalogue
from common.clock import Clock
from common.config import NodeConfig
from common.documents.service import Documents
from common.journal.rules import View
from common.journal.service import ViewLog
from common.keeping.service import Keeping
from common.node import records
from common.node.enrolling.enrolment import EnrolmentDesk
from common.node.heart import Heart
from common.node.keyring import twins
from common.node.keyring.keys import KeyFile
from common.node.keyring.trust import Trust
from common.node.line_state import line_state
from common.node.profile import COUNTY, TierProfile
from common.node.sheet import keep_printed, kept_sheet
from common.node.watches import lost_papers
from common.node.watches.disk import DiskWatch
from common.node.watches.staffing import Staffing
from common.node.watches.stopped_filing import may_be_stopped, stopped_filing
from common.node.words import sentence_of
from common.outages.service import Outages
from common.outages.silences import Silences
from common.papers.service import Papers
from common.people.below import StaffBelow
from common.people.resets import Resets
from common.people.service import People
from common.people.standins import StandIns
from common.places.rules import Place
from common.proofs.service import Proofs
from common.seal.service import Seals
from common.store import audit
from common.store.database import database, unit_of_work
from common.web.ports import LineState
from sync.adapters.blob_files import BlobFiles
from sync.adapters.engine import Engine
from sync.adapters.runner import Runner
from sync.adapters.spool import SqlSpool
from sync.adapters.standing import Overlook, Standing
from sync.adapters.waiting import Coming, Waiting, WaitingRoom
from sync.protocol import signed
from sync.protocol.acts.struck import Stopped
from sync.protocol.address import Tree
from sync.protocol.core import Note
from sync.protocol.entries import read_entry
from sync.protocol.peer import Peer
from sync.protocol.stock.eviction import fetch_back, keep_for_now
from sync.protocol.streams import read_epoch

if TYPE_CHECKING:
    from common.archive.service import Archive


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
    trust: Trust

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
    def outages(self) -> Outages:
        """When this node, and nodes below, were off or cut off."""
        return self.staffing.outages

    @property
    def silences(self) -> Silences:
        """How long nodes below were not heard."""
        return self.staffing.silences

    @property
    def letters(self) -> Letters:
        """Letters of authority."""
        return self.staffing.letters

    @property
    def keeping(self) -> Keeping:
        """How long the signed bodies of ended cases stay here."""
        return Keeping(self.peer.core, self.config.keep_months, self.casework.ended_before)

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
        return self.config.site_name or self.place_name(self.me)

    def place_name(self, address: str) -> str:
        """Return the name of a division, or its address when it has none here."""
        return self.places[address].name if address in self.places else address

    def paper_names(self, blobs: Iterable[str]) -> dict[str, tuple[list[str], str]]:
        """Return hash → (cases, name of the paper) of those of these papers that cases here name."""
        return lists.paper_names(blobs)

    def views_of(self, typed: str, limit: int, before: int) -> list[View]:
        """Return who looked at a case or its papers before a place of the log, or at what is typed else."""
        return self.views.of_any(lists.names_in_log(typed), limit, before)

    def url_of(self, address: str) -> str:
        """Return where the roster says that a node answers on the net, "" for nothing. It only reads."""
        held = self.spool.held(signed.ENTRY, address)
        return read_entry(held.statement).url if held is not None else ""

    def fingerprint(self) -> str:
        """Return the fingerprint of the network's root."""
        identity = self.spool.identity()
        return identity.fingerprint if identity else ""

    def standing(self, addresses: Iterable[str]) -> dict[str, Standing]:
        """Return how it stands with other nodes, in their order. It only reads, and waits for no unit."""
        return Overlook(database.obj).standing(self.tree(), addresses)

    def last_words(self) -> dict[str, int]:
        """Return the nodes directly below that were ever met → when last (UTC ms). It only reads."""
        met = Overlook(database.obj).contacts()
        return {address: met[address] for address in self.tree().children(self.me) if met.get(address)}

    def waiting_for(self, address: str) -> Waiting:
        """Return what has not reached another node yet. It only reads, and waits for no unit."""
        return WaitingRoom(database.obj).waiting(self.tree(), address)

    def coming_from(self, address: str) -> Coming:
        """Return what this node waits for from another. It only reads, and waits for no unit."""
        return WaitingRoom(database.obj).coming(self.tree(), self.me, address)

    def aside(self, why: str) -> list[tuple[str, int, int]]:
        """Return whose frames have no place yet for a reason, how many, and since when. It only reads."""
        return WaitingRoom(database.obj).aside(why)

    def is_made(self) -> bool:
        """Say whether `init` did all of its work: a county without a network is none. It only reads."""
        identity = self.spool.identity()
        return identity is not None and (bool(identity.fingerprint) or self.profile.tier != COUNTY)

    def has_joined(self) -> bool:
        """Say whether this computer may speak for its address: with data put back alone it may not."""
        identity = self.spool.identity()
        held = self.spool.held(signed.EPOCH, f"{self.me}|{identity.epoch}") if identity is not None else None
        return held is not None and read_epoch(held.statement).key_id in self.keys

    def standing_here(self) -> str:
        """Return the status that the roster gives this node, "" before it knows one. It only reads."""
        held = self.spool.held(signed.ENTRY, self.me)
        return read_entry(held.statement).status if held is not None else ""

    def ask_back(self, blob: str, login: str, now_ms: int) -> bool:
        """Ask the nodes above for a paper that has left this node; False when it is here. In a unit."""
        if asked := fetch_back(self.peer.core, blob):
            keep_for_now(self.peer.core, blob)
            audit.record(login, "paper.asked_back", blob, {}, now_ms)
        return asked

    def ask_for_damaged(self, blob: str) -> bool:
        """Ask for a paper that somebody wanted to see and that is damaged; say whether it was. In no unit.

        One that no act names, as of a draft, nobody else has: nothing is done about it.
        """
        is_named = self.spool.blob(blob) is not None
        return is_named and bool(lost_papers.ask_back(self, [blob], lost_papers.SEEN))

    def keep_heads(self, now_ms: int) -> str:
        """Keep the sheet of all heads at this moment, to be printed, and return its name; in no unit."""
        return keep_printed(self, now_ms)

    def kept_heads(self, name: str) -> dict[str, Any] | None:
        """Return a sheet that was kept, with its `file` and `fields`; None where none has this name."""
        return kept_sheet(self, name)

    def below(self) -> list[tuple[str, str, int, int]]:
        """Return (address, name, last contact in UTC ms or 0, 1 when something waits) of the nodes below."""
        found = self.standing(self.tree().children(self.me))
        return [(address, self.place_name(address), at.contact_at, at.waits) for address, at in found.items()]

    def notes(self, limit: int, of: str = "") -> list[records.Note]:
        """Return the newest notes of the line, of one code where it is named, with a sentence for people."""
        return [records.Note(n[0], n[1], sentence_of(n[1]), *n[2:]) for n in records.latest_notes(limit, of)]

    def journal(self, notes: Sequence[Note]) -> None:
        """Keep notes of the sync layer for the line page; called outside any unit."""
        now = self.clock.now_ms()
        with unit_of_work():
            records.add_notes([(now, n.code, n.address, n.detail[:200]) for n in notes])

    def twins(self, now_ms: int) -> list[tuple[str, int]]:
        """Return for whom two computers speak, until somebody looked after it, with when last (UTC ms)."""
        return twins.alarms(self.spool, now_ms)

    def stopped_filing(self, number: str) -> Stopped | None:
        """Return why the filing of a case does not count; None when none of it is held back or struck out."""
        if not may_be_stopped(self.spool, number):
            return None
        with self.heart.reading():
            return stopped_filing(self.peer.core, number)

    def line_state(self) -> LineState | None:
        """Return what the header says of the line upward; None at the top. A disk nearly full comes first."""
        return line_state(self)
