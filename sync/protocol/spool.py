"""The port to what a peer remembers. The state machine sees only this; SQLite and a dict stand behind it.

Every call happens inside the unit of work of the entry that caused it; what a
unit wrote is there whole after its commit or not at all. One contract suite
(tests/sync/spool_contract.py) runs on every implementation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sync.protocol.frame import BlobRef, Frame, StreamId
from sync.protocol.signed import Statement
from sync.protocol.spool_names import SpoolNames
from sync.protocol.spool_wants import SpoolWants
from sync.protocol.streams import Stream

APPLIED, PARKED, OWN = "applied", "parked", "own"

GAP = "gap"
UNKNOWN_KEY = "unknown_key"
EVIDENCE = "evidence"


@dataclass(slots=True)
class Identity:
    """What a node knows of itself.

    `stamp` counts every change anyone may have to be told of, `position` every
    frame in the order of acceptance; both only rise.
    """

    address: str
    instance: str
    fingerprint: str
    incarnation: int = 1
    epoch: str = ""
    stamp: int = 0
    position: int = 0


class Held(NamedTuple):
    """A signed statement with what is kept beside it.

    Of two under one key the higher `rank` is newer: of a receipt its
    incarnation, upto and papers, of an epoch its number, of a shelf document
    its version and the stamp of the version it names as the one before, 0
    when that was not in force here.
    """

    sort: str
    key: str
    rank: tuple[int, int, int]
    statement: Statement
    content: bytes
    stamp: int


class Placed(NamedTuple):
    """A frame with its position in this node's order of acceptance."""

    position: int
    frame: Frame


class ActRow(NamedTuple):
    """What became of an act here: `state` is OWN, APPLIED or PARKED; the other two only when parked."""

    id: str
    kind: str
    author: str
    state: str
    reason: str
    waits_for: str
    position: int


class Aside(NamedTuple):
    """A frame without a place: beyond a gap, of an unknown key, evidence of a fork; and whose room it has."""

    frame: Frame
    why: str
    since: int
    share: str = ""


class Part(NamedTuple):
    """One line of a vector: what a node holds of one stream."""

    base: int
    upto: int
    head: bytes


# What the acknowledgement of an exchange covers from before all was owed; what held something back covers 0.
VOID = -1
# Epoch times this and incarnation are one number that a row can hold: an epoch has nine digits at most.
ERA = 1_000_000


@dataclass(slots=True)
class Neighbour:
    """What is known of the exchange with one other node.

    Of theirs: `era` and `counter` rank the newest state taken in (see
    `state.rank_of`), `instance` is the installation that sent it; `taken` is
    their newest exchange of which all but frames and papers arrived (what we acknowledge);
    `need_full`: 1 when our digest did not fit theirs; `more`, `soon_ms` and
    what they want are as they said last, at `contact_at` (UTC ms); `reads`
    names the preset dictionaries they have and says how they take documents.
    Of ours: `mine` numbers our exchanges to them; `sent` says of each up to which stamp its acknowledgement
    covers our state (VOID, 0: it covers none), `acked_stamp` up to which they are known to hold it;
    `ask_full`: 1 when we need their whole vector.
    """

    address: str
    instance: str = ""
    era: int = 0
    counter: int = 0
    taken: int = 0
    mine: int = 0
    acked_stamp: int = 0
    need_full: int = 0
    ask_full: int = 0
    contact_at: int = 0
    more: int = 0
    soon_ms: int = 0
    wanted_acts: tuple[str, ...] = ()
    wanted_blobs: tuple[tuple[str, int], ...] = ()
    sent: dict[int, int] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    wanted_docs: tuple[str, ...] = ()

    @property
    def incarnation(self) -> int:
        """The one in which it was last heard, 0 while it was not."""
        return self.era % ERA

    def owe_all(self) -> None:
        """Nothing it has acknowledged counts any more: it will be told everything again."""
        self.acked_stamp = 0
        self.cover_nothing()

    def cover_nothing(self) -> None:
        """No acknowledgement of what was sent counts; its numbers stay, for others are of a lost life."""
        self.sent = dict.fromkeys(self.sent, VOID)


class Spool(SpoolNames, SpoolWants, Protocol):
    """What a peer remembers."""

    # --- the node itself
    def identity(self) -> Identity | None:
        """Return this node's identity, or None before `init`."""

    def put_identity(self, identity: Identity) -> None:
        """Keep it; `stamp` and `position` are written at the end of the unit as they then stand."""

    # --- statements: roster, epochs, receipts, vouches, shelf
    def put_held(self, held: Held) -> None:
        """Keep a statement under (sort, key), replacing the one there."""

    def held(self, sort: str, key: str) -> Held | None:
        """Return the statement kept under (sort, key)."""

    def drop_held(self, sort: str, key: str) -> None:
        """Forget it."""

    def all_held(self, sort: str, after_stamp: int = 0) -> list[Held]:
        """Return the statements of a sort whose stamp is above `after_stamp`, by stamp."""

    # --- streams and frames
    def stream(self, stream: StreamId) -> Stream | None:
        """Return this node's copy of a stream; changes count only after `put_stream`."""

    def streams(self) -> list[Stream]:
        """Return all streams."""

    def put_stream(self, stream: Stream) -> None:
        """Keep it (`no` is given at the first time)."""

    def add_frames(self, frames: Sequence[Placed]) -> None:
        """Keep frames at their places; the same place twice in one stream raises, and the unit fails."""

    def add_loose(self, placed: Placed, most: int = 1) -> None:
        """Keep a frame that has no place in a stream here, once; of an act in one stream at most so many."""

    def is_loose(self, frame: Frame) -> bool:
        """Say whether this very frame is kept beside the streams, with its body or without."""

    def loose_frames(self, limit: int, author: str = "") -> Iterator[Frame]:
        """Yield up to `limit` frames that have no place here, of one author or of all, the newest first.

        What is written meanwhile changes nothing in which they are; a few of them at a time are in memory.
        """

    def drop_frames(self, stream: Stream, after: int) -> list[Placed]:
        """Take frames above a place and their gaps out of a stream; return them by seq. Its row stays."""

    def hash_at(self, stream: Stream, seq: int) -> bytes | None:
        """Return the header hash at a place, the base's or root's included; None when not held."""

    def frames_after(self, starts: Mapping[StreamId, int], after: int, limit: int) -> list[Placed]:
        """Return up to `limit` frames, by position: above `after`, and above the start of each stream."""

    def frame_of_act(self, act: str) -> Frame | None:
        """Return any frame, placed or loose, that carries the act."""

    def places_of_act(self, act: str) -> list[tuple[StreamId, int]]:
        """Return every place the act has in a stream here, in the order they came."""

    def places_of_acts(self, acts: Iterable[str]) -> dict[str, list[tuple[StreamId, int]]]:
        """Return the same of many acts at once; an act without a place is not among them."""

    # --- acts
    def known_acts(self, acts: Iterable[str]) -> set[str]:
        """Return which of these acts this node already has."""

    def add_acts(self, rows: Sequence[ActRow]) -> None:
        """Keep acts not known before."""

    def act(self, act: str) -> ActRow | None:
        """Return what became of an act here."""

    def set_act(self, row: ActRow) -> None:
        """Replace the row of a known act."""

    def parked(self, waits_for: Iterable[str] | None = None) -> list[ActRow]:
        """Return parked acts, all or those that wait for one of the given keys, by position."""

    def parked_for(self, prefix: str, limit: int) -> list[str]:
        """Return keys beginning so that parked acts wait for, each once, that of the oldest act first."""

    def parked_for_by_author(self, prefix: str, limit: int) -> list[list[str]]:
        """Return some such keys by whose acts wait; each has the same room, and what others leave."""

    # --- frames without a place
    def put_aside(self, aside: Aside) -> bool:
        """Keep a frame aside (once per header hash); False when it was there already."""

    def asides(self, why: str, stream: StreamId | None = None) -> list[Aside]:
        """Return frames kept aside for a reason, of one stream or of all, by seq."""

    def drop_aside(self, frame: Frame) -> None:
        """Forget one."""

    def count_aside(self, why: str = "", share: str = "") -> int:
        """Return how many frames are kept aside, for one reason or for all, in one share or in all."""

    def streams_aside(self, why: str) -> list[StreamId]:
        """Return the streams of which frames are kept aside for a reason, sorted; no frame is read."""

    def weigh_aside(self, why: str, share: str = "") -> int:
        """Return how many bytes the frames kept aside for a reason have, in one share or in all."""

    # --- papers
    def add_gaps(self, stream: Stream, missing: Sequence[tuple[int, BlobRef]]) -> None:
        """Remember that the frames at these places name papers not held here."""

    def gaps(self, stream: Stream, limit: int) -> list[tuple[int, str]]:
        """Return up to `limit` (seq, hash) of missing papers of a stream, by seq."""

    def gap_streams(self) -> list[StreamId]:
        """Return the streams that miss papers."""

    def close_gap(self, blob: str) -> list[StreamId]:
        """The paper is held now: forget every gap, loose ones too; return the streams it was missing in."""

    def missing_blob(self, blob: str) -> BlobRef | None:
        """Return a paper missing here under the largest size announced, or None when nothing misses it."""

    def have_blobs(self, blobs: Iterable[str]) -> set[str]:
        """Return which of these papers are held here whole."""

    def put_blob(self, blob: BlobRef) -> None:
        """Remember that a paper is held here whole."""

    def drop_blob(self, blob: str) -> None:
        """The paper is not held here any more."""

    def blob(self, blob: str) -> BlobRef | None:
        """Return a held paper's reference."""

    # --- neighbours
    def neighbour(self, address: str) -> Neighbour | None:
        """Return what is known of the exchange with a node."""

    def neighbours(self) -> list[Neighbour]:
        """Return all of them."""

    def put_neighbour(self, neighbour: Neighbour) -> None:
        """Keep it."""

    def vector(self, address: str) -> dict[StreamId, Part]:
        """Return the newest vector a neighbour sent us."""

    def put_vector(self, address: str, parts: Mapping[StreamId, Part], replace: Sequence[StreamId]) -> None:
        """Keep parts; `replace` names streams of the old vector to forget first."""
