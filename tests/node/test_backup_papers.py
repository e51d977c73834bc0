"""Papers that rot: at the node, in the backup, or in both; none keeps the rest from being saved."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.config import read_config
from common.node.assembly import build_node
from common.node.backups import backup, backup_list, paper_copies
from common.node.cli import main
from common.node.node import Node
from common.store.database import close_database
from county_node.profile import PROFILE as COUNTY
from sync.protocol.canonical import dumps

PAPER = b"paper one"
ROTTEN = (b"paper 0ne", b"")


@pytest.fixture
def county(founded_alone: Path, tmp_path: Path) -> Iterator[Path]:
    """A county with one act and its paper."""
    folder = tmp_path / "county"
    shutil.copytree(founded_alone, folder)
    node = opened(folder)
    paper = node.blobs.put(iter([PAPER]), "image/jpeg")
    node.blobs.claim([paper.hash])
    with node.unit():
        node.heart.submit("note.test", dumps({"n": 1, "to": [node.me]}), (node.me,), [paper])
    yield folder
    close_database()


def opened(folder: Path) -> Node:
    return build_node(read_config(folder, {}), COUNTY)


def run(folder: Path, *words: str) -> int:
    return main(COUNTY, [*words, "--data", str(folder)])


def papers_in(folder: Path) -> list[Path]:
    return list((folder / "papers").glob("??/??/*"))


@pytest.mark.parametrize("rotten", ROTTEN)
def test_a_paper_that_rotted_here_comes_back_from_the_backup(
    county: Path, tmp_path: Path, rotten: bytes
) -> None:
    """The backup may have the only good one: what stands here under its name is none."""
    backup.back_up(opened(county), tmp_path / "kept")
    (paper,) = papers_in(county)
    paper.write_bytes(rotten)
    assert run(county, "restore", str(tmp_path / "kept"), "--yes") == 0
    assert paper.read_bytes() == PAPER
    assert run(county, "verify") == 0


@pytest.mark.parametrize("rotten", ROTTEN)
def test_a_paper_that_rotted_in_the_backup_is_copied_once_more(
    county: Path, tmp_path: Path, rotten: bytes
) -> None:
    """Or no backup into that folder would ever pass again."""
    kept = tmp_path / "kept"
    backup.back_up(opened(county), kept)
    (paper,) = papers_in(kept)
    paper.write_bytes(rotten)
    listed = backup.back_up(opened(county), kept)
    assert (listed.papers, listed.papers_missing) == (1, 0)
    assert paper.read_bytes() == PAPER


@pytest.mark.parametrize("rotten", ROTTEN)
def test_one_paper_that_rotted_at_the_node_keeps_nothing_else_from_being_saved(
    county: Path, tmp_path: Path, rotten: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """A disk that begins to fail is when a backup is needed most. The paper is asked for at once."""
    kept = tmp_path / "kept"
    (paper,) = papers_in(county)
    paper.write_bytes(rotten)
    capsys.readouterr()
    assert run(county, "backup", str(kept), "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert (listed["frames"], listed["papers"], listed["papers_missing"]) == (1, 0, 1)
    assert papers_in(kept) == []
    assert [blob for _, blob in opened(county).spool.loose_gaps(9)] == [paper.name]
    assert run(tmp_path / "new", "restore", str(kept), "--yes") == 0
    assert "1 份材料缺失或已损坏" in capsys.readouterr().out


@pytest.mark.parametrize(("number", "is_lost"), [(errno.EIO, 1), (errno.EUCLEAN, 1), (errno.EMFILE, 0)])
def test_a_part_that_the_disk_cannot_read_is_a_paper_lost_and_no_other_fault_is(
    county: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_lost: int
) -> None:
    def failing(*_: object) -> bytes:
        raise OSError(number, "unreadable")

    blobs = opened(county).blobs
    (paper,) = papers_in(county)
    assert paper_copies.is_whole(blobs, paper.name)
    monkeypatch.setattr(type(blobs), "read", failing)
    if is_lost:
        assert not paper_copies.is_whole(blobs, paper.name)
    else:
        with pytest.raises(OSError, match="unreadable"):
            paper_copies.is_whole(blobs, paper.name)


def test_one_that_the_backup_has_whole_stays_in_it_though_the_node_lost_its_own(
    county: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    backup.back_up(opened(county), kept)
    (paper,) = papers_in(county)
    paper.write_bytes(b"")
    listed = backup.back_up(opened(county), kept)
    assert (listed.papers, listed.papers_missing) == (1, 0)
    assert papers_in(kept)[0].read_bytes() == PAPER


@pytest.mark.parametrize("rotten", ROTTEN)
def test_an_empty_paper_in_a_backup_is_left_out_like_any_damaged_one(
    county: Path, tmp_path: Path, rotten: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, new = tmp_path / "kept", tmp_path / "new"
    backup.back_up(opened(county), kept)
    papers_in(kept)[0].write_bytes(rotten)
    assert run(new, "restore", str(kept), "--yes") == 0
    assert "1 份材料缺失或已损坏" in capsys.readouterr().out
    assert papers_in(new) == [], "nor does it lie there under another name"


def test_a_stick_that_keeps_no_paper_whole_holds_no_backup(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worn(source: object, target: object, names: object) -> int:
        copied = copy(source, target, names)  # type: ignore[arg-type]
        for paper in papers_in(tmp_path / "kept"):
            paper.write_bytes(b"worn")
        return copied

    copy = paper_copies.copy_papers
    monkeypatch.setattr(backup, "copy_papers", worn)
    with pytest.raises(backup.BackupFailed):
        backup.back_up(opened(county), tmp_path / "kept")
    assert not (tmp_path / "kept" / backup_list.LIST_FILE).exists()


def test_a_paper_that_is_asked_for_is_missing_from_the_next_backup_too(county: Path, tmp_path: Path) -> None:
    """The first backup has asked for it; it is in none before it has come."""
    (paper,) = papers_in(county)
    paper.write_bytes(b"")
    for _ in range(2):
        listed = backup.back_up(opened(county), tmp_path / "kept")
        assert (listed.papers, listed.papers_missing) == (0, 1)


def test_a_folder_that_is_there_needs_no_look_into_the_one_above(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one above may be another's, whose names we cannot read: /srv, a mount point, a share."""
    above = tmp_path / "closed"
    kept = above / "kept"
    kept.mkdir(parents=True)
    opening = os.open

    def closed(path: Path | str, *given: int, **named: int) -> int:
        if Path(path) == above:
            raise PermissionError(13, "Permission denied", str(path))
        return opening(path, *given, **named)

    monkeypatch.setattr(os, "open", closed)
    assert backup.back_up(opened(county), kept).papers == 1


@pytest.mark.parametrize("name", ["U#1", "U?1", "U%31"])
def test_a_stick_may_have_any_name(county: Path, tmp_path: Path, name: str) -> None:
    kept = tmp_path / name
    backup.back_up(opened(county), kept)
    assert run(county, "restore", str(kept), "--yes") == 0
