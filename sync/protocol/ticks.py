"""How far an act got, by the receipts held here: never more than a receipt supports."""

from __future__ import annotations

from dataclasses import dataclass

from sync.protocol import signed
from sync.protocol.address import Tree
from sync.protocol.frame import StreamId
from sync.protocol.receipts import END, HOP, read_receipt
from sync.protocol.spool import Held, Spool

SAVED, HOP_STORED, END_STORED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Tick:
    """SAVED here, HOP_STORED by a node on the way, END_STORED (papers and all) by the last one.

    Of an act with several destinations the top of the tree counts where it is one of them, else all do.
    `papers_missing`: what the last node still lacks, at most 32 are told.
    """

    stage: int
    papers_missing: int = 0


def tick_of(spool: Spool, tree: Tree, act: str) -> Tick:
    """Return how far an act got; reads only, so it needs no unit of work."""
    best: dict[str, Tick] = {}
    for stream, seq in spool.places_of_act(act):
        tick = _tick_at(spool, tree, stream, seq)
        # The same act may have a place in streams of two epochs; the better one counts.
        if stream.dst not in best or tick.stage > best[stream.dst].stage:
            best[stream.dst] = tick
    if tree.top in best:
        return best[tree.top]
    return min(best.values(), key=lambda tick: tick.stage, default=Tick(SAVED))


def _tick_at(spool: Spool, tree: Tree, stream: StreamId, seq: int) -> Tick:
    if stream.src == stream.dst:
        return Tick(END_STORED)
    best = Tick(SAVED)
    for held in _receipts_on(spool, tree, stream):
        receipt = read_receipt(held.statement)
        if held.content or receipt.upto < seq:
            continue
        if receipt.kind == END and receipt.papers >= seq:
            return Tick(END_STORED)
        best = Tick(HOP_STORED, len(receipt.missing) if receipt.kind == END else best.papers_missing)
    return best


def _receipts_on(spool: Spool, tree: Tree, stream: StreamId) -> list[Held]:
    src, epoch, dst = stream
    found = []
    for signer in tree.path(src, dst):
        if signer != src:
            kind = END if signer == dst else HOP
            held = spool.held(signed.RECEIPT, f"{src}|{epoch}|{dst}|{signer}|{kind}")
            if held is not None:
                found.append(held)
    return found
