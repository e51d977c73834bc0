"""Where a machine begins a stream that came back with an empty disk: at a mark, or at the start."""

from __future__ import annotations

from sync.protocol.acts.anew import anew_records
from sync.protocol.core import Core
from sync.protocol.frame import StreamId
from sync.protocol.paging import pages_after
from sync.protocol.receipts import Receipt
from sync.protocol.receipts_kept import end_receipt, is_on_chain
from sync.protocol.spool import Neighbour
from sync.protocol.stock.purging import MARK, RIPE, receipt_in, ripe_end
from sync.protocol.streams import Stream
from sync.protocol.witness import number_of


def _had_by(core: Core, end: str, before: int) -> dict[StreamId, int]:
    """Return how far an end had each stream, by marks of before a stamp; of a former life by ripe ones."""
    found: dict[StreamId, int] = {}
    for held in (*core.spool.all_held(RIPE), *core.spool.all_held(MARK)):
        mark = receipt_in(held)
        newest = end_receipt(core.spool, mark.stream)
        is_lost = held.sort == MARK and newest is not None and mark.incarnation < newest.rank[0]
        stream = core.stream(mark.stream) if mark.signer == end and held.stamp < before else None
        if stream is not None and not is_lost and is_on_chain(core.spool, stream, mark):
            found[mark.stream] = max(mark.upto, found.get(mark.stream, 0))
    return found


class Beginning:
    """Where a neighbour begins that came back with an empty disk; who did so is read at most once."""

    def __init__(self, core: Core, neighbour: Neighbour) -> None:
        self._core = core
        self._neighbour = neighbour
        self._known: dict[str, tuple[int, int]] | None = None

    def at(self, stream: Stream) -> Receipt | None:
        """Return where in a stream it begins that it has nothing of; None for at its start.

        At the mark made before it was replaced that is ripe by now; what is older the top gives it back. But
        of a stream that does not lead through the top that one may not have heard by then. Nor would who
        stands on the way of others ever begin where nothing goes on and nobody brings the mark: it waits for
        the author to go on, who may never do so.
        """
        held, since = self._core.spool.held(RIPE, str(stream.id)), self._anew(self._neighbour.address)[0]
        if held is None or held.stamp >= since:
            return None
        mark = ripe_end(self._core, stream)
        if mark is None or (mark.upto == stream.upto and not self._is_brought(stream.id)):
            return None
        return mark if self._gives_back(stream, mark.upto, since) else None

    def _gives_back(self, stream: Stream, upto: int, since: int) -> bool:
        """Say whether the top had all of a stream up to a place when it heard of the new machine.

        That is what has to pass it, and what else it had signed for before that was heard of here: who brings
        a word that it signed later brings first what it knew by then. What its author has not sent to the top
        nobody gives back; the author alone knows all places of an act.
        """
        core, tree = self._core, self._core.tree
        if tree.holds(stream.id.src, stream.id.dst, tree.top):
            return True
        had = _had_by(core, tree.top, since)
        for page in pages_after(core.spool, {stream.id: stream.base}):
            acts = {placed.frame.act for placed in page if placed.frame.header.seq <= upto}
            places = core.spool.places_of_acts(acts)
            for act in acts:
                to_top = [(at, seq) for at, seq in places.get(act, ()) if at.dst == tree.top]
                is_for_top = to_top or stream.id.src != core.me
                if is_for_top and all(seq > had.get(at, 0) for at, seq in to_top):
                    return False
            if page[-1].frame.header.seq >= upto:
                break
        return True

    def _is_brought(self, stream: StreamId) -> bool:
        """Say whether the neighbour is of those to whom a mark is enough after which nothing follows.

        That is who wrote the stream or gets it, and to whom the author itself brings the mark: as this node
        does, and who stands right beside it, unless that one may have it no more.
        """
        core, src, there = self._core, stream.src, self._neighbour.address
        if there in (src, stream.dst) or core.me == src:
            return True
        is_beside = core.tree.parent(src) == there or core.tree.parent(there) == src
        is_at_work = src in core.tree and not core.tree.is_relieved(src) and not core.roster.revoked(src)
        return is_beside and is_at_work and self._anew(src)[1] <= number_of(stream.epoch)

    def _anew(self, address: str) -> tuple[int, int]:
        """Return stamp and number of the newest epoch begun by a node on an empty disk; zeros for none."""
        if self._known is None:
            self._known = {}
            for (src, _), held in anew_records(self._core).items():
                stamp, number = self._known.get(src, (0, 0))
                self._known[src] = (max(stamp, held.stamp), max(number, held.rank[0]))
        return self._known.get(address, (0, 0))
