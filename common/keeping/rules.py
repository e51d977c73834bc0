"""When the signed bodies of a case may leave a node: months after it has ended, and never at the top. Pure.

The top keeps every body, of open cases and of ended ones: it is where everybody gets them back from, and the
archive. A village or a township keeps those of open cases, and of ended ones for some months.
"""

from __future__ import annotations

from datetime import date

# A copy of a disk that is put back must be younger than what others have deleted.
MONTHS_LEAST = 3
_DAY_MS = 86_400_000
# The longest month: so many months of it are never too few.
_MONTH_DAYS = 31


def month_of(today: date) -> int:
    """Return a number that rises by one from month to month."""
    return today.year * 12 + today.month - 1


def months_kept(setting: int) -> int:
    """Return for how many months something is kept by a setting: longer than any backup is old."""
    return max(setting, MONTHS_LEAST)


def is_outlived(made: date, today: date, setting: int) -> bool:
    """Say whether others delete by rule, from this month on or the next, what a backup of that day lacks.

    The month in which it grows too old is one: who stands below has to hear first that it was put back.
    """
    return month_of(made) + months_kept(setting) <= month_of(today)


def rested_before(now_ms: int, setting: int) -> int:
    """Return when a case has to have ended for its bodies to leave now; both in UTC milliseconds."""
    return now_ms - months_kept(setting) * _MONTH_DAYS * _DAY_MS


def may_purge(me: str, top: str) -> bool:
    """Say whether a node deletes bodies at all: all but the top, and nobody before it knows who that is."""
    return bool(top) and me != top
