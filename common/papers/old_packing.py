"""LZW in a PDF has no mark of its own at its head: where it is named, every stream is weighed. Pure.

Nobody packs so any more, but every program still opens it, and it unfolds 2,500 times over. RunLength unfolds
64 times at most, which by itself is no bomb; one packing around another is made by no program, and refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from common.papers.rules import PaperBomb

# As names end: a blank, a bracket or another sign of the format (ISO 32000-1, 7.2.2).
_ENDS = rb"(?=[\0\s\[\]<>(){}/%])"
_OLD = re.compile(rb"/(?:LZWDecode|LZW|RunLengthDecode|RL)" + _ENDS)
_PACKED = rb"/(?:LZWDecode|LZW|RunLengthDecode|RL|FlateDecode|Fl)" + _ENDS
_TWICE = re.compile(rb"\[[^\]]{0,300}?" + _PACKED + rb"[^\]]{0,300}?" + _PACKED)
# A list whose parts stand elsewhere could be any, and no program writes one.
_ELSEWHERE = re.compile(rb"/Filter\s*\[[^\]]{0,300}?\d\s+\d+\s+R\b")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_OTHER_WIDTHS = re.compile(rb"/EarlyChange\b")
_CLEAR, _END, _CODES_MAX = 256, 257, 4096
# What one document is looked through: some 9 MB packed so, a few seconds.
_LOOKED_MAX = 6_000_000
_STREAM_MAX, _RATIO_MAX = 96_000_000, 200


def plain_names(part: bytes) -> bytes:
    """Return a part of a document with its names written out: `/LZ#57` is `/LZW`."""
    return _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), part)


def names_old_packing(parts: Iterable[bytes]) -> bool:
    """Say whether a document names LZW or RunLength, in its own bytes or in its unpacked objects.

    Raises:
        PaperBomb: it names one packing around another.
    """
    plain = [plain_names(part) for part in parts]
    if not any(_OLD.search(part) for part in plain):
        return False
    if any(_TWICE.search(part) or _ELSEWHERE.search(part) for part in plain):
        raise PaperBomb()
    return True


class Scale:
    """Weighs the streams of one document that may be packed by LZW."""

    def __init__(self, document: bytes) -> None:
        self._looked = 0
        self._changes = (1, 0) if _OTHER_WIDTHS.search(plain_names(document)) else (1,)

    def weigh(self, raw: memoryview) -> int:
        """Return how many bytes come of a stream, were it packed by LZW; of others it is soon over.

        Raises:
            PaperBomb: more than any real one, or there is no end of what to look through.
        """
        return max(self._unfolded(raw, early) for early in self._changes)

    def _unfolded(self, raw: memoryview, early: int) -> int:
        """Return how long a stream is; of each word of the table its length is kept alone.

        A word that is not there yet is read as readers of today do: the last one with its first sign again.
        """
        words, width, last, size, looked = _words(), 9, 0, 0, 0
        bits = held = 0
        for byte in raw:
            held, bits = held << 8 | byte, bits + 8
            if bits < width:
                continue
            bits -= width
            code, held = held >> bits, held & ((1 << bits) - 1)
            looked += 1
            if code == _CLEAR:
                words, width, last = _words(), 9, 0
                continue
            if code == _END or (code > _END and not last) or self._looked + looked > _LOOKED_MAX:
                break
            found = words[code] if code < len(words) else last + 1
            if last and len(words) < _CODES_MAX:
                words.append(last + 1)
                width = max(9, min(12, (len(words) + early).bit_length()))
            last, size = found, size + found
            if size > _STREAM_MAX and size > _RATIO_MAX * looked:
                raise PaperBomb()
        self._looked += looked
        if self._looked > _LOOKED_MAX:
            raise PaperBomb()
        return size


def _words() -> list[int]:
    return [1] * _CLEAR + [0, 0]
