"""Days of a year as people write them, as the yearly notice does: 1月1日（周四）至3日、10-01."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

_ASIDE = re.compile(r"[（(][^（()）]*[)）]")
_FILLER = re.compile(r"放假|调休|上班|补班|与周末连休|共\s*\d+\s*天")
# What says that a day is of the other list. The notice has both in one paragraph.
_OTHERWISE = {"off": re.compile("上班|补班"), "work": re.compile("放假")}
_SENTENCE = re.compile(r"[。；;\n]+")
_GAP = re.compile(r"[\s,，、;；。]+")
_TO = re.compile(r"\s*(?:至|到|~|～|—|–)+\s*")
_DAY = r"(\d{1,2})(?:月|[-/.])(\d{1,2})日?"
_ITEM = re.compile(rf"{_DAY}(?:至(?:(\d{{1,2}})(?:月|[-/.]))?(\d{{1,2}})日?)?")


def typed_days(year: int, text: str) -> tuple[list[str], list[str]]:
    """Return the days written in `text` as MM-DD in order, and the words that are no days of the year."""
    plain = _TO.sub("至", _FILLER.sub("", _ASIDE.sub("", text)))
    found: set[str] = set()
    unclear = []
    for word in filter(None, _GAP.split(plain)):
        days = list(_days_in(year, word))
        found.update(days)
        if not days:
            unclear.append(word)
    return sorted(found), unclear


def said_otherwise(key: str, text: str) -> list[str]:
    """Return the sentences in the text of one list ("off" or "work") that name days of the other."""
    return [one.strip() for one in _SENTENCE.split(text) if _OTHERWISE[key].search(one)]


def _days_in(year: int, word: str) -> Iterator[str]:
    match = _ITEM.fullmatch(word)
    if match is None:
        return
    month, day, last_month, last_day = match.groups()
    try:
        at = date(year, int(month), int(day))
        last = date(year, int(last_month or month), int(last_day)) if last_day else at
    except ValueError:
        return
    while at <= last:
        yield at.strftime("%m-%d")
        at += timedelta(days=1)


def written(spans: Iterable[tuple[date, date]]) -> str:
    """Return spans of days one a line, so that `typed_days` reads the same days again."""
    return "\n".join(_span(first, last) for first, last in spans)


def _span(first: date, last: date) -> str:
    begun = f"{first.month}月{first.day}日"
    if first == last:
        return begun
    return f"{begun}至" + (f"{last.day}日" if last.month == first.month else f"{last.month}月{last.day}日")
