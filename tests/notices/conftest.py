"""Three real nodes into which the stories of the notices are laid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.store.database import close_database
from tests.desk.three import ThreeNodes, copy_of, found_network


@pytest.fixture(scope="session")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of three enrolled nodes that nobody works at."""
    folder = tmp_path_factory.mktemp("notices") / "nodes"
    found_network(folder)
    return folder


@pytest.fixture
def three(enrolled: Path, tmp_path: Path) -> Iterator[ThreeNodes]:
    """Three nodes that belong to this test alone."""
    yield copy_of(enrolled, tmp_path / "nodes")
    close_database()
