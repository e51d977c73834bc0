"""Who may have an act, and with it its papers: nobody else is given either, whatever it asks for.

That is who stands above the author, who stands on the way of a frame that
carries the act, and whom somebody above has pointed to it by a brief.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync.protocol.acts.deliver import BRIEF, brief_ids
from sync.protocol.core import Core
from sync.protocol.frame import Frame, StreamId
from sync.protocol.spool_names import Way


def may_have_act(core: Core, address: str, frame: Frame) -> bool:
    """Say whether `address` may have the act of a frame held here."""
    # Briefs last: of most acts where somebody stands says enough, and nothing is read for it.
    return may_have_unasked(core, address, frame) or is_pointed_to(
        core, address, core.spool.briefs_of_act(frame.act)
    )


def may_have_unasked(core: Core, address: str, frame: Frame) -> bool:
    """Say the same without briefs: by where `address` stands."""
    src, _, dst = frame.header.stream
    if address in core.tree.up(src):
        return True
    ways = [(place.src, place.dst) for place, _ in core.spool.places_of_act(frame.act)] or [(src, dst)]
    return is_on_way(core, address, ways)


def may_have_paper(core: Core, address: str, blob: str) -> bool:
    """Say whether `address` may have an act held here that names a paper."""
    ways = core.spool.ways_of_paper(blob)
    return (
        any(address in core.tree.up(src) for src, _ in ways)
        or is_on_way(core, address, ways)
        or is_pointed_to(core, address, core.spool.briefs_of_paper(blob))
    )


def is_on_way(core: Core, address: str, ways: Iterable[Way]) -> bool:
    """Say whether `address` stands on one of these ways."""
    return any(core.tree.holds(src, dst, address) for src, dst in ways)


def is_pointed_to(core: Core, address: str, briefs: Iterable[Way]) -> bool:
    """Say whether one of these briefs was sent by a node above `address`, to it or past it."""
    return any(core.tree.is_below(address, src) and core.tree.holds(src, dst, address) for src, dst in briefs)


def note_briefs(core: Core, frames: Sequence[Frame]) -> None:
    """Remember which acts the briefs among frames that have just taken a place point out."""
    for frame in frames:
        if frame.header.kind == BRIEF and frame.body:
            core.spool.point_out(frame.header.stream, brief_ids(frame.content))


def is_spoken_for(core: Core, stream: StreamId) -> bool:
    """Say whether anybody would believe the frames of a stream: this node's own, and those by a key known."""
    return stream.src == core.me or core.key_of_epoch(stream.src, stream.epoch) is not None
