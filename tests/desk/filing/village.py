"""A village's desk for tests: real database, catalogue, casework, papers, accounts; no line."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from common.casework.context import CaseContext
from common.casework.rules.event import CaseState
from common.casework.service import Casework
from common.catalogue.service import Catalogue, shipped_items
from common.desk.pages.filing import filing
from common.desk.pages.guide import guide
from common.desk.service import Drafts
from common.journal.service import ViewLog
from common.papers.service import Papers
from common.people.rules.roles import Role
from common.places.rules import Place
from common.store.database import unit_of_work
from common.web.factory import make_app
from common.web.guard import requires
from sync.adapters.blob_files import BlobFiles
from sync.adapters.waiting import Coming
from sync.protocol import canonical
from sync.protocol.address import Tree
from sync.protocol.frame import BlobRef
from sync.protocol.shelf import Draft, ShelfDoc
from sync.protocol.shelf import publish as sign_document
from sync.protocol.signing import RealSuite
from tests.web.fakes import NOW, FakeNode, FakeProfile
from village_node.pages.home import home

COUNTY, TOWNSHIP, VILLAGE = "511921", "511921108", "511921108203"
TREE = Tree({COUNTY: "", TOWNSHIP: COUNTY, VILLAGE: TOWNSHIP})
PLACES = {
    address: Place(address, name, kind, "2026-01-01", "", name)
    for address, name, kind in (
        (COUNTY, "通江县", "county"),
        (TOWNSHIP, "青峪镇", "town"),
        (VILLAGE, "青龙石村", "village"),
    )
}
SUITE = RealSuite()
KEY = SUITE.pair(b"\x05" * 64)


class Announced:
    """Stands for the outbox: keeps what would be sent, signs nothing."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, dict[str, Any], tuple[BlobRef, ...]]] = []

    def announce(
        self, kind: str, body: Mapping[str, Any], to: Sequence[str], blobs: Sequence[BlobRef] = ()
    ) -> str:
        self.acts.append((kind, dict(body), tuple(blobs)))
        return hashlib.sha256(canonical.dumps({**body, "kind": kind})).hexdigest()[:32]


TABLES = (
    "0004_catalogue",
    "0013_item_dates",
    "0006_casework",
    "0014_casework_life",
    "0007_drafts",
    "0011_views_letters",
    "0016_case_marks",
    "0017_draft_terms",
    "0020_draft_windows",
    "0024_case_terms",
    "0025_case_ways",
)


class DeskNode(FakeNode):
    """Keeps what the pages of the desk expect of a node at `address`."""

    tables = (*FakeNode.tables, *TABLES)

    def __init__(self, folder: Path, address: str = VILLAGE) -> None:
        super().__init__(folder, address=address, paper_bytes_max=65_536)
        self.outbox = Announced()
        self.places = PLACES
        self.wakes = 0
        self.disk = SimpleNamespace(state=lambda: 0)
        self.runner = None
        self.profile = SimpleNamespace(tier="village")
        self.shelf: dict[str, ShelfDoc] = {}
        self.catalogue = Catalogue(_HeldShelf(self.shelf), address, self.tree)
        self.papers = Papers(BlobFiles(folder / "papers"), self.config.paper_bytes_max)
        self.drafts = Drafts(Random(3).randbytes)
        self.views = ViewLog(address, self.tree, self.outbox)  # type: ignore[arg-type]
        self.proofs = NoClaims()
        self.casework = Casework(
            CaseContext(address, self.tree, self.outbox, self.catalogue, Random(4).randbytes, lambda: 1)
        )
        self.publish(*shipped_items())
        self._add("wang", "王素珍", Role.AGENT)

    def has_joined(self) -> bool:
        """It could sign: only the outbox is another."""
        return True

    def tree(self) -> Tree:
        return TREE

    def place_name(self, address: str) -> str:
        place = self.places.get(address)
        return place.name if place else address

    def unit(self) -> AbstractContextManager[None]:
        return unit_of_work()

    def coming_from(self, address: str) -> Coming:
        return Coming()

    def wake(self) -> None:
        self.wakes += 1

    def twins(self, now_ms: int) -> list[tuple[str, int]]:
        return []

    def publish(self, *objects: dict[str, Any]) -> None:
        """Let items arrive from the county."""
        with unit_of_work():
            self.catalogue.adopt([document(obj) for obj in objects])


class NoClaims:
    """Stands for the claims on paper: names the case, signs nothing."""

    def claim(self, kind: str, state: CaseState, at_ms: int) -> str:
        return f"http://county.example/v#{kind}/{state.case}/{at_ms}"


class _HeldShelf:
    """What documents a village keeps by their hash; those in force it has taken into use."""

    def __init__(self, held: dict[str, ShelfDoc]) -> None:
        self._held = held

    def publish(self, kind: str, key: str, content: bytes) -> ShelfDoc:
        raise AssertionError("a village publishes nothing")

    def next_version(self, kind: str, key: str) -> int:
        raise AssertionError("a village publishes nothing")

    def names(self) -> list[str]:
        return list(self._held)

    def document(self, name: str) -> ShelfDoc | None:
        return self._held.get(name)


def document(obj: dict[str, Any]) -> ShelfDoc:
    """Return an item as the county's shelf would bring it."""
    draft = Draft("catalogue.item", obj["code"], obj["version"], "", COUNTY, canonical.dumps(obj), NOW)
    return sign_document(draft, COUNTY, KEY, SUITE)


def item(code: str, **parts: Any) -> dict[str, Any]:
    """Return a shipped item with some parts replaced."""
    return next(obj for obj in shipped_items() if obj["code"] == code) | parts


def desk_app(node: DeskNode) -> Flask:
    """Return the pages of filing and the home page; the other pages they link to stand for themselves."""
    app = make_app(node, FakeProfile(), [filing, guide, home, *_neighbours()])
    app.jinja_env.bytecode_cache = _COMPILED
    return app


class _Compiled(BytecodeCache):
    """Templates compiled once for all tests: every test makes its own application."""

    def __init__(self) -> None:
        self.codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.codes:
            bucket.bytecode_from_string(self.codes[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def _neighbours() -> list[Blueprint]:
    found: dict[str, Blueprint] = {}
    for name, path, view in (
        ("queue", "/queue", "index"),
        ("queue", "/queue/find", "find"),
        ("queue", "/queue/next", "following"),
        ("cases", "/case/<number>", "show"),
        ("line", "/line", "index"),
    ):
        blueprint = found.setdefault(name, Blueprint(name, __name__))
        blueprint.add_url_rule(path, view, requires()(_standing_in(name)))
    return list(found.values())


def _standing_in(name: str) -> Any:
    def view(**_: str) -> str:
        return name

    return view
