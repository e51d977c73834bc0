"""How far an act got, by the receipts held here: never more than a receipt supports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sync.protocol import signed
from sync.protocol.address import Tree
from sync.protocol.frame import StreamId
from sync.protocol.receipts import END, Receipt, read_receipt, receipt_key
from sync.protocol.receipts_kept import is_on_chain
from sync.protocol.spool import Spool

SAVED, HOP_STORED, END_STORED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Tick:
    """SAVED here, HOP_STORED by a node on the way, END_STORED (papers and all) by the last one.

    Of an act with several destinations the top of the tree counts where it is one of them, else all do.
    `papers_missing`: what the last node still lacks, at most 32 are told.
    `tells_of_top`: the top wrote it, or one of its streams that are kept here ends there. A node beside that
    way keeps only other streams of the act, and cannot know whether the top has it.
    """

    stage: int
    papers_missing: int = 0
    tells_of_top: bool = False


def tick_of(spool: Spool, tree: Tree, act: str) -> Tick:
    """Return how far an act got; reads only, so it needs no unit of work."""
    ticks = [(stream, _tick_at(spool, tree, stream, seq)) for stream, seq in spool.places_of_act(act)]
    return _of_all(tree, ticks)


def ticks_of(spool: Spool, tree: Tree, acts: Iterable[str]) -> dict[str, Tick]:
    """Return how far each of many acts got: the same as `tick_of`, with each stream's receipts read once."""
    receipts: dict[StreamId, list[Receipt]] = {}
    asked = dict.fromkeys(acts)
    places = spool.places_of_acts(asked)
    found: dict[str, Tick] = {}
    for act in asked:
        ticks = []
        for stream, seq in places.get(act, ()):
            if stream not in receipts:
                receipts[stream] = _receipts_on(spool, tree, stream)
            ticks.append((stream, _by(receipts[stream], stream, seq)))
        found[act] = _of_all(tree, ticks)
    return found


def _of_all(tree: Tree, ticks: Iterable[tuple[StreamId, Tick]]) -> Tick:
    best: dict[str, Tick] = {}
    is_by_top = False
    for stream, tick in ticks:
        is_by_top = is_by_top or stream.src == tree.top
        # The same act may have a place in streams of two epochs; the better one counts.
        if stream.dst not in best or tick.stage > best[stream.dst].stage:
            best[stream.dst] = tick
    if tree.top in best:
        return replace(best[tree.top], tells_of_top=True)
    least = min(best.values(), key=lambda tick: tick.stage, default=Tick(SAVED))
    return replace(least, tells_of_top=is_by_top)


def _tick_at(spool: Spool, tree: Tree, stream: StreamId, seq: int) -> Tick:
    return _by(_receipts_on(spool, tree, stream), stream, seq)


def _by(receipts: Iterable[Receipt], stream: StreamId, seq: int) -> Tick:
    if stream.src == stream.dst:
        return Tick(END_STORED)
    best = Tick(SAVED)
    for receipt in receipts:
        if receipt.upto < seq:
            continue
        if receipt.kind == END and receipt.papers >= seq:
            return Tick(END_STORED)
        best = Tick(HOP_STORED, len(receipt.missing) if receipt.kind == END else best.papers_missing)
    return best


def _receipts_on(spool: Spool, tree: Tree, stream: StreamId) -> list[Receipt]:
    """Return the receipts on a stream that count, from the node nearest its source to its end."""
    signers = [one for one in tree.path(stream.src, stream.dst) if one != stream.src]
    held = [spool.held(signed.RECEIPT, receipt_key(stream, signer)) for signer in signers]
    found = [read_receipt(one.statement) for one in held if one is not None]
    here = spool.stream(stream) if found else None
    # A node put back from a copy may sign at places of which another act of its own was receipted; of places
    # before the base a receipt is believed.
    return [r for r in found if here and (r.upto < here.base or is_on_chain(spool, here, r))]
