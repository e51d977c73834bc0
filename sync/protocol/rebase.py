"""Starting a stream in the middle on its destination's signed word."""

from __future__ import annotations

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.errors import BadReceipt
from sync.protocol.frame import StreamId
from sync.protocol.receipts import END, read_receipt, verify_receipt
from sync.protocol.signed import Statement
from sync.protocol.spool import Held

_BASES = "base"


def take_base(core: Core, statement: Statement) -> None:
    """Start a stream at an end-stored receipt, when this node holds less of it and no neighbour has the rest.

    The receipt is kept beside the stream: whoever needs the same base is given it.

    Raises:
        BadReceipt: not an end receipt by the stream's destination, or on an own
            stream, which its author alone continues; nothing changed.
    """
    receipt = read_receipt(statement)
    key_id = statement.signatures[0][0] if statement.signatures else ""
    verify_receipt(receipt, core.believed_key(receipt.signer, key_id), core.suite)
    record = core.epoch(receipt.stream.src, receipt.stream.epoch)
    if (
        receipt.kind != END
        or receipt.stream.src == core.me
        or record is None
        or not core.tree.holds(receipt.stream.src, receipt.stream.dst, core.me)
    ):
        raise BadReceipt(f"base for {receipt.stream}")
    stream = core.open_stream(receipt.stream, record.root)
    if stream.upto >= receipt.upto:
        return
    if receipt.signer == core.me:
        core.note("S123", core.me, f"starting again at an own old receipt: {receipt.stream}")
    stream.base = stream.upto = receipt.upto
    stream.base_head = stream.head = bytes.fromhex(receipt.head)
    stream.papers = max(stream.papers, receipt.papers)
    core.spool.put_held(Held(_BASES, str(stream.id), receipt.rank, statement, b"", core.stamp()))
    core.touch(stream)


def base_of(core: Core, stream: StreamId) -> Statement | None:
    """Return the end receipt this node's copy of a stream starts at, or the newest one, or None."""
    kept = core.spool.held(_BASES, str(stream)) or core.spool.held(
        signed.RECEIPT, f"{stream}|{stream.dst}|{END}"
    )
    return kept.statement._replace(sort=signed.RECEIPT) if kept else None
