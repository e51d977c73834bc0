"""Frames that lost their place here, or may have lost it at their author: as a neighbour is shown them."""

from __future__ import annotations

from collections.abc import Sequence

from sync.protocol.core import Core
from sync.protocol.frame import Frame
from sync.protocol.incoming.asides import LOST
from sync.protocol.spool import EVIDENCE, GAP, Neighbour
from sync.protocol.stock.loose import OWED, brings_home
from sync.protocol.streams import Stream


def displaced(core: Core, neighbour: Neighbour, streams: Sequence[Stream]) -> list[Frame]:
    """Return what lost its place here since a neighbour was last told, and of its own what has those places.

    Its author gives it a new one.
    """
    found = _unknown_to_author(core, neighbour)
    if not found and not core.spool.count_aside(EVIDENCE):
        return found
    for stream in (one for one in streams if one.stamp > neighbour.acked_stamp):
        lost = [aside.frame for aside in core.spool.asides(EVIDENCE, stream.id)]
        since = core.spool.held(LOST, str(stream.id)) if lost else None
        if since is not None and since.stamp <= neighbour.acked_stamp:
            # A stream in doubt changes often, and what it lost is not shown as often.
            continue
        found += lost + (_in_place_of(core, stream, lost) if stream.id.src == neighbour.address else [])
    return found


def _unknown_to_author(core: Core, neighbour: Neighbour) -> list[Frame]:
    """Return frames that wait beyond a gap here, that a neighbour brings home and does not say it has."""
    if core.spool.held(OWED, neighbour.address) is None:
        return []
    known = {stream: part.upto for stream, part in core.spool.vector(neighbour.address).items()}
    waiting = [aside.frame for aside in core.spool.asides(GAP)]
    lacking = [f for f in waiting if f.header.seq > known.get(f.header.stream, 0)]
    return [frame for frame in lacking if brings_home(core, neighbour.address, frame)]


def _in_place_of(core: Core, stream: Stream, lost: Sequence[Frame]) -> list[Frame]:
    """Return the frames here that have the places of these: put back, their author may not know of them."""
    places = sorted({frame.header.seq - 1 for frame in lost})
    pages = [core.spool.frames_after({stream.id: place}, 0, 1) for place in places]
    return [placed.frame for page in pages for placed in page]
