"""Starting a stream in the middle on its destination's signed word.

A key can be stolen, and who has it signs any word, as of any time. So a word counts only if the author says
the same of its chain: by bringing the word itself, by a frame of its own that goes on from that very head, or
where the stream ended there, to its destination, by the record of its next epoch. Until then the word is put
by. Where frames are here already a base is taken only if nobody could bring what lies between. At the top
only what the author itself brings counts.
"""

from __future__ import annotations

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.errors import BadReceipt
from sync.protocol.frame import Act, StreamId
from sync.protocol.incoming.intake import close_up
from sync.protocol.paging import pages_after
from sync.protocol.receipts import END, Receipt, read_receipt, verify_receipt
from sync.protocol.receipts_kept import end_receipt
from sync.protocol.signed import Statement
from sync.protocol.spool import GAP, Held, Spool
from sync.protocol.stock.papers import papers_upto
from sync.protocol.streams import Epoch, Stream, read_epoch

_BASES, PUT_BY = "base", "base put by"
# Kept with a base that the author itself has brought, or of which its next epoch says the same.
_BY_AUTHOR = b"author"


def take_base(core: Core, statement: Statement, giver: str, now_ms: int) -> list[Act]:
    """Start a stream at an end-stored receipt, when this node holds less of it and no neighbour has the rest.

    The receipt is kept beside the stream: whoever needs the same base is given it. Unless `giver`, who
    brings it, is the author, it is put by; see `settle_bases`.

    Returns:
        The acts of frames that waited beyond the gap.

    Raises:
        BadReceipt: not an end receipt by the stream's destination, or on an own
            stream, which its author alone continues; nothing changed.
    """
    receipt = read_receipt(statement)
    key = core.believed_key(receipt.signer, statement.key_id)
    verify_receipt(receipt, key or core.roster.key(receipt.signer, statement.key_id), core.suite)
    record = core.epoch(receipt.stream.src, receipt.stream.epoch)
    if (
        receipt.kind != END
        or receipt.stream.src == core.me
        or record is None
        or not core.tree.holds(receipt.stream.src, receipt.stream.dst, core.me)
    ):
        raise BadReceipt(f"base for {receipt.stream}")
    if _is_needed(core, receipt, giver):
        if giver == receipt.stream.src:
            return _begin(core, receipt, _BY_AUTHOR, now_ms)
        _put_by(core, receipt, giver)
    return []


def _is_needed(core: Core, receipt: Receipt, giver: str) -> bool:
    """Say whether a stream cannot go on here but from a base.

    It can where some of it is here: then a base counts only if whoever brings it begins there itself, and
    stands between this node and the author, from where the frames come. The top needs none but the author's
    own: months are kept everywhere of what a top put back may lack, and it comes whole from who has it.
    """
    if core.me == core.tree.top and giver != receipt.stream.src:
        return False
    stream = core.stream(receipt.stream)
    if stream is None or stream.upto == 0:
        return True
    if stream.upto >= receipt.upto or not core.tree.holds(receipt.stream.src, core.me, giver):
        return False
    said = core.spool.vector(giver).get(receipt.stream)
    return said is not None and said.base >= receipt.upto


def _put_by(core: Core, receipt: Receipt, giver: str) -> None:
    key = f"{receipt.stream}|{giver}"
    known = core.spool.held(PUT_BY, key)
    if known is None or known.statement.payload != receipt.statement.payload:
        core.spool.put_held(Held(PUT_BY, key, receipt.rank, receipt.statement, b"", core.next_stamp()))


def settle_bases(core: Core, now_ms: int) -> list[Act]:
    """Start the streams whose author has gone on by now from a head that was put by, or has ended there.

    Returns:
        The acts of frames that waited beyond the gap.
    """
    acts: list[Act] = []
    put_by = [(held, _receipt_in(held), held.key.rsplit("|", 1)[1]) for held in core.spool.all_held(PUT_BY)]
    for _, receipt, giver in put_by:
        is_needed = _is_needed(core, receipt, giver)
        by = _BY_AUTHOR if is_needed and _has_ended_there(core, receipt, giver) else b""
        if is_needed and (by or _goes_on(core, receipt)):
            acts += _begin(core, receipt, by, now_ms)
    for held, receipt, giver in put_by:
        if not _is_needed(core, receipt, giver):
            core.spool.drop_held(PUT_BY, held.key)
    return acts


def _receipt_in(held: Held) -> Receipt:
    return read_receipt(held.statement._replace(sort=signed.RECEIPT))


def _goes_on(core: Core, receipt: Receipt) -> bool:
    waiting = [aside.frame.header for aside in core.spool.asides(GAP, receipt.stream)]
    return any(h.seq == receipt.upto + 1 and h.prev.hex() == receipt.head for h in waiting)


def _has_ended_there(core: Core, receipt: Receipt, giver: str) -> bool:
    """Say whether the author's next epoch names that place as the last of a stream to this very node.

    Elsewhere on the way it does not do: what still waits above would never be asked for, if the destination's
    key were stolen. Here somebody between the author and this node has to bring the word as well.
    """
    src, epoch, dst = receipt.stream
    former = core.epoch(src, epoch)
    if dst != core.me or former is None or not core.tree.holds(src, core.me, giver):
        return False
    held = [one for one in core.spool.all_held(signed.EPOCH) if one.key.startswith(f"{src}|")]
    later = [record for record in map(_epoch_in, held) if record.prev == former.statement.hash]
    there = [receipt.upto, receipt.head]
    # Its key has to speak for the author: not revoked, nor by a parent's word alone, which may be a thief's.
    return any(
        _last_of(record, dst) == there and core.believed_key(src, record.key_id) is not None
        for record in later
    )


def _epoch_in(held: Held) -> Epoch:
    return read_epoch(held.statement)


def _last_of(record: Epoch, dst: str) -> object:
    heads = record.statement.fields().get("heads")
    return heads.get(dst) if type(heads) is dict else None


def _begin(core: Core, receipt: Receipt, by: bytes, now_ms: int) -> list[Act]:
    record = core.epoch(receipt.stream.src, receipt.stream.epoch)
    assert record is not None, "looked for when the receipt came"
    stream = core.open_stream(receipt.stream, record.root)
    if receipt.signer == core.me:
        core.note("S123", core.me, f"starting again at an own old receipt: {receipt.stream}")
    stream.base = stream.upto = receipt.upto
    stream.base_head = stream.head = bytes.fromhex(receipt.head)
    stream.papers = max(stream.papers, receipt.papers)
    core.spool.put_held(Held(_BASES, str(stream.id), receipt.rank, receipt.statement, by, core.next_stamp()))
    core.touch(stream)
    # What waited for frames before the base gets its place now, or has none any more.
    return close_up(core, receipt.stream, now_ms)


def undo_bases(core: Core) -> None:
    """Put by again what streams begin at that neither their author nor any frame of it has confirmed.

    Programs before this one took any neighbour's word for a base: whoever had a stolen key could stop a
    stream by it. Such a stream ends again where the frames that are here do.
    """
    for held in core.spool.all_held(_BASES):
        receipt = _receipt_in(held)
        stream = core.stream(receipt.stream)
        is_bare = stream is not None and stream.base == stream.upto == receipt.upto
        if stream is None or not is_bare or held.content == _BY_AUTHOR or stream.id.src == core.me:
            continue
        _fall_back(core, stream)
        core.spool.drop_held(_BASES, held.key)
        _put_by(core, receipt, "")


def _fall_back(core: Core, stream: Stream) -> None:
    """Let a stream end where the newest unbroken run of its frames here does."""
    record = core.epoch(stream.id.src, stream.id.epoch)
    assert record is not None, "no stream is begun without it"
    start = end = (0, record.root)
    for page in pages_after(core.spool, {stream.id: 0}):
        for placed in page:
            header = placed.frame.header
            if (header.seq - 1, header.prev) != end:
                start = (header.seq - 1, header.prev)
            end = (header.seq, placed.frame.hash)
    (stream.base, stream.base_head), (stream.upto, stream.head) = start, end
    stream.papers, stream.receipted = papers_upto(core, stream), (0, 0)
    core.touch(stream)


def base_receipt(spool: Spool, stream: StreamId) -> Held | None:
    """Return the end receipt that this node's copy of a stream was begun at, None for none."""
    return spool.held(_BASES, str(stream))


def base_of(core: Core, stream: StreamId) -> Statement | None:
    """Return the end receipt this node's copy of a stream starts at, or the newest one, or None."""
    kept = base_receipt(core.spool, stream) or end_receipt(core.spool, stream)
    return kept.statement._replace(sort=signed.RECEIPT) if kept else None
