"""What is kept in a new folder is kept only when the folder's own name is on the disk, too."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.config import read_config
from common.node import cli
from common.node.assembly import build_node
from common.node.backups import backup
from common.node.sheet import keep_printed
from common.node.verbs import commands
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


def test_a_folder_of_that_name_that_nobody_may_look_into_is_in_nobodys_way(
    founded_alone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Practice that root had left beside the program ended every verb, whatever --data said."""
    (tmp_path / "data").mkdir()
    shutil.copytree(founded_alone, tmp_path / "county")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "_INSTALLED", tmp_path / "county")
    look = Path.is_file

    def refused(path: Path) -> bool:
        if path == Path("data/node.toml"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return look(path)

    monkeypatch.setattr(Path, "is_file", refused)
    assert cli.main(COUNTY, ["status"]) == cli.main(COUNTY, ["status", "--data", "county"]) == 0
    assert "511921" in capsys.readouterr().out
    monkeypatch.setattr(cli, "_INSTALLED", tmp_path / "nowhere")
    assert cli.main(COUNTY, ["status"]) == 2
    close_database()


def test_an_init_that_was_broken_off_names_the_root_key_that_is_in_the_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said that a file exists, and to take another name: of which file, and where, nobody was told."""

    def power_cut(*_: object) -> None:
        raise RuntimeError("power cut")

    words = ["init", "--address", "511921", "--data", str(tmp_path / "county"), "--root-out"]
    with monkeypatch.context() as cut, pytest.raises(RuntimeError, match="power cut"):
        cut.setattr(commands.registrar, "make_root", power_cut)
        cli.main(COUNTY, [*words, str(tmp_path / "keys")])
    assert cli.main(COUNTY, [*words, str(tmp_path / "keys")]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"E458 根钥匙文件 {tmp_path / 'keys' / 'root-1.key'} 已经存在")
    assert "不要删除" in told and "--root-out" in told
    assert cli.main(COUNTY, [*words, str(tmp_path / "others")]) == 0
    close_database()
