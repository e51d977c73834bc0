"""The terms by which cases are searched: written with each case, and anew when the rule for them changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from common.casework.records.tables import FileRow
from common.casework.rules.sought import terms_of
from common.store.database import database

_ADD = 'INSERT OR IGNORE INTO case_term (term, filed_at, "case", item, place) VALUES (?, ?, ?, ?, ?)'
_DROP = 'DELETE FROM case_term WHERE term = ? AND filed_at = ? AND "case" = ?'
Row = tuple[str | int, ...]


def added(rows: Iterable[FileRow]) -> tuple[str, list[Row]]:
    """Return the statement, and its values, that write the terms of new cases."""
    return _ADD, [one for row in rows for one in rows_of(row)]


def changed(rows: Iterable[FileRow], before: Mapping[str, Sequence[Any]]) -> list[tuple[str, list[Row]]]:
    """Return the statements that bring terms up to date.

    Args:
        before: case → its (name, number, time of filing, item, place) as they were.
    """
    gone: list[Row] = []
    come: list[Row] = []
    for row in rows:
        old, new = before.get(row.case), (row.applicant, row.id_number, row.filed_at, row.item, row.place)
        if old is None or tuple(old) == new:
            continue
        name, number, filed_at, item, place = old
        gone += [one[:3] for one in _rows((name, number), (filed_at, row.case, item, place))]
        come += rows_of(row)
    return [(_DROP, gone), (_ADD, come)]


def write_from(after: str, limit: int) -> tuple[str, list[tuple[str, Sequence[Row]]]]:
    """Return the last of the next `limit` cases by number, "" at the end, and what writes their terms."""
    found = database.execute_sql(
        'SELECT applicant, id_number, filed_at, "case", item, place FROM case_file WHERE "case" > ? '
        'ORDER BY "case" LIMIT ?',
        (after, limit),
    ).fetchall()
    rows = [one for name, number, *tail in found for one in _rows((name, number), tuple(tail))]
    return (str(found[-1][3]) if found else ""), [(_ADD, rows)]


def drop(case: str) -> None:
    """Remove the terms of a case whose row is still there."""
    row = database.execute_sql(
        'SELECT applicant, id_number, filed_at FROM case_file WHERE "case" = ?', (case,)
    ).fetchone()
    for term in sorted(terms_of(row[0], row[1])) if row else ():
        database.execute_sql(_DROP, (term, row[2], case))


def rows_of(row: FileRow) -> list[Row]:
    """Return the rows of `case_term` by which a case is searched."""
    return _rows((row.applicant, row.id_number), (row.filed_at, row.case, row.item, row.place))


def _rows(who: tuple[str, str], tail: Row) -> list[Row]:
    return [(term, *tail) for term in sorted(terms_of(*who))]
