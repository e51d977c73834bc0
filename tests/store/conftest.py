"""A real SQLite file for every test; time stands still unless a test moves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.store.database import close_database, open_database
from tests.tables import lay_tables


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Path of an open database with our own tables in it (the spool of the sync layer is not needed here)."""
    path = tmp_path / "node.sqlite"
    lay_tables(path, "0002_store", "0003_people")
    open_database(path, busy_timeout_ms=200)
    yield path
    close_database()
