"""Bodies that are not here though their frames are: gone by rule, or left out on the way.

Whoever has them is asked for them by act. What comes back takes its place in the frames that are here, so it
goes on with them and may leave by rule once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync.protocol.acts.anew import former_machines
from sync.protocol.frame import Frame
from sync.protocol.spool import ActRow, Placed

if TYPE_CHECKING:
    from sync.protocol.core import Core


def want_bodies(core: Core, frames: Sequence[Frame]) -> None:
    """Ask for acts that have a place here, came without their bodies and are not known.

    Nobody's word says whether a body is gone by rule everywhere: who has it gives it. To a node put back its
    own may come so too, from who had not heard of that when they left; their end has them still. Only what a
    new machine is given of the former one's is not asked for.
    """
    frames = [frame for frame in frames if not frame.body]
    former = former_machines(core) if any(_is_own(core, frame) for frame in frames) else frozenset()
    bare = [f for f in frames if not _is_own(core, f) or f.header.stream.epoch not in former]
    known = core.spool.known_acts([frame.act for frame in bare]) if bare else set()
    for frame in bare:
        if frame.act not in known:
            core.spool.want(frame.act, frame.header.stream.src)


def _is_own(core: Core, frame: Frame) -> bool:
    return frame.header.stream.src == core.me


def keep_body(core: Core, placed: Placed) -> None:
    """Keep a frame that came by its act: its body where a frame lacks it here, else all of it beside."""
    if not core.spool.restore_body(placed.frame):
        core.spool.add_loose(placed)


def waits_for_body(row: ActRow) -> str:
    """Return what an act waits for that can only be handed over when its body is back: for itself."""
    return f"act:{row.id}"
