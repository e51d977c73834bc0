"""The text of an item by the hash of its signed document, which is what a case names; a number may name two.

Where the top was put back from a copy it may have given a number a second time. Both documents stay on the
shelf, and what the top has in force is published once more above them (`sync.protocol.republish`). The table
of versions has one of the two; the other is read from the shelf, or in the words of the one published above.
Never changes anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Protocol

from common.catalogue import records
from common.catalogue.adoption import published_at
from common.catalogue.rules.item import CatalogueError, read_stored
from common.catalogue.snapshot import Issued
from sync.protocol import canonical
from sync.protocol.address import Tree
from sync.protocol.errors import NotCanonical
from sync.protocol.shelf import ShelfDoc

KIND = "catalogue.item"


class Publisher(Protocol):
    """Where signed documents are put on the shelf of the sync layer."""

    def publish(self, kind: str, key: str, content: bytes) -> ShelfDoc:
        """Sign the document, with the next version of its key, for this node and all below; return it."""
        ...


class Shelf(Publisher, Protocol):
    """The shelf of the sync layer, of which every document stays for ever."""

    def next_version(self, kind: str, key: str) -> int:
        """Return the version that `publish` gives the next document under a key."""
        ...

    def document(self, name: str) -> ShelfDoc | None:
        """Return a document by the hash of its statement, whoever published it; None when it is not here."""
        ...


class Named:
    """Finds texts by hash; what was found once is kept, for a document never changes."""

    def __init__(self, shelf: Shelf, tree: Callable[[], Tree]) -> None:
        self._shelf = shelf
        self._tree = tree
        self._found: dict[tuple[str, int, str], Issued] = {}

    def find(self, code: str, version: int, name: str) -> Issued | None:
        """Return the version of an item that came in a document, None when its text is not here.

        Args:
            name: hash of the document's statement.
        """
        key = (code, version, name)
        if key not in self._found:
            # It may still come, and no row of the table would tell: what is not here is looked for again.
            found = self._from_shelf(*key) or self._in_the_words_above(*key)
            if found is None:
                return None
            self._found[key] = found
        return self._found[key]

    def _from_shelf(self, code: str, version: int, name: str) -> Issued | None:
        doc = self._shelf.document(name)
        if doc is None or (doc.author, doc.kind, doc.key) != (self._tree().top, KIND, code):
            return None
        return _read(doc, version, name) if doc.version == version else None

    def _in_the_words_above(self, code: str, version: int, name: str) -> Issued | None:
        for row in records.history(code):
            if row.version > version and json.loads(row.text).get("version", row.version) < row.version:
                doc = self._shelf.document(row.statement)
                if doc is not None and doc.prev == name:
                    return _read(doc, version, name)
        return None


def _read(doc: ShelfDoc, version: int, name: str) -> Issued | None:
    try:
        item = read_stored({**canonical.loads(doc.content), "version": version})
    except (CatalogueError, NotCanonical, TypeError):
        return None
    return Issued(item, name, published_at(doc))
