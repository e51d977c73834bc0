"""Copies of streams that lack their beginning, or all, where nobody lacks anything that anybody has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from sync.protocol import signed
from sync.protocol.frame import StreamId
from sync.protocol.incoming.rebase import PUT_BY
from sync.protocol.receipts import read_receipt
from sync.protocol.witness import number_of

if TYPE_CHECKING:
    from tests.simulation.site import Site
    from tests.simulation.world import County


def is_begun_in_vain(county: County, stream_id: StreamId, found: Collection[str]) -> bool:
    """Say whether of a stream only begun copies without a frame are left, and all its acts go on in another.

    A new machine began one at a mark; then the author was put back to before all of the stream, gave each of
    its acts a place in a later epoch, to the same end, and can say nothing of the former one. Nobody lacks
    anything that anybody has: that the later places arrive is looked at like everything else.
    """
    author, upto = county.sites[stream_id.src], 0
    for address in found:
        stream = county.sites[address].spool.stream(stream_id)
        if stream is None or stream.base < stream.upto or address == author.address:
            return False
        upto = max(upto, stream.upto)
    if author.address not in county.oracle.forgetful:
        return False
    former = [county.oracle.frames.get((stream_id, seq), {}) for seq in range(1, upto + 1)]
    acts = {frame.act for frames in former for frame in frames.values()}
    return all(former) and all(_goes_on_later(author, act, stream_id) for act in acts)


def waits_at_mark(county: County, stream_id: StreamId, found: Mapping[str, tuple[int, bytes]]) -> bool:
    """Say whether the destination alone lacks a stream, and keeps the mark at which all others stand.

    It is a new machine, and the author, which alone may bring that mark, is not next to it: the stream begins
    there once that goes on. Nobody lacks an act: each is looked at like everything else.
    """
    src, _, dst = stream_id
    site = county.sites[dst]
    lacking = {*site.tree.path(src, dst)} - set(found)
    if lacking != {dst} or len(set(found.values())) != 1 or src in site.uplinks[:1]:
        return False
    held = (one.statement._replace(sort=signed.RECEIPT) for one in site.spool.all_held(PUT_BY))
    marks = {
        (mark.upto, bytes.fromhex(mark.head)) for mark in map(read_receipt, held) if mark.stream == stream_id
    }
    return not marks.isdisjoint(found.values())


def _goes_on_later(author: Site, act: str, former: StreamId) -> bool:
    places = [stream for stream, _ in author.spool.places_of_act(act)]
    later = number_of(former.epoch) + 1
    return any(stream.dst == former.dst and number_of(stream.epoch) >= later for stream in places)
