"""A claim as bytes: what is signed, the signature, and the roster slice by which strangers can believe it.

    1                          the form of all that follows
    length, packed claim       its canonical JSON is what is signed
    signature (64)
    packed slice               may be cut off: then the reader has to know the signer already

The claim names the hash of its slice, so neither can be exchanged for another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from common.proofs.errors import UnreadableClaim
from common.proofs.rules.claim import Claim, read_claim
from common.proofs.rules.packing import Reader, pack, unpack, varint
from sync.protocol import canonical, signed
from sync.protocol.errors import NotCanonical
from sync.protocol.roster import Roster
from sync.protocol.signed import Statement
from sync.protocol.signing import SIGNATURE_BYTES, PublicKey

CLAIM = "claim"
FORM = 1


class Packed(NamedTuple):
    """A claim as it came: what it says, the signature, and the slice as bytes, b"" when there is none."""

    claim: Claim
    signature: bytes
    slice: bytes

    @property
    def payload(self) -> bytes:
        """What was signed."""
        return canonical.dumps(self.claim.fields())


def to_bytes(packed: Packed) -> bytes:
    """Return the bytes of a claim."""
    body = pack(packed.claim.fields())
    return bytes((FORM,)) + varint(len(body)) + body + packed.signature + packed.slice


def from_bytes(data: bytes) -> Packed:
    """Return the claim that bytes hold; whether it is believed is another question.

    Raises:
        UnreadableClaim: they hold none, or in another form than `to_bytes` gives.
    """
    reader = Reader(data)
    if reader.take(1)[0] != FORM:
        raise UnreadableClaim
    body = reader.take(reader.number())
    packed = Packed(read_claim(unpack(body)), reader.take(SIGNATURE_BYTES), reader.rest())
    if to_bytes(packed) != data:
        raise UnreadableClaim
    return packed


def hash_of(slice_bytes: bytes) -> str:
    """Return the first half of the hash of a slice, as the claim names it."""
    return hashlib.sha256(slice_bytes).hexdigest()[:32]


def pack_slice(statements: Sequence[Statement]) -> bytes:
    """Return roster entries and vouches as bytes, without what their reader can put back.

    That is the network, the key ids, and which key signed. A statement that would not come out the same is
    left out: nobody could check it.
    """
    rows = []
    for statement in statements:
        signatures = [signature.hex() for _, signature in statement.signatures]
        row = [statement.sort, _shorter(statement), signatures]
        if _payload(row, statement.fields().get("network", "")) == statement.payload:
            rows.append(row)
    return pack(rows) if rows else b""


def unpack_slice(data: bytes, network: str, roster: Roster) -> list[Statement]:
    """Return the statements of a slice; for who signed them, everyone who might have is tried.

    Raises:
        UnreadableClaim: it is none.
    """
    if not data:
        return []
    rows = unpack(data)
    if type(rows) is not list:
        raise UnreadableClaim
    found: list[Statement] = []
    for row in rows:
        payload, signatures = _payload(row, network), _signatures(row)
        signers = _signers(row, roster, found)
        found.append(Statement(row[0], payload, tuple((key, one) for key in signers for one in signatures)))
    return found


def _shorter(statement: Statement) -> dict[str, Any]:
    fields = statement.fields()
    if statement.sort == signed.ENTRY:
        fields = {**fields, "keys": [_without_id(key) for key in fields["keys"]]}
        del fields["network"]
    else:
        fields = {**fields, "key": _without_id(fields["key"])}
    del fields["v"]
    return fields


def _without_id(key: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in key.items() if name != "id"}


def _with_id(key: dict[str, Any]) -> dict[str, Any]:
    public = PublicKey(bytes.fromhex(key["sign"]), bytes.fromhex(key["seal"]))
    return {**key, "id": public.id}


def _payload(row: Any, network: str) -> bytes:
    try:
        sort, fields, _ = row
        if sort == signed.ENTRY:
            whole = {**fields, "keys": [_with_id(key) for key in fields["keys"]], "network": network, "v": 1}
        elif sort == signed.VOUCH:
            whole = {**fields, "key": _with_id(fields["key"]), "v": 1}
        else:
            raise UnreadableClaim
        return canonical.dumps(whole)
    except (KeyError, TypeError, ValueError, NotCanonical):
        raise UnreadableClaim from None


def _signatures(row: Any) -> list[bytes]:
    try:
        found = [bytes.fromhex(one) for one in row[2]]
    except (TypeError, ValueError):
        raise UnreadableClaim from None
    if len(found) != 1 or len(found[0]) != SIGNATURE_BYTES:
        raise UnreadableClaim
    return found


def _signers(row: Any, roster: Roster, before: Sequence[Statement]) -> list[str]:
    if row[0] == signed.ENTRY:
        return [roster.appointment.fields()["key"]["id"]] if roster.appointment else []
    parent = roster.entries.get(str(row[1].get("parent", "")))
    known = [key.id for key in parent.keys] if parent else []
    beside = (key["id"] for entry in before if entry.sort == signed.ENTRY for key in entry.fields()["keys"])
    return list(dict.fromkeys((*known, *beside)))[: signed.SIGNATURES_MAX]
