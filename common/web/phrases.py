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
PLACE = re.compile(r"\{(\w+)\}")
_MARKED_PLACE = re.compile(r"%\((\w+)\)s")
# Places that hold numbers and days alone: a sentence of templates with no others is a pattern, too.
_NUMBERS = frozenset({"n", "m", "num", "day", "year", "most", "count"})
# A stretch of Chinese within other words, with the digits and letters that stand in it.
_RUN = re.compile(
    r"((?:[0-9]+ ?(?=[年月日个]))?[㐀-鿿〇](?:(?:[^\x00-\x7f”]|[0-9A-Za-z]+(?=[^\x00-\x7f]))*[㐀-鿿〇）》])?)"
)
_LATIN = re.compile("[A-Za-z]{2}|[0-9]{6}|[0-9]{4}-[0-9]{2}")
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
_LISTS = ("；", "、")
# Between words that have nothing to do with each other.
_BETWEEN = (re.compile("( *[·›▾] *)"), re.compile("(　+)"))
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: English, or words that stay Chinese (`is_own` false)."""

    words: str
    is_english: bool


class Pattern:
    """A sentence with places `{name}` on both sides."""

    __slots__ = ("_expression", "_words", "english", "letters", "longest", "source")

    def __init__(self, source: str, english: str) -> None:
        self.source = source
        self.english = english
        parts = PLACE.split(source)
        self._words = parts[::2]
        # How much it says beside its places, and the stretch by which most other texts are told apart.
        self.letters = sum(map(len, self._words))
        self.longest = max(self._words, key=len)
        self._expression: re.Pattern[str] | None = None

    def values_in(self, text: str) -> dict[str, str] | None:
        """Return what stands at its places in `text`, None when `text` is another sentence."""
        if not all(word in text for word in self._words):
            return None
        if self._expression is None:
            self._expression = self._compiled()
        found = self._expression.fullmatch(text)
        return found.groupdict() if found else None

    def _compiled(self) -> re.Pattern[str]:
        written = ""
        for at, part in enumerate(PLACE.split(self.source)):
            value = "[0-9.,:/ -]+?" if self.is_number(part) else ".*?"
            is_again = f"(?P<{part}>" in written
            written += (
                re.escape(part) if at % 2 == 0 else f"(?P={part})" if is_again else f"(?P<{part}>{value})"
            )
        return re.compile(written, re.S)

    def is_number(self, place: str) -> bool:
        """Say whether a place takes digits alone; in a short pattern days do, or it would fit too much."""
        return place in _NUMBERS or (place.endswith("days") and self.letters <= 5)


def pattern_of(source: object, english: object) -> Pattern | None:
    if not isinstance(source, str) or not isinstance(english, str):
        return None
    if PLACE.search(source):
        return Pattern(source, english)
    marked = _MARKED_PLACE.findall(source)
    if marked and _NUMBERS.issuperset(marked):
        return Pattern(*(_MARKED_PLACE.sub(r"{\1}", text).replace("%%", "%") for text in (source, english)))
    return None


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
        if "\n" in text:
            return _joined([self.pieces(line, depth) for line in text.splitlines() if line], "\n")
        whole = self._whole(text, depth)
        if whole is not None:
            return whole
        return (self._parts(text, depth) if depth else None) or [Piece(text, False)]

    def _whole(self, text: str, depth: int) -> list[Piece] | None:
        bare = text.strip()
        found = self._catalogue.get(bare)
        if isinstance(found, str) and found:
            return _apart(found)
        end = _ENDS.get(bare[-1:], "")
        found = self._catalogue.get(bare[:-1]) if end else None
        if isinstance(found, str) and found:
            return [Piece(found + end, True)]
        return self._by_pattern(bare, depth) if depth else None

    def _by_pattern(self, text: str, depth: int) -> list[Piece] | None:
        for patterns in (self._patterns.get(text[0], ()), self._patterns.get("", ())):
            for pattern in patterns:
                values = pattern.values_in(text) if pattern.longest in text else None
                if values is not None:
                    return list(self._filled(pattern, values, depth - 1))
        return None

    def _filled(self, pattern: Pattern, values: Mapping[str, str], depth: int) -> Iterator[Piece]:
        for at, part in enumerate(PLACE.split(pattern.english)):
            if at % 2:
                yield from self.pieces(values[part], depth)
            elif part:
                yield Piece(part, True)

    @cached_property
    def _patterns(self) -> dict[str, list[Pattern]]:
        """The sentences with places, by their first letter, those that say most first.

        Those that begin with a place stand under ``.
        """
        found: dict[str, list[Pattern]] = {}
        for source, english in self._catalogue.items():
            pattern = pattern_of(source, english)
            if pattern:
                first = "" if pattern.source.startswith("{") else pattern.source[0]
                found.setdefault(first, []).append(pattern)
        for patterns in found.values():
            patterns.sort(key=lambda pattern: -pattern.letters)
        return found

    def _parts(self, text: str, depth: int) -> list[Piece] | None:
        """The parts of a text of several: sentences, a name and its value, a list, words in brackets."""
        return (
            self._side_by_side(text, depth)
            or self._sentences(text, depth)
            or self._continued(text, depth)
            or self._named(text, depth)
            or self._listed(text, depth)
            or self._mixed(text, depth)
            or self._bracketed(text, depth)
        )

    def _side_by_side(self, text: str, depth: int) -> list[Piece] | None:
        parts = next((found for mark in _BETWEEN if len(found := mark.split(text)) > 1), None)
        if parts is None:
            return None
        pieces: list[Piece] = []
        for at, part in enumerate(parts):
            if at % 2:
                is_list = part[0] == "　" and bool(parts[at + 1].strip())
                pieces.append(Piece(", " if is_list else f" {part.strip()} ", True))
            elif part:
                pieces += self.pieces(part, depth - 1)
        return pieces

    def _sentences(self, text: str, depth: int) -> list[Piece] | None:
        sentences = [one for one in re.split("(?<=。)", text) if one.strip()]
        if len(sentences) < 2:
            return None
        found = [self.pieces(one, depth - 1) for one in sentences]
        return _joined(found, " ") if any(piece.is_english for piece in found[0]) else None

    def _continued(self, text: str, depth: int) -> list[Piece] | None:
        """Two of ours in one sentence, the second begun by a comma."""
        for comma in re.finditer("[，；]", text):
            head, tail = text[: comma.start()], text[comma.start() :]
            known = (
                self._whole(head, depth - 1),
                self._whole(tail, depth - 1) or self._whole(tail[1:], depth - 1),
            )
            if known[0] and known[1]:
                is_joined = known[1][0].words[:1] in ",;"
                return [*known[0], *([] if is_joined else [Piece(", ", True)]), *known[1]]
        return None

    def _named(self, text: str, depth: int) -> list[Piece] | None:
        """A name and its value, when one of the two is ours."""
        name, colon, value = text.partition("：")
        if not colon or not value.strip():
            return None
        known = self._whole(name, depth - 1)
        told = self._whole(value, depth - 1)
        if known is None and told is None:
            return None
        return [*(known or [Piece(name, False)]), Piece(": ", True), *(told or self.pieces(value, depth - 1))]

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
        if not all(any(piece.is_english for piece in part) for part in (head, inner, tail) if part):
            return None
        return [
            *head,
            Piece(" (", True),
            *inner,
            Piece(")", True),
            *([Piece(" ", True)] if tail else []),
            *tail,
        ]

    def _mixed(self, text: str, depth: int) -> list[Piece] | None:
        """English with Chinese words in it, as a sentence that was translated before its names came in."""
        runs = _RUN.split(text)
        if not any(_LATIN.search(run) for run in runs[::2]):
            return None
        pieces = []
        for at, run in enumerate(runs):
            if at % 2:
                pieces += self.pieces(run, depth - 1)
            elif run:
                pieces.append(Piece(run.translate(_MARKS), True))
        return pieces


def _apart(english: str) -> list[Piece]:
    """An English sentence with the Chinese examples in it apart."""
    return [Piece(run, at % 2 == 0) for at, run in enumerate(_RUN.split(english)) if run]


def _joined(parts: list[list[Piece]], mark: str) -> list[Piece]:
    pieces: list[Piece] = []
    for part in parts:
        pieces += [Piece(mark, True)] if pieces else []
        pieces += part
    return pieces
