"""Joint cases that departments are still to answer, for those who hold or head them. It only reads."""

from __future__ import annotations

from common.casework.queues import CaseLine, lines_where
from common.store.database import database

_OURS = "(f.holder = ? OR f.apex = ?)"
# A case whose departments have no day yet comes after all that have one.
_FIRST_DUE = """(SELECT MIN(COALESCE(NULLIF(a.due, ''), '9')) FROM case_asked a WHERE a."case" = f."case")"""
# Before acceptance no department has a day.
_SILENT = """f."case" IN (SELECT "case" FROM case_asked WHERE due > '')
    AND f.holder = ? AND ? IN ('', f.department)"""


def waiting(me: str, department: str = "", limit: int = 50) -> list[CaseLine]:
    """Return the joint cases held or headed here that departments are still to answer, the first due first.

    `department` leaves those on which it is asked, "" all.
    """
    asked = 'f."case" IN (SELECT "case" FROM case_asked WHERE ? IN (\'\', department))'
    order = f"ORDER BY {_FIRST_DUE}, filed_at LIMIT {limit:d}"
    return lines_where([asked, _OURS], [department, me, me], order)


def asked_departments(me: str) -> list[tuple[str, int]]:
    """Return the departments that are asked on joint cases held or headed here, each with on how many."""
    found = database.execute_sql(
        'SELECT a.department, COUNT(*) FROM case_asked a JOIN case_file f ON f."case" = a."case" '
        f"WHERE {_OURS} GROUP BY a.department ORDER BY 2 DESC, 1",
        (me, me),
    )
    return [(str(name), int(count)) for name, count in found.fetchall()]


def silent_joint(holder: str, department: str = "", limit: int = 100) -> list[CaseLine]:
    """Return accepted joint cases held at a node on which departments are silent, the first due first.

    `department` leaves out cases of which another is in charge, "" leaves out none.
    """
    order = f"ORDER BY {_FIRST_DUE}, filed_at LIMIT {limit:d}"
    return lines_where([_SILENT], [holder, department], order)


def count_silent_joint(holder: str, department: str = "") -> int:
    """Return how many `silent_joint` would list without a limit."""
    found = database.execute_sql(f"SELECT COUNT(*) FROM case_file f WHERE {_SILENT}", (holder, department))
    return int(found.fetchone()[0])
