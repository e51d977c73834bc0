"""Three real nodes for the tests of the desk: enrolled once, copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.store.database import close_database
from tests.desk.three import RELIEF, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, copy_of


@pytest.fixture
def three(enrolled: Path, tmp_path: Path) -> Iterator[ThreeNodes]:
    """Return three nodes that belong to this test alone."""
    yield copy_of(enrolled, tmp_path / "nodes")
    close_database()


@pytest.fixture
def received(three: ThreeNodes) -> str:
    """A case filed at the village that has come to the township, which has to check it."""
    three.open(VILLAGE)
    number = three.file(SUBSISTENCE)
    three.carry(VILLAGE, TOWN)
    return number


@pytest.fixture
def relief(three: ThreeNodes) -> str:
    """A case that the township decides itself, not yet accepted."""
    three.open(VILLAGE)
    number = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    return number
