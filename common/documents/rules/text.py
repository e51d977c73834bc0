"""What of a page a reader will see, so that every character can be looked up before it is printed."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# A missing character is written as this mark, for a person to fill in by hand; it is usual for that in print.
PLACEHOLDER = "〓"
_HIDDEN = ("style", "script", "title")
_CSS_ESCAPE = re.compile(r"\\([0-9A-Fa-f]{1,6})")
# Nothing is drawn for these, whatever the font.
_INVISIBLE = frozenset("\t\n\r\x0b\x0c\u00ad\u200b\u200c\u200d\u2060\ufeff")
_LAST = 0x10FFFF


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: set[str] = set()
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _HIDDEN))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.seen.update(data)


def visible_characters(html: str) -> set[str]:
    """Return every character that a page shows as text, references like `&#x4DAE;` included."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.seen - _INVISIBLE


def shown(text: str) -> set[str]:
    """Return the characters of a plain text that need a glyph."""
    return set(text) - _INVISIBLE


def possible_characters(html: str) -> set[str]:
    """Return every character that may come to be drawn: more than is seen, never less.

    Style sheets can draw text, too (`content`), also by code point.
    """
    codes = (int(code, 16) for code in _CSS_ESCAPE.findall(html))
    return visible_characters(html) | set(html) | {chr(code) for code in codes if 0 < code <= _LAST}


def marked(text: str, missing: set[str]) -> str:
    """Return the text with every missing character replaced by the mark to fill in by hand."""
    return "".join(PLACEHOLDER if character in missing else character for character in text)
