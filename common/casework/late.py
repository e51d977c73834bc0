"""Cases at a node and below it whose day has passed, and those of which somebody reminds; and those of which
a letter is out from which nothing was heard for days, which are not late by any limit. It only reads.

Who reminds (催办) sends a report, and the next step of a person answers it; till then the lists of those
whose work the case waits for show it, and show it first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from common.casework.queues import CaseLine, Wanted, by_index, conditions, lines_where
from common.casework.rules.flow import ENDED, TO_HAND_OVER
from common.casework.rules.shape import MOVED, REPORTED
from common.casework.rules.words import Report
from common.people.rules.departments import CENTRES
from common.store.database import database
from sync.protocol.address import Moved

# An address is digits: all below it lie between it and it followed by a sign above the digits. But of who
# stands elsewhere now nothing comes here any more.
_BELOW = (
    "({0} >= ? AND {0} < ? AND {0} NOT IN (SELECT value FROM json_each(?))"
    " OR {0} IN (SELECT value FROM json_each(?)))"
)
_LATE_SINCE = "COALESCE(NULLIF(due, ''), alarm_on)"
# Each half has an index of the few cases that have such a day, and gives no more than are asked for.
_PROMISED = (
    "SELECT rowid FROM case_file WHERE due > '' AND due < ? AND needs IN ('examine', 'approval') "
    f"AND {_BELOW.format('waits_at')} ORDER BY due, filed_at LIMIT ?"
)
# What was announced has a day, too, and is decided.
_DECIDED = ", ".join(f"'{state.value}'" for state in (*TO_HAND_OVER, *ENDED))
_WATCHED = (
    "SELECT rowid FROM case_file WHERE alarm_on > '' AND alarm_on < ? "
    f"AND {_BELOW.format('holder')} AND +state NOT IN ({_DECIDED}) "
    f"ORDER BY {_LATE_SINCE}, filed_at LIMIT ?"
)
_CHOSEN = f"f.rowid IN (SELECT rowid FROM ({_PROMISED}) UNION ALL SELECT rowid FROM ({_WATCHED}))"
_UNANSWERED = (
    "f.holder = ? AND f.alarm_on > '' AND f.alarm_on < ?",
    "+f.state = 'SUPPLEMENT' AND +f.needs = 'wait_papers'",
)
_OVER = ", ".join(f"'{state.value}'" for state in ENDED)
# What was announced, or is told and not yet answered, waits for something else.
_UNRECEIPTED = (
    "f.holder = ? AND f.alarm_on >= ? AND f.alarm_on <= ?",
    f"+f.state IN ({_OVER}) AND +f.needs IN ('', 'hand_out')",
)
# They wait for the applicant or the post, so their rows name no department: the one in charge is that of the
# filing, of the last take-over or of the last transfer. As `demands.may_act` at a window, and cheap enough
# to count by.
_IN_CHARGE = """(
    SELECT COALESCE(json_extract(e.body, '$.department'), json_extract(e.body, '$.data.department'))
    FROM case_event e WHERE e."case" = f."case" AND (e.kind IN ('case.filed', 'case.taken_over')
        OR e.kind = 'case.moved' AND json_extract(e.body, '$.action') = 'transfer')
    AND e.struck = 0 ORDER BY e.pos DESC LIMIT 1)"""
_WINDOW = "(SELECT json_extract(e.body, '$.window') FROM case_event e WHERE e.act = f.first_act)"
_OF_WINDOW = f"(COALESCE({_IN_CHARGE}, '') IN ('', ?) OR {_WINDOW} = 'centre' AND ?)"
# As the index of the reminders has it, word for word; a body is canonical, so this stands in it just so.
_IS_REMINDER = f"kind = '{REPORTED}' AND struck = 0 AND instr(body, '\"report\":\"{Report.REMIND}\"') > 0"
# What a step answers is named in its body. Of two that contradict each other the apex strikes one out soon.
_IS_OPEN = f"""
NOT EXISTS (SELECT 1 FROM case_event m WHERE m."case" = e."case" AND m.kind = '{MOVED}' AND m.struck = 0
    AND instr(m.body, e.act) > 0)
"""
_OPEN = f'SELECT e."case" FROM case_event e WHERE {_IS_REMINDER} AND {_IS_OPEN}'
_BATCH = 500
_NOBODY = Moved()


def overdue(address: str, today: str, limit: int = 100, moved: Moved = _NOBODY) -> list[CaseLine]:
    """Return undecided cases at a node or below it that are late, the latest first: past the promised day, or
    past the day on which somebody had to look at them. `today` is local, YYYY-MM-DD.
    """
    half = _half(address, today, limit, moved)
    return lines_where([_CHOSEN], [*half, *half], f"ORDER BY {_LATE_SINCE}, filed_at LIMIT {limit:d}")


def count_overdue(address: str, today: str, moved: Moved = _NOBODY) -> int:
    """Return how many `overdue` would list without a limit."""
    half = _half(address, today, -1, moved)
    row = database.execute_sql(f"SELECT COUNT(*) FROM case_file f WHERE {_CHOSEN}", [*half, *half]).fetchone()
    return int(row[0])


def _half(address: str, today: str, limit: int, moved: Moved) -> tuple[str | int, ...]:
    return (today, address, address + ":", json.dumps(moved.left), json.dumps(moved.came), limit)


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


def unreceipted(holder: str, department: str, posted: tuple[str, str], limit: int = 100) -> list[CaseLine]:
    """Return the ended cases a node holds of which a letter is out, of which the post has told nothing, the
    one that has been out longest first: those of this department's window.

    Args:
        posted: local days, YYYY-MM-DD, on or between which it was posted.
    """
    where, values = _unreceipted(holder, department, posted)
    return lines_where(where, values, f"ORDER BY f.alarm_on, filed_at LIMIT {limit:d}")


def count_unreceipted(holder: str, department: str, posted: tuple[str, str]) -> int:
    """Return how many `unreceipted` would list without a limit."""
    where, values = _unreceipted(holder, department, posted)
    row = database.execute_sql(f"SELECT COUNT(*) FROM case_file f WHERE {' AND '.join(where)}", values)
    return int(row.fetchone()[0])


def _unreceipted(holder: str, department: str, posted: tuple[str, str]) -> tuple[list[str], list[str | int]]:
    if not department:
        return [*_UNRECEIPTED], [holder, *posted]
    return [*_UNRECEIPTED, _OF_WINDOW], [holder, *posted, department, int(department in CENTRES)]


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


def reminded(wanted: Wanted, limit: int) -> list[CaseLine]:
    """Return those of the cases that a list shows that have an open reminder, the longest filed first."""
    where, values = conditions(replace(wanted, department=""))
    if wanted.department:
        where.append("f.department IN (?, '')")
        values.append(wanted.department)
    order = f'ORDER BY f.green DESC, filed_at, f."case" LIMIT {limit:d}'
    # Asked of each case that waits: those of which somebody ever reminded are many more than those that wait.
    return lines_where([*where, f'EXISTS ({_OPEN} AND e."case" = f."case")'], values, order)


def reminders(cases: Iterable[str]) -> dict[str, int]:
    """Return of those of these cases with open reminders how many there are."""
    found: dict[str, int] = {}
    names = sorted(set(cases))
    for start in range(0, len(names), _BATCH):
        part = names[start : start + _BATCH]
        marks = ", ".join("?" for _ in part)
        sql = f'SELECT "case", COUNT(*) FROM ({_OPEN} AND e."case" IN ({marks})) GROUP BY "case"'
        found.update(database.execute_sql(sql, part).fetchall())
    return found
