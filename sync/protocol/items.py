"""How vectors, statements, small talk, wants and pieces of papers stand in a record."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sync.protocol import canonical, signed
from sync.protocol.address import is_address
from sync.protocol.errors import BadRecord, NotCanonical, TooLarge
from sync.protocol.frame import (
    HASH_BYTES,
    StreamId,
    is_epoch,
)
from sync.protocol.records import (
    HAVE_DOCS,
    HELLO,
    PIECE,
    STATEMENT,
    VECTOR,
    WANT_ACTS,
    WANT_BLOBS,
    WANT_DOCS,
    Item,
    Reader,
    Table,
    pick,
    read_table,
    varint,
)
from sync.protocol.signed import Statement
from sync.protocol.signing import SIGNATURE_BYTES
from sync.protocol.spool import Part

_ACT_BYTES = _KEY_ID_BYTES = _DOC_NAME_BYTES = 16
_DICTIONARIES_MAX = 8
_NAME = re.compile(r"[0-9a-f]{16}")
_WORD = re.compile(r"[a-z0-9_]{0,16}")


def encode_vector(parts: Mapping[StreamId, Part]) -> Item:
    """Return one VECTOR item with these lines."""
    table, rows, raw = Table(), [], []
    for stream, part in parts.items():
        rows += [table.number(word) for word in stream]
        rows += [varint(part.base), varint(part.upto)]
        raw.append(part.head)
    return Item(VECTOR, table.encode() + varint(len(raw)) + b"".join(rows), b"".join(raw))


def decode_vector(item: Item) -> dict[StreamId, Part]:
    """Return the lines of a VECTOR item.

    Raises:
        BadRecord: malformed.
    """
    text, raw = Reader(item.text), Reader(item.raw)
    table = read_table(text)
    addresses, epochs = set(filter(is_address, table)), set(filter(is_epoch, table))
    parts: dict[StreamId, Part] = {}
    for _ in range(text.varint()):
        *names, base, upto = text.varints(5)
        src, epoch, dst = [pick(table, name) for name in names]
        if not (src in addresses and dst in addresses and epoch in epochs):
            raise BadRecord("stream")
        parts[StreamId(src, epoch, dst)] = Part(base, upto, raw.take(HASH_BYTES))
    return parts


def digest_of(parts: Mapping[StreamId, Part]) -> str:
    """Return 16 hex digits over a whole vector, the same on both sides when they agree."""
    lines = sorted(
        [
            f"{src}|{epoch}|{dst}|{base}|{upto}|{head.hex()}"
            for (src, epoch, dst), (base, upto, head) in parts.items()
        ]
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def encode_statement(statement: Statement, content: bytes = b"", kind: int = STATEMENT) -> Item:
    """Return one item with a signed statement and what is kept beside it (a shelf document's content)."""
    is_alone = kind == STATEMENT and not content
    return _encode_alone(statement) if is_alone else _encode(kind, statement, content)


# Most go to many neighbours, and again until they are acknowledged.
@signed.remembering
def _encode_alone(statement: Statement) -> Item:
    return _encode(STATEMENT, statement, b"")


def _encode(kind: int, statement: Statement, content: bytes) -> Item:
    head = varint(signed.SORTS.index(statement.sort)) + varint(len(statement.payload))
    text = head + statement.payload + varint(len(statement.signatures)) + varint(len(content)) + content
    return Item(kind, text, encode_signatures(statement.signatures))


def encode_signatures(signatures: Iterable[tuple[str, bytes]]) -> bytes:
    """Return (key id, signature) pairs as they stand among the raw bytes."""
    return b"".join([bytes.fromhex(key_id) + signature for key_id, signature in signatures])


def decode_signatures(raw: Reader, count: int) -> tuple[tuple[str, bytes], ...]:
    """Return the next `count` (key id, signature) pairs.

    Raises:
        BadRecord: cut.
        TooLarge: more than a statement may bear.
    """
    if count > signed.SIGNATURES_MAX:
        raise TooLarge("signatures")
    return tuple([(raw.take(_KEY_ID_BYTES).hex(), raw.take(SIGNATURE_BYTES)) for _ in range(count)])


def decode_statement(item: Item) -> tuple[Statement, bytes] | None:
    """Return the statement and content of an item, or None for a sort this version does not know.

    Raises:
        BadRecord: malformed.
        TooLarge: more signatures than a statement may bear.
    """
    text, raw = Reader(item.text), Reader(item.raw)
    sort = text.varint()
    if sort >= len(signed.SORTS):
        return None
    payload = text.take(text.varint())
    count, length = text.varints(2)
    signatures = decode_signatures(raw, count)
    content = text.take(length)
    return Statement(signed.SORTS[sort], payload, signatures), content


class Hello(NamedTuple):
    """The small talk at the start of the state parts.

    `ack`: the receiver's newest exchange whose state parts all arrived here;
    `full`: 1 when the vector that follows replaces, 0 when it merges;
    `digest`: of the sender's whole vector for this receiver; `need_full`: 1
    when the receiver's digest did not fit; `more`: 1 when frames or papers travel
    in this exchange or wait for the next, so that another one is worth its
    price; `soon_ms`: another exchange will bring news after about that many
    milliseconds, 0 for no idea; `now`: UTC ms as the sender's clock says;
    `dictionaries`: names of those it can read; `docs`: how it takes shelf
    documents now, `delta` or `whole`, "" when its program knows no differences;
    `room`: how many bytes the answer should carry, 0 for no idea; `disk`: 1 when
    its disk is nearly full, 2 when it takes no new cases; `heard`: the newest that came in part, or 0.
    """

    incarnation: int
    ack: int
    full: int
    digest: str
    need_full: int
    more: int
    soon_ms: int
    now: int
    dictionaries: tuple[str, ...]
    docs: str = ""
    room: int = 0
    disk: int = 0
    heard: int = 0


_HELLO_NUMBERS = tuple([name for name in Hello._fields if name not in ("digest", "dictionaries", "docs")])


def encode_hello(hello: Hello) -> Item:
    """Return the HELLO item."""
    fields = {**hello._asdict(), "dictionaries": list(hello.dictionaries)}
    for later in Hello._field_defaults:
        # As it was said before the field was there.
        if not fields[later]:
            del fields[later]
    return Item(HELLO, canonical.dumps(fields))


def decode_hello(item: Item) -> Hello:
    """Return what a HELLO item says; fields of later versions are passed over.

    Raises:
        BadRecord: a field is missing or malformed.
    """
    try:
        values = {**Hello._field_defaults, **canonical.loads(item.text)}
        values["dictionaries"] = tuple(values["dictionaries"])
        hello = Hello(*[values[name] for name in Hello._fields])
    except (KeyError, TypeError, NotCanonical):
        raise BadRecord("hello") from None
    names = (hello.digest, *hello.dictionaries)
    good = (
        all([type(values[name]) is int and values[name] >= 0 for name in _HELLO_NUMBERS])
        and all([type(name) is str and _NAME.fullmatch(name) for name in names])
        and len(hello.dictionaries) <= _DICTIONARIES_MAX
        and type(hello.docs) is str
        and _WORD.fullmatch(hello.docs)
    )
    if not good:
        raise BadRecord("hello")
    return hello


def encode_want_acts(acts: Iterable[str]) -> Item:
    """Return the item that asks for acts by id."""
    return Item(WANT_ACTS, b"", b"".join(bytes.fromhex(act) for act in acts))


def decode_want_acts(item: Item) -> tuple[str, ...]:
    """Return the ids asked for.

    Raises:
        BadRecord: malformed.
    """
    return _names_in(item.raw, _ACT_BYTES)


def _names_in(raw: bytes, size: int) -> tuple[str, ...]:
    if len(raw) % size:
        raise BadRecord("list of names")
    return tuple([raw[i : i + size].hex() for i in range(0, len(raw), size)])


def encode_want_blobs(wants: Iterable[tuple[str, int]]) -> Item:
    """Return the item that asks for papers: hash and the offset to go on from."""
    wants = list(wants)
    return Item(
        WANT_BLOBS, b"".join(varint(o) for _, o in wants), b"".join(bytes.fromhex(h) for h, _ in wants)
    )


def decode_want_blobs(item: Item) -> tuple[tuple[str, int], ...]:
    """Return (hash, offset) of the papers asked for.

    Raises:
        BadRecord: malformed.
    """
    if len(item.raw) % HASH_BYTES:
        raise BadRecord("want list")
    text, raw = Reader(item.text), Reader(item.raw)
    return tuple((raw.take(HASH_BYTES).hex(), text.varint()) for _ in range(len(item.raw) // HASH_BYTES))


def encode_want_docs(names: Iterable[str]) -> Item:
    """Return the item that asks for shelf documents by the hash of their statement."""
    return Item(WANT_DOCS, b"", b"".join(bytes.fromhex(name) for name in names))


def decode_want_docs(item: Item) -> tuple[str, ...]:
    """Return the statement hashes asked for.

    Raises:
        BadRecord: malformed.
    """
    return _names_in(item.raw, HASH_BYTES)


def doc_name(statement_hash: str) -> str:
    """Return what a shelf document is called where documents are only counted off: half of its hash."""
    return statement_hash[: 2 * _DOC_NAME_BYTES]


def encode_have_docs(names: Iterable[str]) -> Item:
    """Return the item that says which shelf documents are here; no names at all say that none is."""
    return Item(HAVE_DOCS, b"", b"".join(bytes.fromhex(name) for name in names))


def decode_have_docs(item: Item) -> tuple[str, ...]:
    """Return the names of the documents that the sender holds.

    Raises:
        BadRecord: malformed.
    """
    return _names_in(item.raw, _DOC_NAME_BYTES)


class Piece(NamedTuple):
    """A run of bytes of a paper of `size` bytes."""

    blob: str
    offset: int
    size: int
    data: bytes


def encode_piece(piece: Piece) -> Item:
    """Return the item that carries a piece of a paper."""
    return Item(PIECE, varint(piece.offset) + varint(piece.size), bytes.fromhex(piece.blob) + piece.data)


def decode_piece(item: Item) -> Piece:
    """Return the piece of an item.

    Raises:
        BadRecord: malformed.
    """
    text, raw = Reader(item.text), Reader(item.raw)
    return Piece(raw.take(HASH_BYTES).hex(), text.varint(), text.varint(), raw.rest())
