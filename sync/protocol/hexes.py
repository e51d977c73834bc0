"""Hashes and ids stand in JSON as hex digits, which no dictionary explains; this takes them out as bytes.

Deflate spends some 38 bytes on the 64 digits of a SHA-256, and its code for other text grows longer. In the
text a run of 32 digits or more leaves two bytes (0xFF, how many bytes it was), one that came before three
(0xFF, and which it was); a byte 0xFF that stood there is followed by 0.
"""

from __future__ import annotations

import re

from sync.protocol.errors import BadRecord

# A dictionary that begins so was grown for text whose hashes are taken out.
MARK = b"\xffhex1"
_LITERAL = 0
_RUN_MAX, _AGAIN = 127, 0x80
_SEEN_MAX = 0x7E << 7
_RUNS = re.compile(rb"\xff|(?:[0-9a-f]{2}){16,127}")


def takes_hexes(dictionary: bytes) -> bool:
    """Say whether records written with this dictionary have their hashes taken out."""
    return dictionary.startswith(MARK)


def take_out(text: bytes) -> tuple[bytes, bytes]:
    """Return the text without its long runs of hex digits, and their bytes one after the other."""
    seen: dict[bytes, int] = {}
    runs: list[bytes] = []

    def one(match: re.Match[bytes]) -> bytes:
        digits = match.group()
        if digits == b"\xff":
            return b"\xff\x00"
        number = seen.get(digits)
        if number is not None:
            return bytes((0xFF, _AGAIN | number >> 7, number & 0x7F))
        if len(seen) < _SEEN_MAX:
            seen[digits] = len(seen)
        runs.append(bytes.fromhex(digits.decode()))
        return bytes((0xFF, len(digits) // 2))

    return _RUNS.sub(one, text), b"".join(runs)


def put_back(text: bytes, runs: bytes, most: int) -> tuple[bytes, bytes]:
    """Return the text as it was, and the bytes of `runs` that were not used.

    Raises:
        BadRecord: cut, malformed, or longer than `most`.
    """
    first, *rest = text.split(b"\xff")
    out, seen, at, size = [first], list[bytes](), 0, len(first)
    for piece in rest:
        if not piece:
            raise BadRecord("hex")
        count, skip = piece[0], 1
        if count == _LITERAL:
            digits = b"\xff"
        elif count <= _RUN_MAX:
            digits = runs[at : at + count].hex().encode()
            if at + count > len(runs):
                raise BadRecord("hex")
            at += count
            seen.append(digits)
        else:
            digits, skip = _again(piece, seen), 2
        size += len(digits) + len(piece) - skip
        if size > most:
            raise BadRecord("hex length")
        out += [digits, piece[skip:]]
    return b"".join(out), runs[at:]


def _again(piece: bytes, seen: list[bytes]) -> bytes:
    number = (piece[0] & 0x7F) << 7 | piece[1] if len(piece) > 1 else len(seen)
    if number >= len(seen):
        raise BadRecord("hex")
    return seen[number]
