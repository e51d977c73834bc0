"""Finishes the English of a page: words that rules and records gave in Chinese, and who is named in Chinese.

Templates say their own sentences in the language of the reader. What they are handed (states, reasons,
problems, names) is Chinese: here it is put into English where the catalogue has it; what is left, names of
people and places, texts of items, a person's own words, is marked `lang="zh-CN"`. Inside an element that is
marked so, as every paper is, nothing is touched; neither is anything somebody typed into a form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from html import escape, unescape
from typing import Any, TypeVar

from babel import Locale
from flask import Flask, Response, request
from flask_babel import force_locale, get_locale, get_translations

from common.web.phrases import HAN, Phrases, Piece

View = TypeVar("View", bound=Callable[..., Any])

CHINESE = ' lang="zh-CN"'
_TOKEN = re.compile(r"<!--.*?-->|<[^>]*>|[^<]+", re.S)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_SAID = re.compile(r' (aria-label|title|placeholder|alt|data-label)="([^"]*)"')
_VOID = frozenset({"meta", "link", "input", "br", "img", "hr", "wbr", "path", "rect", "circle"})
# What is no text of the page, or what somebody typed.
_LEFT = frozenset({"script", "style", "textarea"})
# What somebody wrote: shown word for word.
_QUOTED = frozenset({"q", "del", "ins"})
# Elements within a line.
_INLINE = frozenset({"a", "b", "span", "i", "em", "strong", "time", "ins", "del"})
_MARKUP = re.compile("<[^>]*>")
# Marks that a blank follows, and where one is wanting between two sentences.
_AFTER = frozenset(".:;,!?")
_SENTENCES = re.compile(r"(?<=[a-z)\"][.:;!?])(?=[A-Z][a-z ])|(?<=[a-z0-9])(?=\((?!s\))[a-z])")
# Elements that can hold no other element.
_PLAIN = frozenset({"title", "option"})
_ONE = re.compile(r"(?:(?<![\d.,])([\d,]+))?((?: ?[A-Za-z]+){1,3}?)\(s\)")
# A place of a sentence that stayed empty leaves its blank before the mark.
_SPACED = re.compile(r"(?<=\w) +(?=[;,.](?: |$))")
_CONSONANT_Y = re.compile(r"(?<=[^aeiou])y$")
_YUAN = re.compile(r"(-?[\d,]+\.\d\d) yuan\b")


def register(app: Flask) -> None:
    """Finish every page of `app` that somebody reads in English."""
    app.after_request(_finished)


def on_paper(view: View) -> View:
    """Mark a view that shows a paper: it is written in Chinese whatever the reader's language.

    What stands round the paper on the page is put into English afterwards, as the words of rules are.
    """

    @wraps(view)
    def written(*args: Any, **given: Any) -> Any:
        if not _is_english():
            return view(*args, **given)
        with force_locale(Locale("zh", "CN", script="Hans")):
            return view(*args, **given)

    return written  # type: ignore[return-value]


def _is_english() -> bool:
    return str(get_locale()) == "en"


def _finished(response: Response) -> Response:
    is_page = response.mimetype == "text/html" and not response.direct_passthrough
    if not is_page or not _is_english() or request.method == "HEAD":
        return response
    response.set_data(Page(phrases()).finished(response.get_data(as_text=True)))
    return response


def spoken(text: str) -> str:
    """Return a sentence of ours in the language of this request, for answers that are no page."""
    if not _is_english():
        return text
    return _counted("".join(piece.words for piece in phrases().pieces(text))).strip()


def phrases() -> Phrases:
    """Return the sentences of the catalogue of this request's language; it is loaded at the first asking."""
    loaded: Any = get_translations()
    if not hasattr(loaded, "phrases"):
        # The library's only door to all sentences at once; kept beside them, one for a language.
        loaded.phrases = Phrases(getattr(loaded, "_catalog", {}))
    return loaded.phrases


class Page:
    """One walk over one page; use it once."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases
        self._out: list[str] = []
        self._open: list[str] = []
        # The last letter of the line that is being written, empty at the begin of one.
        self._last = ""
        # How deep the element stands whose content is left as it is, 0 for none.
        self._left_from = 0

    def finished(self, page: str) -> str:
        """Return the page with its English finished."""
        tokens = _TOKEN.findall(page)
        for at, token in enumerate(tokens):
            if token.startswith("<"):
                self._out.append(self._tag(token))
            elif self._left_from:
                self._out.append(token)
            elif token.isascii():
                self._put(_counted(token))
            else:
                is_whole = self._out and at + 1 < len(tokens) and _is_pair(self._out[-1], tokens[at + 1])
                self._text(token, bool(is_whole))
        return "".join(self._out)

    def _tag(self, token: str) -> str:
        found = _TAG.match(token)
        if not found:
            return token
        name = found[2].lower()
        if name not in _INLINE:
            self._last = ""
        if found[1]:
            self._close(name)
            return token
        if name in _VOID or token.endswith("/>"):
            return token if self._left_from else self._said(token)
        self._open.append(name)
        if self._left_from:
            return token
        if name in _LEFT or (CHINESE in token and name != "html"):
            self._left_from = len(self._open)
        return self._said(token)

    def _close(self, name: str) -> None:
        """Close the newest element of this name, and what was left open in it."""
        if name not in self._open:
            return
        while self._open.pop() != name:
            pass
        if len(self._open) < self._left_from:
            self._left_from = 0

    def _said(self, tag: str) -> str:
        """The tag with what its attributes say to people in English."""
        return tag if tag.isascii() else _SAID.sub(self._attribute, tag)

    def _attribute(self, found: re.Match[str]) -> str:
        words = "".join(piece.words for piece in self._phrases.pieces(unescape(found[2])))
        return f' {found[1]}="{escape(_counted(words).strip())}"'

    def _text(self, token: str, is_whole: bool) -> None:
        """Write a text of the page; `is_whole` when it is all that its element holds."""
        words = unescape(token)
        bare = words.strip()
        before, after = (" " if words[:1].isspace() else ""), (" " if words[-1:].isspace() else "")
        is_quoted = not _QUOTED.isdisjoint(self._open)
        pieces = [Piece(bare, False)] if is_quoted else self._phrases.pieces(bare) if bare else []
        is_chinese = bool(pieces) and all(_is_chinese(piece) for piece in pieces)
        if (self._open and self._open[-1] in _PLAIN) or (is_whole and is_chinese):
            if is_whole and is_chinese and CHINESE not in self._out[-1]:
                self._out[-1] = f"{self._out[-1][:-1]}{CHINESE}>"
            self._put(escape(_counted("".join(piece.words for piece in pieces)), quote=False))
            return
        self._put(before + _counted("".join(_marked(piece) for piece in pieces)) + after)

    def _put(self, words: str) -> None:
        """Write words with the blank before them that Chinese does without after a mark."""
        bare = _MARKUP.sub("", words)
        is_joined = (self._last in _AFTER and bare[:1].isalnum()) or (
            self._last.isalnum() and bare[:1] == "("
        )
        if is_joined:
            # Before the tags in which the words stand, lest a link begin with a blank.
            at = len(self._out)
            while at and self._out[at - 1].startswith("<") and not self._out[at - 1].startswith("</"):
                at -= 1
            self._out.insert(at, " ")
        self._out.append(words)
        self._last = bare[-1:] or self._last


def _is_chinese(piece: Piece) -> bool:
    return not piece.is_english and bool(HAN.search(piece.words))


def _marked(piece: Piece) -> str:
    words = escape(piece.words, quote=False)
    return f"<span{CHINESE}>{words}</span>" if _is_chinese(piece) else words


def _is_pair(begin: str, end: str) -> bool:
    one, other = _TAG.match(begin), _TAG.match(end)
    return bool(one and other and not one[1] and other[1] and one[2] == other[2])


def _plural(found: re.Match[str]) -> str:
    """Settle `case(s)` by the number before it; where none is, there are several."""
    number, noun = found[1] or "", found[2]
    return f"{number}{noun if number == '1' else _CONSONANT_Y.sub('ie', noun) + 's'}"


def _counted(text: str) -> str:
    """The text with plurals as their numbers want them, amounts as they are written: `1 case`, `¥12.00`."""
    if "(s)" in text:
        text = _ONE.sub(_plural, text)
    text = _YUAN.sub(r"¥\1", text) if "yuan" in text else text
    return _SENTENCES.sub(" ", _SPACED.sub("", text))
