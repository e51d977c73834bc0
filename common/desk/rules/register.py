"""The register of cases taken in here (台账): months, rows, and the file that a spreadsheet opens. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from common.casework.rules.flow import BEFORE_DECISION, MAKING
from common.casework.rules.labels import label
from common.desk.rules.seven import CALLED, HANDED, STEPS

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_LOCAL = timedelta(hours=8)
MONTHS = 24
_DAY_MS = 86_400_000
HALF_OPEN, DONE, NOT_CALLED = "open", "done", "uncalled"
STANDINGS = {HALF_OPEN: "还在办的", DONE: "已有结果的", NOT_CALLED: "已送达未回访的"}
_OPEN_STATES = frozenset(state.value for state in (*BEFORE_DECISION, *MAKING))
HEADINGS = (
    *("序号", "办件编号", "收件日期", "申请人", "证件号码", "事项", "所在村（社区）", "经办人", "状态"),
    *STEPS,
)
# What a spreadsheet would take for a formula when a cell begins with it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Line:
    """One case of the register; `steps` are the days of the seven steps, "" where one has not happened."""

    number: str
    filed_on: str
    applicant: str
    id_number: str
    item: str
    item_name: str
    place: str
    agent: str
    state: str
    steps: dict[str, str]


def month_of(typed: str, today: date) -> str:
    """Return the month asked for as YYYY-MM, the present one when it is none."""
    return typed if _MONTH.fullmatch(typed) else f"{today:%Y-%m}"


def bounds(month: str) -> tuple[int, int]:
    """Return the first instant of a local month (YYYY-MM) and of the next, in UTC milliseconds."""
    year, number = int(month[:4]), int(month[5:])
    after = (year + number // 12, number % 12 + 1)
    return _start(year, number), _start(*after)


def _start(year: int, month: int) -> int:
    return int((datetime(year, month, 1, tzinfo=UTC) - _LOCAL).timestamp()) * 1000


def days(month: str) -> list[tuple[int, int]]:
    """Return the first instant of each local day of a month and of the next day, in UTC milliseconds."""
    first, after = bounds(month)
    return [(at, at + _DAY_MS) for at in range(first, after, _DAY_MS)]


def months(today: date) -> list[str]:
    """Return the months that may be chosen, the present one first."""
    first = today.year * 12 + today.month - 1
    return [f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(first, first - MONTHS, -1)]


def kept(lines: Iterable[Line], item: str, standing: str) -> list[Line]:
    """Return the lines of one item and of one standing; "" or a word that is none leaves nothing out."""
    return [line for line in lines if item in ("", line.item) and _stands(line, standing)]


def _stands(line: Line, standing: str) -> bool:
    if standing == HALF_OPEN:
        return line.state in _OPEN_STATES
    if standing == DONE:
        return line.state not in _OPEN_STATES
    if standing == NOT_CALLED:
        return bool(line.steps[HANDED]) and not line.steps[CALLED]
    return True


def as_csv(rows: Sequence[Sequence[str]], mark: str = "") -> str:
    """Return rows below their headings as a file for a spreadsheet, with the mark that it is UTF-8.

    Args:
        mark: a line above all, as that it is practice.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    if mark:
        writer.writerow([mark])
    writer.writerow(HEADINGS)
    writer.writerows([plain(cell) for cell in row] for row in rows)
    return _BOM + file.getvalue()


def cells(line: Line, place: int) -> list[str]:
    """Return a line as the cells of its row; `place` counts from 1."""
    head = [str(place), line.number, line.filed_on, line.applicant, line.id_number, line.item_name]
    return [*head, line.place, line.agent, label(line.state), *line.steps.values()]


def plain(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, nor a long number for a sum."""
    is_number = cell.isdigit() and len(cell) > 11
    return f"'{cell}" if is_number or cell.lstrip(" ").startswith(_FORMULA) else cell
