"""What the demonstration prints: a line for each thing that happens, tables at the end."""

from __future__ import annotations

import os
import sys
import threading
import time
import unicodedata
from collections.abc import Sequence
from typing import TextIO

_BOLD, _PALE, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_GREEN, _RED, _YELLOW = "\x1b[32m", "\x1b[31m", "\x1b[33m"

# What stands in a column of figures where there is none.
NOTHING = "—"


class Show:
    """Writes to one stream, line by line, from any thread; coloured on a terminal that wants it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._is_hushed = False
        is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        self._is_coloured = stream.isatty() and not is_plain

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def title(self, *lines: str) -> None:
        """Print the head of all."""
        for line in lines:
            self._line(self._in(_BOLD, line))

    def chapter(self, text: str) -> None:
        """Begin a part of the story."""
        self._line("")
        self._line(self._in(_BOLD, f"━━ {text} ━━"))

    def say(self, text: str) -> None:
        """Print what happens now."""
        self._line(f"{self._clock()} {text}")

    def good(self, text: str) -> None:
        """Print what went well."""
        self._line(f"{self._clock()} {self._in(_GREEN, '✓')} {text}")

    def warn(self, text: str) -> None:
        """Print what is meant to frighten."""
        self._line(f"{self._clock()} {self._in(_YELLOW, '!')} {text}")

    def bad(self, text: str) -> None:
        """Print what is wrong."""
        self._line(f"{self._clock()} {self._in(_RED, '✗')} {text}")

    def act(self, site: str, what: str, words: Sequence[str]) -> None:
        """Print one act of a person: where, what, about what."""
        self._line(f"{self._clock()}   {padded(site, 10)}{padded(what, 16)}{'  '.join(words)}")

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table; columns of figures stand at the right."""
        self._line(self._tabled(head, rows))

    def hush(self) -> None:
        """Print nothing any more of what is still going on."""
        with self._lock:
            self._is_hushed = True

    def last(self, text: str) -> None:
        """Print the last line of all, hushed or not."""
        with self._lock:
            print(f"{self._clock()} {text}", file=self._stream, flush=True)

    def last_table(self, text: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print such a line, and a table under it."""
        self.last(f"{text}\n{self._tabled(head, rows)}")

    def _tabled(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        widths = [max(width(row[place]) for row in (head, *rows)) for place in range(len(head))]
        top = [self._in(_BOLD, padded(cell, wide)) for cell, wide in zip(head, widths, strict=True)]
        cells = [[_cell(cell, wide) for cell, wide in zip(row, widths, strict=True)] for row in rows]
        return "\n".join("  " + "  ".join(row) for row in (top, *cells))

    def _clock(self) -> str:
        return self._in(_PALE, f"{self.seconds:6.1f}s")

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if self._is_coloured else text

    def _line(self, text: str) -> None:
        with self._lock:
            if not self._is_hushed:
                print(text, file=self._stream, flush=True)


def standard_out() -> Show:
    """Return a show on standard output."""
    return Show(sys.stdout)


def standard_error() -> Show:
    """Return a show on standard error, which leaves standard output to the result."""
    return Show(sys.stderr)


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text)


def padded(text: str, columns: int) -> str:
    """Return the text with spaces after it, to so many columns."""
    return text + " " * max(0, columns - width(text))


def _cell(text: str, columns: int) -> str:
    is_figure = text == NOTHING or text.replace(".", "").isdigit()
    return " " * max(0, columns - width(text)) + text if is_figure else padded(text, columns)
