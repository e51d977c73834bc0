"""A catalogue with a shelf of real signatures, for the tests of the service."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from common.catalogue.service import Catalogue
from common.store.database import close_database, open_database, unit_of_work
from sync.protocol.address import Tree
from sync.protocol.shelf import Draft, ShelfDoc
from sync.protocol.shelf import publish as sign_document
from sync.protocol.signing import KeyPair, RealSuite
from tests.catalogue.sample import an_item
from tests.tables import lay_tables

COUNTY, TOWNSHIP, VILLAGE = "511921", "511921108", "511921108203"
TREE = Tree({COUNTY: "", TOWNSHIP: COUNTY, VILLAGE: TOWNSHIP})
NOW = 1_790_000_000_000
SUITE = RealSuite()
OLD_AGE = "DEMO-511921-0503"
# The local day of NOW.
TODAY = date(2026, 9, 21)


class Shelf:
    """A shelf of one author, with real signatures; `docs` is what neighbours would get."""

    def __init__(self, author: str = COUNTY) -> None:
        self.author = author
        self.key: KeyPair = SUITE.pair(b"\x07" * 64)
        self.docs: list[ShelfDoc] = []

    def publish(self, kind: str, key: str, content: bytes) -> ShelfDoc:
        draft = Draft(kind, key, self.next_version(kind, key), "", self.author, content, NOW)
        self.docs.append(sign_document(draft, self.author, self.key, SUITE))
        return self.docs[-1]

    def next_version(self, kind: str, key: str) -> int:
        return 1 + sum(doc.key == key for doc in self.docs)

    def names(self) -> list[str]:
        return [doc.statement.hash for doc in self.docs]

    def document(self, name: str) -> ShelfDoc | None:
        return next((doc for doc in self.docs if doc.statement.hash == name), None)


def make_tables(path: Path) -> None:
    lay_tables(path, "0002_store", "0004_catalogue", "0013_item_dates")
    open_database(path, busy_timeout_ms=200)


def county(shelf: Shelf | None = None, today: date = TODAY) -> Catalogue:
    return Catalogue(shelf or Shelf(), COUNTY, lambda: TREE, today=lambda: today)


def village(notes: list[tuple[str, str, str]] | None = None) -> Catalogue:
    heard = notes if notes is not None else []
    return Catalogue(Shelf(VILLAGE), VILLAGE, lambda: TREE, lambda *said: heard.append(said), lambda: TODAY)


def item(code: str = OLD_AGE, **parts: Any) -> dict[str, Any]:
    """Return an item; `visits` is what most tests change in it."""
    return an_item(code=code, name="高龄津贴申领", department="通江县民政局", visits=0) | parts


def published(shelf: Shelf, *objects: dict[str, Any]) -> Catalogue:
    catalogue = county(shelf)
    with unit_of_work():
        for obj in objects:
            catalogue.publish(obj, NOW)
    return catalogue


def on_another_file(path: Path) -> None:
    """Go on as another node: another database file."""
    close_database()
    make_tables(path.with_name("other.sqlite"))
