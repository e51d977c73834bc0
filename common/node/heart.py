"""Spool and peer of a node with the one unit of work around them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from common.casework.context import Tick
from common.clock import Clock
from common.node import records
from common.store.database import is_unit_open, reading, unit_of_work
from common.store.sorts import odd_behind
from sync.adapters.spool import SqlSpool
from sync.adapters.witness import WitnessFile
from sync.protocol.acts.anew import lost_by, note_anew
from sync.protocol.address import Tree
from sync.protocol.frame import BlobRef, Evidence
from sync.protocol.peer import Peer
from sync.protocol.stock import ticks
from sync.protocol.witness import Word

# The note by which a node tells that it was put back.
PUT_BACK = "S128"
log = logging.getLogger(__name__)

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
            OddValues: it came to a row that no program has written; nothing was changed.
        """
        try:
            with unit_of_work():
                self.spool.begin()
                self.peer.begin()
                yield
                self._keep_begun()
                tree = self.peer.core.tree
                self.peer.end()
                self.spool.end()
                news = self.peer.news
            self._tree = tree
        except BaseException as fault:
            # Also when the commit itself failed: what the peer has in memory was never written.
            self.peer.suspect()
            _tell_odd(fault)
            raise
        if news is not None:
            self._attest(news)

    def _keep_begun(self) -> None:
        # In the unit itself: much rests on that note, and others are kept when a whole exchange is over.
        if begun := self.peer.core.found.begun:
            records.keep_note(self.clocks.clock.now_ms(), PUT_BACK, self.peer.core.me, begun)

    def _attest(self, news: Word) -> None:
        # Before anybody is shown the number of a new case. What leaves for another node makes sure once more,
        # so that a disk which cannot be written now does not undo what is saved already.
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
                # No `end`: it would write. Nor is all read anew because somebody has looked.
                self.peer.rest()
        except BaseException as fault:
            self.peer.suspect()
            _tell_odd(fault)
            raise

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
        return in_words(ticks.tick_of(self.spool, self.tree(), act))

    def places_of(self, acts: Iterable[str]) -> dict[str, Tick]:
        """Return the same of many acts, asked at once."""
        found = ticks.ticks_of(self.spool, self.tree(), acts)
        return {act: in_words(tick) for act, tick in found.items()}

    def note_anew(self) -> list[str]:
        """Remember which nodes came back with an empty disk; return those not known of before. In a unit."""
        return note_anew(self.peer.core)

    def lost_by(self, acts: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Return nodes that came back with an empty disk → which of these acts were here before that."""
        return lost_by(self.spool, acts)

    def epoch_n(self) -> int:
        """Return the number of this node's epoch."""
        return int(self.peer.core.identity.epoch.split("-")[0])

    def last_contact(self) -> int:
        """Return when this node last heard from one above it, UTC milliseconds, 0 for never; in a unit."""
        core = self.peer.core
        above = core.tree.up(core.me)[1:]
        return max((self.peer.neighbour(address).contact_at for address in above), default=0)


def in_words(tick: ticks.Tick) -> Tick:
    """Return how far an act got, in the words of a case; of the county only where this node can know it."""
    if tick.stage == ticks.END_STORED and not tick.tells_of_top:
        return Tick.TOWNSHIP
    return _STAGES[tick.stage]


def _tell_odd(fault: BaseException) -> None:
    """Say what it is where a row that no program wrote has caused a fault; see `odd_behind`."""
    if odd := odd_behind(fault):
        raise odd from fault
