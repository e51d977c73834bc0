"""Compares what lists, searches and counts are drawn from with what the stored acts make of each case.

The acts themselves are held against what was signed by `shown`; everything else follows from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import NamedTuple

from common.casework import ledger, records
from common.casework.records import EventRow, FileRow, PaperRow
from common.casework.records import shown as stored
from common.casework.rules.deadlines import Calendar
from common.casework.rules.sought import VERSION
from common.casework.rules.waiting import opinions_due

_LIST, _PAPERS, _UNREADABLE = "case list differs", "case papers differ", "case unreadable"
_SEARCH, _COUNTS = "case search differs", "case counts differ"


class Days(NamedTuple):
    """Whose days count at a node, by which calendar, and the calendar's mark."""

    me: str
    calendar: Calendar
    mark: str


def differing(days: Days, beside: Collection[str]) -> Iterator[str]:
    """Yield a line for each thing that is not what the stored acts make of it; it only reads.

    Args:
        beside: cases whose acts are not as they were signed: nothing follows from them.
    """
    counts: Counter[tuple[str, str, str, str]] = Counter()
    terms, are_terms_whole = 0, records.mark(records.TERMS) == VERSION
    # After a change of the program rows may be yet to be written anew.
    are_rows_new = records.mark(records.LISTS) == ledger.VERSION
    for page in stored.every_file():
        looked = _Page(page, days)
        for row in page:
            counts[row.waits_at, row.department, row.needs, row.state] += 1
            if are_rows_new and row.case not in beside:
                yield from looked.problems(row)
            if are_terms_whole:
                number, is_lacking = _terms(row)
                terms += number
                if is_lacking:
                    yield f"{_SEARCH}: {row.case}"
    yield from (f"{_LIST}: {case}" for case in stored.strays() if case not in beside)
    if are_terms_whole and terms < stored.count_terms():
        yield f"{_SEARCH}: {stored.count_terms() - terms}"
    if (told := stored.heaps()) != counts:
        # Written over by hand, of two any part may be of another sort than the other's.
        yield f"{_COUNTS}: {min((one for one in {*told, *counts} if told[one] != counts[one]), key=repr)}"


def _terms(row: FileRow) -> tuple[int, bool]:
    """Return how many terms there are by which a case is to be found, and whether one is not there."""
    try:
        return len(records.terms.rows_of(row)), stored.lacks_terms(row)
    except ledger.ODD:
        # A name or number that is no text is found by nothing.
        return 0, True


class _Page:
    """Some cases, with all that is stored of them."""

    def __init__(self, files: list[FileRow], days: Days) -> None:
        cases = [row.case for row in files]
        self._events = records.events_of_many(cases)
        self._papers = stored.papers_of(cases)
        self._asked = stored.asked_of(cases)
        self._days = days
        # Under another calendar than that of the rows their days are yet to be worked out.
        self._are_days_known = records.mark(records.CALENDAR) == days.mark

    def problems(self, row: FileRow) -> Iterator[str]:
        events = self._events.get(row.case, [])
        try:
            case = ledger.opened(events)
            wanted = ledger.row_of(case, self._days.calendar)
            if row.holder != self._days.me or not self._are_days_known:
                # Only who holds a case keeps its days by every calendar.
                wanted = wanted._replace(alarm_on=row.alarm_on)
            acts = [_as_made(one, pos, case.state.struck) for pos, one in enumerate(events, 1)]
            asked = records.asked_once(opinions_due(case.state))
            papers = set(_papers_of(events))
        except ledger.ODD:
            yield f"{_UNREADABLE}: {row.case}"
            return
        if (wanted, acts, asked) != (row, events, self._asked.get(row.case, [])):
            yield f"{_LIST}: {row.case}"
        if papers != self._papers.get(row.case, set()):
            yield f"{_PAPERS}: {row.case}"


def _as_made(row: EventRow, pos: int, struck: Collection[str]) -> EventRow:
    made = ledger.event_row(records.as_event(row), pos, row.body, records.read_blobs(row.blobs), row.here_at)
    return made._replace(struck=int(row.act in struck))


def _papers_of(rows: list[EventRow]) -> Iterator[PaperRow]:
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        for paper in ledger.paper_rows(records.as_event(row), records.read_blobs(row.blobs)):
            # Of one given twice by the same act the first is kept.
            if (key := (paper.act, paper.key, paper.hash)) not in seen:
                seen.add(key)
                yield paper
