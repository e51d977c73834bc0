"""The one public object of the sync layer: submit acts, take exchanges in, put exchanges together.

It has no socket, disk or clock. Every call but the constructor and `emit` is
made inside a unit of work: `begin()`, calls, `end()`, commit. Bytes leave only
after that commit, so no receipt says more than a power cut would leave.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sync.protocol.absorb import Absorber, Incoming
from sync.protocol.acts.deliver import Application, wake
from sync.protocol.acts.unnamed import note_lost
from sync.protocol.core import Core, Means, Note
from sync.protocol.documents import docs_owed, docs_to_send
from sync.protocol.errors import (
    BadBlob,
    BadSignature,
    CannotOpen,
    NoSuchNeighbour,
    NotForUs,
    OtherNetwork,
    UnknownDictionary,
    UnknownSender,
)
from sync.protocol.exchange import SIGNED_AS, Head, Opener
from sync.protocol.frame import BlobRef, Evidence
from sync.protocol.offer import Budget, Plan, emit, offers, plan
from sync.protocol.own.deltas import WORDS
from sync.protocol.own.issue import epoch_fields, open_epoch, plain_body, put_on_shelf, sealed_body, submit
from sync.protocol.own.rollback import awake, begin_anew
from sync.protocol.rotation import REASON, rotate
from sync.protocol.sealed import open_body
from sync.protocol.shelf import CONTENT_BYTES_MAX, Draft, ShelfDoc
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair
from sync.protocol.spool import Neighbour
from sync.protocol.stock.blobs import papers_asked, settle
from sync.protocol.stock.once import shown_so_far
from sync.protocol.stock.ticks import Tick, tick_of
from sync.protocol.streams import Epoch
from sync.protocol.trust.introduction import NOBODY, is_own_word, meet_new_key, read_introduction
from sync.protocol.trust.lives import is_revoked_beside, with_lost_lives
from sync.protocol.trust.reentry import meet_entry, settle_entries
from sync.protocol.trust.registrar import confirm_rotated
from sync.protocol.trust.state import rank_of, take_statement
from sync.protocol.trust.state_in import StateIn
from sync.protocol.trust.untold import streams_told
from sync.protocol.wants import WANTS_MAX
from sync.protocol.witness import Word


class Peer:
    """A node's side of the sync layer."""

    def __init__(self, means: Means) -> None:
        self.core = Core(means)

    # --- units of work
    def begin(self) -> None:
        """Start a unit; the spool's own unit has begun."""
        self.core.begin()

    def end(self) -> None:
        """Close a unit; the spool's end and the commit follow."""
        self.core.means.blobs.flush()
        self.core.end()

    def forget(self) -> None:
        """A unit failed: drop what it may have left in memory."""
        self.core.forget()

    def rest(self) -> None:
        """Close a unit in which nothing was to be written: what is known stays known."""
        self.core.is_open = False

    def suspect(self) -> None:
        """A commit failed after `end()`: the next unit starts afresh; may be called outside a unit."""
        self.core.suspect()

    def awake(self, word: Word | None, now_ms: int) -> str:
        """At the start, compare the database with the witness; see `rollback.awake`."""
        note_lost(self.core, with_lost_lives(self.core))
        return awake(self.core, word, now_ms)

    def begin_anew(self, reason: str, now_ms: int) -> None:
        """This node was put back from a copy on purpose; see `rollback.begin_anew`."""
        begin_anew(self.core, reason, now_ms)

    def word(self) -> Word:
        """Return what the witness should say as things stand; call it inside a unit."""
        return self.core.heads.word(self.core)

    @property
    def news(self) -> Word | None:
        """What the witness has to say of the unit that just ended, None when no own act was made in it."""
        return self.core.word

    def take_notes(self) -> list[Note]:
        """Return what is worth telling since the last call."""
        notes = self.core.notes[:]
        # Another thread's unit may have added more by now: those stay for the next call.
        del self.core.notes[: len(notes)]
        return notes

    # --- own acts
    def open_epoch(self, key: KeyPair, reason: str, now_ms: int) -> Epoch:
        """Begin a new epoch under `key`; see `issue.open_epoch`."""
        return open_epoch(self.core, key, reason, now_ms)

    def rotate(self, new: KeyPair, now_ms: int) -> Epoch:
        """Go over to a new key in a new epoch and return its record; the top enters its own in the same unit.

        Args:
            new: a key pair that `Means.keys` holds already.

        Raises:
            NotEnrolled: there is no key to go over from; nothing changed.
        """
        core = self.core
        record = rotate(core, new, epoch_fields(core, REASON, now_ms))
        if core.means.roster_key is not None:
            # Nobody brings the top its own record, and in another process of it nothing shows that it is new.
            confirm_rotated(core, core.means.roster_key, now_ms)
        return record

    def submit(
        self, draft: tuple[str, bytes], to: Sequence[str], blobs: Sequence[BlobRef], now: Evidence
    ) -> str:
        """Give an own act (kind, content) its places; see `issue.submit`."""
        return submit(self.core, plain_body(self.core, draft), to, blobs, now)

    def submit_sealed(
        self, draft: tuple[str, bytes], readers: Sequence[str], to: Sequence[str], now: Evidence
    ) -> str:
        """Give an own act its places that only the nodes `readers` can open.

        Raises:
            NoSuchNeighbour: no key of a reader is known; nothing was written.
        """
        keys = [self.core.roster.current_key(address) for address in readers]
        known = [key for key in keys if key is not None]
        if len(known) != len(keys):
            raise NoSuchNeighbour("reader without a key")
        return submit(self.core, sealed_body(self.core, draft, known), to, (), now)

    def read_sealed(self, act: str) -> bytes:
        """Return the content of a sealed act this node may read.

        Raises:
            CannotOpen: it is not for this node, or not here.
        """
        frame = self.core.spool.frame_of_act(act)
        if frame is None:
            raise CannotOpen(act)
        return open_body(frame, self.core.means.keys, self.core.suite)

    def hold_blob(self, blob: BlobRef) -> None:
        """A paper was taken in here: remember it, and settle what missed it.

        Raises:
            BadBlob: it is not here; nothing changed.
        """
        if not self.core.means.blobs.has(blob.hash):
            raise BadBlob(blob.hash[:16])
        self.core.spool.put_blob(blob)
        settle(self.core, blob.hash)

    def publish(self, draft: Draft) -> ShelfDoc:
        """Put a document on the shelf; see `issue.put_on_shelf`."""
        return put_on_shelf(self.core, draft)

    # --- out
    def plan(self, address: str, budget: Budget, now: Evidence) -> Plan:
        """Decide an exchange; see `offer.plan`."""
        return plan(self.core, address, budget, now)

    def emit(self, decided: Plan) -> Iterator[bytes]:
        """Yield the bytes of a planned exchange; call it after the plan's unit has committed."""
        return emit(self.core, decided)

    def waits_for(self, address: str) -> int:
        """Return 1 when frames or what was asked for wait for a neighbour, or it owes us a full vector."""
        neighbour = self.core.neighbour(address)
        return int(bool(self.is_behind(neighbour) or any(self.asked_for(neighbour))))

    def is_behind(self, neighbour: Neighbour) -> bool:
        """Say whether frames wait for a neighbour, or it owes us a full vector."""
        streams = streams_told(self.core, self.core.streams(), neighbour.address)
        offer = offers(self.core, neighbour, streams)
        return bool(offer.starts or neighbour.ask_full)

    def asked_for(self, neighbour: Neighbour) -> tuple[list[tuple[str, int, int]], list[str]]:
        """Return what a neighbour asked for that is here for it: papers (hash, offset, size), documents."""
        docs = docs_to_send(self.core, neighbour, WANTS_MAX * CONTENT_BYTES_MAX)
        return papers_asked(self.core, neighbour), sorted(doc.statement.hash for doc in docs)

    def owed_to(self, neighbour: Neighbour) -> list[str]:
        """Return the documents held back until a neighbour was heard that it then turned out to lack.

        And how far it was shown what is shown in parts, while more of that is left.
        """
        shown = shown_so_far(self.core, neighbour.address)
        return [*docs_owed(self.core, neighbour), *([f"{shown} shown"] if shown else [])]

    # --- in
    def open_head(self, head: Head) -> Incoming:
        """Accept the head of an exchange and make ready for its records.

        Raises:
            OtherNetwork, NotForUs: made in another network; for another receiver, or no common path.
            UnknownSender: no such node, or not its key, or revoked by the top in a life that it lost.
            BadSignature: the head was not signed by that key.
            UnknownDictionary: compressed with one this node does not have; an answer can still be made.
            CannotOpen: sealed to a key this node does not have; an answer can still be made.
        """
        core = self.core
        if head.receiver != core.me:
            raise NotForUs(head.receiver)
        if head.network != core.roster.network:
            raise OtherNetwork(head.network[:16])
        key = core.believed_key(head.sender, head.sender_key)
        if key is None or is_revoked_beside(core, head.sender, head.sender_key):
            raise UnknownSender(head.sender)
        if not core.suite.verify(key, SIGNED_AS, head.payload, head.signature):
            raise BadSignature(head.sender)
        core.spoken[head.sender] = key.id
        if not core.may_exchange(head.sender):
            raise NotForUs(head.sender)
        dictionary = core.means.dictionaries.get(head.dictionary, b"")
        if head.dictionary and not dictionary:
            self._write_plainly(head.sender)
            raise UnknownDictionary(head.dictionary)
        own = core.means.keys.get(head.receiver_key)
        if own is None:
            raise CannotOpen(head.receiver_key)
        known = core.neighbour(head.sender)
        is_again = int(rank_of(head) <= (known.era, known.taken))
        return Incoming(head, Opener(head, own, core.suite), StateIn(head), dictionary, is_again)

    def read_introduction(self, head: Head, data: bytes) -> list[tuple[Statement, bytes]]:
        """Return what an unknown sender shows first; outside any unit. See `introduction`."""
        return read_introduction(self.core.means, head, data)

    def introduce(self, head: Head, said: Sequence[tuple[Statement, bytes]], now_ms: int) -> None:
        """Look for who an unknown sender is in what it showed first.

        A node put back to before it let another in does not know whom it signed for. So what its own key
        signed is taken: by the top what its roster key entered, by the node above what it vouched
        for. And of a sender known under other keys the entry that names this one; nothing else.
        """
        core = self.core
        if head.receiver != core.me:
            return
        state = StateIn(head._replace(sender=NOBODY))
        for statement, content in said:
            if is_own_word(core, statement) and not meet_entry(core, statement):
                take_statement(core, state, statement, content)
        meet_new_key(core, head, [statement for statement, _ in said])
        settle_entries(core, now_ms)

    def _write_plainly(self, address: str) -> None:
        # Two programs that cannot read each other must not go on so: without a dictionary all can read.
        neighbour = self.core.neighbour(address)
        neighbour.reads = tuple(word for word in neighbour.reads if word in WORDS)
        neighbour.mine = max(neighbour.mine, 1)
        self.core.spool.put_neighbour(neighbour)

    def absorb(
        self, incoming: Incoming, plains: Sequence[bytes], application: Application, now_ms: int
    ) -> None:
        """Take in record plaintexts in order; what cannot be taken is noted, the rest stands."""
        Absorber(self.core, incoming, application, now_ms).take(plains)

    def wake(self, keys: set[str], application: Application) -> None:
        """Hand acts that waited for these keys to the application once more."""
        wake(self.core, keys, application)

    # --- looking
    def neighbour(self, address: str) -> Neighbour:
        """Return what is known of the exchange with a neighbour."""
        return self.core.neighbour(address)

    def tick(self, act: str) -> Tick:
        """Return how far an act got; see `ticks.tick_of`."""
        return tick_of(self.core.spool, self.core.tree, act)
