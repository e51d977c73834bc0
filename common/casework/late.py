"""Cases at a node and below it whose day has passed. It only reads."""

from __future__ import annotations

from common.casework.queues import CaseLine, Wanted, by_index, conditions, lines_where
from common.casework.rules.flow import ENDED, TO_HAND_OVER
from common.people.rules.departments import CENTRES
from common.store.database import database

_LATE_SINCE = "COALESCE(NULLIF(due, ''), alarm_on)"
# Each half has an index of the few cases that have such a day, and gives no more than are asked for.
_PROMISED = (
    "SELECT rowid FROM case_file WHERE due > '' AND due < ? AND needs IN ('examine', 'approval') "
    "AND waits_at >= ? AND waits_at < ? ORDER BY due, filed_at LIMIT ?"
)
# What was announced has a day, too, and is decided.
_DECIDED = ", ".join(f"'{state.value}'" for state in (*TO_HAND_OVER, *ENDED))
_WATCHED = (
    "SELECT rowid FROM case_file WHERE alarm_on > '' AND alarm_on < ? AND holder >= ? AND holder < ? "
    f"AND +state NOT IN ({_DECIDED}) "
    f"ORDER BY {_LATE_SINCE}, filed_at LIMIT ?"
)
_CHOSEN = f"f.rowid IN (SELECT rowid FROM ({_PROMISED}) UNION ALL SELECT rowid FROM ({_WATCHED}))"
_UNANSWERED = (
    "f.holder = ? AND f.alarm_on > '' AND f.alarm_on < ?",
    "+f.state = 'SUPPLEMENT' AND +f.needs = 'wait_papers'",
)
# They wait for the applicant, so their rows name no department: until acceptance the one in charge is that of
# the filing, or of the last take-over. As `demands.may_act` at a window, and cheap enough to count by.
_IN_CHARGE = """(
    SELECT COALESCE(json_extract(e.body, '$.department'), json_extract(e.body, '$.data.department'))
    FROM case_event e WHERE e."case" = f."case" AND e.kind IN ('case.filed', 'case.taken_over')
    AND e.struck = 0 ORDER BY e.pos DESC LIMIT 1)"""
_WINDOW = "(SELECT json_extract(e.body, '$.window') FROM case_event e WHERE e.act = f.first_act)"
_OF_WINDOW = f"(COALESCE({_IN_CHARGE}, '') IN ('', ?) OR {_WINDOW} = 'centre' AND ?)"


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
    where, values = _unanswered(holder, department, today)
    return lines_where(where, values, f"ORDER BY f.alarm_on, filed_at LIMIT {limit:d}")


def count_unanswered(holder: str, department: str, today: str) -> int:
    """Return how many `unanswered` would list without a limit."""
    where, values = _unanswered(holder, department, today)
    row = database.execute_sql(f"SELECT COUNT(*) FROM case_file f WHERE {' AND '.join(where)}", values)
    return int(row.fetchone()[0])


def _unanswered(holder: str, department: str, today: str) -> tuple[list[str], list[str | int]]:
    if not department:
        return [*_UNANSWERED], [holder, today]
    return [*_UNANSWERED, _OF_WINDOW], [holder, today, department, int(department in CENTRES)]


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
