"""Bodies that are not here though their frames are: gone by rule, or left out on the way.

Whoever has them is asked for them by act. What comes back takes its place in the frames that are here, so it
goes on with them and may leave by rule once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync.protocol.frame import Frame
from sync.protocol.spool import ActRow, Placed

if TYPE_CHECKING:
    from sync.protocol.core import Core


def want_bodies(core: Core, frames: Sequence[Frame]) -> None:
    """Ask for acts of others that have a place here, came without their bodies and are not known.

    Nobody's word says whether a body is gone by rule everywhere: who has it gives it. A node's own acts of
    before, which a new machine is given bare, are not asked for.
    """
    bare = [frame.act for frame in frames if not frame.body and frame.header.stream.src != core.me]
    known = core.spool.known_acts(bare) if bare else set()
    for act in bare:
        if act not in known:
            core.spool.want(act)


def keep_body(core: Core, placed: Placed) -> None:
    """Keep a frame that came by its act: its body where a frame lacks it here, else all of it beside."""
    if not core.spool.restore_body(placed.frame):
        core.spool.add_loose(placed)


def waits_for_body(row: ActRow) -> str:
    """Return what an act waits for that can only be handed over when its body is back: for itself."""
    return f"act:{row.id}"
