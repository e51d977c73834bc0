"""What one process remembers of the catalogue between two changes: each version is parsed once."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from common.catalogue import records
from common.catalogue.records import VersionRow
from common.catalogue.rules import versions
from common.catalogue.rules.item import CatalogueError, ServiceItem, read_stored
from common.catalogue.rules.versions import Standing
from common.days import local_day

log = logging.getLogger(__name__)

# Under `more` of an item: 1 in the version that ends it. Cases under earlier versions go on.
WITHDRAWN = "withdrawn"


class Issued(NamedTuple):
    """A version as it stands here: the item, the hash of its signed document, when it was published.

    `published_at` is UTC milliseconds, 0 when unknown.
    """

    item: ServiceItem
    statement: str
    published_at: int

    @property
    def standing(self) -> Standing:
        """What decides whether it is in force."""
        item = self.item
        day = local_day(self.published_at) if self.published_at else ""
        return Standing(item.version, item.effective_from, day, is_withdrawn(item))


class Snapshot:
    """The catalogue as it stood at one mark on one day; the same mark always stands for the same rows."""

    def __init__(
        self, mark: str, day: str, rows: Iterable[VersionRow], before: Snapshot | None = None
    ) -> None:
        parsed: Mapping[str, Issued] = before.parsed if before else {}
        self.mark = mark
        self.day = day
        read = {row.statement: parsed.get(row.statement) or _issued_or_none(row) for row in rows}
        self.parsed: dict[str, Issued] = {
            statement: found for statement, found in read.items() if found is not None
        }
        self.come = {found.item.code: found for found in self.parsed.values()}
        self.ended = frozenset(code for code in records.ending(day) if not _is_open(code, day))
        self.in_force = tuple(
            found.item
            for code, found in sorted(self.come.items())
            if not is_withdrawn(found.item) and code not in self.ended
        )
        self.older: dict[tuple[str, int], Issued | None] = {}

    def version(self, code: str, version: int) -> Issued | None:
        """Return one version, None when it is not here; read once in the life of a snapshot."""
        found = self.come.get(code)
        if found is not None and found.item.version == version:
            return found
        if (code, version) not in self.older:
            row = records.one(code, version)
            self.older[code, version] = _issued_or_none(row) if row else None
        return self.older[code, version]


def _is_open(code: str, day: str) -> bool:
    standings = [found.standing for found in readable(records.history(code))]
    return versions.in_force(standings, day) is not None


def departments_named(texts: Iterable[str]) -> frozenset[str]:
    """Return every department that these versions (canonical JSON) name as in charge or as asked."""
    named: set[str] = set()
    for text in texts:
        item = json.loads(text)
        parts = [item.get("route", {}), *item.get("joint", ())]
        named.update(str(part.get("department", "")) for part in parts if isinstance(part, dict))
    return frozenset(named - {""})


def is_withdrawn(item: ServiceItem) -> bool:
    """Say whether this version ends the item."""
    return item.more.get(WITHDRAWN) == 1


def _issued_or_none(row: VersionRow) -> Issued | None:
    """One version that this program reads no longer must not take the others out of use."""
    try:
        return issued(row)
    except CatalogueError as fault:
        log.error("%s item %s version %s cannot be read: %s", fault.code, row.code, row.version, fault)
        return None


def readable(rows: Iterable[VersionRow]) -> list[Issued]:
    """Return the stored versions this program can read, in the order given."""
    return [found for row in rows if (found := _issued_or_none(row)) is not None]


def issued(row: VersionRow) -> Issued:
    """Return a stored version, parsed.

    Raises:
        CatalogueError: this program's rules refuse what an earlier one stored.
    """
    return Issued(read_stored(_kept_once(as_object(row))), row.statement, row.published_at)


def as_object(row: VersionRow) -> dict[str, Any]:
    """Return a stored version as the object it was published as, under the number of its document.

    The text itself may say a lower one: what was published once more, above another of its number, was
    written before. See `sync.protocol.own.republish`.
    """
    return {**json.loads(row.text), "version": row.version}


def _kept_once(value: Any) -> Any:
    """Return the same content, its texts being those of other items where they are equal: two fifths are."""
    if isinstance(value, str):
        return sys.intern(value)
    if isinstance(value, list):
        return [_kept_once(part) for part in value]
    if isinstance(value, dict):
        return {key: _kept_once(part) for key, part in value.items()}
    return value
