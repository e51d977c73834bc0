"""That a node has no backup, or an old one, is told to those who can have one made, with the day."""

from __future__ import annotations

import errno
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import peewee
import pytest

from common.config import read_config
from common.node import cli
from common.node.assembly import build_node
from common.node.backups import backup, backup_list, last_backup, restore
from common.node.backups.backup_refusals import BackupHoldsMore, NoBackup
from common.node.checks import doctor
from common.node.checks.findings import GOOD, WARN
from common.node.keyring.keys import KeyFile
from common.node.node import Node
from common.store import audit
from common.store.database import close_database
from sync.protocol.signing import RealSuite
from tests.desk.three import COUNTY, DAY_MS, TOWN, VILLAGE, ThreeNodes, profile_of

NEVER, LAST = "还没有做成过备份", "最近一次备份是 2027-01-15，已经 "


def opened(folder: Path) -> Node:
    return build_node(read_config(folder, {}), profile_of(VILLAGE))


@pytest.fixture
def now(three: ThreeNodes) -> ThreeNodes:
    """Three nodes whose clocks show a day on which this program may run."""
    three.clock.set_wall(1_800_000_000_000)
    return three


def said(three: ThreeNodes) -> tuple[str, str]:
    (found,) = [one for one in doctor.examine(three.node) if one.subject == "备份"]
    return found.light, found.sentence


@pytest.mark.parametrize(("address", "most"), [(COUNTY, 2), (TOWN, 8), (VILLAGE, 8)])
def test_an_administrator_is_told_of_no_backup_and_of_an_old_one(
    now: ThreeNodes, tmp_path: Path, address: str, most: int
) -> None:
    """Nobody was: a disk broke, and the last copy was of the day somebody set cron up wrongly."""
    three = now
    pages = [three.client(address, "admin"), three.again("clerk" if address != VILLAGE else "agent")]
    homes = [page.get("/", follow_redirects=True).text for page in pages]
    assert [NEVER in home for home in homes] == [True, False] and NEVER in pages[0].get("/line").text
    assert said(three)[0] == WARN and NEVER in said(three)[1]
    backup.back_up(three.node, tmp_path / "kept")
    three.clock.advance(most * DAY_MS)
    client = three.client(address, "admin")
    home = client.get("/", follow_redirects=True).text
    assert "备份" not in home and said(three) == (GOOD, "最近一次 2027-01-15。")
    three.clock.advance(DAY_MS)
    client = three.client(address, "admin")
    assert f"{LAST}{most + 1} 天" in client.get("/", follow_redirects=True).text
    assert said(three)[0] == WARN and f"2027-01-15，已经 {most + 1} 天" in said(three)[1]


def test_one_that_failed_is_none_and_a_clock_without_a_battery_makes_none_old(
    now: ThreeNodes, tmp_path: Path
) -> None:
    three = now
    node = three.open(VILLAGE)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OSError, match="file"):
        backup.back_up(node, tmp_path / "file")
    assert NEVER in said(three)[1]
    backup.back_up(node, tmp_path / "kept")
    three.clock.set_wall(0)
    assert "备份" not in {one.subject for one in doctor.examine(three.node)}


def test_one_of_a_day_to_come_keeps_nobody_from_being_told(now: ThreeNodes, tmp_path: Path) -> None:
    """A clock showed 2099 for an hour: by that backup none would have been old before 2099."""
    three, right = now, now.now()
    node = three.open(VILLAGE)
    for wrong_ms in (0, 70 * 365 * DAY_MS):
        three.clock.set_wall(right + wrong_ms)
        backup.back_up(node, tmp_path / "kept")
    three.clock.set_wall(right + 9 * DAY_MS)
    assert said(three)[0] == WARN and "最近一次是 2027-01-15，已经 9 天" in said(three)[1]


def test_a_node_that_was_put_back_knows_the_day_of_its_backup(now: ThreeNodes, tmp_path: Path) -> None:
    """Its own trail ends where the copy was made: that it was made is not in it."""
    three = now
    backup.back_up(three.open(VILLAGE), tmp_path / "kept")
    three.clock.advance(30 * DAY_MS)
    close_database()
    restore.put_back(read_config(three.folder / VILLAGE, {}), profile_of(VILLAGE), tmp_path / "kept")
    three.open(VILLAGE)
    assert said(three)[0] == WARN and "最近一次是 2027-01-15，已经 30 天" in said(three)[1]


def test_a_computer_without_the_key_of_its_site_does_not_give_its_number_for_its_own(
    three: ThreeNodes, tmp_path: Path
) -> None:
    """The county compares numbers on the telephone, and would have turned the right key away."""
    node = three.open(VILLAGE)
    former = node.peer.core.own_key().id
    backup.back_up(node, tmp_path / "kept")
    close_database()
    shutil.copytree(tmp_path / "kept", tmp_path / "new", ignore=shutil.ignore_patterns("node-*", "*.json"))
    restore.put_back(read_config(tmp_path / "new", {}), profile_of(VILLAGE), tmp_path / "kept")
    new = next(iter(KeyFile(tmp_path / "new" / "keys.json", RealSuite())))
    (told,) = [one.sentence for one in doctor.examine(opened(tmp_path / "new")) if one.subject == "钥匙文件"]
    assert f"本站用过的钥匙（编号 {former}）不在这台电脑上；这台电脑上的是 {new}。" in told
    assert "本站钥匙编号" not in told and "以前用的" not in told


def test_of_a_node_for_practice_nobody_needs_one(three: ThreeNodes) -> None:
    node = three.open(VILLAGE)
    node.config = replace(node.config, practice=1)
    assert "备份" not in {one.subject for one in doctor.examine(node)}


@pytest.mark.parametrize("where", ["open_copy", "papers", "trail"])
def test_a_disk_without_room_for_the_copy_is_told_apart(
    three: ThreeNodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, where: str
) -> None:
    """The stick was full, and the operator read that nothing was taken in: he cleared the wrong disk."""

    def full(*_: Any) -> None:
        if where == "papers":
            raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path))
        raise peewee.OperationalError("database or disk is full")

    three.open(VILLAGE)
    step = {"open_copy": "copy_open_database", "papers": "copy_papers", "trail": "audit.record"}[where]
    monkeypatch.setattr(f"common.node.backups.backup.{step}", full)
    words = ["backup", str(tmp_path / "kept"), "--data", str(three.folder / VILLAGE)]
    assert cli.main(profile_of(VILLAGE), words) == 2
    told = capsys.readouterr().err
    assert told.startswith("E498 磁盘已满，备份没有做成") and "没有受理" not in told and " MB" in told


def test_one_that_may_hold_more_keeps_the_next_from_being_made_and_that_is_told_at_once(
    now: ThreeNodes, tmp_path: Path
) -> None:
    """Night after night it was refused, and nobody heard before the last one was eight days old."""
    three, kept, older = now, tmp_path / "kept", tmp_path / "older"
    for folder in (older, kept):
        backup.back_up(three.open(VILLAGE), folder)
        three.clock.advance(DAY_MS)
    close_database()
    restore.put_back(read_config(three.folder / VILLAGE, {}), profile_of(VILLAGE), older)
    page = three.client(VILLAGE, "admin")
    assert "没有做成" not in page.get("/", follow_redirects=True).text
    for _night in range(2):
        with pytest.raises(BackupHoldsMore):
            backup.back_up(three.node, kept)
        three.clock.advance(1)
    assert len([row for row in audit.rows(VILLAGE) if row.action == last_backup.REFUSED]) == 1
    page = three.client(VILLAGE, "admin")
    assert "2027-01-16 的备份里可能有本站没有的内容" in page.get("/", follow_redirects=True).text
    assert said(three)[0] == WARN and "2027-01-16 的备份" in said(three)[1]
    backup.back_up(three.node, older)
    page = three.client(VILLAGE, "admin")
    assert "没有做成" not in page.get("/", follow_redirects=True).text and said(three)[0] == GOOD


@pytest.mark.parametrize("made_at", [2**64, -1])
def test_a_day_that_no_clock_ever_shows_makes_no_backup(
    now: ThreeNodes, tmp_path: Path, made_at: int
) -> None:
    """A list on a stick is anybody's: a number that no database takes ended the verb with a traceback."""
    node, folder = now.open(VILLAGE), tmp_path / "kept"
    backup.back_up(node, folder)
    place = folder / backup_list.LIST_FILE
    place.write_text(json.dumps(json.loads(place.read_text()) | {"made_at": made_at}))
    with pytest.raises(NoBackup):
        backup_list.read_list(folder)
    assert backup.back_up(node, folder).made_at == now.now()


def test_the_backup_of_an_older_program_is_in_nobodys_way(
    now: ThreeNodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It called that row otherwise: from the upgrade on each night was refused, at every node."""
    node = now.open(VILLAGE)
    with monkeypatch.context() as older:
        older.setattr(last_backup, "BEGUN", "node.backup")
        older.setattr(last_backup, "MADE", "node.looked")
        backup.back_up(node, tmp_path / "kept")
    now.clock.advance(DAY_MS)
    assert backup.back_up(node, tmp_path / "kept").made_at == now.now()
