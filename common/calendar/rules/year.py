"""One year of the calendar: which days fall out, which weekend days are worked, and on whose word.

Written as `{"2027": {"off": ["MM-DD"…], "work": ["MM-DD"…], "source": "…", "provisional": 1}}`; a year
without `provisional` is official. Other keys are passed over: a newer program may have more to say.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from common.calendar.errors import CalendarError
from common.errors import Problem

FIRST_YEAR, LAST_YEAR = 2020, 2099
YEARS_MAX = 10
OFF_MAX, WORK_MAX = 60, 30
SOURCE_MAX = 300

# Holidays of everybody on fixed dates (全国年节及纪念日放假办法 art. 2); the second day of May since 2025.
_FIXED = ("01-01", "05-01", "10-01", "10-02", "10-03")
_FIXED_SINCE_2025 = "05-02"
# How many days the same article gives everybody; what falls on a weekend is made up for (art. 6).
_LAWFUL_BEFORE_2025, _LAWFUL_DAYS = 11, 13
_LAST_MONTH = 12
# Python would read 2026-W01-5 as a date, too.
_DAY_SHAPE = re.compile(r"[0-9]{2}-[0-9]{2}")
_LABELS = {"off": "放假日期", "work": "调休上班日期", "source": "依据", "provisional": "是否暂定"}


@dataclass(frozen=True, slots=True)
class YearDays:
    """The days of one year, in order, as MM-DD; `provisional` is 1 while the official notice is not out."""

    year: int
    off: tuple[str, ...]
    work: tuple[str, ...]
    source: str
    provisional: int

    def as_data(self) -> dict[str, Any]:
        """Return the year as it is written in files and published."""
        parts: dict[str, Any] = {"off": list(self.off), "work": list(self.work), "source": self.source}
        if self.provisional:
            parts["provisional"] = 1
        return {str(self.year): parts}

    def working_days(self) -> int:
        """Return how many days of the year are worked."""
        weekdays = sum(day.weekday() < 5 for day in _days_of(self.year))
        off = sum(_date(self.year, text).weekday() < 5 for text in self.off)
        return weekdays - off + len(self.work)


@dataclass(frozen=True, slots=True)
class Run:
    """Days off in a row, first and last."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


def usual_working_days(year: int) -> int:
    """Return how many working days a year with its official arrangement has: weekdays less lawful holidays.

    A holiday that was given for one year alone makes fewer.
    """
    lawful = _LAWFUL_DAYS if year >= 2025 else _LAWFUL_BEFORE_2025
    return sum(day.weekday() < 5 for day in _days_of(year)) - lawful


def year_wanted(today: date, official: Container[int]) -> int:
    """Return the year whose official arrangement somebody should have published by today, 0 for none.

    The notice for a year comes in the autumn before; from its last month on limits run into the next year.
    """
    years = (today.year, *([today.year + 1] if today.month == _LAST_MONTH else []))
    wanted = (year for year in years if FIRST_YEAR <= year <= LAST_YEAR and year not in official)
    return next(wanted, 0)


def runs(days: YearDays) -> list[Run]:
    """Return the days off, those in a row together."""
    found: list[Run] = []
    for day in (_date(days.year, text) for text in days.off):
        if found and day - found[-1].last == timedelta(days=1):
            found[-1] = Run(found[-1].first, day)
        else:
            found.append(Run(day, day))
    return found


def read_years(obj: Any) -> list[YearDays]:
    """Return the years of a calendar in order.

    Raises:
        CalendarError: something is wrong; every problem is listed with its year and part.
    """
    if not isinstance(obj, Mapping) or not 1 <= len(obj) <= YEARS_MAX:
        raise CalendarError(
            problems=[
                Problem("year", "年份", CalendarError.code, f"应按年份分列，每次 1 至 {YEARS_MAX} 年。")
            ]
        )
    problems = [problem for year, parts in obj.items() for problem in _problems(year, parts)]
    if problems:
        raise CalendarError(problems=problems)
    return [_made(int(year), parts) for year, parts in sorted(obj.items())]


def _made(year: int, parts: Mapping[str, Any]) -> YearDays:
    off, work = tuple(sorted(parts["off"])), tuple(sorted(parts["work"]))
    return YearDays(year, off, work, parts["source"].strip(), int(parts.get("provisional", 0)))


def _problems(year: Any, parts: Any) -> Iterator[Problem]:
    if not (isinstance(year, str) and year.isascii() and year.isdecimal() and len(year) == 4):
        yield Problem("year", "年份", CalendarError.code, f"“{str(year)[:20]}”不是四位年份。")
        return
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        yield Problem("year", "年份", CalendarError.code, f"年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间。")
        return
    if not isinstance(parts, Mapping):
        yield Problem("year", "年份", CalendarError.code, f"{year}年应写明放假日期、调休上班日期和依据。")
        return
    for key, sentence in _wrong(int(year), parts):
        label = f"{year}年{_LABELS[key]}"
        yield Problem(key, label, CalendarError.code, f"{label}：{sentence}")


def _wrong(year: int, parts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    lists = {key: parts.get(key) for key in ("off", "work")}
    for key, most in (("off", OFF_MAX), ("work", WORK_MAX)):
        yield from ((key, sentence) for sentence in _wrong_list(year, lists[key], most))
    off, work = (_texts(lists[key]) for key in ("off", "work"))
    fixed = (*_FIXED, *([_FIXED_SINCE_2025] if year >= 2025 else []))
    missing = [text for text in fixed if text not in off]
    if missing:
        yield "off", f"缺少法定节日 {'、'.join(missing)}。"
    both = sorted(set(off) & set(work))
    if both:
        yield "work", f"{'、'.join(both)} 又放假又上班。"
    plain = [text for text in work if _is_day(year, text) and _date(year, text).weekday() < 5]
    if plain:
        yield "work", f"{'、'.join(plain)} 不是周六、周日。"
    source = parts.get("source")
    if not isinstance(source, str) or not 1 <= len(source.strip()) <= SOURCE_MAX:
        yield "source", f"请写明发布机关、文件名称和文号（1 至 {SOURCE_MAX} 字）。"
    flag = parts.get("provisional", 0)
    if type(flag) is not int or flag not in (0, 1):
        yield "provisional", "应为 1（暂定）或 0（正式）。"


def _wrong_list(year: int, texts: Any, most: int) -> Iterator[str]:
    if not isinstance(texts, list):
        yield "应是一列“月-日”。"
        return
    if len(texts) > most:
        yield f"最多 {most} 天。"
    bad = [str(text)[:12] for text in texts if not _is_day(year, text)]
    if bad:
        yield f"{'、'.join(f'“{text}”' for text in bad[:5])} 不是这一年的日期（写作 05-01）。"
    good = _texts(texts)
    twice = sorted({text for text in good if good.count(text) > 1})
    if twice:
        yield f"{'、'.join(twice[:5])} 写了不止一次。"


def _texts(value: Any) -> Sequence[str]:
    """Return what can be compared of a list that may hold anything."""
    return [text for text in value[:400] if isinstance(text, str)] if isinstance(value, list) else []


def _is_day(year: int, text: Any) -> bool:
    if not (isinstance(text, str) and _DAY_SHAPE.fullmatch(text)):
        return False
    try:
        _date(year, text)
    except ValueError:
        return False
    return True


def _date(year: int, text: str) -> date:
    return date.fromisoformat(f"{year}-{text}")


def _days_of(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    return (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
