"""Receipts as they are kept here, and whether they speak of the chain that is here."""

from __future__ import annotations

from sync.protocol import signed
from sync.protocol.frame import StreamId
from sync.protocol.receipts import Receipt, receipt_key
from sync.protocol.spool import EVIDENCE, Held, Spool
from sync.protocol.streams import Stream


def end_receipt(spool: Spool, stream: StreamId) -> Held | None:
    """Return the newest receipt of a stream's destination; its rank is (incarnation, upto, papers)."""
    return spool.held(signed.RECEIPT, receipt_key(stream, stream.dst))


def is_on_chain(spool: Spool, stream: Stream, receipt: Receipt) -> bool:
    """Say whether a receipt speaks of the chain that is here; of a place that is not here it does not."""
    return _head_here(spool, stream, receipt) == receipt.head


def is_off_chain(spool: Spool, stream: Stream, receipt: Receipt) -> bool:
    """Say whether another frame is here at the place a receipt speaks of: it is about another branch."""
    return _head_here(spool, stream, receipt) not in ("", receipt.head)


def may_be_off_chain(spool: Spool, stream: Stream, receipt: Receipt) -> bool:
    """Say whether a receipt is about another branch, or may be: it goes beyond ours, and one is kept here."""
    if receipt.upto > stream.upto:
        return bool(spool.asides(EVIDENCE, stream.id))
    return is_off_chain(spool, stream, receipt)


def _head_here(spool: Spool, stream: Stream, receipt: Receipt) -> str:
    here = spool.hash_at(stream, receipt.upto) if receipt.upto <= stream.upto else None
    return here.hex() if here is not None else ""
