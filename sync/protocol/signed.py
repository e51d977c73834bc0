"""Signed statements that travel beside the streams: roster, epochs, receipts, vouches, shelf documents.

A statement is canonical JSON plus one or more (key id, signature) pairs. Each
sort of statement is signed under a type of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, NamedTuple, TypeVar

from sync.protocol import canonical
from sync.protocol.errors import NotCanonical, TooLarge
from sync.protocol.signing import KeyPair, PublicKey, Suite

STATEMENT_BYTES_MAX = 60_000
_REMEMBERED, _REMEMBERED_BYTES_MAX = 512, 8_000
_T = TypeVar("_T")
SIGNATURES_MAX = 8

ROOT = "root"
APPOINTMENT = "appointment"
HEAD = "head"
ENTRY = "entry"
VOUCH = "vouch"
EPOCH = "epoch"
RECEIPT = "receipt"
SHELF = "shelf"
SORTS = (ROOT, APPOINTMENT, HEAD, ENTRY, VOUCH, EPOCH, RECEIPT, SHELF)


class Statement(NamedTuple):
    """Exact bytes and the signatures over them."""

    sort: str
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]

    @property
    def hash(self) -> str:
        """SHA-256 of the payload in hex: how a later statement names this one."""
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def key_id(self) -> str:
        """The id of the key whose signature stands first, "" where there is none; nothing is checked."""
        return self.signatures[0][0] if self.signatures else ""

    def fields(self) -> dict[str, Any]:
        """Return the payload as a dict.

        Raises:
            NotCanonical: the bytes are not the canonical form of a JSON object.
        """
        value = canonical.loads(self.payload)
        if type(value) is not dict or value.get("v") != 1:
            raise NotCanonical(f"{self.sort} statement")
        return value

    def signed_by(self, key: PublicKey, suite: Suite) -> bool:
        """Say whether `key` signed this statement."""
        own = [signature for key_id, signature in self.signatures[:SIGNATURES_MAX] if key_id == key.id]
        kind = signed_as(self.sort)
        return any(suite.verify(key, kind, self.payload, signature) for signature in own)


def remembering(read: Callable[[Statement], _T]) -> Callable[[Statement], _T]:
    """Return `read`, a reader of statements, that knows what it made of the last ones.

    Whether anybody signed them is not asked, so only short ones are kept: strangers fill no memory.
    """
    known = lru_cache(maxsize=_REMEMBERED)(read)

    @wraps(read)
    def look(statement: Statement) -> _T:
        return known(statement) if len(statement.payload) <= _REMEMBERED_BYTES_MAX else read(statement)

    return look


def signed_as(sort: str) -> str:
    """Return the payload type a sort of statement is signed under."""
    return f"application/vnd.liandong.{sort}.v1"


def make(sort: str, fields: dict[str, Any], keys: tuple[KeyPair, ...], suite: Suite) -> Statement:
    """Return the statement of `fields` (version added), signed by every key in `keys`.

    Raises:
        NotCanonical: a value that signed data may not hold.
        TooLarge: the statement would not fit one record.
    """
    payload = canonical.dumps({"v": 1, **fields})
    if len(payload) > STATEMENT_BYTES_MAX:
        raise TooLarge(f"{sort} of {len(payload)} bytes")
    kind = signed_as(sort)
    return Statement(sort, payload, tuple((key.id, suite.sign(key, kind, payload)) for key in keys))
