"""Cases about which somebody has reminded their holder (催办) and nobody has answered yet. It only reads.

Who reminds sends a report, and the next step of a person answers it; till then the lists of those whose work
the case waits for show it, and show it first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from common.casework.queues import CaseLine, Wanted, conditions, lines_where
from common.casework.rules.shape import MOVED, REPORTED
from common.casework.rules.words import Report
from common.store.database import database

# As the index of the reminders has it, word for word; a body is canonical, so this stands in it just so.
_IS_REMINDER = f"kind = '{REPORTED}' AND struck = 0 AND instr(body, '\"report\":\"{Report.REMIND}\"') > 0"
# What a step answers is named in its body. Of two that contradict each other the apex strikes one out soon.
_IS_OPEN = f"""
NOT EXISTS (SELECT 1 FROM case_event m WHERE m."case" = e."case" AND m.kind = '{MOVED}' AND m.struck = 0
    AND instr(m.body, e.act) > 0)
"""
_OPEN = f'SELECT e."case" FROM case_event e WHERE {_IS_REMINDER} AND {_IS_OPEN}'
_BATCH = 500


def waiting(wanted: Wanted, limit: int) -> list[CaseLine]:
    """Return those of the cases that a list shows that have an open reminder, the longest filed first."""
    where, values = conditions(replace(wanted, department=""))
    if wanted.department:
        where.append("f.department IN (?, '')")
        values.append(wanted.department)
    order = f'ORDER BY f.green DESC, filed_at, f."case" LIMIT {limit:d}'
    # Asked of each case that waits: those of which somebody ever reminded are many more than those that wait.
    return lines_where([*where, f'EXISTS ({_OPEN} AND e."case" = f."case")'], values, order)


def counts(cases: Iterable[str]) -> dict[str, int]:
    """Return of those of these cases with open reminders how many there are."""
    found: dict[str, int] = {}
    names = sorted(set(cases))
    for start in range(0, len(names), _BATCH):
        part = names[start : start + _BATCH]
        marks = ", ".join("?" for _ in part)
        sql = f'SELECT "case", COUNT(*) FROM ({_OPEN} AND e."case" IN ({marks})) GROUP BY "case"'
        found.update(database.execute_sql(sql, part).fetchall())
    return found
