"""A real SQLite file with the tables of the store and of casework, and one node to work on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playhouse.migrations import Migration

from common.casework.context import CaseContext
from common.casework.service import Casework
from common.store import migrate as migration
from common.store.database import close_database, open_database
from tests.casework.build import VILLAGE, Shop, small_tree
from tests.casework.nodes import FakeOutbox


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    """Path of an open database (the spool of the sync layer is not needed here)."""
    path = tmp_path / "node.sqlite"
    db = open_database(path, busy_timeout_ms=200)
    for script in Migration.load_directory(str(migration.DIRECTORY)):
        if script.name in ("0002_store", "0006_casework"):
            script.load().up(None, db)
    yield path
    close_database()


NodeMaker = Callable[[str], Casework]


@pytest.fixture
def node(store: Path) -> NodeMaker:
    """Return casework at an address; all share the one database, so a test uses one of them."""

    def make(address: str = VILLAGE) -> Casework:
        return Casework(
            CaseContext(
                me=address,
                tree=small_tree,
                outbox=FakeOutbox(address),
                catalogue=Shop(),
                random=lambda size: bytes(range(1, size + 1)),
                epoch_n=lambda: 1,
            )
        )

    return make
