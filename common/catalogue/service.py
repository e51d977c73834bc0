"""The catalogue of one node: the top publishes items, every node below takes them from the shelf into use.

Reads are cheap enough to be made for every case: items are kept in memory and read again only when the table
has grown, in this process or another, or a new day has begun. Never changes a version once it is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import replace
from datetime import date
from functools import partial
from importlib import resources
from typing import Any

from common.catalogue import records
from common.catalogue.adoption import Adopter, Unusable, logged, next_mark, published_at
from common.catalogue.errors import ItemUnknown, NotPublisher, ShelfOutOfStep
from common.catalogue.named import KIND, Named, Shelf
from common.catalogue.records import VersionRow
from common.catalogue.rules import versions
from common.catalogue.rules.item import CatalogueError, Fault, ServiceItem, parse_item, read_stored
from common.catalogue.rules.search import matching
from common.catalogue.snapshot import (
    WITHDRAWN,
    Issued,
    Snapshot,
    as_object,
    departments_named,
    is_withdrawn,
    readable,
)
from common.store import audit
from common.store.database import require_unit
from sync.protocol import canonical
from sync.protocol.address import Tree
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import is_hash
from sync.protocol.shelf import ShelfDoc

__all__ = (
    "KIND",
    "WITHDRAWN",
    "WOKEN",
    "Catalogue",
    "Issued",
    "ItemUnknown",
    "NotPublisher",
    "ShelfOutOfStep",
    "is_withdrawn",
    "matching",
    "shipped_items",
)

# Wakes what waits for any news of the catalogue.
WOKEN = "catalogue"


class Catalogue:
    """The items of one node.

    Args:
        shelf: documents are put on it at the top alone; a text is found there by the hash a case names.
        me: this node's address.
        tree: asked in the unit of work each time, since an exchange may bring roster and items together.
        note: is told `(code, address, detail)` of a document that cannot be used, for the line page.
        today: the local date, asked at every read; without it every date has come.
    """

    def __init__(
        self,
        shelf: Shelf,
        me: str,
        tree: Callable[[], Tree],
        note: Callable[[str, str, str], None] | None = None,
        today: Callable[[], date] = lambda: date.max,
    ) -> None:
        self._me = me
        self._tree = tree
        self._shelf = shelf
        self.named = Named(shelf, tree)
        self._note = note or logged
        self._today = today
        self._seen: Snapshot | None = None
        self._named: tuple[str, frozenset[str]] = "", frozenset()

    # --- publishing, at the top
    def publish(self, obj: Mapping[str, Any], now_ms: int, by: str = "") -> ServiceItem:
        """Publish an item to the whole tree and return it in its new version.

        The version is the next one of the shelf, whatever `obj` says; numbers taken before this node
        was put back from a copy are skipped. An item that says nothing new is not published again: its newest
        version is returned. With `effective_from` it waits for that date.

        Args:
            obj: the item as `common.catalogue.rules.schema` describes it.
            by: login of whoever publishes, empty for the node itself.

        Raises:
            UnitMisuse: no unit of work is open.
            NotPublisher: this node is not the top.
            CatalogueError: the item cannot be read; all faults are listed.
            ShelfOutOfStep: the shelf has fewer versions than the catalogue; one of them is damaged.
            sync.protocol.errors.SyncError: the document is too large. Nothing is changed by any of these.
        """
        require_unit()
        if self._tree().top != self._me:
            raise NotPublisher()
        row = records.newest_of(str(obj.get("code", "")))
        for before in readable([row] if row else []):
            if _content(obj, before.item.version)[0] == before.item:
                return before.item
        number = self._shelf.next_version(KIND, str(obj.get("code", "")))
        if row and row.version >= number:
            raise ShelfOutOfStep(item=row.code, version=row.version, shelf=number - 1)
        item, content = _content(obj, number)
        doc = self._shelf.publish(KIND, item.code, content)
        self._add(item, doc, now_ms)
        audit.record(by or "node", "catalogue.publish", item.code, {"version": item.version}, now_ms)
        return item

    def withdraw(self, code: str, now_ms: int, by: str = "", effective_from: str = "") -> ServiceItem:
        """Publish a version of an item that ends it, at once or from a date on; return it.

        Raises:
            ItemUnknown: there is no such item, or it has ended already.
            LiandongError: as `publish`.
        """
        require_unit()
        row = records.newest_of(code)
        is_over = row is not None and (bool(row.withdrawn) or code in self._snapshot().ended)
        if row is None or (is_over and self.item(code) is None):
            raise ItemUnknown(item=code)
        obj = {key: value for key, value in as_object(row).items() if key != "effective_from"}
        dated = {"effective_from": effective_from} if effective_from else {}
        return self.publish({**obj, **dated, "more": {**obj.get("more", {}), WITHDRAWN: 1}}, now_ms, by)

    # --- taking into use, everywhere
    def adopt(self, docs: Iterable[ShelfDoc]) -> set[str]:
        """Take items of the shelf into use; return the wake keys they bring. See `Adopter.adopt`.

        An older one may come after a newer one; one that is here already changes nothing.

        Raises:
            UnitMisuse: no unit of work is open.
        """
        take = partial(self._take, records.statements())
        woke = Adopter(KIND, self._tree, self._note, NotPublisher.code, take).adopt(docs)
        return woke | {WOKEN} if woke else woke

    def _take(self, here: Set[str], doc: ShelfDoc) -> None:
        if doc.statement.hash in here:
            # Each start brings all documents again; reading them is most of what a start would cost.
            return
        try:
            item = read_stored(canonical.loads(doc.content))
        except (CatalogueError, NotCanonical) as fault:
            raise Unusable(CatalogueError.code, str(fault)) from None
        # What was published once more above another of its number still says the number it was written under.
        if item.code != doc.key or item.version > doc.version:
            raise Unusable(ShelfOutOfStep.code, f"holds {item.code} {item.version}")
        # Of two under one number the first stays; the other is found by its hash.
        if records.one(doc.key, doc.version) is None:
            self._add(replace(item, version=doc.version), doc, published_at(doc))

    def disown(self, docs: Iterable[ShelfDoc]) -> None:
        """Use what came in these documents no more; a case that names one is left without its text.

        Raises:
            UnitMisuse: no unit of work is open.
        """
        require_unit()
        for doc in docs:
            records.drop(doc.statement.hash, next_mark(records.mark(), doc, "disowned"))
        self.named.forget()

    def _add(self, item: ServiceItem, doc: ShelfDoc, published_at: int) -> None:
        records.add(
            VersionRow(
                code=item.code,
                version=item.version,
                text=doc.content.decode(),
                statement=doc.statement.hash,
                published_at=published_at,
                withdrawn=int(is_withdrawn(item)),
                mark=next_mark(records.mark(), doc),
                effective_from=item.effective_from,
            )
        )

    # --- reading; none of it needs a unit of work
    def item(self, code: str) -> ServiceItem | None:
        """Return the version in force today, None when there is none or the item is withdrawn."""
        seen = self._snapshot()
        found = seen.come.get(code)
        return None if found is None or is_withdrawn(found.item) or code in seen.ended else found.item

    def version(self, code: str, version: int, doc: str = "") -> ServiceItem | None:
        """Return an item in the version a case was filed under, None when it is not here.

        Args:
            doc: hash of the signed document the case names. Two may have one number, where the top was put
                back from a copy; the other one is not returned. Without a hash the number decides.
        """
        found = self._issued(code, version, doc)
        return found.item if found else None

    def _issued(self, code: str, version: int, doc: str) -> Issued | None:
        found = self._snapshot().version(code, version)
        if not is_hash(doc) or (found is not None and found.statement == doc):
            return found
        return self.named.find(code, version, doc)

    def statement_of(self, code: str, version: int) -> str:
        """Return the hash of the signed document a version came in, empty when it is not here."""
        found = self._snapshot().version(code, version)
        return found.statement if found else ""

    def content_of(self, code: str, version: int, doc: str = "") -> dict[str, Any] | None:
        """Return a version as the object it was published as, None when not here; `doc` as in `version`."""
        row = records.one(code, version)
        if not is_hash(doc) or (row is not None and row.statement == doc):
            return as_object(row) if row else None
        return self.named.content(code, version, doc)

    def was_in_force(self, code: str, version: int, day: date, doc: str = "") -> bool:
        """Say whether a version was in force on the local date `day`; see `rules.versions.was_in_force`.

        Of a case filed offline, the day of the village's last contact and the day of filing are both to be
        asked: a version with a date may have been there before and have come into force in between. `doc` as
        in `version`.
        """
        own = self._issued(code, version, doc)
        others = (found for found in self.history(code) if found.item.version != version)
        known = [found.standing for found in (own, *others) if found is not None]
        return versions.was_in_force(known, version, day.isoformat())

    def history(self, code: str) -> list[Issued]:
        """Return every version of an item that is here, oldest first: waiting and former ones, too."""
        return readable(records.history(code))

    def departments(self) -> frozenset[str]:
        """Return every department that any version of any item here has named; it stays known."""
        mark = records.mark()
        if self._named[0] != mark:
            self._named = mark, departments_named(records.texts())
        return self._named[1]

    def newest(self) -> list[Issued]:
        """Return the newest version of every item by code, whether it is in force, waits or ends the item."""
        return sorted(readable(records.newest()), key=lambda found: found.item.code)

    def all_items(self) -> list[ServiceItem]:
        """Return every item in force, by code."""
        return list(self._snapshot().in_force)

    def items_for(self, level: str) -> list[ServiceItem]:
        """Return the items in force that a node of this level (village, township, county) may take in."""
        return [item for item in self._snapshot().in_force if item.may_be_filed_at(level)]

    def search(self, text: str) -> list[ServiceItem]:
        """Return the items in force whose name, everyday words or department hold `text`, or whose initials
        begin with it.

        Those whose name begins with it come first. Nothing typed finds everything.
        """
        return matching(self.all_items(), text)

    def _snapshot(self) -> Snapshot:
        mark, day = records.mark(), self._today().isoformat()
        seen = self._seen
        if seen is None or (seen.mark, seen.day) != (mark, day):
            seen = self._seen = Snapshot(mark, day, records.come(day), seen)
        return seen


def shipped_items() -> list[dict[str, Any]]:
    """Return the demonstration items that come with the program, by code, to be published at the top."""
    folder = resources.files("common.catalogue").joinpath("data/items")
    found = [json.loads(file.read_text(encoding="utf-8")) for file in folder.iterdir()]
    return sorted(found, key=lambda obj: str(obj["code"]))


def _content(obj: Mapping[str, Any], version: int) -> tuple[ServiceItem, bytes]:
    """Return the item in this version, and the bytes it is published as."""
    versioned = {**obj, "version": version}
    # What is ended need not be as new versions have to be: else it could never be ended.
    more = obj.get("more")
    is_end = isinstance(more, Mapping) and more.get(WITHDRAWN) == 1
    item = read_stored(versioned) if is_end else parse_item(versioned)
    if "|" in item.code:
        raise CatalogueError([Fault("code", "不能含“|”")])
    try:
        return item, canonical.dumps(versioned)
    except NotCanonical:
        raise CatalogueError([Fault("more", "只能含整数、文字、对象和列表")]) from None
