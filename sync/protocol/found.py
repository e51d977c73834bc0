"""What one unit found out about this node's own acts and about streams on which copies disagree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol.entries import Entry
from sync.protocol.frame import Frame, StreamId
from sync.protocol.memos import note_down
from sync.protocol.receipts import Receipt
from sync.protocol.receipts_kept import may_be_off_chain
from sync.protocol.signing import PublicKey
from sync.protocol.spool import Held, Part
from sync.protocol.streams import Stream
from sync.protocol.verdicts import RELEASED, verdict_on

if TYPE_CHECKING:
    from sync.protocol.core import Core

DOUBT = "doubt"
OWN_ACTS = "own acts came back"


class Came(NamedTuple):
    """A key that a node went over to; the names under which the records are held that say so, in order."""

    key: PublicKey
    names: tuple[str, ...]


class Shown:
    """What came of a stream in one batch; what comes later counts.

    `alike`: up to where it is as here; `others`: frames that have no place here.
    """

    def __init__(self) -> None:
        self.alike = 0
        self.others: list[Frame] = []

    def same(self, seq: int) -> None:
        """A frame is here at its place."""
        self.alike = max(self.alike, seq)

    def differs(self, frame: Frame) -> None:
        """A frame has no place here: from there on the giver's copy is another."""
        self.others.append(frame)
        if self.alike >= frame.header.seq:
            self.alike = 0


@dataclass(slots=True)
class Found:
    """Gathered while a unit takes things in, used up at the end of each batch.

    `behind`: why this node must be an older copy of itself, "" when nothing
    says so; `forked`: streams with evidence on which something is new;
    `fetched`: own acts that came back or lost a place, in order; `unasked`:
    frames that came loose though nobody had asked; `lost`: own frames whose
    place another one has here; `entries`: at the top, own entries that are
    neither before nor after the ones in force; `epochs`: the numbers of the
    epochs known of a node, as far as one of it came; see `rollback.has_twin`;
    `brought`: the keys that records of it brought, by their ids; see `rotation`;
    `once`: the keys that a node went over to from one that was believed once, see `endings.known_once`;
    `has_later`: a later epoch of this node came, see `rollback.meet_own_epoch`;
    `cut_off`: acts past the cut of a revoked key that the top may not have, and why it is told of each;
    `settled`: whose revocations were gone by anew;
    `held_told`: at the top, what nodes below have named: (act, node, why) → by which of its keys;
    `met`: at the top, acts on which an own verdict came back that says otherwise than the one here;
    `said`: at the top, acts on which it knew no word until own ones came back → which those are;
    `giver`: who brings what is taken in, "" while nothing comes from outside; `is_again`: as once before;
    `shown`: what that showed of its copies of streams; `evidence`: see `asides.evidence_of`;
    `weights`: (why, share) → how many bytes are aside, see `asides.room_for`;
    `newest`: of nodes the numbers of their newest epochs, see `loose.brings_home`;
    `vectors`: what neighbours say they hold, None of who is none, see `loose.owe_beyond_gap`;
    `begun`: why this node began anew in this unit, "" where it did not;
    `came`: acts that came by id, and those parked, see `left.settle_pointed_out`.
    """

    behind: str = ""
    forked: dict[StreamId, None] = field(default_factory=dict)
    fetched: dict[str, None] = field(default_factory=dict)
    unasked: list[Frame] = field(default_factory=list)
    lost: list[Frame] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    epochs: dict[str, set[int]] = field(default_factory=dict)
    brought: dict[str, dict[str, Came]] = field(default_factory=dict)
    once: dict[str, dict[str, PublicKey]] = field(default_factory=dict)
    has_later: bool = False
    cut_off: dict[str, str] = field(default_factory=dict)
    settled: dict[str, None] = field(default_factory=dict)
    held_told: dict[tuple[str, str, str], str] = field(default_factory=dict)
    met: dict[str, None] = field(default_factory=dict)
    said: dict[str, list[str]] = field(default_factory=dict)
    giver: str = ""
    is_again: int = 0
    shown: dict[StreamId, Shown] = field(default_factory=dict)
    evidence: dict[StreamId, dict[bytes, int]] = field(default_factory=dict)
    weights: dict[tuple[str, str], int] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    vectors: dict[str, dict[StreamId, Part] | None] = field(default_factory=dict)
    begun: str = ""
    came: dict[str, None] = field(default_factory=dict)


def is_own(core: Core, frame: Frame) -> bool:
    """Say whether a verified frame is this node's own: by a key not revoked, within its cut, or released.

    Nothing else past a cut is ever issued again by the machine.
    """
    stream = frame.header.stream
    if stream.src != core.me:
        return False
    record = core.epoch(stream.src, stream.epoch)
    revoked = core.roster.revoked(core.me).get(record.key_id) if record else None
    if revoked is None or frame.act in revoked.ids or verdict_on(core, frame.act) == RELEASED:
        return True
    return frame.header.seq <= revoked.cut.get(str(stream), 0)


def lacked(core: Core, frame: Frame) -> None:
    """An own frame came, verified, that was not here at its place: a copy of this node wrote it.

    Its act gets a place again if it misses one and counts: past a cut here it may count by another place, and
    `reissue` looks at that. If it was written in the epoch in use this node was put back, and must leave that
    epoch; of a former one that was found out before.
    """
    stream = frame.header.stream
    if stream.src != core.me:
        return
    core.found.fetched[frame.act] = None
    if stream.epoch == core.identity.epoch and is_own(core, frame):
        core.found.behind = OWN_ACTS


def doubt_shown(core: Core, stream: StreamId) -> Held | None:
    """Return what is noted of a stream in doubt, if who brings something stands on the destination's side."""
    held = core.spool.held(DOUBT, str(stream))
    return held if held and core.tree.holds(core.me, stream.dst, core.found.giver) else None


def doubt(core: Core, stream: StreamId) -> None:
    """Copies of a stream disagree and this node does not decide: it is looked at until that is clear."""
    if stream.dst != core.me and core.spool.held(DOUBT, str(stream)) is None:
        note_down(core, DOUBT, str(stream))


def heed_end(core: Core, stream: Stream, receipt: Receipt) -> None:
    """A destination's word came: its stream is in doubt if that is about another branch, or may be."""
    if may_be_off_chain(core.spool, stream, receipt):
        doubt(core, receipt.stream)
    if core.spool.held(DOUBT, str(receipt.stream)):
        # What is said of a stream in doubt depends on that word.
        core.touch(stream)
