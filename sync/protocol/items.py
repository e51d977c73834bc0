"""How frames, vectors, statements, wants and pieces stand in a record. What the receiver can compute is left out.

Left out of a frame: its body hash and length, its predecessor's hash when the
predecessor stands before it in the same record, its signature's length, the
names that stand in the record's table. The receiver rebuilds the exact header
bytes; a wrong guess shows as a signature that does not fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sync.protocol import canonical, signed
from sync.protocol.errors import BadRecord, NotCanonical, TooLarge
from sync.protocol.frame import (
    BLOBS_MAX,
    BODY_BYTES_MAX,
    HASH_BYTES,
    SALT_BYTES,
    WRAPS_MAX,
    BlobRef,
    Evidence,
    Frame,
    Header,
    StreamId,
    Wrap,
    rebuild,
)
from sync.protocol.records import (
    HELLO,
    PIECE,
    STATEMENT,
    VECTOR,
    WANT_ACTS,
    WANT_BLOBS,
    Item,
    Reader,
    varint,
    zigzag,
)
from sync.protocol.signed import Statement
from sync.protocol.signing import SIGNATURE_BYTES
from sync.protocol.spool import Part

_FOLLOWS, _PURGED, _WRAPPED = 1, 2, 4
_ACT_BYTES = 16
_WRAP_BYTES_MAX = 256
_TABLE_MAX = 4096


class _Table:
    """Words that stand once at the head of an item and are then named by number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, word: str) -> bytes:
        return varint(self._numbers.setdefault(word, len(self._numbers)))

    def encode(self) -> bytes:
        words = [varint(len(w)) + w.encode("ascii") for w in self._numbers]
        return varint(len(words)) + b"".join(words)


def _read_table(text: Reader) -> list[str]:
    count = text.varint()
    if count > _TABLE_MAX:
        raise BadRecord("table")
    return [text.word() for _ in range(count)]


def _pick(table: list[str], number: int) -> str:
    try:
        return table[number]
    except IndexError:
        raise BadRecord("table index") from None


def frame_weight(frame: Frame) -> tuple[int, int]:
    """Return how many text and raw bytes a frame takes in a record, roughly."""
    raw = SIGNATURE_BYTES + SALT_BYTES + HASH_BYTES * len(frame.header.blobs)
    return len(frame.body) + 24, raw + sum(len(w.sealed) + 16 for w in frame.wraps)


def encode_frames(kind: int, frames: Sequence[Frame]) -> Item:
    """Return one item (FRAMES, LOOSE or EVIDENCE) that holds these frames in order."""
    table = _Table()
    rows: list[bytes] = []
    raw: list[bytes] = []
    last: dict[StreamId, tuple[int, bytes]] = {}
    wall = mono = 0
    for frame in frames:
        header = frame.header
        before = last.get(header.stream)
        follows = before == (header.seq - 1, header.prev)
        last[header.stream] = (header.seq, frame.hash)
        row = [varint(_FOLLOWS * follows | _PURGED * (not frame.body) | _WRAPPED * bool(frame.wraps))]
        row += [table.number(word) for word in (*header.stream, header.kind, header.enc, header.clock.boot)]
        if not follows:
            row.append(varint(header.seq))
            raw.append(header.prev)
        row += [zigzag(header.clock.wall - wall), zigzag(header.clock.mono - mono), varint(header.roster)]
        wall, mono = header.clock.wall, header.clock.mono
        row.append(varint(len(header.blobs)))
        for blob in header.blobs:
            row += [varint(blob.size), table.number(blob.type)]
            raw.append(bytes.fromhex(blob.hash))
        row.append(varint(header.body_len))
        row.append(frame.body[SALT_BYTES:])
        raw.append(frame.body[:SALT_BYTES] if frame.body else header.body_hash)
        raw.append(frame.signature)
        if frame.wraps:
            row.append(_encode_wraps(frame.wraps, table, raw))
        rows.append(b"".join(row))
    return Item(kind, table.encode() + varint(len(rows)) + b"".join(rows), b"".join(raw))


def _encode_wraps(wraps: Sequence[Wrap], table: _Table, raw: list[bytes]) -> bytes:
    out = [varint(len(wraps))]
    for wrap in wraps:
        out += [table.number(wrap.key_id), varint(len(wrap.sealed))]
        raw.append(wrap.sealed)
    return b"".join(out)


def decode_frames(item: Item) -> list[Frame]:
    """Return the frames of an item, headers rebuilt; signatures are not checked here.

    Raises:
        BadRecord, BadFrame, TooLarge: as the bytes deserve; the whole item is then refused.
    """
    text, raw = Reader(item.text), Reader(item.raw)
    table = _read_table(text)
    last: dict[StreamId, tuple[int, bytes]] = {}
    frames: list[Frame] = []
    wall = mono = 0
    for _ in range(text.varint()):
        flags = text.varint()
        names = [_pick(table, text.varint()) for _ in range(6)]
        stream = StreamId(names[0], names[1], names[2])
        seq, prev = _place(flags, stream, last, text, raw)
        wall, mono = wall + text.zigzag(), mono + text.zigzag()
        roster = text.varint()
        blobs = _read_blobs(table, text, raw)
        body_len, body, body_hash = _read_body(flags, text, raw)
        clock = Evidence(wall, names[5], mono)
        header = Header(
            names[3], stream, seq, prev, body_hash, body_len, names[4], blobs, clock, roster
        ).check()
        signature = raw.take(SIGNATURE_BYTES)
        wraps = _read_wraps(table, text, raw) if flags & _WRAPPED else ()
        frame = rebuild(header, body, signature, wraps)
        last[stream] = (seq, frame.hash)
        frames.append(frame)
    if not (text.done and raw.done):
        raise BadRecord("frames item")
    return frames


def _place(
    flags: int, stream: StreamId, last: dict[StreamId, tuple[int, bytes]], text: Reader, raw: Reader
) -> tuple[int, bytes]:
    if not flags & _FOLLOWS:
        return text.varint(), raw.take(HASH_BYTES)
    if stream not in last:
        raise BadRecord("no predecessor in this record")
    seq, head = last[stream]
    return seq + 1, head


def _read_body(flags: int, text: Reader, raw: Reader) -> tuple[int, bytes, bytes]:
    length = text.varint()
    if not SALT_BYTES <= length <= BODY_BYTES_MAX:
        raise TooLarge("body")
    if flags & _PURGED:
        return length, b"", raw.take(HASH_BYTES)
    body = raw.take(SALT_BYTES) + text.take(length - SALT_BYTES)
    return length, body, hashlib.sha256(body).digest()


def _read_blobs(table: list[str], text: Reader, raw: Reader) -> tuple[BlobRef, ...]:
    count = text.varint()
    if count > BLOBS_MAX:
        raise TooLarge("blobs")
    blobs = []
    for _ in range(count):
        size, media = text.varint(), _pick(table, text.varint())
        blobs.append(BlobRef(raw.take(HASH_BYTES).hex(), size, media))
    return tuple(blobs)


def _read_wraps(table: list[str], text: Reader, raw: Reader) -> tuple[Wrap, ...]:
    count = text.varint()
    if count > WRAPS_MAX:
        raise TooLarge("wraps")
    wraps = []
    for _ in range(count):
        key_id, length = _pick(table, text.varint()), text.varint()
        if length > _WRAP_BYTES_MAX:
            raise TooLarge("wrap")
        wraps.append(Wrap(key_id, raw.take(length)))
    return tuple(wraps)


def encode_vector(parts: Mapping[StreamId, Part]) -> Item:
    """Return one VECTOR item with these lines."""
    table, rows, raw = _Table(), [], []
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
    table = _read_table(text)
    parts: dict[StreamId, Part] = {}
    for _ in range(text.varint()):
        src, epoch, dst = (_pick(table, text.varint()) for _ in range(3))
        parts[StreamId(src, epoch, dst)] = Part(text.varint(), text.varint(), raw.take(HASH_BYTES))
    return parts


def digest_of(parts: Mapping[StreamId, Part]) -> str:
    """Return 16 hex digits over a whole vector, the same on both sides when they agree."""
    lines = sorted(f"{s}|{p.base}|{p.upto}|{p.head.hex()}" for s, p in parts.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def encode_statement(statement: Statement, content: bytes = b"", kind: int = STATEMENT) -> Item:
    """Return one item with a signed statement and what is kept beside it (a shelf document's content)."""
    head = varint(signed.SORTS.index(statement.sort)) + varint(len(statement.payload))
    text = head + statement.payload + varint(len(statement.signatures)) + varint(len(content)) + content
    raw = b"".join(bytes.fromhex(key_id) + signature for key_id, signature in statement.signatures)
    return Item(kind, text, raw)


def decode_statement(item: Item) -> tuple[Statement, bytes] | None:
    """Return the statement and content of an item, or None for a sort this version does not know.

    Raises:
        BadRecord: malformed.
    """
    text, raw = Reader(item.text), Reader(item.raw)
    sort = text.varint()
    if sort >= len(signed.SORTS):
        return None
    payload = text.take(text.varint())
    count = text.varint()
    if count > signed.SIGNATURES_MAX:
        raise TooLarge("signatures")
    content = text.take(text.varint())
    signatures = tuple((raw.take(_ACT_BYTES).hex(), raw.take(SIGNATURE_BYTES)) for _ in range(count))
    return Statement(signed.SORTS[sort], payload, signatures), content


class Hello(NamedTuple):
    """The small talk at the start of the state parts.

    `ack`: the receiver's newest exchange whose state parts all arrived here;
    `full`: 1 when the vector that follows replaces, 0 when it merges;
    `digest`: of the sender's whole vector for this receiver; `need_full`: 1
    when the receiver's digest did not fit; `more`: 1 when frames or papers travel
    in this exchange or wait for the next, so that another one is worth its price; `soon_ms`: another exchange will bring
    news after about that many milliseconds, 0 for no idea; `now`: UTC ms as
    the sender's clock says; `dictionaries`: names of those it can read.
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


def encode_hello(hello: Hello) -> Item:
    """Return the HELLO item."""
    return Item(HELLO, canonical.dumps({**hello._asdict(), "dictionaries": list(hello.dictionaries)}))


def decode_hello(item: Item) -> Hello:
    """Return what a HELLO item says; fields of later versions are passed over.

    Raises:
        BadRecord: a field is missing or malformed.
    """
    try:
        fields: dict[str, Any] = canonical.loads(item.text)
        values = {name: fields[name] for name in Hello._fields}
        hello = Hello(**{**values, "dictionaries": tuple(values["dictionaries"])})
    except (KeyError, TypeError, NotCanonical):
        raise BadRecord("hello") from None
    numbers = (
        hello.incarnation,
        hello.ack,
        hello.full,
        hello.need_full,
        hello.more,
        hello.soon_ms,
        hello.now,
    )
    if not all(type(n) is int and n >= 0 for n in numbers) or type(hello.digest) is not str:
        raise BadRecord("hello")
    return hello


def encode_want_acts(acts: Iterable[str]) -> Item:
    """Return the item that asks for acts by id."""
    return Item(WANT_ACTS, b"", b"".join(bytes.fromhex(act) for act in acts))


def decode_want_acts(item: Item) -> tuple[str, ...]:
    """Return the ids asked for."""
    if len(item.raw) % _ACT_BYTES:
        raise BadRecord("want list")
    return tuple(item.raw[i : i + _ACT_BYTES].hex() for i in range(0, len(item.raw), _ACT_BYTES))


def encode_want_blobs(wants: Iterable[tuple[str, int]]) -> Item:
    """Return the item that asks for papers: hash and the offset to go on from."""
    wants = list(wants)
    return Item(
        WANT_BLOBS, b"".join(varint(o) for _, o in wants), b"".join(bytes.fromhex(h) for h, _ in wants)
    )


def decode_want_blobs(item: Item) -> tuple[tuple[str, int], ...]:
    """Return (hash, offset) of the papers asked for."""
    if len(item.raw) % HASH_BYTES:
        raise BadRecord("want list")
    text, raw = Reader(item.text), Reader(item.raw)
    return tuple((raw.take(HASH_BYTES).hex(), text.varint()) for _ in range(len(item.raw) // HASH_BYTES))


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
