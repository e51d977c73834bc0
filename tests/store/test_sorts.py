"""What is told of a fault behind which a value stands that no program wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import peewee
import pytest

from common.store import sorts
from common.store.database import DatabaseDamaged, close_database, database, open_database
from common.store.sorts import OddValues, odd_behind


@pytest.fixture
def rotten(tmp_path: Path) -> Iterator[None]:
    open_database(tmp_path / "node.sqlite3")
    database.execute_sql("CREATE TABLE thing (name TEXT NOT NULL)")
    database.execute_sql("INSERT INTO thing VALUES (CAST(x'ff' AS TEXT))")
    yield
    close_database()


def test_who_meets_a_rotten_row_again_has_not_all_read_anew(
    rotten: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that people open all day read a database of gigabytes each time."""
    looked: list[str] = []
    look = sorts.odd_columns
    monkeypatch.setattr(sorts, "odd_columns", lambda: looked.append("once") or look())
    for _again in range(3):
        told = odd_behind(ValueError("no such word"))
        assert isinstance(told, OddValues) and "thing.name" in str(told)
    assert looked == ["once"]


@pytest.mark.parametrize(("why", "is_damaged"), [("disk image is malformed", True), ("is locked", False)])
def test_where_nobody_can_look_any_more_people_are_told_so_and_the_teller_does_not_fail(
    rotten: None, monkeypatch: pytest.MonkeyPatch, why: str, is_damaged: bool
) -> None:
    def fails() -> list[str]:
        raise peewee.DatabaseError(why)

    monkeypatch.setattr(sorts, "odd_columns", fails)
    told = odd_behind(ValueError("no such word"))
    assert isinstance(told, DatabaseDamaged) if is_damaged else told is None
