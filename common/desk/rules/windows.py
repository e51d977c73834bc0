"""One draft in two windows: of each field the page that changed it later wins, and people are told. Pure.

A page remembers which change of the draft it was made from, and a short print of each value it showed. So a
page that is sent later takes back nothing it never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2s

WINDOW, REV, WAS = "_window", "_rev", "_was"
PAGE_KEYS = (WINDOW, REV, WAS)
# On the page of the check: a print of all that it showed.
SEEN = "_seen"
_PRINT_BYTES = 4
_WINDOW_MAX = 16
# Field → (number of the change that last touched it, window it came from).
Marks = Mapping[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class PageMark:
    """What a page knew when it was made: its window, the draft's change, and prints of what it showed."""

    window: str
    rev: int
    was: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merged:
    """`values` of one part after a page was sent; fields where this page won, and where the other one did."""

    values: dict[str, str]
    touched: tuple[str, ...]
    won: tuple[str, ...] = ()
    yielded: tuple[str, ...] = ()


def print_of(text: str) -> str:
    """Return a short print of a field's text, the same however lines end."""
    plain = text.replace("\r\n", "\n").strip()
    return blake2s(plain.encode("utf-8", "surrogatepass"), digest_size=_PRINT_BYTES).hexdigest()


def was_of(shown: Mapping[str, str], keys: Iterable[str]) -> str:
    """Return the prints of what a page shows, as its hidden field carries them."""
    return " ".join(f"{key}={print_of(shown.get(key, ''))}" for key in keys)


def page_mark(typed: Mapping[str, str]) -> PageMark | None:
    """Return what a sent page knew; None when it says nothing usable, as one made by an older program."""
    rev, window = typed.get(REV, ""), typed.get(WINDOW, "")[:_WINDOW_MAX]
    if not (rev.isascii() and rev.isdecimal() and len(rev) < 10 and window):
        return None
    pairs = (pair.rpartition("=") for pair in typed.get(WAS, "").split())
    return PageMark(window, int(rev), {key: value for key, _sep, value in pairs if key})


def merged(
    stored: Mapping[str, str], typed: Mapping[str, str], page: PageMark | None, marks: Marks
) -> Merged:
    """Return a part's values after a page was sent.

    Args:
        marks: of this part's fields. Without `page` everything typed is taken.
    """
    values, touched, won, yielded = dict(stored), [], [], []
    for key, text in typed.items():
        now = stored.get(key, "")
        if print_of(text) == print_of(now):
            values[key] = text
            continue
        if page is not None and _is_newer(marks.get(key), page):
            if page.was.get(key) == print_of(text):
                yielded.append(key)
                continue
            won.append(key)
        values[key] = text
        touched.append(key)
    return Merged(values, tuple(touched), tuple(won), tuple(yielded))


def _is_newer(mark: tuple[int, str] | None, page: PageMark) -> bool:
    """Say whether another window touched the field after the page was made."""
    return mark is not None and mark[0] > page.rev and mark[1] != page.window
