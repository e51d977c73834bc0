"""How frames stand in a record. What the receiver can compute is left out.

Left out: the body's hash and length on the wire, the predecessor's hash when
the predecessor stands before it in the same record, names that stand in the
item's table. The receiver rebuilds the exact header bytes; a wrong guess
shows as a signature that does not fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sync.protocol.errors import BadFrame, BadRecord, TooLarge
from sync.protocol.frame import (
    BLOBS_MAX,
    BODY_BYTES_MAX,
    HASH_BYTES,
    SALT_BYTES,
    SEALED,
    WRAPS_MAX,
    BlobRef,
    Evidence,
    Frame,
    Header,
    StreamId,
    Wrap,
    is_act_id,
    rebuild,
)
from sync.protocol.records import (
    FRAMES,
    SPARE_BYTES,
    Item,
    Reader,
    Table,
    fits_one_record,
    pick,
    read_table,
    varint,
    zigzag,
)
from sync.protocol.signing import SIGNATURE_BYTES

_FOLLOWS, _PURGED, _WRAPPED = 1, 2, 4
_WRAP_BYTES_MAX = 256
# A body of so many bytes fits one record with all papers and wraps even if nothing of it shrinks.
_SURELY_FITS_BYTES = 10_000


def frame_weight(frame: Frame) -> tuple[int, int]:
    """Return how many text and raw bytes a frame takes in a record, roughly."""
    raw = SIGNATURE_BYTES + SALT_BYTES + HASH_BYTES * len(frame.header.blobs)
    return len(frame.body) + 24, raw + sum(len(w.sealed) + 16 for w in frame.wraps)


def check_fit(frame: Frame, spare: int = SPARE_BYTES) -> None:
    """Refuse a frame that could not be passed on: every frame travels within one record.

    Raises:
        TooLarge: it would not leave `spare` bytes of a record free.
    """
    if len(frame.body) > _SURELY_FITS_BYTES and not fits_one_record(encode_frames(FRAMES, [frame]), spare):
        raise TooLarge(f"{frame.header.kind} of {len(frame.body)} bytes")


def encode_frames(kind: int, frames: Sequence[Frame]) -> Item:
    """Return one item (FRAMES, LOOSE or EVIDENCE) that holds these frames in order."""
    table = Table()
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


def _encode_wraps(wraps: Sequence[Wrap], table: Table, raw: list[bytes]) -> bytes:
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
    table = read_table(text)
    last: dict[StreamId, tuple[int, bytes]] = {}
    frames: list[Frame] = []
    wall = mono = 0
    for _ in range(text.varint()):
        flags = text.varint()
        names = [pick(table, name) for name in text.varints(6)]
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
        # Whoever passes a frame on may put wraps to it, no signature covers them: an open body has none.
        frame = rebuild(header, body, signature, wraps if header.enc == SEALED else ())
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
        size, media = text.varint(), pick(table, text.varint())
        blobs.append(BlobRef(raw.take(HASH_BYTES).hex(), size, media))
    return tuple(blobs)


def _read_wraps(table: list[str], text: Reader, raw: Reader) -> tuple[Wrap, ...]:
    count = text.varint()
    if count > WRAPS_MAX:
        raise TooLarge("wraps")
    wraps = []
    for _ in range(count):
        key_id, length = pick(table, text.varint()), text.varint()
        if length > _WRAP_BYTES_MAX:
            raise TooLarge("wrap")
        if not is_act_id(key_id):
            raise BadFrame("key id of a wrap")
        wraps.append(Wrap(key_id, raw.take(length)))
    return tuple(wraps)
