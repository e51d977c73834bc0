"""One simulated node: real peer, engine and runner over memory that a power cut treats like a disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from sync.adapters.engine import Engine, World
from sync.adapters.memory_blobs import MemoryBlobs
from sync.adapters.memory_spool import MemorySpool
from sync.adapters.runner import Pace, Runner, Uplink
from sync.protocol import canonical, signed
from sync.protocol.address import Tree
from sync.protocol.core import Means
from sync.protocol.frame import BlobRef, Evidence, StreamId
from sync.protocol.signing import KeyPair, Suite
from sync.protocol.spool import Held, Identity, Placed
from sync.protocol.streams import Stream
from sync.protocol.witness import Word, joined
from tests.simulation.casebook import CaseBook
from tests.simulation.faults import PowerCut
from tests.simulation.programs import PROGRAMS

if TYPE_CHECKING:
    from tests.simulation.oracle import Oracle
    from tests.simulation.world import County

# What a node tells of the rules for older copies, by the fault it is counted as.
TOLD = {
    "rollback_seen_by_acts": ("S128", "own acts"),
    "fork_kept": ("S120", "fork"),
    "branch_left": ("S120", "branch"),
    "twins_told": ("S122", ""),
}

START_MS = 1_790_000_000_000
INTERVAL_MS = 4 * 3_600_000


class Drop(NamedTuple):
    """A stream lost its places above one."""

    stream: StreamId
    after: int


class WatchedSpool(MemorySpool):
    """The memory spool, which remembers what the open unit brought, for the oracle."""

    def __init__(self) -> None:
        super().__init__()
        self.news: list[Placed | Drop] = []
        self.news_receipts: list[Held] = []

    @property
    def is_open(self) -> bool:
        """Say whether a unit is open."""
        return self._open

    def begin(self) -> None:
        """Open the unit."""
        super().begin()
        self.news, self.news_receipts = [], []

    def add_frames(self, frames: Sequence[Placed]) -> None:
        """Keep frames at their places."""
        super().add_frames(frames)
        self.news += frames

    def add_loose(self, placed: Placed) -> None:
        """Keep a frame that has no place here."""
        super().add_loose(placed)
        self.news.append(placed._replace(position=-1))

    def drop_frames(self, stream: Stream, after: int) -> list[Placed]:
        """Take frames out of a stream."""
        self.news.append(Drop(stream.id, after))
        return super().drop_frames(stream, after)

    def put_held(self, held: Held) -> None:
        """Keep a statement."""
        super().put_held(held)
        if held.sort == signed.RECEIPT:
            self.news_receipts.append(held)


class BrittleBlobs(MemoryBlobs):
    """Papers in memory; the power may go off between any two steps of storing one."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self._site = site

    def append(self, blob: str, offset: int, data: bytes) -> bool:
        """Add bytes; they are not durable before `flush`."""
        added = super().append(blob, offset, data)
        if added:
            self._site.point("power_piece_appended")
        return added

    def finish(self, blob: str, size: int) -> bool:
        """Keep a whole paper under its hash."""
        good = super().finish(blob, size)
        if good:
            self._site.point("power_paper_finished")
        return good


class Site:
    """A node with its store, papers and cases; `peer`, `engine` and `runner` live until the power goes."""

    def __init__(self, address: str, county: County, fingerprint: str, suite: Suite) -> None:
        self.address = address
        self.county = county
        self.oracle: Oracle = county.oracle
        self.rng = Random(f"{county.seed}/{address}")
        self.suite = suite
        self.key: KeyPair = suite.pair(self.rng.randbytes(64))
        self.keys = {self.key.id: self.key}
        self.spool = WatchedSpool()
        self.blobs = BrittleBlobs(self)
        self.book = CaseBook(self)
        self.program = PROGRAMS[2]
        self.skew_ms = 0
        self.life = 0
        self.line_due: int | None = None
        self.woken = 0
        self.enrolled = 0
        self.is_older_than_its_witness = 0
        self.roster_key: KeyPair | None = None
        self.word: Word | None = None
        self.ancestors = tuple(
            a for a in reversed(county.addresses) if a != address and address.startswith(a)
        )
        with self.spool.unit():
            self.spool.put_identity(Identity(address, self.rng.randbytes(8).hex(), fingerprint))
        self.start()

    # --- power
    def start(self) -> None:
        """Switch on: everything that lived in memory begins anew."""
        self.alive = 1
        self.boot = f"{self.rng.getrandbits(32):08x}"
        self.booted = self.county.now
        self.line_due, self.woken = None, 0
        if self.rng.random() < (0.1 if self.life else 0.3):
            self.program = self.rng.choice(PROGRAMS)
            self.county.faults.count("program_changed")
        means = Means(self.spool, self.blobs, self.suite, self.rng.randbytes, self.keys, self.roster_key)
        means = replace(means, dictionaries=self.program.dictionaries, dictionary=self.program.writes)
        self.peer = self.program.peer(means)
        world = World(lambda: _Unit(self), self.evidence, self._read_notes, self.attest)
        self.engine = Engine(self.peer, self.book, world)
        self.runner = Runner(
            self.engine,
            self.county.line(self),
            lambda: [Uplink(address, address) for address in self.uplinks],
            Pace(INTERVAL_MS, self.rng.choice((40_000, 90_000, 250_000))),
            lambda: self.rng.getrandbits(32),
        )
        if self.enrolled:
            with self.unit():
                found = self.peer.awake(self.word, START_MS + self.county.now)
                word = self.peer.word()
            self.attest(word)
            self._read_notes(self.peer.take_notes())
            if found:
                self.county.faults.count("rollback_seen_at_start")
            elif self.is_older_than_its_witness:
                self.oracle.fail(8, self, "goes on in an older database")
            self.is_older_than_its_witness = 0

    def be_registrar(self, roster_key: KeyPair) -> None:
        """Give the top the key that signs the roster."""
        self.roster_key = roster_key
        self.peer.core.means = replace(self.peer.core.means, roster_key=roster_key)

    @property
    def uplinks(self) -> tuple[str, ...]:
        """Whom this node exchanges with on the line: its parent by the roster, then those above."""
        return self.tree.up(self.address)[1:] if self.enrolled and self.ancestors else ()

    def point(self, where: str) -> None:
        """An effect boundary: the power may go off here.

        Raises:
            PowerCut: it did.
        """
        if not self.alive:
            raise PowerCut(self.address, "is off")
        if self.county.faults.strikes(where):
            self.die(where)

    def die(self, where: str) -> None:
        """Cut the power now."""
        self.alive = 0
        self.life += 1
        self.blobs.crash()
        self.county.trace("power", self.address, where)
        self.county.restart_later(self)
        raise PowerCut(self.address, where)

    def switch_off(self) -> None:
        """Switch the node off, if it is on, without any fault."""
        if self.alive:
            self.alive = 0
            self.life += 1
            self.blobs.crash()

    def attest(self, word: Word) -> None:
        """Let the witness say so much; the power may go off before it does."""
        self.point("power_before_witness")
        self.word = joined(self.word, word)

    # --- what the engine and the clerks use
    def unit(self) -> _Unit:
        """Open the one unit of work."""
        return _Unit(self)

    @property
    def tree(self) -> Tree:
        """The tree as this node knows it."""
        return self.peer.core.tree

    def evidence(self) -> Evidence:
        """Read the clocks; the wall clock may be wrong."""
        return Evidence(START_MS + self.county.now + self.skew_ms, self.boot, self.county.now - self.booted)

    def announce(self, kind: str, body: dict[str, Any], refs: Sequence[BlobRef]) -> str:
        """Submit an own act in the open unit; return its id."""
        content = canonical.dumps(body)
        act = self.peer.submit((kind, content), body["to"], refs, self.evidence())
        self.oracle.intended(self, act, (kind, content, tuple(refs), tuple(body["to"])))
        return act

    def keep_paper(self, content: bytes) -> BlobRef:
        """Store a new paper durably, as the page does before its unit; return its reference."""
        ref = self.blobs.put(iter([content]), "image/jpeg")
        self.oracle.paper(ref.hash, content)
        return ref

    def _read_notes(self, notes: Sequence[Any]) -> None:
        for note in notes:
            self.county.trace("note", self.address, f"{note.code} {note.address} {note.detail}")
            for kind, (code, text) in TOLD.items():
                if note.code == code and note.detail.startswith(text):
                    self.county.faults.count(kind)


class _Unit:
    """Spool, book and peer together: all of what is done inside stands, or nothing."""

    __slots__ = ("site",)

    def __init__(self, site: Site) -> None:
        self.site = site

    def __enter__(self) -> None:
        site = self.site
        if not site.alive:
            raise PowerCut(site.address, "is off")
        site.spool.begin()
        site.book.begin()
        site.oracle.begin()
        site.peer.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        site = self.site
        try:
            if kind is not None:
                return
            site.point("power_before_commit")
            site.peer.end()
            site.point("power_flushed_not_committed")
            site.spool.end()
            site.book.end()
            site.oracle.committed(site)
        finally:
            if site.spool.is_open:
                site.peer.forget()
                site.spool.rollback()
                site.book.rollback()
        site.point("power_after_commit")
        if site.peer.news is not None:
            site.attest(site.peer.news)
