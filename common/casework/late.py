"""Cases at a node and below it whose day has passed. It only reads."""

from __future__ import annotations

from common.casework import ledger
from common.casework.queues import CaseLine, Wanted, by_index, conditions, lines_where
from common.casework.rules.demands import may_act
from common.casework.rules.words import Desk
from common.store.database import database

_LATE_SINCE = "COALESCE(NULLIF(due, ''), alarm_on)"
# Each half has an index of the few cases that have such a day, and gives no more than are asked for.
_PROMISED = (
    "SELECT rowid FROM case_file WHERE due > '' AND due < ? AND needs IN ('examine', 'approval') "
    "AND waits_at >= ? AND waits_at < ? ORDER BY due, filed_at LIMIT ?"
)
_WATCHED = (
    "SELECT rowid FROM case_file WHERE alarm_on > '' AND alarm_on < ? AND holder >= ? AND holder < ? "
    f"ORDER BY {_LATE_SINCE}, filed_at LIMIT ?"
)
_CHOSEN = f"f.rowid IN (SELECT rowid FROM ({_PROMISED}) UNION ALL SELECT rowid FROM ({_WATCHED}))"
_UNANSWERED = (
    "f.holder = ? AND f.alarm_on > '' AND f.alarm_on < ?",
    "+f.state = 'SUPPLEMENT' AND +f.needs = 'wait_papers'",
)


def overdue(address: str, today: str, limit: int = 100) -> list[CaseLine]:
    """Return undecided cases at a node or below it that are late, the latest first: past the promised day, or
    past the day on which somebody had to look at them. `today` is local, YYYY-MM-DD.
    """
    # An address is digits: all below it lie between it and it followed by a sign above the digits.
    half = (today, address, address + ":", limit)
    return lines_where([_CHOSEN], [*half, *half], f"ORDER BY {_LATE_SINCE}, filed_at LIMIT {limit:d}")


def count_overdue(address: str, today: str) -> int:
    """Return how many `overdue` would list without a limit."""
    half = (today, address, address + ":", -1)
    row = database.execute_sql(f"SELECT COUNT(*) FROM case_file f WHERE {_CHOSEN}", [*half, *half]).fetchone()
    return int(row[0])


def unanswered(holder: str, department: str, today: str, limit: int = 100) -> list[CaseLine]:
    """Return the cases a node holds whose applicant let the last day of the one notice pass and brought
    nothing, the longest ago first: those that this department's window has to bring to an end.

    `today` is local, YYYY-MM-DD.
    """
    found = lines_where(_UNANSWERED, [holder, today], f"ORDER BY f.alarm_on, filed_at LIMIT {limit:d}")
    if not department:
        return found
    # They wait for the applicant, so their rows name no department: the few that there are are read whole.
    return [line for line in found if may_act(ledger.load(line.case).state, Desk.WINDOW, department)]


def count_past(wanted: Wanted, filed_before: int, most: int) -> int:
    """Return how many waiting cases a list shows, but stop counting at `most`.

    Args:
        filed_before: UTC milliseconds; no case filed later can be past its day.
    """
    count = 0
    for one in by_index(wanted):
        where, values = conditions(one)
        found = database.execute_sql(
            "SELECT COUNT(*) FROM (SELECT 1 FROM case_file f "
            f"WHERE {' AND '.join([*where, 'filed_at < ?'])} LIMIT {most - count:d})",
            (*values, filed_before),
        )
        count += int(found.fetchone()[0])
        if count >= most:
            break
    return count
