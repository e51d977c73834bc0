"""LZW in a PDF has no mark of its own at its head: where it is named, every stream is weighed. Pure.

Nobody packs so any more, but every program still opens it, and it unfolds 2,500 times over. RunLength unfolds
64 times at most, which by itself is no bomb; one packing around another is made by no program, and refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from common.papers.rules import PaperBomb

_CLEAR, _END, _CODES_MAX = 256, 257, 4096
# What one document is looked through: some 6 MB packed so, a few seconds.
_LOOKED_MAX = 4_000_000
_STREAM_MAX, _RATIO_MAX = 96_000_000, 200
# Lists of packings and names in them; real documents have one list or none for a stream.
_LISTS_MAX = 50_000
_LIST_BYTES = 300


def name_of(*words: str) -> str:
    """Return what finds a name, each of its letters plain or written as its number (`/LZ#57`), to its end."""
    spelt = ("".join(f"(?:{sign}|#(?i:{ord(sign):02x}))" for sign in word) for word in words)
    return f"/(?:{'|'.join(spelt)})" + r"(?=[\0\s\[\]<>(){}/%])"


_OLD = re.compile(name_of("LZWDecode", "LZW", "RunLengthDecode", "RL").encode())
_PACKED = re.compile(name_of("LZWDecode", "LZW", "RunLengthDecode", "RL", "FlateDecode", "Fl").encode())
_FILTER = re.compile(name_of("Filter").encode())
_OTHER_WIDTHS = re.compile(name_of("EarlyChange").encode())
_LIST = re.compile(rb"\s*\[([^\]]*)")
_ELSEWHERE = re.compile(rb"\d\s+\d+\s+R\b")


def names_old_packing(parts: Iterable[bytes]) -> bool:
    """Say whether a document names LZW or RunLength, in its own bytes or in its unpacked objects.

    Raises:
        PaperBomb: it names one packing around another, or so many that nobody looks through them.
    """
    parts = tuple(parts)
    if not any(_OLD.search(part) for part in parts):
        return False
    for part in parts:
        lists = _counted(_FILTER.finditer(part))
        # A list whose parts stand elsewhere could be any, and no program writes one.
        if any(_ELSEWHERE.search(_listed(part, match.end())) for match in lists) or _is_twofold(part):
            raise PaperBomb()
    return True


def _counted(found: Iterable[re.Match[bytes]]) -> Iterator[re.Match[bytes]]:
    for number, match in enumerate(found):
        if number > _LISTS_MAX:
            raise PaperBomb()
        yield match


def _listed(part: bytes, at: int) -> bytes:
    found = _LIST.match(part, at, at + _LIST_BYTES)
    return found[1] if found else b""


def _is_twofold(part: bytes) -> bool:
    """Say whether two packings, one of them old, stand in one list."""
    for one, other in pairwise(_counted(_PACKED.finditer(part))):
        between = part[one.end() : min(other.start(), one.end() + _LIST_BYTES + 1)]
        if len(between) > _LIST_BYTES or b"]" in between or not (_is_old(one) or _is_old(other)):
            continue
        before = part[max(0, one.start() - _LIST_BYTES) : one.start()]
        if before.rfind(b"[") > before.rfind(b"]"):
            return True
    return False


def _is_old(match: re.Match[bytes]) -> bool:
    return _OLD.match(match[0] + b" ") is not None


class Scale:
    """Weighs the streams of one document that may be packed by LZW."""

    def __init__(self, document: bytes) -> None:
        self._looked = 0
        self._changes = (1, 0) if _OTHER_WIDTHS.search(document) else (1,)

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
