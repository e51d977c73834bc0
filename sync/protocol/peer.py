"""The one public object of the sync layer: submit acts, take exchanges in, put exchanges together.

It has no socket, disk or clock. Every call but the constructor and `emit` is
made inside a unit of work: `begin()`, calls, `end()`, commit. Bytes leave only
after that commit, so no receipt says more than a power cut would leave.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sync.protocol import signed
from sync.protocol.blobs import settle, take_piece
from sync.protocol.core import Core, Means, Note
from sync.protocol.deliver import Application, deliver, wake
from sync.protocol.errors import (
    BadBlob,
    BadFrame,
    BadReceipt,
    BadRecord,
    BadSignature,
    CannotOpen,
    NoSuchNeighbour,
    NotCanonical,
    NotForUs,
    TooLarge,
    UnknownSender,
    UnknownVersion,
)
from sync.protocol.exchange import SIGNED_AS, Head, Opener
from sync.protocol.frame import BlobRef, Evidence, Frame
from sync.protocol.frame_items import decode_frames
from sync.protocol.intake import retry_unknown, take_frames, take_loose
from sync.protocol.issue import open_epoch, plain_body, put_on_shelf, sealed_body, submit
from sync.protocol.items import (
    decode_hello,
    decode_piece,
    decode_statement,
    decode_vector,
    decode_want_acts,
    decode_want_blobs,
)
from sync.protocol.offer import Budget, Plan, emit, offers, plan
from sync.protocol.rebase import take_base, take_evidence
from sync.protocol.records import (
    BASE,
    EVIDENCE,
    FRAMES,
    HELLO,
    LOOSE,
    PIECE,
    STATE_END,
    STATEMENT,
    VECTOR,
    WANT_ACTS,
    WANT_BLOBS,
    Item,
    unpack_record,
)
from sync.protocol.registrar import confirm_vouched
from sync.protocol.sealed import open_body
from sync.protocol.shelf import Draft, ShelfDoc
from sync.protocol.signing import KeyPair
from sync.protocol.spool import Neighbour
from sync.protocol.state import StateIn, finish_state, take_statement
from sync.protocol.streams import Epoch
from sync.protocol.ticks import Tick, tick_of

VECTOR_LINES_MAX = 50_000


@dataclass(slots=True)
class Incoming:
    """One exchange on its way in. `frames`, `pieces` and `refused` count what became of it."""

    head: Head
    opener: Opener
    state: StateIn
    dictionary: bytes
    frames: int = 0
    pieces: int = 0
    refused: int = 0
    notes: list[Note] = field(default_factory=list)


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

    def suspect(self) -> None:
        """A commit failed after `end()`: the next unit starts afresh; may be called outside a unit."""
        self.core.suspect()

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
        """A paper was taken in here: remember it, settle what missed it. Raises BadBlob when it is not here."""
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
        """Return 1 when frames or asked-for papers wait for a neighbour, or it owes this node a full vector."""
        neighbour = self.core.neighbour(address)
        starts, _ = offers(self.core, neighbour, self.core.streams_with(address))
        held = self.core.spool.have_blobs([blob for blob, _ in neighbour.wanted_blobs])
        return int(bool(starts or held or neighbour.ask_full))

    # --- in
    def open_head(self, head: Head) -> Incoming:
        """Accept the head of an exchange and make ready for its records.

        Raises:
            NotForUs: another network or receiver, or no common path.
            UnknownSender: no such node, or not its key.
            BadSignature: the head was not signed by that key.
            UnknownVersion: compressed with a dictionary this node does not have.
            CannotOpen: sealed to a key this node does not have; an answer can still be made.
        """
        core = self.core
        if head.receiver != core.me or head.network != core.roster.network:
            raise NotForUs(head.receiver)
        key = core.roster.any_key(head.sender, head.sender_key)
        if key is None:
            raise UnknownSender(head.sender)
        if not core.suite.verify(key, SIGNED_AS, head.payload, head.signature):
            raise BadSignature(head.sender)
        if not core.may_exchange(head.sender):
            raise NotForUs(head.sender)
        dictionary = core.means.dictionaries.get(head.dictionary, b"")
        if head.dictionary and not dictionary:
            raise UnknownVersion(f"dictionary {head.dictionary[:16]}")
        own = core.means.keys.get(head.receiver_key)
        if own is None:
            raise CannotOpen(head.receiver_key)
        return Incoming(head, Opener(head, own, core.suite), StateIn(head), dictionary)

    def absorb(
        self, incoming: Incoming, plains: Sequence[bytes], application: Application, now_ms: int
    ) -> None:
        """Take in record plaintexts in order; what cannot be taken is noted, the rest stands.

        Frames of neighbouring records are placed and applied together.
        """
        frames: list[Frame] = []
        for plain in plains:
            try:
                items = unpack_record(plain, incoming.dictionary)
            except (BadRecord, TooLarge) as problem:
                self._refuse(incoming, problem.code, problem.detail)
                continue
            for item in items:
                if item.kind != FRAMES and frames:
                    frames = self._place(incoming, frames, application, now_ms)
                try:
                    frames += self._take_item(incoming, item, application, now_ms)
                except (BadRecord, BadFrame, TooLarge, BadBlob, BadReceipt, NotCanonical) as problem:
                    self._refuse(incoming, problem.code, problem.detail)
        self._place(incoming, frames, application, now_ms)

    def _refuse(self, incoming: Incoming, code: str, detail: str) -> None:
        incoming.refused += 1
        self.core.note(code, incoming.head.sender, detail)

    def _place(
        self, incoming: Incoming, frames: list[Frame], application: Application, now_ms: int
    ) -> list[Frame]:
        if frames:
            incoming.frames += len(frames)
            deliver(self.core, take_frames(self.core, frames, now_ms), application)
        return []

    def _take_item(
        self, incoming: Incoming, item: Item, application: Application, now_ms: int
    ) -> list[Frame]:
        state, core = incoming.state, self.core
        if item.kind == FRAMES:
            return decode_frames(item)
        if item.kind == PIECE:
            incoming.pieces += take_piece(core, decode_piece(item))
        elif item.kind == HELLO:
            state.hello = decode_hello(item)
        elif item.kind == VECTOR:
            state.vector.update(decode_vector(item))
            if len(state.vector) > VECTOR_LINES_MAX:
                raise TooLarge("vector")
        elif item.kind in (STATEMENT, BASE):
            self._take_signed(incoming, item, application, now_ms)
        elif item.kind == WANT_ACTS:
            state.wanted_acts = decode_want_acts(item)
        elif item.kind == WANT_BLOBS:
            state.wanted_blobs = decode_want_blobs(item)
        elif item.kind == STATE_END:
            self._finish_state(incoming, application, now_ms)
        elif item.kind == LOOSE:
            deliver(core, take_loose(core, decode_frames(item)), application)
        elif item.kind == EVIDENCE:
            take_evidence(core, decode_frames(item), now_ms)
        return []

    def _take_signed(self, incoming: Incoming, item: Item, application: Application, now_ms: int) -> None:
        decoded = decode_statement(item)
        if decoded is None:
            return
        statement, content = decoded
        if item.kind == BASE and statement.sort == signed.RECEIPT:
            take_base(self.core, statement)
        elif item.kind == STATEMENT:
            take_statement(self.core, incoming.state, statement, content)

    def _finish_state(self, incoming: Incoming, application: Application, now_ms: int) -> None:
        finish_state(self.core, incoming.state, now_ms)
        if incoming.state.trust_changed:
            if self.core.means.roster_key is not None:
                confirm_vouched(self.core, self.core.means.roster_key, now_ms)
            deliver(self.core, retry_unknown(self.core, now_ms), application)
        if incoming.state.docs:
            wake(self.core, application.adopt(incoming.state.docs), application)

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

