"""Whether this node believes its own date, and what it has to go by.

The date is doubtful when it is before the last day on which the node did what days bring, or more than a
month after it (`rules.timed.is_doubtful`). Only a person can settle that; until then nothing is dated by law
by itself, and whoever dates an act says each time that the day is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from common.casework import records
from common.casework.errors import DayNotLookedAt
from common.casework.rules.timed import is_doubtful
from common.days import local_date, local_day
from common.errors import Problem
from common.store import audit
from common.store.database import require_unit

SEEN = "day_seen"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Today by the clock, and the last day on which the node did what days bring; both local, YYYY-MM-DD."""

    today: str
    last: str


@dataclass(frozen=True, slots=True)
class SignedTime:
    """When a step was signed, by its author's clock, and when it came here, by this one's (UTC ms)."""

    author: str
    at: int
    here_at: int


def doubt(now_ms: int) -> Doubt | None:
    """Return why the date is not believed, None when it is; it is cheap, every page asks."""
    last = records.mark(records.DAY)
    today = local_date(now_ms)
    if not is_doubtful(today, date.fromisoformat(last) if last else None):
        return None
    return Doubt(today.isoformat(), last)


def last_signed(limit: int = 5) -> list[SignedTime]:
    """Return the times of the steps that this node stored last, the newest first."""
    return [SignedTime(*row) for row in records.last_times(limit)]


def confirm(now_ms: int, by: str) -> str:
    """Take the present local day for right, as a person says it is; return it.

    Args:
        by: login of whoever says so, `console` for the command line.

    Raises:
        UnitMisuse: no unit of work is open.
    """
    require_unit()
    today = local_day(now_ms)
    records.set_mark(records.DAY, today)
    audit.record(by, "case.confirm_day", today, {}, now_ms)
    return today


def look_at(seen: str, case: str, by: str, now_ms: int) -> None:
    """See that somebody has said that today is right, where it is in doubt, before an act is dated by it.

    What is said is kept in the trail of actions; it counts for this one act.

    Args:
        seen: the local day (YYYY-MM-DD) that was looked at, "" when nobody has said anything.
        by: login of whoever says so.

    Raises:
        DayNotLookedAt: the date is doubtful, and nobody has looked at this very day.
        UnitMisuse: no unit of work is open.
    """
    require_unit()
    if day := check_seen(seen, now_ms):
        audit.record(by, "case.look_at_day", case, {"day": day}, now_ms)


def check_seen(seen: str, now_ms: int) -> str:
    """Return the day in doubt that somebody has said to be right, "" while there is no doubt. It only reads.

    Raises:
        DayNotLookedAt: as `look_at`.
    """
    found = doubt(now_ms)
    if found is None:
        return ""
    if seen != found.today:
        raise DayNotLookedAt(problems=[Problem(SEEN, "今天的日期", "question", DayNotLookedAt.sentence)])
    return found.today
