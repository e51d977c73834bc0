"""Three real nodes and the claims they sign."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.store.database import close_database
from tests.desk.three import VILLAGE, ThreeNodes, copy_of, found_network


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of three enrolled nodes that nobody works at."""
    folder = tmp_path_factory.mktemp("claims") / "nodes"
    found_network(folder)
    return folder


@pytest.fixture
def three(template: Path, tmp_path: Path) -> Iterator[ThreeNodes]:
    """Return three nodes that belong to this test alone."""
    yield copy_of(template, tmp_path / "nodes")
    close_database()


@pytest.fixture
def slip(three: ThreeNodes) -> tuple[str, str]:
    """Return the number and the claim of a case filed at the village while the line was down."""
    node = three.open(VILLAGE)
    number = three.file()
    return number, node.proofs.claim("slip", node.casework.case(number), three.now())
