"""The terms by which cases are searched: written with each case, and anew when the rule for them changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from common.casework.records.tables import FileRow
from common.casework.rules.sought import terms_of
from common.store.database import database

_ADD = 'INSERT OR IGNORE INTO case_term (term, filed_at, "case", item, place) VALUES (?, ?, ?, ?, ?)'
_DROP = 'DELETE FROM case_term WHERE term = ? AND filed_at = ? AND "case" = ?'
Row = tuple[str | int, ...]


def added(rows: Iterable[FileRow]) -> tuple[str, list[Row]]:
    """Return the statement, and its values, that write the terms of new cases."""
    return _ADD, [one for row in rows for one in _rows((row.applicant, row.id_number), _tail(row))]


def changed(rows: Iterable[FileRow], before: dict[str, tuple[str, str]]) -> list[tuple[str, list[Row]]]:
    """Return the statements that bring terms up to date; `before` is case → (name, number) as it was."""
    gone: list[Row] = []
    come: list[Row] = []
    for row in rows:
        old, new = before.get(row.case), (row.applicant, row.id_number)
        if old is None or old == new:
            continue
        gone += [one[:3] for one in _rows(old, _tail(row))]
        come += _rows(new, _tail(row))
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


def _tail(row: FileRow) -> Row:
    return row.filed_at, row.case, row.item, row.place


def _rows(who: tuple[str, str], tail: Row) -> list[Row]:
    return [(term, *tail) for term in sorted(terms_of(*who))]
