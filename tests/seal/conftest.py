"""A stage for every test; what is made is gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.store.database import close_database
from tests.seal.stage import ORGAN, Stage


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Stage]:
    """A node without any seal."""
    yield Stage(tmp_path)
    close_database()


@pytest.fixture
def stage(bare: Stage) -> Stage:
    """A county with its root and the seal of the example department."""
    bare.found(ORGAN)
    return bare
