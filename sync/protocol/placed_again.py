"""Acts past a cut that are here without a place: as they come once more, or others do, they may have one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sync.protocol import asked, proofs, proven
from sync.protocol.frame import Act, Frame
from sync.protocol.quarantine import PAST_CUT, give_back, note_within, waits_for

if TYPE_CHECKING:
    from sync.protocol.core import Core


def met_again(core: Core, frame: Frame) -> list[Act]:
    """An act that is known came once more; give it back if it was past a cut and has its place now."""
    if not core.roster.revoked(frame.header.stream.src):
        return []
    if core.me == core.tree.top:
        # It may be what was missing of a chain that proves the places of others.
        core.found.cut_off.setdefault(frame.act, "")
    row, freed = core.spool.act(frame.act), list[Act]()
    if row is not None and row.reason == PAST_CUT:
        asked.note_arrived(core, [row])
        freed = give_back(core, [row])
    # A chain may lead through it to what lies below, past the cut or not.
    note_within(core, frame)
    return freed


def prove_places(core: Core, authors: Iterable[str]) -> list[Act]:
    """At the top: look how far what came loose leads down from known heads; return acts that now count."""
    freed: list[Act] = []
    for src in sorted(set(authors)):
        rows = [row for row in core.spool.parked([waits_for(src)]) if row.reason == PAST_CUT]
        found = (core.spool.frame_of_act(row.id) for row in rows)
        if proven.follow(core, src, (frame for frame in found if frame is not None)):
            proofs.note_moved(core, src)
            freed += give_back(core, rows)
    return freed
