"""Bodies that may leave a node: months after the end of their way has signed for them, papers and all.

The header stays, and with it the chain and the hash of what was there. Once a month each stream's newest end
receipt is kept as a *mark*; a mark so many months old is *ripe*: up to its place bodies may go. By then no
backup of the destination is left that is older than its own word; once it was put back, marks of before ripen
no more. Which acts are done with, sync cannot know; whoever asks decides that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.found import DOUBT
from sync.protocol.frame import StreamId
from sync.protocol.receipts import END, Receipt, read_receipt
from sync.protocol.receipts_kept import end_receipt, is_on_chain
from sync.protocol.spool import APPLIED, OWN, Held
from sync.protocol.streams import Stream

# What is told when bodies have left.
PURGED = "S131"
MARK, RIPE, LEAVE = "end mark", "end ripe", "end leave"
_PAGE = 200
_PAGES_MAX = 5


class Purgeable(NamedTuple):
    """Acts whose bodies sync needs no more; where to look on the next time, 0 for from the start."""

    acts: list[str]
    after: int


def mark_ends(core: Core, month: int, keep_months: int) -> None:
    """Keep this month's mark of each stream that has grown since the last, and let old marks ripen.

    A mark counts from the end of its month. Where nothing is to be deleted marks are made all the same: they
    say where a machine that comes back with an empty disk begins. One of a month still to come was made by a
    clock that ran ahead; it is dropped, and stands in nobody's way.

    Args:
        month: months since some fixed one, by a clock that is believed.
    """
    marks: dict[str, list[Held]] = {}
    for held in core.spool.all_held(MARK):
        if _month_of(held) > month:
            core.spool.drop_held(MARK, held.key)
        else:
            marks.setdefault(held.key.rsplit("|", 1)[0], []).append(held)
    for stream in core.streams():
        receipt = newest_end(core, stream)
        known = _of_this_life(core, stream, marks.get(str(stream.id), ()))
        ripe = [held for held in known if _month_of(held) + keep_months < month]
        if ripe:
            core.spool.put_held(ripe[-1]._replace(sort=RIPE, key=str(stream.id)))
        for held in ripe:
            core.spool.drop_held(MARK, held.key)
        before = known[-1] if known else core.spool.held(RIPE, str(stream.id))
        if receipt is not None and receipt.papers == receipt.upto > 0:
            is_new = before is None or (_month_of(before) < month and before.rank[1] < receipt.upto)
            if is_new:
                _keep_mark(core, receipt, month)


def _of_this_life(core: Core, stream: Stream, marks: Iterable[Held]) -> list[Held]:
    """Return the marks of a stream that may ripen, oldest first; the others are dropped.

    Put back, a destination has to get again what it had signed for: a backup made before that is younger than
    the months, and lacks what such a mark says.
    """
    known, newest = sorted(marks, key=_month_of), end_receipt(core.spool, stream.id)
    # Whatever chain its newest word is about.
    least = newest.rank[0] if newest is not None else 0
    for held in [held for held in known if receipt_in(held).incarnation < least]:
        core.spool.drop_held(MARK, held.key)
        known.remove(held)
    return known


def receipt_in(mark: Held) -> Receipt:
    """Return the end receipt that a mark is a copy of."""
    return read_receipt(mark.statement._replace(sort=signed.RECEIPT))


def forget_marks(core: Core) -> None:
    """Drop all marks that are not ripe: by which clock they were made nobody knows any more."""
    for held in core.spool.all_held(MARK):
        core.spool.drop_held(MARK, held.key)


def _month_of(held: Held) -> int:
    return held.rank[0]


def _keep_mark(core: Core, receipt: Receipt, month: int) -> None:
    rank, key = (month, receipt.upto, 0), f"{receipt.stream}|{month}"
    core.spool.put_held(Held(MARK, key, rank, receipt.statement, b"", core.next_stamp()))


def newest_end(core: Core, stream: Stream) -> Receipt | None:
    """Return the destination's newest word on a stream, None when it has none or speaks of another chain."""
    held = end_receipt(core.spool, stream.id)
    if held is None or held.content or core.spool.held(DOUBT, str(stream.id)) is not None:
        return None
    receipt = read_receipt(held.statement)
    return receipt if is_on_chain(core.spool, stream, receipt) else None


def ripe_end(core: Core, stream: Stream) -> Receipt | None:
    """Return the ripe mark of a stream, which must speak of the chain here; None for none."""
    held = core.spool.held(RIPE, str(stream.id))
    receipt = receipt_in(held) if held is not None else None
    return receipt if receipt is not None and is_on_chain(core.spool, stream, receipt) else None


def to_purge(core: Core, after: int, limit: int) -> Purgeable:
    """Return up to `limit` acts whose bodies sync does not need here; looks at a thousand frames at a time.

    Every place of such an act lies at or before a ripe mark, in a stream that does not end here and whose
    destination's newest word, of whatever incarnation, still covers it; and the top is on one of the ways.
    The top itself keeps every body. So does everybody of an author some key of whom is revoked.
    """
    ripe = {} if core.me == core.tree.top else _ripe_places(core)
    starts = {stream.id: stream.base for stream in core.streams() if ripe.get(stream.id, 0) > stream.base}
    # An act with two places is met twice.
    found: dict[str, None] = {}
    for _ in range(_PAGES_MAX if starts else 0):
        page = core.spool.frames_after(starts, after, _PAGE)
        if not page:
            return Purgeable(list(found), 0)
        for placed in page:
            after = placed.position
            header = placed.frame.header
            is_early = header.seq <= ripe[header.stream]
            if is_early and placed.frame.body and _may_go(core, placed.frame.act, ripe):
                found[placed.frame.act] = None
                if len(found) >= limit:
                    return Purgeable(list(found), after)
    return Purgeable(list(found), after if starts else 0)


def _ripe_places(core: Core) -> dict[StreamId, int]:
    """Return up to which place bodies may go from each stream on its way."""
    found: dict[StreamId, int] = {}
    for stream in core.streams():
        if core.me == stream.id.dst or core.roster.revoked(stream.id.src):
            continue
        ripe, newest = ripe_end(core, stream), newest_end(core, stream)
        if ripe is not None and newest is not None:
            found[stream.id] = min(ripe.upto, newest.papers)
    return found


def _may_go(core: Core, act: str, ripe: dict[StreamId, int]) -> bool:
    row, places = core.spool.act(act), core.spool.places_of_act(act)
    if row is None or row.state not in (OWN, APPLIED):
        return False
    at_top = any(core.tree.holds(stream.src, stream.dst, core.tree.top) for stream, _ in places)
    return at_top and all(seq <= ripe.get(stream, 0) for stream, seq in places)


def purge(core: Core, acts: Iterable[str]) -> int:
    """Delete the bodies of acts that `to_purge` named in this unit; return how many bytes they had."""
    return core.spool.drop_bodies(list(acts))


# --- those who hold less than was purged
def told_older_word(core: Core, receipt: Receipt) -> None:
    """A destination's word came, maybe an older one: up to there frames may come whose bodies are gone.

    It is kept where it says more than is held here. Of its own word a node believes every key it ever had:
    whoever signed it then, bodies are deleted only months after that, and a person is told.
    """
    src, _, dst = receipt.stream
    if receipt.kind != END or not core.tree.holds(src, dst, core.me):
        return
    stream = core.stream(receipt.stream)
    if stream is not None and stream.upto >= receipt.upto:
        return
    known = core.spool.held(LEAVE, str(receipt.stream))
    is_more = known is None or known.rank[1] < receipt.upto
    if is_more and _is_theirs(core, receipt):
        rank = (0, receipt.upto, 0)
        core.spool.put_held(Held(LEAVE, str(receipt.stream), rank, receipt.statement, b"", core.next_stamp()))


def _is_theirs(core: Core, receipt: Receipt) -> bool:
    statement = receipt.statement
    find = core.roster.any_key if receipt.signer == core.me else core.believed_key
    key = find(receipt.signer, statement.key_id)
    return key is not None and statement.signed_by(key, core.suite)


def may_lack_body(core: Core, stream: StreamId, seq: int) -> bool:
    """Say whether the body at a place may have been deleted by rule before it came here.

    Only once the destination has it: without its word, be it an older one, the body was cut out.
    """
    held = end_receipt(core.spool, stream)
    if stream.dst != core.me and held is not None and not held.content and held.rank[1] >= seq:
        return True
    told = core.spool.held(LEAVE, str(stream))
    return told is not None and told.rank[1] >= seq


def kept_words(core: Core, stream: Stream) -> list[Receipt]:
    """Return the older words of a destination kept here, by which bodies may be gone from its stream."""
    held = [core.spool.held(sort, str(stream.id)) for sort in (RIPE, LEAVE)]
    found = [read_receipt(one.statement._replace(sort=signed.RECEIPT)) for one in held if one is not None]
    return [receipt for receipt in found if receipt.kind == END and is_on_chain(core.spool, stream, receipt)]


def older_word(core: Core, stream: Stream, upto: int) -> Receipt | None:
    """Return the ripe mark of a stream, if a neighbour holds less: it may be sent frames without bodies."""
    held = core.spool.held(RIPE, str(stream.id))
    return ripe_end(core, stream) if held is not None and held.rank[1] > upto else None
