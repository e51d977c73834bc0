"""Records: what an exchange is made of. Each is at most 16 KiB on the wire and complete in itself.

A record has two parts. Text (headers, bodies, JSON) is deflated with a preset
dictionary; raw bytes (signatures, hashes, salts, pieces of papers) are not,
for they would only spoil the code lengths of the text. An item is
`kind, text length, raw length` and its bytes in each part; unknown kinds are
passed over, so a later version may add some. With a dictionary grown for it,
hashes in the text stand among the raw bytes too (`hexes`).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from sync.protocol.errors import BadRecord, TooLarge
from sync.protocol.hexes import put_back, take_out, takes_hexes
from sync.protocol.signing import TAG_BYTES

RECORD_BYTES_MAX = 16_384
PLAIN_BYTES_MAX = RECORD_BYTES_MAX - TAG_BYTES
TEXT_BYTES_MAX = 262_144
ITEMS_MAX = 1024
SPARE_BYTES = 1024
STORED, DEFLATED_WITH, DEFLATED, WITHOUT_HEXES = 0, 1, 2, 3
_LEVEL, _LEVEL_MOST = 6, 9
# In bits; and how many bytes of its window deflate looks ahead, so that it finds nothing there.
_WINDOW_LEAST, _WINDOW_MOST, _WINDOW_SPARE = 9, 15, 300
# Deflate's memory: with less it is sooner ready, and finds the same in short text, or where it looks for long
# and at all of a text at once.
_MEMORY_SHORT, _MEMORY_LONG, _MEMORY_MOST = 6, 8, 9
_WINDOW_SHORT, _AT_ONCE = 11, 16_383
_TABLE_MAX = 4096
# The mode and the length of the raw part.
_MODE_BYTES = 5

HELLO = 1
VECTOR = 2
STATEMENT = 3
WANT_ACTS = 4
WANT_BLOBS = 5
STATE_END = 6
WANT_DOCS = 7
DOC_DELTA = 8
HAVE_DOCS = 9
BASE = 16
FRAMES = 17
LOOSE = 18
EVIDENCE = 19
PIECE = 32


class Item(NamedTuple):
    """One item: its kind and its bytes in the two parts of the record."""

    kind: int
    text: bytes
    raw: bytes = b""


_SHORT = [bytes((value,)) for value in range(0x80)]


def varint(value: int) -> bytes:
    """Return an unsigned integer in groups of seven bits, lowest first."""
    if 0 <= value < 0x80:
        return _SHORT[value]
    if 0 <= value < 0x4000:
        return bytes((value & 0x7F | 0x80, value >> 7))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value: int) -> bytes:
    """Return a signed integer as varint: 0, -1, 1, -2 … become 0, 1, 2, 3 …"""
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


class Reader:
    """Takes fields from the front of bytes; whatever is cut or out of range is a BadRecord."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def varint(self) -> int:
        """Return the next unsigned integer (below 2**63)."""
        data, at, value, shift = self._data, self._at, 0, 0
        try:
            if data[at] < 0x80:
                self._at = at + 1
                return data[at]
            while True:
                byte = data[at]
                at += 1
                value |= (byte & 0x7F) << shift
                if byte < 0x80:
                    break
                shift += 7
                if shift > 56:
                    raise BadRecord("integer")
        except IndexError:
            raise BadRecord("cut") from None
        self._at = at
        return value

    def varints(self, count: int) -> Sequence[int]:
        """Return the next unsigned integers, at least one; mostly each is one byte."""
        found = self._data[self._at : self._at + count]
        if len(found) == count and max(found) < 0x80:
            self._at += count
            return found
        return [self.varint() for _ in range(count)]

    def zigzag(self) -> int:
        """Return the next signed integer."""
        value = self.varint()
        return value >> 1 if not value & 1 else -((value + 1) >> 1)

    def take(self, length: int) -> bytes:
        """Return the next `length` bytes."""
        at = self._at
        if length < 0 or at + length > len(self._data):
            raise BadRecord("cut")
        self._at = at + length
        return self._data[at : at + length]

    def word(self) -> str:
        """Return the next length-prefixed ASCII text."""
        try:
            return self.take(self.varint()).decode("ascii")
        except UnicodeDecodeError:
            raise BadRecord("text") from None

    def rest(self) -> bytes:
        """Return all that is left."""
        return self.take(len(self._data) - self._at)

    @property
    def done(self) -> bool:
        """Say whether nothing is left."""
        return self._at >= len(self._data)


class Table:
    """Words that stand once at the head of an item and are then named by number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, word: str) -> bytes:
        """Return the number of a word, given now if it has none."""
        return varint(self._numbers.setdefault(word, len(self._numbers)))

    def encode(self) -> bytes:
        """Return the words in the order of their numbers."""
        words = [varint(len(w)) + w.encode("ascii") for w in self._numbers]
        return varint(len(words)) + b"".join(words)


def read_table(text: Reader) -> list[str]:
    """Return the words of a table.

    Raises:
        BadRecord: cut or too long.
    """
    count = text.varint()
    if count > _TABLE_MAX:
        raise BadRecord("table")
    return [text.word() for _ in range(count)]


def pick(table: list[str], number: int) -> str:
    """Return the word of a number.

    Raises:
        BadRecord: no such word.
    """
    try:
        return table[number]
    except IndexError:
        raise BadRecord("table index") from None


def pack_record(items: Sequence[Item], dictionary: bytes) -> bytes:
    """Return the plaintext of one record; it may be longer than a record allows."""
    text = b"".join([varint(i.kind) + varint(len(i.text)) + varint(len(i.raw)) + i.text for i in items])
    if len(text) > TEXT_BYTES_MAX:
        raise TooLarge("text of a record")
    raw = b"".join([i.raw for i in items])
    if takes_hexes(dictionary):
        short, hexes = take_out(text)
        squeezed = _deflate(short, dictionary, _LEVEL_MOST)
        if len(hexes) + len(raw) + len(squeezed) + _MODE_BYTES > PLAIN_BYTES_MAX:
            # Digits that only look like hashes may shrink better as they are, and must fit as was promised.
            return min(_record(WITHOUT_HEXES, hexes + raw, squeezed), pack_record(items, b""), key=len)
        if len(hexes) + len(squeezed) < len(text):
            return _record(WITHOUT_HEXES, hexes + raw, squeezed)
    else:
        squeezed = _deflate(text, dictionary, _LEVEL)
        if len(squeezed) < len(text):
            return _record(DEFLATED_WITH if dictionary else DEFLATED, raw, squeezed)
    return _record(STORED, raw, text)


def _deflate(text: bytes, dictionary: bytes, grade: int) -> bytes:
    # A window that holds all of it gives the same bytes as a larger one, and is sooner made.
    window = min(max(_WINDOW_LEAST, (len(text) + len(dictionary) + _WINDOW_SPARE).bit_length()), _WINDOW_MOST)
    memory = _MEMORY_LONG if grade == _LEVEL_MOST and len(text) <= _AT_ONCE else _MEMORY_MOST
    if window <= _WINDOW_SHORT:
        memory = _MEMORY_SHORT
    squeezer = zlib.compressobj(grade, zlib.DEFLATED, -window, memory, zlib.Z_DEFAULT_STRATEGY, dictionary)
    return squeezer.compress(text) + squeezer.flush()


def _record(mode: int, raw: bytes, squeezed: bytes) -> bytes:
    return bytes((mode,)) + varint(len(raw)) + raw + squeezed


def unpack_record(plain: bytes, dictionary: bytes) -> list[Item]:
    """Return the items of a record's plaintext.

    Raises:
        BadRecord: cut, malformed, or inflating beyond the limit.
        TooLarge: more items than a record may hold.
    """
    if not plain:
        raise BadRecord("empty")
    reader = Reader(plain[1:])
    raw_bytes = reader.take(reader.varint())
    text_bytes = _inflate(plain[0], reader.rest(), dictionary)
    if plain[0] == WITHOUT_HEXES:
        text_bytes, raw_bytes = put_back(text_bytes, raw_bytes, TEXT_BYTES_MAX)
    raw, text = Reader(raw_bytes), Reader(text_bytes)
    items: list[Item] = []
    while not text.done:
        kind, text_len, raw_len = text.varint(), text.varint(), text.varint()
        if len(items) >= ITEMS_MAX:
            raise TooLarge("items of a record")
        items.append(Item(kind, text.take(text_len), raw.take(raw_len)))
    if not raw.done:
        raise BadRecord("raw bytes left over")
    return items


def _inflate(mode: int, data: bytes, dictionary: bytes) -> bytes:
    if mode == STORED:
        return data
    if mode not in (DEFLATED, DEFLATED_WITH, WITHOUT_HEXES):
        raise BadRecord(f"mode {mode}")
    try:
        opener = zlib.decompressobj(-15) if mode == DEFLATED else zlib.decompressobj(-15, dictionary)
        text = opener.decompress(data, TEXT_BYTES_MAX)
    except zlib.error:
        raise BadRecord("deflate") from None
    if not opener.eof or opener.unused_data:
        raise BadRecord("deflate end or length")
    return text


def fits_one_record(item: Item, spare: int = SPARE_BYTES) -> bool:
    """Say whether an item fits a record with `spare` bytes left, whatever dictionary the receiver knows.

    Asked with the usual spare before signing, for another node's zlib may
    squeeze a little worse; with none when taking in.
    """
    return len(item.text) <= TEXT_BYTES_MAX // 2 and len(pack_record([item], b"")) <= PLAIN_BYTES_MAX - spare


def dictionary_name(dictionary: bytes) -> str:
    """Return the name heads call a preset dictionary by."""
    return hashlib.sha256(dictionary).hexdigest()[:16]
