"""Queries of casework, and its tables by name. They decide nothing; what a row says was decided by the rules.

The hot paths use plain statements: a row through the model layer costs as much as the whole case may.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import peewee
from peewee import IntegrityError

from common.casework.records import terms
from common.casework.records.marks import CALENDAR, DAY, LISTS, TERMS, mark, set_mark
from common.casework.records.tables import (
    CaseAsked,
    CaseEventRow,
    CaseFile,
    CaseHeap,
    CaseMark,
    CasePaper,
    CaseTerm,
    EventRow,
    FileRow,
    PaperRow,
)
from common.casework.rules.event import CaseEvent
from common.catalogue.rules.identity import both_forms
from common.store.database import database
from sync.protocol.frame import BlobRef

__all__ = (
    "CALENDAR",
    "DAY",
    "LISTS",
    "TERMS",
    "CaseAsked",
    "CaseEventRow",
    "CaseFile",
    "CaseHeap",
    "CaseMark",
    "CasePaper",
    "CaseTerm",
    "EventRow",
    "FileRow",
    "IntegrityError",
    "PaperRow",
    "mark",
    "set_mark",
)

_encode = json.JSONEncoder(separators=(",", ":")).encode
# SQLite allows 32,766 values in one statement; a batch stays far below it.
_BATCH = 500


def _insert(table: str, names: Sequence[str]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' for _ in names)})"


def _update(names: Sequence[str]) -> str:
    return f'UPDATE case_file SET {", ".join(f"{name} = ?" for name in names)} WHERE "case" = ?'


_ADD_FILE = _insert("case_file", FileRow._fields)
_ADD_EVENT = _insert("case_event", EventRow._fields)
_ADD_PAPER = _insert("case_paper", PaperRow._fields) + " ON CONFLICT DO NOTHING"
_CHANGED = (
    "state", "holder", "waits_at", "needs", "applicant", "id_number", "updated_at", "due", "first_act",
    "last_act", "department", "green", "alarm_on",
)  # fmt: skip
# What the filing says for good; of two under one number the other stands once the first was struck out.
_FILED = ("item", "item_name", "version", "origin", "place", "filed_at", "apex")
_BEFORE = (
    'SELECT "case", waits_at, department, needs, state, first_act, applicant, id_number, filed_at, item, '
    'place FROM case_file WHERE "case" IN'
)
_COUNT = (
    "INSERT INTO case_heap (waits_at, department, needs, state, count) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (waits_at, department, needs, state) DO UPDATE SET count = count + excluded.count"
)
_ADD_ASKED = 'INSERT INTO case_asked (department, "case", due) VALUES (?, ?, ?)'
_ASK_NOBODY = 'DELETE FROM case_asked WHERE "case" = ?'
_STRIKE = 'UPDATE case_event SET struck = 1 WHERE act = ? AND "case" = ?'
_EVENTS = 'SELECT act, "case", pos, kind, author, follows, at, body, blobs, struck, here_at FROM case_event'


def add_case(file: FileRow, event: EventRow, papers: Sequence[PaperRow]) -> None:
    """Insert one new case: the hot path of filing.

    Raises:
        peewee.IntegrityError: the case or the act is already there.
    """
    database.execute_sql(_ADD_FILE, file)
    _many(_COUNT, [(*_heap(file), 1)])
    _many(*terms.added([file]))
    database.execute_sql(_ADD_EVENT, event)
    if papers:
        _many(_ADD_PAPER, papers)


def add_files(rows: Sequence[FileRow]) -> None:
    """Insert rows of new cases.

    Raises:
        peewee.IntegrityError: one is already there; nothing of this call is kept if the unit undoes it.
    """
    _many(_ADD_FILE, rows)
    _many(*terms.added(rows))
    _recount(Counter(_heap(row) for row in rows))


def add_events(rows: Sequence[EventRow]) -> None:
    """Insert rows of applied acts.

    Raises:
        peewee.IntegrityError: one is already there.
    """
    _many(_ADD_EVENT, rows)


def add_papers(rows: Sequence[PaperRow]) -> None:
    """Insert rows of papers; one given twice by the same act stays one row."""
    _many(_ADD_PAPER, rows)


def update_files(rows: Sequence[FileRow]) -> None:
    """Bring the rows of cases up to date."""
    change = Counter(_heap(row) for row in rows)
    before = list(_in_batches(_BEFORE, (row.case for row in rows), ""))
    change.subtract(tuple(row[1:5]) for row in before)
    for statement, values in terms.changed(rows, {row[0]: row[6:] for row in before}):
        _many(statement, values)
    _recount(change)
    filed = {row[0]: row[5] for row in before}
    refiled = [row for row in rows if filed.get(row.case) != row.first_act]
    # Whom the other filing asked is asked no more; whom this one asks is written next.
    _many(_ASK_NOBODY, [(row.case,) for row in refiled])
    for names, changed in ((_CHANGED, rows), (_FILED, refiled)):
        _many(_update(names), [(*(getattr(row, name) for name in names), row.case) for row in changed])


def write_terms(after: str, limit: int) -> str:
    """Write the terms of the next `limit` cases by number, and return the last of them, "" at the end."""
    last, statements = terms.write_from(after, limit)
    for statement, values in statements:
        _many(statement, values)
    return last


def _heap(row: FileRow) -> tuple[str, str, str, str]:
    return row.waits_at, row.department, row.needs, row.state


def _recount(change: Counter[tuple[str, str, str, str]]) -> None:
    _many(_COUNT, [(*heap, by) for heap, by in sorted(change.items()) if by])


def set_asked(case: str, departments: Sequence[tuple[str, str]]) -> None:
    """Let exactly these departments (name, last day) be asked for their opinion on a case."""
    database.execute_sql(_ASK_NOBODY, (case,))
    _many(_ADD_ASKED, [(department, case, due) for department, due in asked_once(departments)])


def asked_once(departments: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return whom a case asks: a department asked about two matters once, for the first of its days."""
    return sorted({department: due for department, due in sorted(departments, reverse=True)}.items())


def strike(acts: Iterable[tuple[str, str]]) -> None:
    """Mark acts, each given with its case, as struck out; those not here or of another are passed over."""
    _many(_STRIKE, sorted(acts))


def _many(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    if not rows:
        return
    # peewee has no executemany; its wrapper turns the driver's errors into its own, as for any statement.
    with peewee.__exception_wrapper__:  # type: ignore[attr-defined]
        database.cursor().executemany(sql, rows)


def is_fault_of_disk(fault: Exception) -> bool:
    """Say whether an exception tells of the disk, the lock or the memory, not of what was to be written."""
    if isinstance(fault, peewee.IntegrityError | peewee.DataError):
        return False
    return isinstance(fault, peewee.DatabaseError | OSError | MemoryError)


def known_cases(cases: Iterable[str]) -> set[str]:
    """Return those of `cases` that are here."""
    return {row[0] for row in _in_batches('SELECT "case" FROM case_file WHERE "case" IN', cases, "")}


def cases_after(after: str, limit: int) -> list[str]:
    """Return the cases of this node by number, those after `after`."""
    found = database.execute_sql(
        'SELECT "case" FROM case_file WHERE "case" > ? ORDER BY "case" LIMIT ?', (after, limit)
    )
    return [row[0] for row in found.fetchall()]


def events_of(case: str) -> list[EventRow]:
    """Return the acts of one case in this node's order; empty when it is not here."""
    found = database.execute_sql(f'{_EVENTS} WHERE "case" = ? ORDER BY pos', (case,))
    return [EventRow(*row) for row in found.fetchall()]


def events_of_many(cases: Iterable[str]) -> dict[str, list[EventRow]]:
    """Return the acts of several cases, each in this node's order; a case not here has no entry."""
    grouped: dict[str, list[EventRow]] = {}
    for row in _in_batches(f'{_EVENTS} WHERE "case" IN', cases, 'ORDER BY "case", pos'):
        grouped.setdefault(row[1], []).append(EventRow(*row))
    return grouped


def open_cases(id_number: str, item: str, ended: Sequence[str]) -> list[str]:
    """Return the cases of one person and item that are in none of the states `ended`, oldest first.

    Under an identity card's number of 15 or of 18 places it is the same person.
    """
    numbers = both_forms(id_number)
    who, marks = ", ".join("?" for _ in numbers), ", ".join("?" for _ in ended)
    # The sign keeps the item from being the index: an item has tens of thousands of cases, a person few.
    found = database.execute_sql(
        f'SELECT "case" FROM case_file WHERE id_number IN ({who}) AND +item = ? AND state NOT IN ({marks}) '
        "ORDER BY filed_at LIMIT 20",
        (*numbers, item, *ended),
    )
    return [row[0] for row in found.fetchall()]


def alarmed(holder: str, before: str, after: tuple[str, str], limit: int) -> list[tuple[str, str]]:
    """Return the cases held at a node whose day has passed on the local date `before`, the oldest first.

    Not those that wait for nothing but the receipt of a letter: nothing follows from its day. Each as (day,
    case); `after` is the last one seen, ("", "") at first.
    """
    found = database.execute_sql(
        'SELECT alarm_on, "case" FROM case_file WHERE holder = ? AND (alarm_on, "case") > (?, ?) '
        "AND alarm_on > '' AND alarm_on < ? AND needs > '' ORDER BY alarm_on, \"case\" LIMIT ?",
        (holder, *after, before, limit),
    )
    return [(row[0], row[1]) for row in found.fetchall()]


def last_times(limit: int) -> list[tuple[str, int, int]]:
    """Return author, its time and this node's (UTC milliseconds) of the acts stored last, newest first."""
    # By the order of storing, which is no clock's.
    found = database.execute_sql(
        "SELECT author, at, here_at FROM case_event ORDER BY rowid DESC LIMIT ?", (limit,)
    )
    return [(str(author), int(at), int(here_at)) for author, at, here_at in found.fetchall()]


def held_in(holder: str, states: Sequence[str], after: str, limit: int) -> list[str]:
    """Return the cases held at a node in one of these states, by number, those after `after`."""
    marks = ", ".join("?" for _ in states)
    found = database.execute_sql(
        f'SELECT "case" FROM case_file WHERE holder = ? AND state IN ({marks}) AND "case" > ? '
        'ORDER BY "case" LIMIT ?',
        (holder, *states, after, limit),
    )
    return [row[0] for row in found.fetchall()]


def is_known(act: str) -> bool:
    """Say whether an act is among the applied ones."""
    return database.execute_sql("SELECT 1 FROM case_event WHERE act = ?", (act,)).fetchone() is not None


def _in_batches(start: str, values: Iterable[str], end: str) -> Iterable[tuple[Any, ...]]:
    wanted = sorted(set(values))
    for at in range(0, len(wanted), _BATCH):
        part = wanted[at : at + _BATCH]
        marks = ", ".join("?" for _ in part)
        yield from database.execute_sql(f"{start} ({marks}) {end}", part).fetchall()


def write_blobs(blobs: Sequence[BlobRef]) -> str:
    """Return the stored form of an act's papers."""
    return _encode(blobs) if blobs else ""


def read_blobs(text: str) -> tuple[BlobRef, ...]:
    """Return an act's papers from their stored form."""
    return tuple(BlobRef(*parts) for parts in json.loads(text)) if text else ()


def as_event(row: EventRow) -> CaseEvent:
    """Return the stored act as the fold takes it."""
    hashes = tuple(blob.hash for blob in read_blobs(row.blobs))
    return CaseEvent(row.act, row.kind, row.author, json.loads(row.body), hashes)
