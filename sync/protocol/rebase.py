"""Starting a stream in the middle on its destination's signed word.

The key that signed the word may have been revoked since: then a thief may have
signed it, as of any time. What it says of the chain counts all the same if the
author says so too: by bringing the word itself, or by a frame of its own that
goes on from that very head. Until such a frame is here the word is put by.
"""

from __future__ import annotations

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.errors import BadReceipt
from sync.protocol.frame import Act, StreamId
from sync.protocol.intake import close_up
from sync.protocol.receipts import END, Receipt, read_receipt, verify_receipt
from sync.protocol.signed import Statement
from sync.protocol.spool import GAP, Held

_BASES, _PUT_BY = "base", "base by a revoked key"


def take_base(core: Core, statement: Statement, giver: str) -> None:
    """Start a stream at an end-stored receipt, when this node holds less of it and no neighbour has the rest.

    The receipt is kept beside the stream: whoever needs the same base is given it. One by a key that was
    revoked since is put by, unless `giver`, who brings it, is the author; see `settle_bases`.

    Raises:
        BadReceipt: not an end receipt by the stream's destination, or on an own
            stream, which its author alone continues; nothing changed.
    """
    receipt = read_receipt(statement)
    key_id = statement.signatures[0][0] if statement.signatures else ""
    key = core.believed_key(receipt.signer, key_id)
    verify_receipt(receipt, key or core.roster.key(receipt.signer, key_id), core.suite)
    record = core.epoch(receipt.stream.src, receipt.stream.epoch)
    if (
        receipt.kind != END
        or receipt.stream.src == core.me
        or record is None
        or not core.tree.holds(receipt.stream.src, receipt.stream.dst, core.me)
    ):
        raise BadReceipt(f"base for {receipt.stream}")
    if key is None and giver != receipt.stream.src:
        core.spool.put_held(Held(_PUT_BY, str(receipt.stream), receipt.rank, statement, b"", core.stamp()))
    else:
        _begin(core, receipt)


def settle_bases(core: Core, now_ms: int) -> list[Act]:
    """Start the streams whose author has gone on, by now, from a head that a revoked key had signed.

    Returns:
        The acts of frames that waited beyond the gap.
    """
    acts: list[Act] = []
    for held in core.spool.all_held(_PUT_BY):
        receipt = read_receipt(held.statement)
        waiting = [aside.frame.header for aside in core.spool.asides(GAP, receipt.stream)]
        stream = core.stream(receipt.stream)
        if any(h.seq == receipt.upto + 1 and h.prev.hex() == receipt.head for h in waiting):
            _begin(core, receipt)
            acts += close_up(core, receipt.stream, now_ms)
        elif stream is None or stream.upto < receipt.upto:
            continue
        core.spool.drop_held(_PUT_BY, held.key)
    return acts


def _begin(core: Core, receipt: Receipt) -> None:
    record = core.epoch(receipt.stream.src, receipt.stream.epoch)
    assert record is not None, "looked for when the receipt came"
    stream = core.open_stream(receipt.stream, record.root)
    if stream.upto >= receipt.upto:
        return
    if receipt.signer == core.me:
        core.note("S123", core.me, f"starting again at an own old receipt: {receipt.stream}")
    stream.base = stream.upto = receipt.upto
    stream.base_head = stream.head = bytes.fromhex(receipt.head)
    stream.papers = max(stream.papers, receipt.papers)
    core.spool.put_held(Held(_BASES, str(stream.id), receipt.rank, receipt.statement, b"", core.stamp()))
    core.touch(stream)


def base_of(core: Core, stream: StreamId) -> Statement | None:
    """Return the end receipt this node's copy of a stream starts at, or the newest one, or None."""
    kept = core.spool.held(_BASES, str(stream)) or core.spool.held(
        signed.RECEIPT, f"{stream}|{stream.dst}|{END}"
    )
    return kept.statement._replace(sort=signed.RECEIPT) if kept else None
