"""Which characters a font can show, read from its character map (the `cmap` table of an OpenType file)."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

_ENTRY = struct.Struct(">HHI")
_GROUP = struct.Struct(">III")
# Subtables that map whole Unicode: the Windows one and the Unicode ones.
_FULL = {(3, 10), (0, 4), (0, 6)}
_SEGMENTED = 12


class NotAFont(ValueError):
    """The bytes are no character map of the form every font with rare characters has."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The characters of a font as ranges of code points, both ends included, in order."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def holds(self, character: str) -> bool:
        """Say whether the font has a glyph for one character."""
        place = bisect_right(self.starts, ord(character)) - 1
        return place >= 0 and ord(character) <= self.ends[place]

    def lacking(self, characters: Iterable[str]) -> set[str]:
        """Return those of the characters that the font does not have."""
        return {character for character in characters if not self.holds(character)}


def read_cmap(table: bytes) -> Coverage:
    """Return what a `cmap` table covers.

    Raises:
        NotAFont: it is damaged, or holds no map of all of Unicode (format 12).
    """
    try:
        (count,) = struct.unpack_from(">H", table, 2)
        for number in range(count):
            platform, encoding, offset = _ENTRY.unpack_from(table, 4 + _ENTRY.size * number)
            (form,) = struct.unpack_from(">H", table, offset)
            if (platform, encoding) in _FULL and form == _SEGMENTED:
                return _segments(table, offset)
    except struct.error as problem:
        raise NotAFont("the character map is cut short") from problem
    raise NotAFont("the font has no map of all of Unicode")


def _segments(table: bytes, offset: int) -> Coverage:
    (count,) = struct.unpack_from(">I", table, offset + 12)
    groups = [_GROUP.unpack_from(table, offset + 16 + _GROUP.size * number) for number in range(count)]
    # Glyph 0 is the box that stands for a missing character.
    found = [(start, end) for start, end, glyph in sorted(groups) if glyph or start != end]
    return Coverage(tuple(start for start, _ in found), tuple(end for _, end in found))
