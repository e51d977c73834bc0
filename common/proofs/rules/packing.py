"""Signed values in few bytes: canonical JSON packed so that a QR code can carry it, and back again.

Pure. Canonical JSON is decided by its value, so packing the value and writing it out again gives the very
bytes that were signed. Hex is stored as bytes, digits as numbers, words that every claim uses as one byte.
There is one packed form of a value: whatever is not it is refused, so no byte can be changed unnoticed.

    00–7F  word of the table       80  integer        81  negative integer (-1 - n)
    82     text: length, UTF-8     83  hex: length, bytes
    84     digits as a number      85  list: count, values      86  dict: count, keys and values by key
    C0–FF  integers 0 to 63
"""

from __future__ import annotations

import re
from typing import Any

from common.proofs.errors import UnreadableClaim

# Their places are part of the format: words are added at the end, never moved or taken out.
WORDS = (
    "", "v", "network", "node", "key", "number", "item", "name", "who", "tail", "at", "filed", "due", "stage",
    "kind", "act", "with", "address", "version", "prev", "roster", "parent", "keys", "next", "services",
    "status", "revoked", "since", "from", "until", "id", "sign", "seal", "cut", "ids", "child", "epoch",
    "entry", "vouch", "live", "relieved", "retired", "slip", "settled", "START", "RECEIVED", "SENT_BACK",
    "CHECKED", "SUPPLEMENT", "SUPPLEMENTED", "ACCEPTED", "SPECIAL", "REVIEWED", "APPROVED", "ISSUED",
    "REFUSED", "NOT_ACCEPTED", "RETURNED", "LAPSED", "TERMINATED", "WITHDRAWN", "CLOSED", "ARCHIVED",
)  # fmt: skip
_NUMBERS = {word: number for number, word in enumerate(WORDS)}
_INT, _NEGATIVE, _TEXT, _HEX, _DIGITS, _LIST, _DICT, _SMALL = 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0xC0
_SMALL_COUNT = 64
_INTEGER_MAX = 2**53 - 1
_VARINT_BYTES_MAX = 9
_DEPTH_MAX = 8
_ITEMS_MAX = 256
_IS_HEX = re.compile(r"(?:[0-9a-f]{2}){4,}")
_IS_DIGITS = re.compile(r"[1-9][0-9]{3,14}")

assert len(WORDS) <= _INT


def varint(number: int) -> bytes:
    """Return a number from 0 in groups of seven bits, lowest first."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def pack(value: Any) -> bytes:
    """Return the packed form of a value that signed data may hold (dicts, lists, strings, integers).

    Raises:
        ValueError: something else is inside.
    """
    if type(value) is str:
        return _packed_text(value)
    if type(value) is int and abs(value) <= _INTEGER_MAX:
        if 0 <= value < _SMALL_COUNT:
            return bytes((_SMALL + value,))
        return bytes((_INT,)) + varint(value) if value >= 0 else bytes((_NEGATIVE,)) + varint(-1 - value)
    if type(value) is list:
        return bytes((_LIST,)) + varint(len(value)) + b"".join(pack(one) for one in value)
    if type(value) is dict:
        pairs = (pack(key) + pack(one) for key, one in sorted(value.items()))
        return bytes((_DICT,)) + varint(len(value)) + b"".join(pairs)
    raise ValueError(f"{type(value).__name__} is never signed")


def _packed_text(text: str) -> bytes:
    if text in _NUMBERS:
        return bytes((_NUMBERS[text],))
    if _IS_DIGITS.fullmatch(text):
        return bytes((_DIGITS,)) + varint(int(text))
    if _IS_HEX.fullmatch(text):
        return bytes((_HEX,)) + varint(len(text) // 2) + bytes.fromhex(text)
    data = text.encode()
    return bytes((_TEXT,)) + varint(len(data)) + data


def unpack(data: bytes) -> Any:
    """Return the value whose packed form is exactly `data`.

    Raises:
        UnreadableClaim: it is the packed form of nothing.
    """
    reader = Reader(data)
    value = reader.value()
    if reader.rest() or pack(value) != data:
        raise UnreadableClaim
    return value


class Reader:
    """Reads packed values one after the other. Every method raises `UnreadableClaim` when it cannot."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def rest(self) -> bytes:
        """Return what has not been read."""
        return self._data[self._at :]

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        part = self._data[self._at : self._at + count]
        if len(part) != count:
            raise UnreadableClaim
        self._at += count
        return part

    def number(self) -> int:
        """Return the next number written in groups of seven bits."""
        number = 0
        for place in range(_VARINT_BYTES_MAX):
            byte = self.take(1)[0]
            number |= (byte & 127) << 7 * place
            if byte < 128:
                return number
        raise UnreadableClaim

    def value(self, depth: int = 0) -> Any:
        """Return the next value."""
        tag = self.take(1)[0]
        if tag < len(WORDS):
            return WORDS[tag]
        if tag >= _SMALL:
            return tag - _SMALL
        if tag == _TEXT:
            return self._text()
        if tag == _HEX:
            return self.take(self.number()).hex()
        if tag in (_INT, _NEGATIVE, _DIGITS):
            return self._figure(tag)
        if tag not in (_LIST, _DICT) or depth == _DEPTH_MAX:
            raise UnreadableClaim
        return self._many(tag, depth + 1)

    def _figure(self, tag: int) -> str | int:
        number = self.number()
        if tag == _DIGITS:
            return str(number)
        value = number if tag == _INT else -1 - number
        if abs(value) > _INTEGER_MAX:
            raise UnreadableClaim
        return value

    def _text(self) -> str:
        try:
            return self.take(self.number()).decode()
        except UnicodeDecodeError:
            raise UnreadableClaim from None

    def _many(self, tag: int, depth: int) -> Any:
        count = self.number()
        if count > _ITEMS_MAX:
            raise UnreadableClaim
        if tag == _LIST:
            return [self.value(depth) for _ in range(count)]
        found: dict[str, Any] = {}
        for _ in range(count):
            key = self.value(depth)
            if type(key) is not str:
                raise UnreadableClaim
            found[key] = self.value(depth)
        return found
