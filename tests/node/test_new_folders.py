"""What is kept in a new folder is kept only when the folder's own name is on the disk, too."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.config import read_config
from common.node import backup
from common.node.assembly import build_node
from common.node.sheet import keep_printed
from common.seal.keys import SealKeys
from common.store.database import close_database
from county_node.profile import PROFILE as COUNTY

NOW = 1_772_500_000_000


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[Path]]:
    """Collect which files and folders were made durable."""
    found: set[Path] = set()
    fsync = os.fsync

    def noted(file: int) -> None:
        fsync(file)
        found.add(Path(os.readlink(f"/proc/self/fd/{file}")))

    monkeypatch.setattr(os, "fsync", noted)
    yield found
    close_database()


def test_sheets_backups_and_seals_do_not_go_with_the_name_of_their_folder(
    founded_alone: Path, tmp_path: Path, synced: set[Path]
) -> None:
    """A sheet is printed, a backup called whole and a certificate asked for as soon as these return."""
    county = tmp_path / "county"
    shutil.copytree(founded_alone, county)
    node = build_node(read_config(county, {}), COUNTY)
    synced.clear()
    keep_printed(node, NOW)
    assert {county / "audit", county} <= synced
    synced.clear()
    backup.back_up(node, tmp_path / "stick" / "kept")
    assert {tmp_path / "stick", tmp_path / "stick" / "kept"} <= synced
    synced.clear()
    keys = SealKeys(county / "seals")
    keys.request("通江县民政局", node.me)
    assert {county, keys.folder} <= synced
