"""The limits of a case as its page tells them: promised, legal, of papers that follow, of its work. Pure.

It tells what was signed and what is left of it today; it computes no date that counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from common.casework.rules.deadlines import Calendar, working_days_between
from common.casework.rules.event import CaseState
from common.casework.rules.flow import UNDER_REVIEW
from common.casework.rules.waiting import Work

_PAUSED = ("时限暂停，结束后顺延", "warn")
_STOPPED = ("已停止计算", "")
# What the law gives for a work of which no date is signed. Beside the limit of the house it needs a name.
_BY_LAW = {
    Work.CHECK: "一次告知期限",
    Work.ACCEPTANCE: "受理期限",
    Work.MAKE_OUT: "送达期限",
    Work.HAND_OUT: "送达期限",
    Work.ANNOUNCED: "视为送达",
}


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One limit: its name, last day (YYYY-MM-DD), what is left in words, and a light."""

    name: str
    due: str
    left: str
    light: str


def limit_lines(state: CaseState, today: date, calendar: Calendar) -> list[LimitLine]:
    """Return promised and legal limit of an accepted case side by side, and until when papers may follow."""
    facts = state.facts
    is_running = state.state in UNDER_REVIEW
    found = []
    for name, due in (("承诺期限", state.due), ("法定期限", facts.legal_due)):
        if not due or not facts.accepted_on:
            continue
        if not is_running or facts.pause is not None:
            found.append(LimitLine(name, due, *(_PAUSED if is_running else _STOPPED)))
        else:
            found.append(_limit(name, due, today, calendar))
    if is_running and facts.tolerated:
        found.append(_limit("容缺补齐期限", facts.tolerance_due, today, calendar))
    return found


def work_line(work: Work, due: date | None, today: date, calendar: Calendar) -> list[LimitLine]:
    """Return by when the work a case waits for must be done by law; [] where another line says so."""
    name = _BY_LAW.get(work, "") if due else ""
    return [_limit(name, due.isoformat(), today, calendar)] if due and name else []


def step_line(due: date | None, today: date, calendar: Calendar) -> list[LimitLine]:
    """Return the limit of the step in which a case stands, [] where it has none now: the house's own."""
    return [_limit("本环节内部时限", due.isoformat(), today, calendar)] if due else []


def _limit(name: str, due: str, today: date, calendar: Calendar) -> LimitLine:
    return LimitLine(name, due, *_left(date.fromisoformat(due), today, calendar))


def _left(due: date, today: date, calendar: Calendar) -> tuple[str, str]:
    if today > due:
        return f"已超期 {working_days_between(due, today, calendar)} 个工作日", "bad"
    days = working_days_between(today, due, calendar)
    return (f"还剩 {days} 个工作日", "warn" if days <= 2 else "good") if days else ("今天到期", "warn")
