"""Whether an act that came loose has the place its header claims.

A header says where its act stands, and its signature says no more than that
the key's holder wrote so: with a stolen key anybody can claim a place within
the cut. The chain of the stream tells the truth, where it is known: the copy
held here; at the top also, of streams it is not on the way of, what leads
down without a gap from the head that the destination had signed by the time
of the revocation. What is proven by neither counts by its id alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol.acts.cuts import loose_of
from sync.protocol.frame import Frame, StreamId
from sync.protocol.memos import note_down
from sync.protocol.receipts import read_receipt
from sync.protocol.receipts_kept import end_receipt

if TYPE_CHECKING:
    from sync.protocol.core import Core

_HEAD, _PLACE = "head of a cut stream", "place of an act"


class _Link(NamedTuple):
    """What is needed of a frame to go down a chain: a thief makes many, and bodies are large."""

    act: str
    stream: StreamId
    seq: int
    prev: bytes


def places(core: Core, frame: Frame) -> list[tuple[StreamId, int]]:
    """Return the places that are proven of an act that came loose, none when none is.

    Not always the one this frame claims: it may have come in several, all but one of them false.
    """
    stream, seq = core.stream(frame.header.stream), frame.header.seq
    found = _proven(core, frame.act)
    if stream and stream.base <= seq <= stream.upto and core.spool.hash_at(stream, seq) == frame.hash:
        found.setdefault((stream.id, seq))
    return list(found)


def led_to(core: Core, act: str) -> list[tuple[StreamId, int]]:
    """Return the places of an act to which chains lead down from heads kept here."""
    return list(_proven(core, act))


def is_proven(core: Core, act: str, dst: str) -> bool:
    """Say whether a chain that leads down from a head kept here of a stream to `dst` goes through an act."""
    return any(stream.dst == dst for stream, _ in _proven(core, act))


def keep_head(core: Core, stream: StreamId) -> None:
    """Remember the head that the destination of a stream not held here has signed so far, if it has.

    Whoever holds the destination's key later, too, can add nothing below it.
    """
    held = end_receipt(core.spool, stream)
    if held is not None and core.stream(stream) is None:
        note_down(core, _HEAD, str(stream), bytes.fromhex(read_receipt(held.statement).head))


def has_heads(core: Core, src: str, dst: str) -> bool:
    """Say whether a head of any stream from one node to the other is kept here."""
    ways = [held.key.split("|") for held in core.spool.all_held(_HEAD)]
    return any((way[0], way[2]) == (src, dst) for way in ways)


def leads_on(core: Core, frame: Frame) -> bool:
    """Say whether a frame may be part of a chain that leads down from a head kept here."""
    return core.spool.held(_HEAD, str(frame.header.stream)) is not None


def adds_nothing(core: Core, frame: Frame) -> bool:
    """At the top: say whether an act of a revoked author, here whole, came in a frame that proves nothing.

    It was asked for because of its place in another stream, and still is. Nothing is proven either by a frame
    that is kept already, nor by what comes from who does not stand on its way: a thief makes many, and there
    is little room for them.
    """
    src, _, dst = frame.header.stream
    if core.me != core.tree.top or not core.roster.revoked(src):
        return False
    known = core.spool.frame_of_act(frame.act)
    if known is None or not known.body:
        return False
    may_lead = leads_on(core, frame) and is_between(core, src, dst)
    return core.spool.is_loose(frame) or not may_lead


def is_between(core: Core, src: str, dst: str) -> bool:
    """Say whether who brings this stands on the way between two nodes, or did before one of them moved."""
    giver, entries = core.found.giver, core.roster.entries
    ways = [one for end in (src, dst) if end in core.tree for one in core.tree.up(end)]
    return core.tree.holds(src, dst, giver) or any(
        giver in entries[one].left for one in (src, dst, *ways) if one in entries
    )


def leading(core: Core, frames: Iterable[Frame]) -> set[bytes]:
    """Return the hashes of those frames through which chains lead from the heads kept now, as in `follow`."""
    by_hash, found = {frame.hash: frame.header for frame in frames}, set[bytes]()
    for held in core.spool.all_held(_HEAD) if by_hash else ():
        head = held.content
        while (header := by_hash.get(head)) is not None and str(header.stream) == held.key:
            found.add(head)
            head = header.prev
    return found


def follow(core: Core, src: str, frames: Iterable[Frame]) -> bool:
    """Go down from the heads kept of an author, frame by frame; say whether any head has moved.

    The frames are these and all that lie beside the streams: a chain leads through acts of other streams too.
    """
    heads = [held for held in core.spool.all_held(_HEAD) if held.key.startswith(f"{src}|")]
    # Of most nothing is read: a thief makes many.
    by_hash = {f.hash: _link(f) for f in chain(frames, loose_of(core, src))} if heads else {}
    has_moved = False
    for held in heads:
        head = held.content
        # In its own stream alone: a destination in false hands can have signed a head that leads anywhere.
        while (link := by_hash.get(head)) is not None and str(link.stream) == held.key:
            known = _proven(core, link.act)
            known.setdefault((link.stream, link.seq))
            lines = "\n".join(f"{stream}|{seq}" for stream, seq in known)
            note_down(core, _PLACE, link.act, lines.encode())
            head = link.prev
        if head != held.content:
            note_down(core, _HEAD, held.key, head)
            has_moved = True
    return has_moved


def _link(frame: Frame) -> _Link:
    return _Link(frame.act, frame.header.stream, frame.header.seq, frame.header.prev)


def _proven(core: Core, act: str) -> dict[tuple[StreamId, int], None]:
    """Return the places to which a chain from a head kept here has led, of an act in whatever frames."""
    held = core.spool.held(_PLACE, act)
    found: dict[tuple[StreamId, int], None] = {}
    if held is None:
        return found
    for line in held.content.decode().split("\n"):
        src, epoch, dst, *seq = line.split("|")
        # Without its number: how a single place was kept at first.
        number = int(seq[0]) if seq else held.rank[0]
        found[(StreamId(src, epoch, dst), number)] = None
    return found
