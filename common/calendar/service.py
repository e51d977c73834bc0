"""The calendar of one node: what comes with the program, and above it what the top has published.

Every case on a page asks for it, so it is kept in memory and read again only when the table has grown, in
this process or another. A published year always wins over the one that came with the program: then all nodes
count alike, whatever program each runs.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from common.calendar import records
from common.calendar.errors import CalendarError, NotCalendarPublisher, OfficialYearKept
from common.calendar.records import YearRow
from common.calendar.rules.year import YearDays, read_years
from common.casework.rules.deadlines import Calendar, read_calendar
from common.catalogue.adoption import Adopter, Unusable, logged, next_mark, published_at
from common.catalogue.named import Publisher
from common.store import audit
from common.store.database import require_unit
from sync.protocol import canonical
from sync.protocol.address import Tree
from sync.protocol.errors import NotCanonical
from sync.protocol.shelf import ShelfDoc

KIND = "calendar.workdays"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KnownYear:
    """A year as this node counts it; version 0 came with the program. `published_at` is UTC milliseconds."""

    days: YearDays
    version: int
    published_at: int


class Calendars:
    """The working days of one node.

    Args:
        publisher: puts documents on the shelf; used at the top alone.
        me: this node's address.
        tree: asked in the unit of work each time, since an exchange may bring roster and calendar together.
        note: is told `(code, address, detail)` of a document that cannot be used, for the line page.
    """

    def __init__(
        self,
        publisher: Publisher,
        me: str,
        tree: Callable[[], Tree],
        note: Callable[[str, str, str], None] | None = None,
    ) -> None:
        self._publisher = publisher
        self._me = me
        self._tree = tree
        self._note = note or logged
        self._seen: _Snapshot | None = None

    def publish(self, obj: Any, now_ms: int, by: str = "") -> list[KnownYear]:
        """Publish the years of a calendar to the whole tree; return those that were.

        A year already published with the same words is passed over. One that only came with the program is
        not: another node's program may be older.

        Args:
            obj: as `common.calendar.rules.year` describes it; one document a year is signed.
            by: login of whoever publishes, empty for the node itself.

        Raises:
            UnitMisuse: no unit of work is open.
            NotCalendarPublisher: this node is not the top.
            CalendarError: the calendar cannot be read; all problems are listed.
            OfficialYearKept: a year would fall back to provisional. Nothing is published by any of these.
        """
        require_unit()
        if self._tree().top != self._me:
            raise NotCalendarPublisher()
        known = {year.days.year: year for year in self.years()}
        fresh = [days for days in read_years(obj) if _is_new(days, known.get(days.year))]
        return [self._publish(days, now_ms, by) for days in fresh]

    def _publish(self, days: YearDays, now_ms: int, by: str) -> KnownYear:
        doc = self._publisher.publish(KIND, str(days.year), canonical.dumps(days.as_data()))
        self._add(days, doc, now_ms)
        detail = {"version": doc.version, "provisional": days.provisional}
        audit.record(by or "node", "calendar.publish", str(days.year), detail, now_ms)
        return KnownYear(days, doc.version, now_ms)

    def adopt(self, docs: Iterable[ShelfDoc]) -> set[str]:
        """Take calendars of the shelf into use; return the wake keys they bring. See `Adopter.adopt`.

        An older version than the one in use only stands beside it.

        Raises:
            UnitMisuse: no unit of work is open.
        """
        stranger = NotCalendarPublisher.code
        return Adopter(KIND, self._tree, self._note, stranger, self._take).adopt(docs)

    def _take(self, doc: ShelfDoc) -> None:
        try:
            days = read_years(canonical.loads(doc.content))
        except CalendarError as fault:
            raise Unusable(CalendarError.code, fault.problems[0].sentence) from None
        except NotCanonical as fault:
            raise Unusable(CalendarError.code, str(fault)) from None
        if [str(year.year) for year in days] != [doc.key]:
            raise Unusable(CalendarError.code, "holds other years")
        if not records.has(days[0].year, doc.version):
            self._add(days[0], doc, published_at(doc))

    def disown(self, docs: Iterable[ShelfDoc]) -> None:
        """Count no more by years that came in these documents.

        Raises:
            UnitMisuse: no unit of work is open.
        """
        require_unit()
        for doc in docs:
            records.drop(doc.statement.hash, next_mark(records.mark(), doc, "disowned"))

    def _add(self, days: YearDays, doc: ShelfDoc, published_at: int) -> None:
        mark, text = next_mark(records.mark(), doc), doc.content.decode()
        records.add(YearRow(days.year, doc.version, text, doc.statement.hash, published_at, mark))

    # --- reading; none of it needs a unit of work
    def current(self) -> Calendar:
        """Return the calendar this node counts by now."""
        return self._snapshot().calendar

    def years(self) -> list[KnownYear]:
        """Return every year there is a word on, in order."""
        return list(self._snapshot().years)

    def mark(self) -> str:
        """Return what names the days this node counts by, published or brought by the program.

        Whoever recomputes due dates keeps the mark it did so under, and does it again when this one differs.
        """
        return self._snapshot().days_mark

    def _snapshot(self) -> _Snapshot:
        mark, seen = records.mark(), self._seen
        if seen is None or seen.mark != mark:
            seen = self._seen = _Snapshot(mark, records.newest())
        return seen


class _Snapshot:
    """The calendar as it stood at one mark; the same mark always stands for the same rows."""

    def __init__(self, mark: str, rows: Iterable[YearRow]) -> None:
        self.mark = mark
        known = {days.year: KnownYear(days, 0, 0) for days in shipped_years()}
        for row in rows:
            days = _days_or_none(row)
            if days is not None:
                known[row.year] = KnownYear(days, row.version, row.published_at)
        self.years = tuple(year for _, year in sorted(known.items()))
        parts: dict[str, Any] = {}
        for year in self.years:
            parts |= year.days.as_data()
        self.calendar = read_calendar(parts)
        self.days_mark = sha256(canonical.dumps(parts)).hexdigest()


def _days_or_none(row: YearRow) -> YearDays | None:
    """A year that this program reads no longer must not stop every case; the one it came with counts."""
    try:
        return read_years(json.loads(row.text))[0]
    except CalendarError as fault:
        told = fault.problems[0].sentence
        log.error("%s year %s version %s cannot be read: %s", fault.code, row.year, row.version, told)
        return None


@cache
def shipped_years() -> tuple[YearDays, ...]:
    """Return the years that come with the program."""
    text = resources.files("common.casework").joinpath("data/calendar.json").read_text(encoding="utf-8")
    return tuple(read_years(json.loads(text)))


def _is_new(days: YearDays, known: KnownYear | None) -> bool:
    """Say whether these days differ from what was last published.

    Raises:
        OfficialYearKept: they are provisional and the known ones official.
    """
    if known is None:
        return True
    if days.provisional and not known.days.provisional:
        raise OfficialYearKept(year=days.year)
    return not known.version or days != known.days
