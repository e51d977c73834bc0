"""Finds the English of what rules, errors and records say in Chinese; a person's own words stay as they are.

Rules mark nothing for translation: a sentence is looked up whole, then as one of the catalogue's patterns
(`还剩 {days} 个工作日`), then by its parts. Knows no page and no request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

HAN = re.compile(r"[㐀-鿿]")
_PLACE = re.compile(r"\{(\w+)\}")
# A stretch of Chinese within other words, with the digits and letters that stand in it.
_RUN = re.compile(r"([㐀-鿿〇][^\x00-\x7f”]*(?:[0-9A-Za-z]+[㐀-鿿〇][^\x00-\x7f”]*)*)")
_MARKS = str.maketrans(
    {
        "，": ", ",
        "、": ", ",
        "；": "; ",
        "：": ": ",
        "（": " (",
        "）": ") ",
        "。": ". ",
        "！": "! ",
        "？": "? ",
        "　": " ",
    }
)
_ENDS = {"。": ".", "：": ":", "；": ";", "，": ","}
_LISTS = ("；", "、", " · ", "　")
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: English, or words that stay Chinese (`is_own` false)."""

    words: str
    is_english: bool


@dataclass(frozen=True, slots=True)
class _Pattern:
    source: str
    english: str
    letters: int

    @property
    def expression(self) -> re.Pattern[str]:
        """The pattern as an expression; `re` keeps the newest ones compiled."""
        parts = _PLACE.split(self.source)
        return re.compile(
            "".join(f"(?P<{p}>.+?)" if at % 2 else re.escape(p) for at, p in enumerate(parts)), re.S
        )


class Phrases:
    """The sentences of one catalogue, Chinese to English."""

    def __init__(self, catalogue: Mapping[object, object]) -> None:
        self._catalogue = catalogue

    def pieces(self, text: str, depth: int = _DEPTH) -> list[Piece]:
        """Return `text` in English as far as the catalogue knows it, its Chinese names apart.

        Every character of a text that is no sentence of ours comes back unchanged.
        """
        if not HAN.search(text):
            return [Piece(text.translate(_MARKS), True)]
        whole = self._whole(text, depth)
        if whole is not None:
            return whole
        return (self._parts(text, depth) if depth else None) or [Piece(text, False)]

    def _whole(self, text: str, depth: int) -> list[Piece] | None:
        bare = text.strip()
        found = self._catalogue.get(bare)
        if isinstance(found, str) and found:
            return [Piece(found, True)]
        end = _ENDS.get(bare[-1:], "")
        found = self._catalogue.get(bare[:-1]) if end else None
        if isinstance(found, str) and found:
            return [Piece(found + end, True)]
        return self._by_pattern(bare, depth) if depth else None

    def _by_pattern(self, text: str, depth: int) -> list[Piece] | None:
        for pattern in self._candidates(text):
            found = pattern.expression.fullmatch(text)
            if found:
                return list(self._filled(pattern, found.groupdict(), depth - 1))
        return None

    def _filled(self, pattern: _Pattern, values: Mapping[str, str], depth: int) -> Iterator[Piece]:
        for at, part in enumerate(_PLACE.split(pattern.english)):
            if at % 2:
                yield from self.pieces(values[part], depth)
            elif part:
                yield Piece(part, True)

    def _candidates(self, text: str) -> Iterator[_Pattern]:
        """The patterns that may fit, those that say most first."""
        begun = self._patterns.get(text[0], ())
        for pattern in sorted((*begun, *self._patterns.get("", ())), key=lambda one: -one.letters):
            if all(word in text for word in _PLACE.split(pattern.source)[::2]):
                yield pattern

    @cached_property
    def _patterns(self) -> dict[str, tuple[_Pattern, ...]]:
        """The sentences with places, by their first letter; those that begin with a place under ``."""
        found: dict[str, list[_Pattern]] = {}
        for source, english in self._catalogue.items():
            if isinstance(source, str) and isinstance(english, str) and _PLACE.search(source):
                first = "" if source.startswith("{") else source[:1]
                letters = len(_PLACE.sub("", source))
                found.setdefault(first, []).append(_Pattern(source, english, letters))
        return {first: tuple(patterns) for first, patterns in found.items()}

    def _parts(self, text: str, depth: int) -> list[Piece] | None:
        """The parts of a text of several: sentences, a name and its value, a list, words in brackets."""
        return (
            self._sentences(text, depth)
            or self._named(text, depth)
            or self._listed(text, depth)
            or self._bracketed(text, depth)
            or self._mixed(text, depth)
        )

    def _sentences(self, text: str, depth: int) -> list[Piece] | None:
        sentences = [one for one in re.split("(?<=。)", text) if one.strip()]
        if len(sentences) < 2:
            return None
        found = [self.pieces(one, depth - 1) for one in sentences]
        return _joined(found, " ") if any(piece.is_english for piece in found[0]) else None

    def _named(self, text: str, depth: int) -> list[Piece] | None:
        name, colon, value = text.partition("：")
        known = self._whole(name, depth - 1) if colon and value.strip() else None
        if known is None:
            return None
        return [*known, Piece(": ", True), *self.pieces(value, depth - 1)]

    def _listed(self, text: str, depth: int) -> list[Piece] | None:
        """A list all of whose entries are ours; one of somebody else's words stays whole."""
        for mark in _LISTS:
            found = [self.pieces(one, depth - 1) for one in text.split(mark)] if mark in text else []
            if found and all(any(piece.is_english for piece in one) for one in found):
                return _joined(found, mark.translate(_MARKS))
        return None

    def _bracketed(self, text: str, depth: int) -> list[Piece] | None:
        found = re.fullmatch(r"([^（]*)（(.+)）([^）]*)", text, re.S)
        if not found:
            return None
        head, inner, tail = (self.pieces(part, depth - 1) if part else [] for part in found.groups())
        if not any(piece.is_english for piece in (*head, *inner)):
            return None
        return [*head, Piece(" (", True), *inner, Piece(")", True), *tail]

    def _mixed(self, text: str, depth: int) -> list[Piece] | None:
        """English with Chinese words in it, as a sentence that was translated before its names came in."""
        runs = _RUN.split(text)
        if len(runs) < 3 or not any(run.strip() for run in runs[::2]):
            return None
        pieces = []
        for at, run in enumerate(runs):
            if at % 2:
                pieces += self.pieces(run, depth - 1)
            elif run:
                pieces.append(Piece(run.translate(_MARKS), True))
        return pieces


def _joined(parts: list[list[Piece]], mark: str) -> list[Piece]:
    pieces: list[Piece] = []
    for part in parts:
        pieces += [Piece(mark, True)] if pieces else []
        pieces += part
    return pieces
