"""The text of an item by the hash of its signed document, which is what a case names; a number may name two.

Where the top was put back from a copy it may have given a number a second time. Both documents stay on the
shelf, and what the top has in force is published once more above them (`sync.protocol.own.republish`). The
table of versions has one of the two; the other is read from the shelf, or in the words of the one published
above. Never changes anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

from common.catalogue import records
from common.catalogue.adoption import published_at
from common.catalogue.rules.item import CatalogueError, read_stored
from common.catalogue.snapshot import Issued, readable
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

    def names(self) -> Iterable[str]:
        """Return the hashes of the statements of all documents here."""
        ...


class Text(NamedTuple):
    """One text of an item: under every number it was published under, and which others had one of these.

    Both are oldest first; the last of `numbers` is the one that counts, there is at least one.
    """

    numbers: tuple[Issued, ...]
    others: tuple[Issued, ...]


class Named:
    """Finds texts by hash; what was found once is kept, for a document never changes, see `forget`."""

    def __init__(self, shelf: Shelf, tree: Callable[[], Tree]) -> None:
        self._shelf = shelf
        self._tree = tree
        self._found: dict[tuple[str, int, str], Issued] = {}
        self._numbers: dict[str, tuple[str, int]] = {}
        self._repeated: tuple[str, frozenset[str]] = "", frozenset()

    def forget(self) -> None:
        """Documents have left the shelf: look for all of them anew."""
        self._found.clear()
        self._numbers.clear()

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

    def content(self, code: str, version: int, name: str) -> dict[str, Any] | None:
        """Return a version as the object that a document publishes, None when that is not here."""
        found, doc = self.find(code, version, name), self._shelf.document(name)
        if found is None or doc is None:
            return None
        return {**canonical.loads(doc.content), "version": version}

    def repeated(self) -> frozenset[str]:
        """Return the items of which a text stands under more than one number; cheap."""
        mark = records.mark()
        if self._repeated[0] != mark:
            self._repeated = mark, records.repeated()
        return self._repeated[1]

    def texts(self, code: str) -> list[Text]:
        """Return every text of an item that is here, the one that was published last at the end."""
        found: dict[str, list[Issued]] = {}
        for row in records.history(code):
            # A text says the number it was written under, so that no two of it are alike by chance.
            found.setdefault(row.text, []).extend(readable([row]))
        known = sorted(filter(None, found.values()), key=lambda numbers: numbers[-1].item.version)
        return [
            Text(tuple(numbers), tuple(other for one in numbers for other in self._others(one)))
            for numbers in known
        ]

    def _others(self, own: Issued) -> list[Issued]:
        """Return what else the top published under a number, where it says something else."""
        key = own.item.code, own.item.version
        self._learn_numbers()
        names = [name for name, number in self._numbers.items() if number == key and name != own.statement]
        found = [one for name in names if (one := self.find(*key, name)) is not None]
        return sorted((one for one in found if one.item != own.item), key=lambda one: one.published_at)

    def _learn_numbers(self) -> None:
        for name in self._shelf.names():
            if name not in self._numbers:
                doc = self._shelf.document(name)
                is_item = doc is not None and (doc.author, doc.kind) == (self._tree().top, KIND)
                self._numbers[name] = (doc.key, doc.version) if doc is not None and is_item else ("", 0)

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
