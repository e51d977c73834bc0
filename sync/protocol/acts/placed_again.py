"""Acts past a cut that count later: as they or others come once more, or as the cut is named no more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sync.protocol.acts import asked, proofs, proven
from sync.protocol.acts.quarantine import PAST_CUT, SETTLED, give_back, note_within, waits_for
from sync.protocol.frame import Act, Frame

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


def spared(core: Core) -> list[Act]:
    """Give back what waits for cuts that the roster names no more; return acts that now count.

    The top was put back to before it revoked, with another roster key since, and decided otherwise then.
    """
    freed: list[Act] = []
    for held in list(core.spool.all_held(SETTLED)):
        if not core.roster.revoked(held.key):
            core.spool.drop_held(SETTLED, held.key)
            freed += give_back(core, core.spool.parked([waits_for(held.key)]))
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
