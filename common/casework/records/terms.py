"""The terms by which cases are searched: written with each case, and anew when the rule for them changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from common.casework.records.tables import FileRow
from common.casework.rules.sought import terms_of
from common.store.database import database

_ADD = 'INSERT OR IGNORE INTO case_term (term, filed_at, "case") VALUES (?, ?, ?)'
_DROP = 'DELETE FROM case_term WHERE term = ? AND filed_at = ? AND "case" = ?'
Row = tuple[str, int, str]


def added(rows: Iterable[FileRow]) -> tuple[str, list[Row]]:
    """Return the statement, and its values, that write the terms of new cases."""
    return _ADD, [one for row in rows for one in _rows(row.applicant, row.id_number, row.filed_at, row.case)]


def changed(rows: Iterable[FileRow], before: dict[str, tuple[str, str]]) -> list[tuple[str, list[Row]]]:
    """Return the statements that bring terms up to date; `before` is case → (name, number) as it was."""
    gone: list[Row] = []
    come: list[Row] = []
    for row in rows:
        old = before.get(row.case)
        if old is None or old == (row.applicant, row.id_number):
            continue
        gone += _rows(*old, row.filed_at, row.case)
        come += _rows(row.applicant, row.id_number, row.filed_at, row.case)
    return [(_DROP, gone), (_ADD, come)]


def write_from(after: str, limit: int) -> tuple[str, list[tuple[str, Sequence[Row]]]]:
    """Return the last of the next `limit` cases by number, "" at the end, and what writes their terms."""
    found = database.execute_sql(
        'SELECT "case", applicant, id_number, filed_at FROM case_file WHERE "case" > ? '
        'ORDER BY "case" LIMIT ?',
        (after, limit),
    ).fetchall()
    rows = [one for case, name, number, filed_at in found for one in _rows(name, number, filed_at, case)]
    return (str(found[-1][0]) if found else ""), [(_ADD, rows)]


def _rows(applicant: str, id_number: str, filed_at: int, case: str) -> list[Row]:
    return [(term, filed_at, case) for term in sorted(terms_of(applicant, id_number))]
