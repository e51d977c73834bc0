"""Until when a decision may be brought to review (行政复议) or before a court (行政诉讼).

Pure. Both terms run from the day of service, which is not counted. Sources:
行政复议法 (2023) 20: sixty days; of who was not told of the right, the organ and the term at most one year.
行政诉讼法 46: six months; of who was not told of the term at most one year (法释〔2018〕1号, 64).
A term that ends on a day off ends on the first working day after it: 民事诉讼法 (2023) 85, to which 88 of the
former and 101 of the latter lead; months end on the same day of the month, or on its last (民法典 202).
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from common.casework.rules.deadlines import Calendar, is_provisional, next_working_day

REVIEW_DAYS, SUIT_MONTHS, UNTOLD_MONTHS = 60, 6, 12
_NUMBER = "0-9零一二三四五六七八九十百千"
_TERM = re.compile(rf"([{_NUMBER}]+)(?:日|天|个月|月内|年内)")
_DAYS, _MONTHS = (
    re.compile(rf"(?<![{_NUMBER}])(?:60|六十)[日天]"),
    re.compile(rf"(?<![{_NUMBER}])(?:6|六)个?月"),
)
_USUAL = ("60", "六十", "6", "六")
# To whom: the same words have to lead from it to the review.
_ORGAN = re.compile(r"向[^，。；、]{2,40}?(?:申请|提出|提起)(?:行政)?复议")


class Told(StrEnum):
    """What a paper tells of one remedy: the usual term of the law, not enough, or a term of its own."""

    USUAL = "usual"
    TOO_LITTLE = "too_little"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Remedies:
    """What a paper tells of review and suit."""

    review: Told
    suit: Told


@dataclass(frozen=True, slots=True)
class LastDays:
    """The last local days; None where the paper names a term of its own, which it tells itself.

    `provisional` 1 while a year in which one of them lies has no official calendar.
    """

    review: date | None
    suit: date | None
    provisional: int


def told_by(words: str) -> Remedies:
    """Return what the words of a paper on remedies tell."""
    text = "".join(unicodedata.normalize("NFKC", words).replace(",", "，").split())
    has_own = any(number not in _USUAL for number in _TERM.findall(text))
    short = Told.OTHER if has_own else Told.TOO_LITTLE
    review = Told.USUAL if _DAYS.search(text) else short
    suit = Told.USUAL if _MONTHS.search(text) else short
    if not _ORGAN.search(text):
        review = Told.TOO_LITTLE
    return Remedies(review, suit if "诉讼" in text or "起诉" in text else Told.TOO_LITTLE)


def last_days(served: date, told: Remedies, calendar: Calendar) -> LastDays:
    """Return the last days for review and suit against a paper that was served on a local day.

    Raises:
        ValueError: no working day follows within ten years, or no such day exists.
    """
    untold = _months_after(served, UNTOLD_MONTHS)
    review = {Told.USUAL: served + timedelta(days=REVIEW_DAYS), Told.TOO_LITTLE: untold}.get(told.review)
    suit = {Told.USUAL: _months_after(served, SUIT_MONTHS), Told.TOO_LITTLE: untold}.get(told.suit)
    ends = [day for day in (review, suit) if day]
    return LastDays(
        next_working_day(review, calendar) if review else None,
        next_working_day(suit, calendar) if suit else None,
        int(any(is_provisional(day, next_working_day(day, calendar), calendar) for day in ends)),
    )


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
