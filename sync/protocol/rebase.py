"""Starting a stream in the middle on its destination's signed word, and keeping evidence of forks."""

from __future__ import annotations

from collections.abc import Sequence

from sync.protocol.core import Core
from sync.protocol.errors import BadReceipt, BadSignature
from sync.protocol.frame import Frame
from sync.protocol.intake import verify
from sync.protocol.receipts import END, read_receipt, verify_receipt
from sync.protocol.signed import Statement
from sync.protocol.spool import EVIDENCE, Aside


def take_base(core: Core, statement: Statement) -> None:
    """Start a stream at an end-stored receipt, when this node holds less of it and no neighbour has the rest.

    Raises:
        BadReceipt: not an end receipt by the stream's destination; nothing changed.
    """
    receipt = read_receipt(statement)
    key_id = statement.signatures[0][0] if statement.signatures else ""
    verify_receipt(receipt, core.roster.any_key(receipt.signer, key_id), core.suite)
    record = core.epoch(receipt.stream.src, receipt.stream.epoch)
    if (
        receipt.kind != END
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
    core.touch(stream)


def take_evidence(core: Core, frames: Sequence[Frame], now_ms: int) -> None:
    """Keep signed frames that lost their place, once each; they are never applied from here."""
    for frame in frames:
        header = frame.header
        stream = core.stream(header.stream)
        if stream is not None and core.spool.hash_at(stream, header.seq) == frame.hash:
            continue
        try:
            verify(core, frame)
        except BadSignature as problem:
            core.note(problem.code, header.stream.src, "evidence")
            continue
        if core.spool.put_aside(Aside(frame, EVIDENCE, now_ms)):
            core.note("S120", header.stream.src, f"evidence {header.stream} {header.seq}")
