"""A disk that refuses at every write in turn: what could not be kept was not taken, and nothing is lost.

SQLite is told that its file may not grow (`max_page_count`), the very error of a full disk, with ever more
room; the files of papers refuse at each write in turn.
"""

from __future__ import annotations

import errno
import random
from pathlib import Path

import peewee
import pytest

from sync.adapters import blob_files
from sync.adapters.blob_files import BlobFiles
from sync.protocol.checker import check
from tests.sync.file_spool import files_in
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network

CASES = 12
PAPER = random.Random(5).randbytes(20_000)


@pytest.fixture
def sites(tmp_path) -> dict[str, Site]:
    return make_network(spool=files_in(tmp_path))


def filled(village: Site) -> list[str]:
    photo = village.paper(PAPER)
    noise = [random.Random(number).randbytes(400).hex().encode() for number in range(CASES)]
    return [village.submit(b'{"x":"%s"}' % one, (COUNTY,), (photo,)) for one in noise]


def test_a_database_that_cannot_grow_takes_an_exchange_whole_or_in_parts_and_never_wrongly(sites):
    """With room for one page more each time: every page that an exchange writes is refused once."""
    village, town = sites[VILLAGE], sites[TOWN]
    acts = filled(village)
    database = town.spool._database
    (pages,) = database.execute_sql("PRAGMA page_count").fetchone()
    refused = 0
    for room in range(40):
        database.execute_sql(f"PRAGMA max_page_count = {pages + room}")
        try:
            town.engine().receive([village.out(TOWN)])
            village.engine().receive([town.out(VILLAGE)])
        except (peewee.OperationalError, peewee.DatabaseError):
            refused += 1
            # What the application was told in a unit that failed, it was never told.
            with database.atomic():
                kept = {row[0] for row in database.execute_sql("SELECT id FROM sync_act")}
            town.application.acts = [one for one in town.application.acts if one.id in kept]
            town.restart()
        with town.unit():
            assert check(town.core).problems == []
    assert refused > 3
    database.execute_sql("PRAGMA max_page_count = 1000000")
    for _ in range(4):
        town.engine().receive([village.out(TOWN)])
        village.engine().receive([town.out(VILLAGE)])
    assert town.application.ids == acts, "all, in order, each once"
    assert all(village.peer.tick(act).stage == 1 for act in acts)


def test_papers_are_refused_at_each_write_and_go_on_where_they_stopped(sites, tmp_path, monkeypatch):
    village, town = sites[VILLAGE], sites[TOWN]
    town.blobs = BlobFiles(tmp_path / "papers")
    town.restart()
    (first, *_) = filled(village)
    (name,) = {blob.hash for blob in village.spool.frame_of_act(first).header.blobs}
    calls = {"write": 0, "fail_at": 1}
    whole = blob_files.write_at

    def refuses(file: int, offset: int, data: bytes) -> None:
        calls["write"] += 1
        if calls["write"] == calls["fail_at"]:
            whole(file, offset, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(file, offset, data)

    monkeypatch.setattr(blob_files, "write_at", refuses)
    failed = 0
    for turn in range(1, 40):
        calls["write"], calls["fail_at"] = 0, 1 + turn % 2 if turn < 8 else 0
        try:
            town.engine().receive([village.out(TOWN)])
            village.engine().receive([town.out(VILLAGE)])
        except OSError:
            failed += 1
            town.restart()
        if town.blobs.has(name):
            break
    assert failed > 1 and town.blobs.read(name, 0, 99_999) == PAPER
    assert list(Path(tmp_path / "papers" / "part").glob("*.part")) == []
    with town.unit():
        assert check(town.core).problems == []
