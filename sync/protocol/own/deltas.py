"""A new version of a shelf document as its difference to a former one, for a neighbour known to hold that.

What is signed does not change: the receiver rebuilds the exact bytes of
statement and content and takes them in as if they had come whole. Squeezed
are both together, with the former content, statement and its hash as preset
dictionary, so that only what is new costs anything.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.errors import BadRoster, TooLarge
from sync.protocol.frame import HASH_BYTES
from sync.protocol.items import decode_signatures, encode_signatures
from sync.protocol.records import DOC_DELTA, Item, Reader, varint
from sync.protocol.shelf import CONTENT_BYTES_MAX, read_doc
from sync.protocol.signed import Statement
from sync.protocol.spool import Held, Neighbour

DELTA, WHOLE = WORDS = ("delta", "whole")
_LEVEL = 9


class DocDelta(NamedTuple):
    """A DOC_DELTA item: `base` is the former version's statement hash, lengths are of what it becomes."""

    base: str
    payload_len: int
    content_len: int
    signatures: tuple[tuple[str, bytes], ...]
    squeezed: bytes


def encode_delta(delta: DocDelta) -> Item:
    """Return the item that carries a difference."""
    text = varint(delta.payload_len) + varint(delta.content_len) + varint(len(delta.signatures))
    signatures = encode_signatures(delta.signatures)
    return Item(DOC_DELTA, text, bytes.fromhex(delta.base) + signatures + delta.squeezed)


def decode_delta(item: Item) -> DocDelta:
    """Return the difference an item carries.

    Raises:
        BadRecord: malformed.
        TooLarge: it would become longer than a document may be.
    """
    text, raw = Reader(item.text), Reader(item.raw)
    payload_len, content_len, count = text.varint(), text.varint(), text.varint()
    if payload_len > signed.STATEMENT_BYTES_MAX or content_len > CONTENT_BYTES_MAX:
        raise TooLarge("shelf document")
    base = raw.take(HASH_BYTES).hex()
    return DocDelta(base, payload_len, content_len, decode_signatures(raw, count), raw.rest())


def squeeze(base: tuple[Statement, bytes], statement: Statement, content: bytes) -> DocDelta | None:
    """Return a document as its difference to `base`, or None when that saves nothing."""
    text = statement.payload + content
    squeezed = _deflate(text, _dictionary(base))
    if HASH_BYTES + len(squeezed) >= len(_deflate(text, b"")):
        return None
    name = base[0].hash
    return DocDelta(name, len(statement.payload), len(content), statement.signatures, squeezed)


def rebuild(delta: DocDelta, base: tuple[Statement, bytes]) -> tuple[Statement, bytes]:
    """Return the exact statement and content of a difference; nothing in them is checked yet.

    Raises:
        BadRoster: it does not become what it says it does.
    """
    length = delta.payload_len + delta.content_len
    try:
        opener = zlib.decompressobj(-15, _dictionary(base))
        # One byte more than promised is asked for, so that a stream that goes on is seen and not followed.
        text = opener.decompress(delta.squeezed, length + 1)
    except zlib.error:
        raise BadRoster("difference") from None
    if len(text) != length or not opener.eof or opener.unused_data:
        raise BadRoster("difference")
    payload, content = text[: delta.payload_len], text[delta.payload_len :]
    return Statement(signed.SHELF, payload, delta.signatures), content


def difference(core: Core, neighbour: Neighbour, held: Held) -> Item | None:
    """Return a document on the shelf as its difference to the version it follows, or None to send it whole.

    Only for a neighbour whose program said that it takes differences now, and
    that acknowledged our state as it stood when the former version was in it.
    """
    former_stamp = held.rank[1]
    if DELTA not in neighbour.reads or not 0 < former_stamp <= neighbour.acked_stamp:
        return None
    base = core.spool.doc(read_doc(held.statement, held.content).prev)
    delta = squeeze(base, held.statement, held.content) if base else None
    return encode_delta(delta) if delta else None


def word_for(neighbour: Neighbour) -> str:
    """Return how the neighbour may send documents now.

    Whole ones after an exchange of theirs that was not believed to the last
    statement: it may have held a difference to what is not here.
    """
    return DELTA if neighbour.taken == neighbour.counter else WHOLE


def knows_differences(neighbour: Neighbour) -> bool:
    """Say whether the neighbour's program did, when last heard of."""
    return any(word in neighbour.reads for word in WORDS)


def _dictionary(base: tuple[Statement, bytes]) -> bytes:
    statement, content = base
    return content + statement.payload + statement.hash.encode()


def _deflate(text: bytes, dictionary: bytes) -> bytes:
    squeezer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary)
    return squeezer.compress(text) + squeezer.flush()
