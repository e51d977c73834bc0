"""Sealed decisions go along with a backup: printed anew they would be second originals of the same acts."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from common.config import read_config
from common.node.backups import backup, restore
from common.notices.shelf import FOLDER, PdfShelf, copy_sealed
from county_node.profile import PROFILE as COUNTY
from tests.node.test_backup import county, opened

__all__ = ("county",)
ACT = "ab" * 16
NAME = f"{ACT}-{'cd' * 8}"


def test_sealed_papers_go_along_and_come_back_and_others_are_made_anew(county: Path, tmp_path: Path) -> None:
    node, kept = opened(county), tmp_path / "kept"
    shelf = PdfShelf(county / FOLDER)
    shelf.keep_sealed(NAME, b"%PDF the decision")
    shelf.keep_plain(NAME, b"%PDF no original")
    backup.back_up(node, kept)
    assert [path.name for path in (kept / FOLDER).iterdir()] == [f"{NAME}.sealed.pdf"]
    shutil.rmtree(county / FOLDER)
    restore.put_back(read_config(county, {}), COUNTY, kept)
    assert PdfShelf(county / FOLDER).sealed(ACT, NAME) == b"%PDF the decision"


def test_what_is_there_stays_and_strange_names_are_left_out(tmp_path: Path) -> None:
    source, target = tmp_path / "one", tmp_path / "other"
    PdfShelf(source).keep_sealed(NAME, b"%PDF another")
    (source / "mine.sealed.pdf").write_bytes(b"strange")
    (source / f"{ACT}-{'ef' * 8}.sealed.pdf").mkdir()
    PdfShelf(target).keep_sealed(NAME, b"%PDF here")
    assert copy_sealed(source, target) == 0 and PdfShelf(target).sealed(ACT, NAME) == b"%PDF here"
    assert copy_sealed(tmp_path / "nowhere", target) == 0
    assert len(list(target.iterdir())) == 1


def test_a_link_or_a_pipe_on_a_stick_brings_nothing_and_holds_nobody_up(tmp_path: Path) -> None:
    """By a link the keys of the node came onto the shelf, to be printed as a decision."""
    source, target = tmp_path / "stick", tmp_path / "notices"
    source.mkdir()
    (tmp_path / "keys.json").write_bytes(b"secret")
    (source / f"{ACT}-{'01' * 8}.sealed.pdf").symlink_to(tmp_path / "keys.json")
    assert copy_sealed(source, target) == 0
    os.mkfifo(source / f"{ACT}-{'02' * 8}.sealed.pdf")
    assert copy_sealed(source, target) == 0 and not target.exists()
