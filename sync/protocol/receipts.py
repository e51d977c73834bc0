"""Receipts: what a node has durably stored of a stream: a prefix, never a gap. None is itself receipted."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from sync.protocol import signed
from sync.protocol.address import is_address
from sync.protocol.errors import BadReceipt, NotCanonical
from sync.protocol.frame import StreamId, is_epoch, is_hash
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair, PublicKey, Suite

HOP = "hop"
END = "end"
# Kept beside a receipt whose head is not on the chain here.
DISAGREES = b"!"
MISSING_MAX = 32


@dataclass(frozen=True, slots=True)
class Receipt:
    """One signer's word on one stream.

    `upto` is the last place stored without a gap and `head` the hash of the
    header there; `papers` is the last place up to which every paper is held
    too; `missing` names at most 32 papers beyond it. `kind` is `end` when the
    signer is the stream's destination, else `hop`.
    """

    stream: StreamId
    signer: str
    kind: str
    incarnation: int
    upto: int
    head: str
    papers: int
    missing: tuple[str, ...]
    at: int
    statement: Statement

    @property
    def key(self) -> str:
        """Where the newest one is kept: one per stream, signer and kind."""
        return f"{self.stream}|{self.signer}|{self.kind}"

    @property
    def rank(self) -> tuple[int, int, int]:
        """Newest first: by incarnation, then by what is covered."""
        return (self.incarnation, self.upto, self.papers)


def receipt_key(stream: StreamId, signer: str) -> str:
    """Return the key of a signer's receipts on a stream before one is read: where it ends they are of END."""
    return f"{stream}|{signer}|{END if signer == stream.dst else HOP}"


def make_receipt(fields: Receipt, key: KeyPair, suite: Suite) -> Receipt:
    """Return `fields` signed by `key`; its `statement` is ignored."""
    body = {
        "stream": list(fields.stream),
        "signer": fields.signer,
        "kind": fields.kind,
        "inc": fields.incarnation,
        "upto": fields.upto,
        "head": fields.head,
        "papers": fields.papers,
        "missing": list(fields.missing),
        "at": fields.at,
    }
    return read_receipt(signed.make(signed.RECEIPT, body, (key,), suite))


# The same ones come again until they are acknowledged, and are looked at for every exchange.
@signed.remembering
def read_receipt(statement: Statement) -> Receipt:
    """Return the receipt a statement holds; its signature is checked by `verify_receipt`.

    Raises:
        BadReceipt: a field is missing or malformed, or the kind does not fit the signer.
    """
    try:
        fields: dict[str, Any] = statement.fields()
        src, epoch, dst = fields["stream"]
        receipt = Receipt(
            stream=StreamId(src, epoch, dst),
            signer=fields["signer"],
            kind=fields["kind"],
            incarnation=fields["inc"],
            upto=fields["upto"],
            head=fields["head"],
            papers=fields["papers"],
            missing=tuple(fields["missing"]),
            at=fields["at"],
            statement=statement,
        )
        numbers = (receipt.incarnation, receipt.upto, receipt.papers, receipt.at)
        good = (
            all(is_address(a) for a in (src, dst, receipt.signer))
            and is_epoch(epoch)
            and is_hash(receipt.head)
            and all(type(n) is int and n >= 0 for n in numbers)
            and receipt.papers <= receipt.upto
            and receipt.kind == (END if receipt.signer == dst else HOP)
            and receipt.signer != src
            and type(fields["missing"]) is list
            and len(receipt.missing) <= MISSING_MAX
            and all(is_hash(blob) for blob in receipt.missing)
        )
    except (KeyError, TypeError, ValueError, NotCanonical):
        raise BadReceipt("fields") from None
    if not good:
        raise BadReceipt(str(receipt.stream))
    return receipt


def verify_receipt(receipt: Receipt, key: PublicKey | None, suite: Suite) -> None:
    """Refuse a receipt its signer did not sign.

    Raises:
        BadReceipt: the key is unknown or the signature does not fit.
    """
    if key is None or not receipt.statement.signed_by(key, suite):
        raise BadReceipt(f"{receipt.signer} on {receipt.stream}")


def is_outlived(held: Statement, later: Statement, revoked: Container[str]) -> bool:
    """Say whether a receipt that is held is by a revoked key, and one that comes by a key that is not.

    The two may say the same of a stream: the node signed it again with its next key.
    """
    return held.key_id in revoked and later.key_id not in revoked
