"""What is stored of cases, one part after the other, for who compares it with what was signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from common.casework.records import EventRow, FileRow, PaperRow, terms
from common.store.database import database

_PAGE = 500
_EVENTS = (
    'SELECT act, "case", pos, kind, author, follows, at, body, blobs, struck, here_at FROM case_event '
    "WHERE act > ? ORDER BY act LIMIT ?"
)
_quoted = '", "'.join
_FILES = f'SELECT "{_quoted(FileRow._fields)}" FROM case_file WHERE "case" > ? ORDER BY "case" LIMIT ?'
_ROWLESS = (
    "SELECT id FROM sync_act a WHERE kind IN ({}) AND state <> 'parked'"
    " AND NOT EXISTS (SELECT 1 FROM case_event e WHERE e.act = a.id) ORDER BY position"
)
_STRAY = (
    'SELECT DISTINCT "case" FROM {0} o WHERE NOT EXISTS (SELECT 1 FROM case_file f WHERE f."case" = o."case")'
)


def every_event() -> Iterator[EventRow]:
    """Yield every stored act by its id, a page of them in memory."""
    after = ""
    while rows := database.execute_sql(_EVENTS, (after, _PAGE)).fetchall():
        yield from (EventRow(*row) for row in rows)
        after = rows[-1][0]


def every_file() -> Iterator[list[FileRow]]:
    """Yield what lists show of all cases by their number, a page of them at a time."""
    after = ""
    while rows := database.execute_sql(_FILES, (after, _PAGE)).fetchall():
        yield [FileRow(*row) for row in rows]
        after = rows[-1][0]


def rowless(kinds: Collection[str]) -> list[str]:
    """Return the acts of these kinds that count here and are stored in no case; there should be none."""
    marks = ", ".join("?" for _ in kinds)
    return [row[0] for row in database.execute_sql(_ROWLESS.format(marks), sorted(kinds)).fetchall()]


def papers_of(cases: Sequence[str]) -> dict[str, set[PaperRow]]:
    """Return the papers listed of each of at most a page of cases; one without any has no entry."""
    found: dict[str, set[PaperRow]] = {}
    for row in _of(f'SELECT "{_quoted(PaperRow._fields)}" FROM case_paper', cases):
        found.setdefault(row[0], set()).add(PaperRow(*row))
    return found


def asked_of(cases: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the departments (name, last day) that each of at most a page of cases asks."""
    found: dict[str, list[tuple[str, str]]] = {}
    for case, department, due in _of('SELECT "case", department, due FROM case_asked', cases):
        found.setdefault(case, []).append((department, due))
    return {case: sorted(asked) for case, asked in found.items()}


def lacks_terms(row: FileRow) -> bool:
    """Say whether a term is not there by which a case is to be found."""
    rows = terms.rows_of(row)
    marks = ", ".join("(?, ?, ?, ?, ?)" for _ in rows)
    found = database.execute_sql(
        f'SELECT COUNT(*) FROM case_term WHERE (term, filed_at, "case", item, place) IN (VALUES {marks})',
        [value for one in rows for value in one],
    )
    return bool(rows) and found.fetchone()[0] != len(rows)


def count_terms() -> int:
    """Return how many terms there are of all cases."""
    return int(database.execute_sql("SELECT COUNT(*) FROM case_term").fetchone()[0])


def heaps() -> Counter[tuple[str, str, str, str]]:
    """Return how many cases wait by the counts that are kept."""
    found = database.execute_sql("SELECT waits_at, department, needs, state, count FROM case_heap")
    return Counter({tuple(heap): count for *heap, count in found.fetchall() if count})


def strays() -> list[str]:
    """Return cases of which acts, papers or questions are stored and that no list shows."""
    tables = ("case_event", "case_paper", "case_asked")
    return sorted({row[0] for one in tables for row in database.execute_sql(_STRAY.format(one)).fetchall()})


def _of(start: str, cases: Iterable[str]) -> list[tuple[Any, ...]]:
    wanted = list(cases)
    marks = ", ".join("?" for _ in wanted)
    return list(database.execute_sql(f'{start} WHERE "case" IN ({marks})', wanted).fetchall())
