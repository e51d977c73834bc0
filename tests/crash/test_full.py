"""Disks that run full: no write of intake, steps, exchanges, witness or ballast is refused with lasting harm.

A sample of the writes of SQLite's commits here, all of them by `./deploy.sh soak --full`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from common.node import assembly, cli
from common.node.watches.disk import BALLAST, DiskState, DiskWatch
from common.store.database import close_database, run
from tests.crash.disk import Disk
from tests.crash.refusing import Refusing, by_pages, whole_way
from tests.desk.three import PROFILES, VILLAGE, copy_of


@pytest.fixture
def full(enrolled: Path, tmp_path: Path) -> Iterator[Refusing]:
    """Three nodes of this test alone; there is room until it says otherwise."""
    three = copy_of(enrolled, tmp_path / "nodes")
    with Disk(three.folder) as disk:
        yield Refusing(three, disk, each_of=5, then_every=23)
        close_database()


def test_nothing_is_half_taken_in_and_nothing_is_lost_whichever_write_is_refused(full: Refusing) -> None:
    numbers = whole_way(full)
    assert full.refusals > 60
    assert len(numbers) == len(set(numbers)) <= 3


def test_a_form_that_finds_no_room_is_refused_in_words_and_taken_in_later(full: Refusing) -> None:
    number = by_pages(full)
    assert full.refusals > 15
    assert run('SELECT "case" FROM case_file').fetchall() == [(number,)]
    assert run("SELECT COUNT(*) FROM case_paper").fetchone()[0] >= 2


def test_a_witness_that_is_half_written_is_no_witness(full: Refusing) -> None:
    """The disk takes the front of a slot and says so without an error: the word before still stands."""
    node = full.three.open(VILLAGE)
    witness, before = node.heart.witness, node.heart.witness.read()
    assert before is not None
    full.disk.room = 0
    with pytest.raises(OSError, match="disk full"):
        witness.cover(replace(before, stamp=before.stamp + 5))
    assert witness.read() == before
    full.disk.room = None
    witness.cover(replace(before, stamp=before.stamp + 5))
    assert witness.read() == replace(before, stamp=before.stamp + 5)


def test_ballast_that_finds_no_room_is_not_laid_down_and_stops_nothing(full: Refusing) -> None:
    """Neither its name nor its bytes find room; nothing of it stays, and later there is room."""
    config = full.three.open(VILLAGE).config
    watch, path = DiskWatch(config), config.data_dir / BALLAST
    for room in (0, 1):
        full.disk.room = room
        watch.keep_ballast()
        assert not path.exists()
    full.disk.room = None
    watch.keep_ballast()
    assert path.stat().st_size == config.disk_ballast_mb * 1_000_000


def test_a_verb_on_a_full_disk_says_so(full: Refusing, capsys: pytest.CaptureFixture[str]) -> None:
    """No process of the node is there to have the files open by which SQLite reads."""
    folder = str(full.three.folder / VILLAGE)
    assert cli.main(PROFILES[VILLAGE], ["status", "--data", folder]) == 0
    close_database()
    full.disk.room = 0
    capsys.readouterr()
    assert cli.main(PROFILES[VILLAGE], ["status", "--data", folder]) == 2
    told, what_to_do = capsys.readouterr().err.splitlines()
    assert told == "E401 磁盘已满，本次没有受理任何内容。" and "数据文件夹里的文件一个也不要删" in what_to_do


def test_a_node_that_starts_on_a_full_disk_gives_its_ballast_for_it(
    full: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stopped on a disk that then ran full: with no room at all SQLite could not even read."""
    path = full.three.folder / VILLAGE / BALLAST
    path.write_bytes(b"ballast")
    full.three.open(VILLAGE)
    assert path.exists(), "there is room"
    empty = SimpleNamespace(f_bavail=0, f_frsize=4096)
    monkeypatch.setattr(assembly, "DiskWatch", lambda config: DiskWatch(config, lambda folder: empty))
    assert full.three.open(VILLAGE).disk.state() is DiskState.CRITICAL
    assert not path.stat().st_size
