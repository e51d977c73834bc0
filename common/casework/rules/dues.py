"""From a case and its item to its limits: the last days that acceptance, extension and resumption sign.

Pure. Only the acceptor's or the competent node computes; every other node shows what was signed last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from common.casework.rules.clocks.course import Course, Pause, Term, Unit
from common.casework.rules.clocks.limits import ChangedDue, OpenClock, changed_dues, limits_of
from common.casework.rules.deadlines import Calendar, due_date, is_provisional
from common.casework.rules.event import CaseState
from common.casework.rules.facts import Facts
from common.catalogue.rules.item import ServiceItem

# How long an applicant has to bring what the one full notice lists, where the organ names no other day: the
# law sets none. In working days.
ANSWER_DAYS = 15


@dataclass(frozen=True, slots=True)
class Dues:
    """Last days as they are signed, YYYY-MM-DD; `legal_due` "" where the law sets no limit."""

    due: str
    legal_due: str
    provisional: int

    def as_data(self) -> dict[str, Any]:
        """Return them as parts of a step's data."""
        found: dict[str, Any] = {"due": self.due}
        if self.legal_due:
            found["legal_due"] = self.legal_due
        if self.provisional:
            found["provisional"] = 1
        return found


def course_of(facts: Facts) -> Course:
    """Return what happened to the limits of an accepted case so far."""
    extensions = (facts.extension_days,) if facts.extension_days else ()
    return Course(date.fromisoformat(facts.accepted_on), pauses_of(facts), extensions)


def pauses_of(facts: Facts) -> tuple[Pause, ...]:
    """Return when the clocks of a case stood, one that still lasts included."""
    return tuple(
        Pause(date.fromisoformat(p.since), date.fromisoformat(p.until) if p.until else None, p.kind)
        for p in facts.pauses
    )


def dues_of(item: ServiceItem, course: Course, calendar: Calendar) -> Dues:
    """Return the last days of a case that ran this course, its clock running.

    Raises:
        ValueError: the clock stands, or no such day comes within ten years.
    """
    limits = limits_of(_term(item.statutory), _term(item.promised), course, course.start, calendar)
    if limits.promised_due is None:
        raise ValueError("the clock stands")
    legal = limits.statutory_due.isoformat() if limits.statutory_due else ""
    return Dues(limits.promised_due.isoformat(), legal, limits.provisional)


def extendable_until(state: CaseState) -> str:
    """Return the last local day (YYYY-MM-DD) on which an accepted case can be extended.

    The law lets an organ extend a limit it could not keep (行政许可法 42); one that is over is missed, and
    nothing mends it.
    """
    return state.facts.legal_due or state.due


def open_clock(item: ServiceItem, state: CaseState) -> OpenClock:
    """Return an accepted case as the question for a new calendar."""
    facts = state.facts
    legal = date.fromisoformat(facts.legal_due) if facts.legal_due else None
    return OpenClock(
        state.case,
        _term(item.statutory),
        _term(item.promised),
        course_of(facts),
        legal,
        date.fromisoformat(state.due),
    )


def changed(item: ServiceItem, state: CaseState, calendar: Calendar) -> Dues | None:
    """Return the last days under another calendar, None when they stay as they were signed.

    Days that stay but were signed as provisional, and no longer are, come back without that mark.
    """
    clock = open_clock(item, state)
    found: list[ChangedDue] = changed_dues([clock], calendar)
    if not found and state.facts.provisional and state.facts.pause is None:
        days = [day for day in (clock.statutory_due, clock.promised_due) if day]
        if not is_provisional(clock.course.start, max(days), calendar):
            return Dues(state.due, state.facts.legal_due, 0)
    if not found or found[0].promised is None:
        return None
    legal = found[0].statutory.isoformat() if found[0].statutory else ""
    return Dues(found[0].promised.isoformat(), legal, found[0].provisional)


def asked_of(item: ServiceItem, in_charge: str, asked_on: date, calendar: Calendar) -> list[dict[str, Any]]:
    """Return the departments a joint item asks in parallel, each with its own last day.

    Args:
        in_charge: the department that leads the case, by a transfer perhaps one of these: it is not asked.
        asked_on: local date on which they are asked; it is not counted.
    """
    return [
        {
            "deemed": int(part.deemed),
            "department": part.department,
            "due": due_date(asked_on, part.days, calendar).isoformat(),
            "matter": part.matter,
        }
        for part in item.joint
        if part.department != in_charge
    ]


def _term(limit: Any) -> Term:
    return Term(limit.days, Unit(limit.unit))
