"""Three real nodes and the claims they sign."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.store.database import close_database
from tests.desk.three import VILLAGE, ThreeNodes, copy_of


@pytest.fixture
def three(enrolled: Path, tmp_path: Path) -> Iterator[ThreeNodes]:
    """Return three nodes that belong to this test alone."""
    yield copy_of(enrolled, tmp_path / "nodes")
    close_database()


@pytest.fixture
def slip(three: ThreeNodes) -> tuple[str, str]:
    """Return the number and the claim of a case filed at the village while the line was down."""
    node = three.open(VILLAGE)
    number = three.file()
    return number, node.proofs.claim("slip", node.casework.case(number), three.now())
