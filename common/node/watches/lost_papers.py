"""Papers found damaged or gone, by a check or by who looks at one, are asked for at once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from common.node.profile import VILLAGE
from common.store import audit
from common.store.database import DatabaseBusy, DiskFault, DiskFull
from sync.protocol.stock.ended import ended_for
from sync.protocol.stock.eviction import fetch_lost, keep_for_now

if TYPE_CHECKING:
    from common.node.node import Node

# What found a paper lost, as the audit row says it.
VERIFY, SEEN, WATCH = "verify", "seen", "watch"
# Of a folder that is lost whole others may write between so many papers and the next.
_AT_ONCE = 100
log = logging.getLogger(__name__)


def ask_back(node: Node, papers: Sequence[str], why: str = VERIFY) -> list[str]:
    """Put these papers on the list of what the line asks for; return those that now are on it.

    Where papers leave in time by themselves those that might have left so are passed over, unless somebody
    wants to see one. On a disk that takes nothing more no others are asked for: the next check does it.
    Not to be called in a unit.
    """
    asked: list[str] = []
    try:
        for at in range(0, len(papers), _AT_ONCE):
            asked += _ask_back(node, papers[at : at + _AT_ONCE], why)
    except (DatabaseBusy, DiskFault, DiskFull) as problem:
        log.warning("%d lost papers could not be asked for now: %s", len(papers) - len(asked), problem.code)
    if asked:
        node.wake()
    return asked


def _ask_back(node: Node, papers: Sequence[str], why: str) -> list[str]:
    for blob in papers:
        node.blobs.doubt(blob)
    days = node.config.paper_days if node.profile.tier == VILLAGE and why != SEEN else 0
    with node.unit():
        core = node.peer.core
        asked = fetch_lost(core, papers, ended_for(core, days) if days else None)
        if why == SEEN:
            for blob in asked:
                keep_for_now(core, blob)
        now = node.clock.now_ms()
        for blob in asked:
            audit.record("", "paper.asked_back", blob, {"why": why}, now)
        notes = node.peer.take_notes()
    node.journal(notes)
    return asked
