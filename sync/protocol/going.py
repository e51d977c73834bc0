"""Which of the things that a neighbour lacks go in an exchange, and which wait for the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sync.protocol.core import Core
from sync.protocol.documents import docs_to_send
from sync.protocol.frame import Frame, StreamId
from sync.protocol.pieces import Budget
from sync.protocol.shelf import ShelfDoc
from sync.protocol.spool import Neighbour
from sync.protocol.stock.blobs import ask_back, papers_asked, papers_unasked
from sync.protocol.stock.eviction import fetch_for
from sync.protocol.stock.loose import loose_for
from sync.protocol.stock.once import Showing, next_part
from sync.protocol.streams import Stream
from sync.protocol.turns import ASKED, DOCS, SHOWN, STREAMS, waiting
from sync.protocol.wants import WANTS_MAX

if TYPE_CHECKING:
    from sync.protocol.offer import Offer


class Going(NamedTuple):
    """What goes in an exchange; `more`: other things wait for the next one, or are in this one."""

    asked: list[Frame]
    evidence: list[Frame]
    shown: Showing
    docs: list[ShelfDoc]
    starts: dict[StreamId, int]
    papers: list[tuple[str, int, int]]
    more: int


def choose(core: Core, neighbour: Neighbour, budget: Budget, told: tuple[list[Stream], Offer]) -> Going:
    """Choose what goes, given the streams a neighbour is told of and what it is offered of them."""
    streams, offer = told
    asked, owed, is_cut = loose_for(core, neighbour, budget.bytes)
    docs = docs_to_send(core, neighbour, budget.bytes // 2)
    papers = _papers(core, neighbour, budget, (streams, [*asked, *owed]))
    once, onward = offer.evidence or offer.lost or owed, offer.starts or papers
    going = {ASKED: asked, SHOWN: once, DOCS: docs, STREAMS: onward}
    late = waiting(neighbour.mine, budget.bytes, [kind for kind, things in going.items() if things])
    more = int(bool(late or offer.starts or papers or docs or is_cut))
    # What waits is acknowledged with nothing.
    evidence, shown = list[Frame](), Showing([], [], neighbour.acked_stamp)
    if SHOWN not in late:
        shown = next_part(core, neighbour, offer.lost, owed, budget.bytes)
        evidence = [*offer.evidence, *shown.evidence]
    return Going(
        [] if ASKED in late else asked,
        evidence,
        shown,
        [] if DOCS in late else docs,
        {} if STREAMS in late else offer.starts,
        [] if STREAMS in late else papers,
        more,
    )


def _papers(
    core: Core, neighbour: Neighbour, budget: Budget, named: tuple[list[Stream], list[Frame]]
) -> list[tuple[str, int, int]]:
    ask_back(core, [blob for blob, _ in neighbour.wanted_blobs[:WANTS_MAX]])
    fetch_for(core, neighbour, WANTS_MAX)
    papers = papers_asked(core, neighbour)
    if not budget.is_answered:
        papers += papers_unasked(core, neighbour, *named)
    return papers
