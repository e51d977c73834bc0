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
from typing import TYPE_CHECKING

from sync.protocol import signed
from sync.protocol.frame import Frame, StreamId
from sync.protocol.receipts import END, read_receipt
from sync.protocol.signed import Statement
from sync.protocol.spool import Held

if TYPE_CHECKING:
    from sync.protocol.core import Core

_HEAD, _PROVEN, _PLACE = "head of a cut stream", "place proven", "place of an act"
_LOOSE_READ = 100_000


def has_place(core: Core, frame: Frame) -> bool:
    """Say whether the chain of its stream, as far as known here, has this frame at the place it claims."""
    stream, seq = core.stream(frame.header.stream), frame.header.seq
    if stream is None:
        return core.spool.held(_PROVEN, frame.hash.hex()) is not None
    return stream.base <= seq <= stream.upto and core.spool.hash_at(stream, seq) == frame.hash


def places(core: Core, frame: Frame) -> list[tuple[StreamId, int]]:
    """Return the place that is proven of an act that came loose, none when none is.

    Not always the one this frame claims: it may have come in several, all but one of them false.
    """
    if has_place(core, frame):
        return [(frame.header.stream, frame.header.seq)]
    held = core.spool.held(_PLACE, frame.act)
    return [(StreamId(*held.content.decode().split("|")), held.rank[0])] if held is not None else []


def is_proven(core: Core, act: str) -> bool:
    """Say whether a chain that leads down from a head kept here goes through an act."""
    return core.spool.held(_PLACE, act) is not None


def keep_head(core: Core, stream: StreamId) -> None:
    """Remember the head that the destination of a stream not held here has signed so far, if it has.

    Whoever holds the destination's key later, too, can add nothing below it.
    """
    held = core.spool.held(signed.RECEIPT, f"{stream}|{stream.dst}|{END}")
    if held is not None and core.stream(stream) is None:
        _keep(core, _HEAD, str(stream), bytes.fromhex(read_receipt(held.statement).head))


def has_heads(core: Core, src: str, dst: str) -> bool:
    """Say whether a head of any stream from one node to the other is kept here."""
    ways = [held.key.split("|") for held in core.spool.all_held(_HEAD)]
    return any((way[0], way[2]) == (src, dst) for way in ways)


def leads_on(core: Core, frame: Frame) -> bool:
    """Say whether a frame may be part of a chain that leads down from a head kept here."""
    return core.spool.held(_HEAD, str(frame.header.stream)) is not None


def adds_nothing(core: Core, frame: Frame) -> bool:
    """At the top: say whether an act of a revoked author, here whole, came in a frame that proves nothing.

    It was asked for because of its place in another stream, and still is.
    """
    src = frame.header.stream.src
    if core.me != core.tree.top or not core.roster.revoked(src):
        return False
    known = core.spool.frame_of_act(frame.act)
    return known is not None and bool(known.body) and not leads_on(core, frame)


def follow(core: Core, src: str, frames: Iterable[Frame]) -> bool:
    """Go down from the heads kept of an author, as far as is led; say whether that was any way.

    These frames lead, and all that lie beside the streams: a chain leads through acts of other streams too.
    """
    heads = [held for held in core.spool.all_held(_HEAD) if held.key.startswith(f"{src}|")]
    beside = core.spool.loose_frames(_LOOSE_READ, src) if heads else []
    by_hash = {frame.hash: frame for frame in (*frames, *beside)}
    has_moved = False
    for held in heads:
        head = held.content
        while head in by_hash:
            header, act = by_hash[head].header, by_hash[head].act
            _keep(core, _PROVEN, head.hex(), b"")
            _keep(core, _PLACE, act, str(header.stream).encode(), header.seq)
            head = header.prev
        if head != held.content:
            _keep(core, _HEAD, held.key, head)
            has_moved = True
    return has_moved


def _keep(core: Core, sort: str, key: str, content: bytes, seq: int = 0) -> None:
    core.spool.put_held(Held(sort, key, (seq, 0, 0), Statement(sort, b"", ()), content, core.stamp()))
