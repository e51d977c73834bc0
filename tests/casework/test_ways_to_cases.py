"""A person's cases are read by the person, a queue by what waits: an item or a site has all of a county."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from peewee import SqliteDatabase

from common.casework import held, late, likely, queues, records, search
from common.casework.filing import DONE
from common.desk import earlier
from common.store.database import close_database, database
from tests.casework.nodes import make_tables


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[SqliteDatabase]:
    yield make_tables(tmp_path / "node.db")
    close_database()


_LETTERS = held.Letters(("511921108",), "2025-03-01")
_BY_HOLDER = "case_file_open case_file_unserved case_file_alarm"
_QUEUE = queues.Wanted(waits_at="511921", works=("examine",), item="i", place="511921108", state="s")


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda: queues.waiting(_QUEUE, after=(1, 0, "")), "case_file_work"),
        (lambda: queues.waiting(replace(_QUEUE, department="d"), after=(1, 0, "")), "case_file_department"),
        (lambda: queues.newest(queues.Wanted(place="511921108")), "case_file_by_place"),
        (lambda: search.search(search.Sought(place="511921108", state="s")), "case_file_by_state_place"),
        (lambda: held.holders("511921"), "case_file_open case_file_unserved"),
        (lambda: held.held_by("511921108"), "case_file_open case_file_unserved"),
        (lambda: held.holders("511921", _LETTERS), _BY_HOLDER),
        (lambda: held.held_by("511921108", letters=_LETTERS), _BY_HOLDER),
        (lambda: held.left_unanswered("511921", "2026-03-01", {"i"}), "case_file_watched"),
        (lambda: late.unreceipted("511921", "d", ("2025-03-01", "2026-03-01")), "case_file_alarm holder"),
        (lambda: records.open_cases("1", "item", DONE), "case_file_id_number"),
        (lambda: likely.namesakes("name", "1960-01-01", "1", "item"), "case_file_by_name"),
        (lambda: earlier.persons("1", "511921"), "case_file_id_number"),
        (lambda: earlier.papers("1", "511921"), "case_file_id_number"),
    ],
)
def test_each_question_is_read_by_what_leaves_the_fewest_cases(
    tables: SqliteDatabase, monkeypatch: pytest.MonkeyPatch, ask: Callable[[], object], index: str
) -> None:
    plans: list[str] = []
    execute = tables.execute_sql

    def explained(sql: str, params: Any = None) -> Any:
        plans.extend(row[3] for row in execute(f"EXPLAIN QUERY PLAN {sql}", params).fetchall())
        return execute(sql, params)

    assert database.obj is tables
    monkeypatch.setattr(tables, "execute_sql", explained)
    ask()
    ways = [plan for plan in plans if "case_file" in plan or plan.startswith("SEARCH f ")]
    # Chosen rows are then read one by one.
    ways = [way for way in ways if "PRIMARY KEY (rowid=?)" not in way]
    assert ways and all(any(one in way for one in index.split()) for way in ways), plans
