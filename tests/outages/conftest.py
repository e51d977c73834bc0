"""Three real nodes, for what they tell of outages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.store.database import close_database
from tests.desk.three import ThreeNodes, copy_of


@pytest.fixture
def three(enrolled: Path, tmp_path: Path) -> Iterator[ThreeNodes]:
    """Three nodes that belong to this test alone."""
    yield copy_of(enrolled, tmp_path / "nodes")
    close_database()
