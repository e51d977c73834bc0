"""Real nodes with real pages for the tests of the catalogue's pages, founded once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.store.database import close_database
from tests.catalogue.shelf import make_tables
from tests.desk.three import ThreeNodes, copy_of


@pytest.fixture
def three(enrolled: Path, tmp_path: Path) -> Iterator[ThreeNodes]:
    yield copy_of(enrolled, tmp_path / "three")
    close_database()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """The database of a node with an empty catalogue, open."""
    path = tmp_path / "node.sqlite"
    make_tables(path)
    yield path
    close_database()
