"""Rows that a disk has rotted: each is told of by its column, nothing goes by it, and no traceback is read.

A sample here; every column with every value by `./deploy.sh soak --rot 1`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from common.node import cli
from common.node.assembly import DATABASE_FILE
from common.store.database import close_database
from tests.crash.rot import Looked, Rot, lived_in, looked_at, put, rots, wrong
from tests.desk.three import COUNTY, PROFILES, TOWN, copy_of


@pytest.fixture(scope="module")
def lived(enrolled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three nodes with cases on their way."""
    folder = tmp_path_factory.mktemp("rot") / "lived"
    lived_in(copy_of(enrolled, folder))
    return folder


@pytest.fixture(scope="module")
def sane(lived: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looked]:
    """What is said and done where nothing has rotted."""
    found = looked_at(lived, tmp_path_factory.mktemp("sane") / "nodes", None)
    assert found is not None and set(found.said.values()) == {"0"}, found
    yield found
    close_database()


@pytest.mark.parametrize(
    "rot",
    [
        Rot("sync_stream", "papers", "nothing", 1),
        Rot("sync_frame", "header", "no text", 1),
        Rot("sync_frame", "header", "no bytes", 0),
        Rot("sync_held", "signatures", "nothing", 0),
        Rot("sync_aside", "header", "many bytes", 1),
        Rot("case_file", "state", "no text", 0),
    ],
)
def test_a_rotten_value_is_told_of_and_harms_nobody(
    lived: Path, sane: Looked, tmp_path: Path, rot: Rot
) -> None:
    found = looked_at(lived, tmp_path / "nodes", rot)
    assert found is not None and wrong(found, sane) == []
    assert f"{rot.table}.{rot.column}" in found.said["verify"]


@pytest.mark.parametrize(
    "rot",
    [
        Rot("sync_identity", "position", "lowest", 0),
        Rot("sync_identity", "fingerprint", "word", 0),
        Rot("sync_identity", "epoch", "nothing", 0),
        Rot("sync_stream", "upto", "other", 1),
        Rot("sync_stream", "src", "word", 0),
        Rot("sync_neighbour", "sent", "list", 0),
        Rot("sync_vector", "head", "no bytes", 0),
        Rot("sync_held", "stamp", "highest", 1),
    ],
)
def test_by_what_each_exchange_goes_no_node_starts_when_it_is_rotten(
    lived: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], rot: Rot
) -> None:
    """It went on, offered nothing any more or signed for places not here; `verify` was content."""
    three = copy_of(lived, tmp_path / "nodes")
    assert put(three.folder / TOWN, rot)
    for verb, code in (("status", 2), ("verify", 1)):
        close_database()
        assert cli.main(PROFILES[TOWN], [verb, "--data", str(three.folder / TOWN)]) == code
        assert f"{rot.table}.{rot.column}" in "".join(capsys.readouterr())


@pytest.mark.parametrize("sort", ["appointment", "epoch"])
@pytest.mark.parametrize("payload", [b"\0", b"[]", b'{"v":1}', b'{"key":{"id":"x"},"v":1}'])
def test_a_statement_that_is_none_is_told_of_as_what_it_is(
    lived: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], sort: str, payload: bytes
) -> None:
    """As if it had come from somewhere: it was "not taken in", by `verify` too, or a traceback was read."""
    folder = copy_of(lived, tmp_path / "nodes").folder / TOWN
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as opened, opened:
        opened.execute("UPDATE sync_held SET payload = ? WHERE sort = ?", (payload, sort))
    for verb in ("status", "verify"):
        close_database()
        assert cli.main(PROFILES[TOWN], [verb, "--data", str(folder)]) in (1, 2)
        assert "sync_held.payload" in "".join(capsys.readouterr())


def test_every_table_of_acts_and_cases_is_among_those_that_may_rot(lived: Path) -> None:
    of_sync = ("aside", "brief", "doc", "gap", "loose_gap", "named", "wanted")
    wanted = {"case_heap", "case_mark", "case_paper", "case_term", *(f"sync_{one}" for one in of_sync)}
    assert wanted <= {rot.table for rot in rots(lived)}


def test_what_was_put_back_from_a_copy_is_as_it_was(lived: Path, tmp_path: Path) -> None:
    """The way back that E499 names."""
    three, kept = copy_of(lived, tmp_path / "nodes"), tmp_path / "kept"
    data = ["--data", str(three.folder / TOWN)]
    assert cli.main(PROFILES[TOWN], ["backup", str(kept), *data]) == 0
    close_database()
    assert put(three.folder / TOWN, Rot("sync_identity", "stamp", "nothing", 0))
    assert cli.main(PROFILES[TOWN], ["verify", *data]) == 1
    close_database()
    assert cli.main(PROFILES[TOWN], ["restore", str(kept), *data, "--yes"]) == 0
    close_database()
    assert cli.main(PROFILES[TOWN], ["verify", *data]) == 0
    three.carry(TOWN, COUNTY)
    close_database()
