"""One simulated node: real peer, engine and runner over memory that a power cut treats like a disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Any

from sync.adapters.engine import World
from sync.adapters.runner import Pace, Runner, Uplink
from sync.protocol import canonical
from sync.protocol.acts.quarantine import is_past
from sync.protocol.address import Tree
from sync.protocol.core import Means
from sync.protocol.frame import BlobRef, Evidence
from sync.protocol.peer import Peer
from sync.protocol.signing import KeyPair, Suite
from sync.protocol.spool import Identity
from sync.protocol.witness import Word, joined
from tests.simulation.casebook import CaseBook
from tests.simulation.faults import DiskFault, PowerCut
from tests.simulation.programs import PROGRAMS, Program
from tests.simulation.stores import WRITES_BEFORE_FULL, BrittleBlobs, WatchedSpool, no_units
from tests.simulation.watch import WatchedEngine

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
# When nothing waits a node looks seldom, so that days pass quickly; oftener once all comes to rest.
INTERVAL_MS = 9 * 3_600_000
REST_INTERVAL_MS = 3 * 3_600_000


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
        # Words its program does not know yet, and acts it has kept that say one of them.
        self.unread, self.kept_unread = frozenset[str](), set[str]()
        # How far its wall clock is off, and by one part of how many it runs fast, slow when negative.
        self.skew_ms = 0
        self.drift = 0
        self.life = 0
        self.line_due: int | None = None
        self.woken = 0
        self.enrolled = 0
        self.is_gone = 0
        self.is_older_than_its_witness = 0
        self.told = self.papers_read = 0
        # How many bytes one exchange on its line may carry at most.
        self.carries = 1 << 30
        # How full its disk is, until when it is read-only, and which units it may have lied about.
        self.disk = 0
        self.read_only_until = 0
        self.unsynced = no_units()
        self.has_lied = 0
        self.former_word: Word | None = None
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
            self._change_program(self.rng.choice(PROGRAMS))
            self.county.faults.count("program_changed")
        means = Means(self.spool, self.blobs, self.suite, self.rng.randbytes, self.keys, self.roster_key)
        means = replace(means, dictionaries=self.program.dictionaries, dictionary=self.program.writes)
        self.peer = self.program.peer(means)
        # A county may run more than one process over one store; each has its own peer.
        self.engines = [self._engine(self.peer), self._engine(self.program.peer(means))]
        self.engine = self.engines[0]
        self.set_disk(self.disk)
        self.runner = Runner(
            self.engine,
            self.county.line(self),
            lambda: [Uplink(address, address) for address in self.uplinks],
            Pace(INTERVAL_MS, min(self.carries, self.rng.choice((40_000, 90_000, 250_000)))),
            lambda: self.rng.getrandbits(32),
        )
        if self.enrolled:
            with self.unit():
                found = self.peer.awake(self.word, START_MS + self.county.now)
                word = self.peer.word()
                if self.kept_unread:
                    self.peer.wake({"version"}, self.book)
                if found:
                    # The power may go right after it has begun anew.
                    self.is_older_than_its_witness = 0
            self.attest(word)
            self._read_notes(self.peer.take_notes())
            self._check_unread()
            if found:
                self.county.faults.count("rollback_seen_at_start")
            elif self.is_older_than_its_witness:
                self.oracle.fail(8, self, "goes on in an older database")
            self.is_older_than_its_witness = 0

    def _change_program(self, program: Program) -> None:
        if not self.unread:
            self.program = program

    def _check_unread(self) -> None:
        rows = self.spool.parked(["version"]) if self.kept_unread and not self.unread else []
        frames = [self.spool.frame_of_act(row.id) for row in rows]
        # What lies past a cut counts nowhere, whoever could read it, until a person lets it through.
        if any(frame is None or not is_past(self.peer.core, frame) for frame in frames):
            self.oracle.fail(25, self, "its new program has not looked at what the former could not read")

    def _engine(self, peer: Peer) -> WatchedEngine:
        life = self.life
        return WatchedEngine(
            self, peer, World(lambda: _Unit(self, peer, life), self.evidence, self._read_notes, self.attest)
        )

    def be_on_thin_line(self, carries: int) -> None:
        """Let its line carry only so many bytes in one exchange, from now on."""
        self.carries = carries
        self.runner.pace = replace(self.runner.pace, exchange_bytes=carries)

    def set_disk(self, state: int) -> None:
        """Let the disk be as full as this: 1 low, 2 critical."""
        self.disk = state
        for engine in self.engines:
            engine.peer.core.disk = state

    def be_registrar(self, roster_key: KeyPair) -> None:
        """Give the top the key that signs the roster."""
        self.roster_key = roster_key
        for engine in self.engines:
            core = engine.peer.core
            core.means = replace(core.means, roster_key=roster_key)

    @property
    def uplinks(self) -> tuple[str, ...]:
        """Whom this node exchanges with on the line: its parent by the roster, then those above."""
        if not (self.enrolled and self.ancestors):
            return ()
        return self.peer.core.tree.up(self.address)[1:]

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
        self.switch_off()
        self.has_lied = int(self.county.faults.strikes("disk_lied"))
        if self.former_word is not None and self.county.faults.strikes("witness_stale"):
            self.word = self.former_word
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
        if self.word is not None and word.stamp > self.word.stamp:
            self.former_word = self.word
        self.word = joined(self.word, word)

    # --- what the engine and the clerks use
    def unit(self) -> _Unit:
        """Open the one unit of work."""
        return _Unit(self, self.peer, self.life)

    @property
    def tree(self) -> Tree:
        """The tree as this node knows it."""
        return self.peer.core.tree

    def evidence(self) -> Evidence:
        """Read the clocks; the wall clock may be wrong."""
        now = self.county.now
        wall = START_MS + now + self.skew_ms + (now // self.drift if self.drift else 0)
        return Evidence(max(0, wall), self.boot, now - self.booted)

    def dated(self) -> int:
        """Return the time that people here write into what they make."""
        return self.county.date_at(self)

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
        self.told += len(notes)
        for note in notes:
            self.county.trace("note", self.address, f"{note.code} {note.address} {note.detail}")
            for kind, (code, text) in TOLD.items():
                if note.code == code and note.detail.startswith(text):
                    self.county.faults.count(kind)


class _Unit:
    """Spool, book and peer together: all of what is done inside stands, or nothing."""

    __slots__ = ("life", "peer", "site")

    def __init__(self, site: Site, peer: Peer, life: int) -> None:
        self.site = site
        self.peer = peer
        self.life = life

    def __enter__(self) -> None:
        site = self.site
        if not site.alive or site.life != self.life:
            raise PowerCut(site.address, "is off")
        site.spool.begin()
        site.book.begin()
        site.oracle.begin()
        site.peer = self.peer
        self.peer.begin()
        if site.county.faults.strikes("disk_full"):
            site.county.trace("disk", site.address, "full")
            site.spool.fill_up(site.county.faults.rng.randrange(1, WRITES_BEFORE_FULL))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        site = self.site
        try:
            if kind is not None:
                return
            site.point("power_before_commit")
            self.peer.end()
            if site.county.now < site.read_only_until:
                raise DiskFault(site.address, "read only")
            site.point("power_flushed_not_committed")
            site.spool.end()
            site.book.end()
            site.unsynced.append((site.spool.done, site.book.done))
            site.oracle.committed(site)
        finally:
            if site.spool.is_open:
                self.peer.forget()
                site.spool.rollback()
                site.book.rollback()
            site.peer = site.engines[0].peer
        site.point("power_after_commit")
        if self.peer.news is not None:
            site.attest(self.peer.news)
