"""A village's desk for each test, and an agent signed in at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.store.database import close_database
from tests.desk.filing.agent import Desk
from tests.desk.filing.village import DeskNode, desk_app


@pytest.fixture
def node(tmp_path: Path) -> Iterator[DeskNode]:
    yield DeskNode(tmp_path)
    close_database()


@pytest.fixture
def desk(node: DeskNode) -> Desk:
    return Desk(desk_app(node)).sign_in("zhou")  # type: ignore[return-value]
