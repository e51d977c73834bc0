"""The catalogue of one node: the top publishes items, every node below takes them from the shelf into use.

Reads are cheap enough to be made for every case: items are kept in memory and read again only when the table
has grown, in this process or another. Never changes a version once it is there.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from importlib import resources
from typing import Any, Protocol

from common.catalogue import records
from common.catalogue.records import VersionRow
from common.catalogue.rules.initials import initials
from common.catalogue.rules.item import CatalogueError, ServiceItem, parse_item
from common.errors import NotAllowed, NotFound, RuleError
from common.store import audit
from common.store.database import require_unit
from sync.protocol import canonical
from sync.protocol.address import Tree
from sync.protocol.errors import NotCanonical
from sync.protocol.shelf import ShelfDoc

KIND = "catalogue.item"
# Under `more` of an item: 1 in the version that ends it. Cases under earlier versions go on.
WITHDRAWN = "withdrawn"

log = logging.getLogger(__name__)


class NotPublisher(NotAllowed):
    """Only the top of the tree publishes items."""

    code = "E302"
    sentence = "事项由县级站点统一发布，本站不能发布。"


class ItemUnknown(NotFound):
    """The catalogue has no item with this code in force."""

    code = "E303"
    sentence = "事项目录中没有这个事项，或者它已经停办。"


class ShelfOutOfStep(RuleError):
    """The shelf gave the document another version than the catalogue gave the item; nothing was published."""

    code = "E304"
    sentence = "事项版本与已发布的文件不一致，没有发布。"
    advice = "请联系技术人员核对本站数据是否由备份恢复。"


class Publisher(Protocol):
    """Where signed documents are put on the shelf of the sync layer."""

    def publish(self, kind: str, key: str, content: bytes) -> ShelfDoc:
        """Sign the document, with the next version of its key, for this node and all below; return it."""
        ...


class Catalogue:
    """The items of one node.

    Args:
        publisher: puts documents on the shelf; used at the top alone.
        me: this node's address.
        tree: asked in the unit of work each time, since an exchange may bring roster and items together.
        note: is told `(code, address, detail)` of a document that cannot be used, for the line page.
    """

    def __init__(
        self,
        publisher: Publisher,
        me: str,
        tree: Callable[[], Tree],
        note: Callable[[str, str, str], None] | None = None,
    ) -> None:
        self._me = me
        self._tree = tree
        self._publisher = publisher
        self._note = note or _logged
        self._seen = _Snapshot("", ())

    # --- publishing, at the top
    def publish(self, obj: Mapping[str, Any], now_ms: int, by: str = "") -> ServiceItem:
        """Publish an item to the whole tree and return it in its new version.

        The version is given here, one above the newest, whatever `obj` says. An item that says nothing new is
        not published again: its newest version is returned.

        Args:
            obj: the item as `common.catalogue.rules.item` describes it.
            by: login of whoever publishes, empty for the node itself.

        Raises:
            UnitMisuse: no unit of work is open.
            NotPublisher: this node is not the top.
            CatalogueError: the item cannot be read; all problems are listed.
            sync.protocol.errors.SyncError: the document is too large. Nothing is changed by any of these.
        """
        require_unit()
        if self._tree().top != self._me:
            raise NotPublisher()
        code = str(obj.get("code", ""))
        before = self._snapshot().newest.get(code)
        version = before.version if before else 1
        if before and _content(obj, version)[0] == before:
            return before
        item, content = _content(obj, version + 1 if before else 1)
        doc = self._publisher.publish(KIND, item.code, content)
        if doc.version != item.version:
            raise ShelfOutOfStep(item=item.code, version=item.version, shelf=doc.version)
        self._add(item, doc, now_ms)
        audit.record(by or "node", "catalogue.publish", item.code, {"version": item.version}, now_ms)
        return item

    def withdraw(self, code: str, now_ms: int, by: str = "") -> ServiceItem:
        """Publish a last version of an item, under which nothing may be filed any more; return it.

        Raises:
            ItemUnknown: no such item is in force.
            LiandongError: as `publish`.
        """
        require_unit()
        item = self.item(code)
        row = records.one(code, item.version) if item else None
        if row is None:
            raise ItemUnknown(item=code)
        obj = json.loads(row.text)
        return self.publish({**obj, "more": {**obj.get("more", {}), WITHDRAWN: 1}}, now_ms, by)

    # --- taking into use, everywhere
    def adopt(self, docs: Iterable[ShelfDoc]) -> set[str]:
        """Take documents of the shelf into use; return the wake keys `doc:catalogue.item/<code>/<version>`.

        A document that is no item, or does not come from the top, is noted and passed over; one that is here
        already changes nothing. Documents of other kinds are passed over.

        Raises:
            UnitMisuse: no unit of work is open.
        """
        require_unit()
        woke = set()
        for doc in docs:
            if doc.kind == KIND and self._adopt(doc):
                woke.add(f"doc:{KIND}/{doc.key}/{doc.version}")
        return woke

    def _adopt(self, doc: ShelfDoc) -> bool:
        if doc.author != self._tree().top:
            self._note(NotPublisher.code, doc.author, f"{doc.key}: not from the top")
            return False
        try:
            item = parse_item(canonical.loads(doc.content))
        except (CatalogueError, NotCanonical) as fault:
            self._note(CatalogueError.code, doc.author, f"{doc.key}: {fault}")
            return False
        if (item.code, item.version) != (doc.key, doc.version):
            self._note(ShelfOutOfStep.code, doc.author, f"{doc.key}: holds {item.code} {item.version}")
            return False
        if records.one(item.code, item.version) is None:
            self._add(item, doc, _published_at(doc))
        return True

    def _add(self, item: ServiceItem, doc: ShelfDoc, published_at: int) -> None:
        before = records.mark()
        mark = sha256(f"{before}\n{doc.statement.hash}\n{doc.content_hash}".encode()).hexdigest()
        text = doc.content.decode()
        withdrawn = int(is_withdrawn(item))
        records.add(
            VersionRow(item.code, item.version, text, doc.statement.hash, published_at, withdrawn, mark)
        )

    # --- reading; none of it needs a unit of work
    def item(self, code: str) -> ServiceItem | None:
        """Return the version in force, None when there is none or the item is withdrawn."""
        found = self._snapshot().newest.get(code)
        return None if found is None or is_withdrawn(found) else found

    def version(self, code: str, version: int) -> ServiceItem | None:
        """Return an item in the version a case was filed under, None when it is not here."""
        snapshot = self._snapshot()
        found = snapshot.newest.get(code)
        if found is not None and found.version == version:
            return found
        if (code, version) not in snapshot.older:
            row = records.one(code, version)
            snapshot.older[code, version] = _read(row) if row else None
        return snapshot.older[code, version]

    def all_items(self) -> list[ServiceItem]:
        """Return every item in force, by code."""
        return list(self._snapshot().in_force)

    def items_for(self, level: str) -> list[ServiceItem]:
        """Return the items in force that a node of this level (village, township, county) may take in."""
        return [item for item in self._snapshot().in_force if item.may_be_filed_at(level)]

    def search(self, text: str) -> list[ServiceItem]:
        """Return the items in force whose name or department holds `text`, or whose initials begin with it.

        Those whose name begins with it come first. Nothing typed finds everything.
        """
        wanted = text.strip().lower()
        found = [(place, item) for item in self.all_items() if (place := _place(item, wanted)) is not None]
        return [item for _, item in sorted(found, key=lambda pair: (pair[0], pair[1].code))]

    def _snapshot(self) -> _Snapshot:
        mark = records.mark()
        seen = self._seen
        if seen.mark != mark:
            seen = self._seen = _Snapshot(mark, records.newest())
        return seen


class _Snapshot:
    """The catalogue as it stood at one mark; the same mark always stands for the same rows."""

    def __init__(self, mark: str, rows: Iterable[VersionRow]) -> None:
        self.mark = mark
        self.newest = {row.code: _read(row) for row in rows}
        self.in_force = tuple(item for _, item in sorted(self.newest.items()) if not is_withdrawn(item))
        self.older: dict[tuple[str, int], ServiceItem | None] = {}


def is_withdrawn(item: ServiceItem) -> bool:
    """Say whether this version ends the item."""
    return item.more.get(WITHDRAWN) == 1


def shipped_items() -> list[dict[str, Any]]:
    """Return the demonstration items that come with the program, by code, to be published at the top."""
    folder = resources.files("common.catalogue").joinpath("data/items")
    found = [json.loads(file.read_text(encoding="utf-8")) for file in folder.iterdir()]
    return sorted(found, key=lambda obj: str(obj["code"]))


def _content(obj: Mapping[str, Any], version: int) -> tuple[ServiceItem, bytes]:
    """Return the item in this version, and the bytes it is published as."""
    versioned = {**obj, "version": version}
    item = parse_item(versioned)
    if "|" in item.code:
        raise CatalogueError(["code：不能含“|”"])
    try:
        return item, canonical.dumps(versioned)
    except NotCanonical:
        raise CatalogueError(["more：只能含整数、文字、对象和列表"]) from None


def _read(row: VersionRow) -> ServiceItem:
    return parse_item(json.loads(row.text))


def _published_at(doc: ShelfDoc) -> int:
    at = doc.statement.fields().get("at", 0)
    return at if type(at) is int else 0


def _place(item: ServiceItem, wanted: str) -> int | None:
    """Return how well an item fits what was typed, 0 the best; None when it does not."""
    if item.name.startswith(wanted):
        return 0
    if wanted in item.name or wanted == item.code.lower():
        return 1
    if wanted.isascii() and wanted in initials(item.name):
        return 2
    return 3 if wanted in item.department or wanted in item.route.department else None


def _logged(code: str, address: str, detail: str) -> None:
    log.warning("%s from %s: %s", code, address, detail)
