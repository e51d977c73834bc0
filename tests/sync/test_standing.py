"""How it stands with all neighbours: told from their newest word, in as many queries for two as for fifty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from peewee import SqliteDatabase

from sync.adapters.spool import SqlSpool
from sync.adapters.spool_schema import create
from sync.adapters.standing import Overlook, Standing
from sync.protocol.address import Tree
from sync.protocol.frame import StreamId
from sync.protocol.spool import Neighbour, Part
from sync.protocol.streams import Stream
from tests.sync.made import COUNTY, EPOCH, ROOT, blob_ref
from tests.sync.spool_store import open_file, sql_unit

TOWNS = [f"511921{number:03d}" for number in range(100, 150)]
TREE = Tree({COUNTY: "", **dict.fromkeys(TOWNS, COUNTY), "511921100201": TOWNS[0]})
PAPER = blob_ref(b"a paper")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    opened = open_file(tmp_path / "node.db")
    with opened.atomic():
        create(opened)
    yield opened
    opened.close()


@pytest.fixture
def spool(database: SqliteDatabase) -> SqlSpool:
    """The county's: a stream down to each township, five acts long; the townships have been heard of."""
    kept = SqlSpool(database)
    with sql_unit(kept, database):
        for n, town in enumerate(TOWNS):
            kept.put_stream(Stream(down_to(town), 0, ROOT, 5, ROOT))
            kept.put_neighbour(Neighbour(town, contact_at=1000 + n))
            kept.put_vector(town, {down_to(town): Part(0, 5, ROOT)}, [])
    return kept


def down_to(address: str) -> StreamId:
    return StreamId(COUNTY, EPOCH, address)


def test_who_has_everything_waits_for_nothing(spool: SqlSpool, database: SqliteDatabase) -> None:
    found = Overlook(database).standing(TREE, TOWNS)
    assert list(found) == TOWNS
    assert found[TOWNS[7]] == Standing(1007, 0, 0)


def test_frames_papers_and_a_vector_asked_for_each_wait(spool: SqlSpool, database: SqliteDatabase) -> None:
    behind, asking, owed, vainly = TOWNS[:4]
    with sql_unit(spool, database):
        spool.put_vector(behind, {down_to(behind): Part(0, 4, ROOT)}, [])
        spool.put_blob(PAPER)
        spool.put_neighbour(Neighbour(asking, wanted_blobs=((PAPER.hash, 0), ("ab" * 32, 7))))
        spool.put_neighbour(Neighbour(owed, ask_full=1))
        # What is not here either cannot wait here.
        spool.put_neighbour(Neighbour(vainly, wanted_blobs=(("ab" * 32, 0),)))
    found = Overlook(database).standing(TREE, TOWNS)
    assert [found[town].waits for town in TOWNS[:5]] == [1, 1, 1, 0, 0]
    assert [found[town].papers_wanted for town in (asking, vainly)] == [2, 1]


def test_a_stream_that_passes_a_node_waits_for_it_too(spool: SqlSpool, database: SqliteDatabase) -> None:
    """A village's stream goes through its township, and through no other."""
    with sql_unit(spool, database):
        spool.put_stream(Stream(down_to("511921100201"), 0, ROOT, 1, ROOT))
    found = Overlook(database).standing(TREE, [*TOWNS[:2], "511921100201"])
    assert [each.waits for each in found.values()] == [1, 0, 1]


def test_a_node_never_met_is_all_zeros_but_for_what_waits(spool: SqlSpool, database: SqliteDatabase) -> None:
    assert Overlook(database).standing(TREE, ["511921999"]) == {"511921999": Standing()}
    assert Overlook(database).standing(TREE, []) == {}


@pytest.mark.parametrize("how_many", [2, 50])
def test_the_number_of_queries_does_not_grow(
    spool: SqlSpool, database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch, how_many: int
) -> None:
    asked: list[str] = []
    real = database.execute_sql

    def counted(sql: str, *given: Any) -> Any:
        asked.append(sql)
        return real(sql, *given)

    with sql_unit(spool, database):
        for town in TOWNS:
            spool.put_neighbour(Neighbour(town, wanted_blobs=((PAPER.hash, 0),)))
    monkeypatch.setattr(database, "execute_sql", counted)
    Overlook(database).standing(TREE, TOWNS[:how_many])
    assert len(asked) == 4
