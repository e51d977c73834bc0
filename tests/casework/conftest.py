"""A real SQLite file with the tables of the store and of casework, and nodes to work on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.casework.service import Casework
from common.store.database import close_database
from tests.casework.build import VILLAGE
from tests.casework.nodes import FakeOutbox, Network, NodeMaker, make_context, make_tables


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    """Path of an open database."""
    path = tmp_path / "node.sqlite"
    make_tables(path)
    yield path
    close_database()


@pytest.fixture
def node(store: Path) -> NodeMaker:
    """Return casework at an address; all share the one database, so a test uses one of them."""

    def make(address: str = VILLAGE) -> Casework:
        return Casework(make_context(address, FakeOutbox(address)))

    return make


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    """A county of six nodes, each with a database of its own."""
    county = Network(tmp_path)
    yield county
    county.close()
