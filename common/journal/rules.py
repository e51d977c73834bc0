"""The log of views: what a row says, how rows are chained, what a day's digest tells the nodes above. Pure.

A row names the person who looked and the case, never what was seen: the log itself must give nothing away.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import groupby
from typing import Any, NamedTuple

from common.days import local_day

START = "0" * 64
LOGINS_MAX = 200
ROWS_AT_ONCE = 50
# What an exported register says of the ID numbers in it, after its month and scope.
FULL, MASKED = "full", "masked"
_TEXT_MAX = 64
_INTEGER_MAX = 250_000_000_000_000


class What(StrEnum):
    """What kind of page showed personal data.

    A register tells who came in a month, and for what: whole names, so it is a view, numbers masked or not;
    so are the lists of all cases and of letters, once an hour, for they refresh themselves. A queue is none:
    it holds the work at hand, numbers masked; whoever opens a case from it leaves a row.
    """

    CASE = "case"
    PAPER = "paper"
    SLIP = "slip"
    NOTICE = "notice"
    DRAFT = "draft"
    LETTER = "letter"
    SEARCH = "search"
    EXPORT = "export"
    REGISTER = "register"


class Fields(StrEnum):
    """Which class of data it showed: everything of a case, papers alone, names and numbers in a list, or of a
    case how far it is, the name masked."""

    WHOLE = "whole"
    PAPERS = "papers"
    CONTACT = "contact"
    PROGRESS = "progress"


WHAT_NAMES = {
    What.CASE: "办件",
    What.PAPER: "材料",
    What.SLIP: "凭证",
    What.NOTICE: "文书",
    What.DRAFT: "草稿",
    What.LETTER: "委托书",
    What.SEARCH: "查找",
    What.EXPORT: "导出",
    What.REGISTER: "台账",
}
FIELD_NAMES = {
    Fields.WHOLE: "全部信息",
    Fields.PAPERS: "材料影像",
    Fields.CONTACT: "姓名和号码",
    Fields.PROGRESS: "只看进度",
}
assert set(WHAT_NAMES) == set(What) and set(FIELD_NAMES) == set(Fields)


class View(NamedTuple):
    """One row: position from 1, UTC milliseconds, who, what kind of page, of which case, which data."""

    pos: int
    at: int
    login: str
    what: str
    object: str
    fields: str


@dataclass(frozen=True, slots=True)
class Digest:
    """The views of one day: positions `first` to `upto`, how many by whom, the chain's hash at `upto`."""

    first: int
    upto: int
    day: str
    by: tuple[tuple[str, int], ...]
    head: str

    @property
    def count(self) -> int:
        """How many views."""
        return self.upto - self.first + 1


def chained(before: str, view: View) -> str:
    """Return the chain's hash after a row; `before` is the hash after the row before it."""
    text = json.dumps(tuple(view), ensure_ascii=False, separators=(",", ":"))
    return sha256(f"{before}\n{text}".encode()).hexdigest()


def head_after(before: str, views: Iterable[View]) -> str:
    """Return the chain's hash after several rows."""
    for view in views:
        before = chained(before, view)
    return before


def digests_of(views: Iterable[tuple[View, str]], today: str) -> Iterator[Digest]:
    """Yield one digest for each day before `today`, from rows with their chain hashes in order of position.

    Stops at the first row of today: what is not told yet is told tomorrow. A wrong clock gives a wrong day,
    never a gap.
    """
    for day, group in groupby(views, key=lambda row: local_day(row[0].at)):
        if day == today:
            return
        rows = list(group)
        counts = Counter(view.login for view, _ in rows)
        most = tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:LOGINS_MAX])
        yield Digest(rows[0][0].pos, rows[-1][0].pos, day, most, rows[-1][1])


def as_fields(digest: Digest) -> dict[str, Any]:
    """Return a digest as it is signed and sent up."""
    return {
        "first": digest.first,
        "upto": digest.upto,
        "day": digest.day,
        "count": digest.count,
        "by": [[login, count] for login, count in digest.by],
        "head": digest.head,
    }


def read_digest(body: Any) -> Digest:
    """Return the digest in the body of a `people.views`.

    Raises:
        ValueError: a field is missing or malformed, or the counts do not fit.
    """
    fields: Mapping[str, Any] = body if type(body) is dict else {}
    first, upto, day, head, by = (fields.get(key) for key in ("first", "upto", "day", "head", "by"))
    is_good = (
        type(first) is int
        and type(upto) is int
        and 1 <= first <= upto <= _INTEGER_MAX
        and fields.get("count") == upto - first + 1
        and _is_text(day)
        and type(head) is str
        and len(head) == len(START)
        and type(by) is list
        and len(by) <= LOGINS_MAX
    )
    if not is_good:
        raise ValueError("a digest")
    pairs = tuple(_read_pair(pair) for pair in by or ())
    if sum(count for _, count in pairs) > int(upto or 0) - int(first or 0) + 1:
        raise ValueError("a digest")
    return Digest(int(first or 0), int(upto or 0), str(day), pairs, str(head))


def _read_pair(pair: Any) -> tuple[str, int]:
    if type(pair) is not list or len(pair) != 2 or not _is_text(pair[0]) or type(pair[1]) is not int:
        raise ValueError("a count")
    if pair[1] < 1:
        raise ValueError("a count")
    return str(pair[0]), int(pair[1])


def rows_fields(views: Iterable[View]) -> dict[str, Any]:
    """Return rows, which follow each other, as they are sent up on demand."""
    rows = list(views)
    return {"first": rows[0].pos, "rows": [list(view[1:]) for view in rows]}


def read_rows(body: Any) -> list[View]:
    """Return the rows in the body of a `people.views_rows`.

    Raises:
        ValueError: a field is missing or malformed, or there are too many.
    """
    fields: Mapping[str, Any] = body if type(body) is dict else {}
    first, rows = fields.get("first"), fields.get("rows")
    if type(first) is not int or not 1 <= first <= _INTEGER_MAX or type(rows) is not list:
        raise ValueError("rows")
    if not 1 <= len(rows) <= ROWS_AT_ONCE:
        raise ValueError("rows")
    return [_read_view(pos, row) for pos, row in enumerate(rows, first)]


def _read_view(pos: int, row: Any) -> View:
    if type(row) is not list or len(row) != len(View._fields) - 1:
        raise ValueError("a row")
    at, *texts = row
    if type(at) is not int or not 0 <= at <= _INTEGER_MAX or not all(_is_text(text) for text in texts):
        raise ValueError("a row")
    return View(pos, at, *texts)


def read_span(body: Any) -> tuple[str, int, int]:
    """Return whose rows a `people.views_wanted` asks for, and from which position to which.

    Raises:
        ValueError: a field is missing or malformed.
    """
    fields: Mapping[str, Any] = body if type(body) is dict else {}
    node, first, upto = fields.get("node"), fields.get("first"), fields.get("upto")
    if not _is_text(node) or type(first) is not int or type(upto) is not int or not 1 <= first <= upto:
        raise ValueError("a span")
    return str(node), first, upto


def _is_text(value: object) -> bool:
    return type(value) is str and len(value) <= _TEXT_MAX
