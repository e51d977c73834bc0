"""A node is copied while it works and put back; it knows that it was, and nothing it had sent is lost."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from common.clock import SystemClock
from common.config import read_config
from common.node.assembly import build_node
from common.node.backups import backup, backup_list, restore
from common.node.cli import main
from common.node.node import Node
from common.node.sheet import keep_daily, keep_printed
from common.node.watches.disk import DiskState
from common.node.watches.room import PAPERS_LOCK, RoomKeeper
from common.store.database import close_database
from county_node.profile import PROFILE as COUNTY
from sync.protocol.canonical import dumps
from sync.protocol.frame import BlobRef

REFUSED = 2


@pytest.fixture
def county(founded_alone: Path, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "county"
    shutil.copytree(founded_alone, folder)
    yield folder
    close_database()


def opened(folder: Path) -> Node:
    return build_node(read_config(folder, {}), COUNTY)


def filed(node: Node, n: int, paper: bytes = b"") -> str:
    refs: list[BlobRef] = []
    if paper:
        refs.append(node.blobs.put(iter([paper]), "image/jpeg"))
        node.blobs.claim([refs[0].hash])
    with node.unit():
        return node.heart.submit("note.test", dumps({"n": n, "to": [node.me]}), (node.me,), refs)


def run(folder: Path, *words: str) -> int:
    return main(COUNTY, [*words, "--data", str(folder)])


def test_a_backup_is_put_back_in_a_new_epoch_and_what_was_there_is_kept(county, tmp_path, capsys):
    node, kept = opened(county), tmp_path / "kept"
    act = filed(node, 1, b"paper one")
    assert run(county, "backup", str(kept), "--json") == 0
    listed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert listed["papers"] == 1 and listed["papers_missing"] == 0
    # No key, no witness, and nothing half-made is in it.
    names = {path.name for path in kept.iterdir()}
    assert names == {"backup.json", "node.toml", "papers", listed["database"]}
    assert run(county, "backup", str(kept)) == 0
    assert "同一块磁盘" in capsys.readouterr().out
    node = opened(county)
    later = filed(node, 2)
    before = node.spool.identity()
    assert before is not None
    for paper in [p for p in (county / "papers").glob("??/??/*")]:
        paper.unlink()
    assert run(county, "restore", str(kept)) == REFUSED
    assert "取回" in capsys.readouterr().out
    assert opened(county).spool.act(later)
    assert run(county, "restore", str(kept), "--yes", "--json") == 0
    done = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert done["papers"] == 1 and done["has_key"] == 1
    node = opened(county)
    now = node.spool.identity()
    assert now is not None
    assert int(now.epoch.split("-")[0]) == int(before.epoch.split("-")[0]) + 1
    assert now.incarnation > before.incarnation and now.instance == before.instance
    assert node.spool.act(act) and not node.spool.act(later)
    assert filed(node, 3)
    assert (county / done["aside"] / "node.sqlite3").exists()
    assert run(county, "verify") == 0
    # A second start is no second rollback.
    again = opened(county).spool.identity()
    assert again is not None and again.epoch == now.epoch


def test_a_second_backup_into_one_folder_copies_only_what_is_new(county, tmp_path):
    node, kept = opened(county), tmp_path / "kept"
    filed(node, 1, b"paper one")
    first = backup.back_up(node, kept)
    stamp = next((kept / "papers").glob("??/??/*")).stat().st_mtime_ns
    filed(node, 2, b"paper two")
    second = backup.back_up(node, kept)
    assert (first.papers, second.papers) == (1, 2)
    assert [p.name for p in kept.glob("node-*")] == [second.database]
    assert stamp in {p.stat().st_mtime_ns for p in (kept / "papers").glob("??/??/*")}


def test_a_damaged_backup_is_refused_and_nothing_is_changed(county, tmp_path, capsys):
    node, kept = opened(county), tmp_path / "kept"
    listed = backup.back_up(node, kept)
    act = filed(node, 1)
    path, names = kept / listed.database, kept / backup_list.LIST_FILE
    good, said = path.read_bytes(), names.read_text()
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 1
    for data, told, why in (
        (good[:-4096], said, f"数据库 {path.name} 缺失，或者与清单不符"),
        (bytes(flipped), said, f"数据库 {path.name} 缺失，或者与清单不符"),
        (good, json.dumps({**json.loads(said), "version": 99}), "它是别的版本的程序做的"),
        (good, "[]", "清单 backup.json 读不懂"),
        (good, "", "清单 backup.json 读不懂"),
    ):
        path.write_bytes(data)
        names.write_text(told)
        assert run(county, "restore", str(kept), "--yes") == REFUSED
        assert f"E432 文件夹 {kept} 里没有完整的备份：{why}。" in capsys.readouterr().err
    assert run(county, "restore", str(kept.parent), "--yes") == REFUSED
    assert f"文件夹 {kept.parent} 里没有完整的备份：没有清单 backup.json。" in capsys.readouterr().err
    assert opened(county).spool.act(act)


def test_a_copy_that_does_not_hold_together_is_never_a_backup(county, tmp_path):
    node, kept = opened(county), tmp_path / "kept"
    filed(node, 1)
    good = backup.back_up(node, kept)
    with sqlite3.connect(county / "node.sqlite3") as file:
        file.execute("UPDATE sync_frame SET body = zeroblob(length(body)) WHERE stream > 0")
    with pytest.raises(backup.BackupFailed, match=r"：报文已损坏（S1.*以前的备份没有动"):
        backup.back_up(node, kept)
    assert backup_list.read_list(kept) == good


def test_a_backup_that_breaks_off_leaves_no_copy_and_papers_stay_meanwhile(county, tmp_path, monkeypatch):
    node, kept = opened(county), tmp_path / "kept"
    filed(node, 1, b"paper one")
    good = backup.back_up(node, kept)
    seen = []

    def full(*_) -> int:
        with pytest.raises(backup.BackupRuns):
            backup.back_up(node, tmp_path / "elsewhere")
        with (county / PAPERS_LOCK).open("w") as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        keeper = RoomKeeper(node)
        monkeypatch.setattr(keeper, "_evict", lambda *given: seen.append(given))
        monkeypatch.setattr(node.disk, "state", lambda: DiskState.CRITICAL)
        assert keeper.keep() is DiskState.CRITICAL and seen == []
        raise OSError(28, "full")

    with monkeypatch.context() as broken:
        broken.setattr(backup, "copy_papers", full)
        with pytest.raises(OSError, match="full"):
            backup.back_up(node, kept)
    assert [path.name for path in kept.glob("node-*")] == [good.database]
    assert backup_list.read_list(kept) == good
    keeper = RoomKeeper(node)
    monkeypatch.setattr(keeper, "_evict", lambda *given: seen.append(given))
    keeper.keep()
    assert len(seen) == 1, "with the backup over, papers may leave again"


def test_the_node_stays_locked_until_it_is_anew_and_its_log_never_outlives_it(county, tmp_path, monkeypatch):
    node, kept = opened(county), tmp_path / "kept"
    backup.back_up(node, kept)
    later, wake, moved = filed(node, 1), restore._wake, []
    assert (county / "node.sqlite3-wal").stat().st_size > 0
    # The power failed: no connection closed, and the log still holds what was last.
    shutil.copyfile(county / "node.sqlite3", tmp_path / "db")
    shutil.copyfile(county / "node.sqlite3-wal", tmp_path / "wal")
    close_database()
    shutil.copyfile(tmp_path / "db", county / "node.sqlite3")
    shutil.copyfile(tmp_path / "wal", county / "node.sqlite3-wal")

    def watched(*given) -> restore.Restored:
        with pytest.raises(restore.NodeRuns), restore.switched_off(node.config):
            pass
        return wake(*given)

    def noted(source, target) -> None:
        moved.append(Path(source).name)
        replace(source, target)

    replace = os.replace
    monkeypatch.setattr(restore, "_wake", watched)
    monkeypatch.setattr(restore.os, "replace", noted)
    done = restore.put_back(node.config, COUNTY, kept)
    names = [name for name in moved if name.startswith("node.sqlite3")]
    assert names[-1] == "node.sqlite3", "the log goes first"
    shutil.copyfile(county / done.aside / "node.sqlite3", tmp_path / "alone.sqlite3")
    with sqlite3.connect(tmp_path / "alone.sqlite3") as file:
        assert file.execute("SELECT 1 FROM sync_act WHERE id = ?", (later,)).fetchall() == [(1,)]


def test_a_running_node_and_another_nodes_backup_are_refused(county, tmp_path, capsys):
    node, kept = opened(county), tmp_path / "kept"
    backup.back_up(node, kept)
    with restore.switched_off(node.config):
        for words in ((), ("--yes",)):
            assert run(county, "restore", str(kept), *words) == REFUSED
            said = capsys.readouterr()
            assert said.err.startswith("E433") and not said.out, "no plan of what cannot be done"
    assert run(county, "restore", str(kept)) == REFUSED
    assert f"的备份，数据放在 {county}：" in capsys.readouterr().out
    other = tmp_path / "other"
    assert main(COUNTY, ["init", "--address", "511922", "--data", str(other)]) == 0
    assert run(other, "restore", str(kept), "--yes") == REFUSED
    assert "E434" in capsys.readouterr().err


def test_a_backup_older_than_what_others_keep_is_told_before_it_is_put_back(
    county, tmp_path, capsys, monkeypatch
):
    node, kept = opened(county), tmp_path / "kept"
    backup.back_up(node, kept)
    names = kept / backup_list.LIST_FILE
    said = json.loads(names.read_text())

    def made(day: str, *words: str) -> str:
        at = datetime.fromisoformat(f"{day}T12:00+08:00")
        names.write_text(json.dumps({**said, "version": 1, "made_at": int(at.timestamp()) * 1000}))
        assert run(county, "restore", str(kept), *words) == (0 if words else REFUSED)
        told = capsys.readouterr()
        return told.err if words else told.out

    now = int(datetime.fromisoformat("2028-11-01T01:00+08:00").timestamp()) * 1000
    monkeypatch.setattr(SystemClock, "now_ms", lambda _: now)
    old, early = "已满保存月数（24 个月）", "早于备份时间"
    assert old in made("2026-11-30") and old in made("2020-01-01")
    younger = made("2026-12-01")
    assert "取回" in younger and old not in younger and early not in younger
    # A computer that has lost its date knows no age.
    assert early in made("2028-11-02")
    # The node's own setting stands above the backup's.
    with (county / "node.toml").open("a") as file:
        file.write("keep_months = 26\n")
    assert old not in made("2026-11-30") and "已满保存月数（26 个月）" in made("2026-09-01", "--yes")


def test_a_database_copied_back_by_hand_is_noticed_at_the_next_start(county, tmp_path):
    node = opened(county)
    filed(node, 1)
    with node.unit():
        first = node.peer.core.identity.epoch
    backup.copy_open_database(tmp_path / "old.sqlite3")
    later = filed(node, 2)
    close_database()
    for end in ("", "-wal", "-shm"):
        (county / f"node.sqlite3{end}").unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "old.sqlite3", county / "node.sqlite3")
    node = opened(county)
    now = node.spool.identity()
    assert now is not None and now.epoch != first and now.incarnation == 2
    assert not node.spool.act(later)
    (note,) = [note for note in node.notes(9) if note.code == "S128"]
    assert "备份" in note.sentence
    assert run(county, "verify") == 0


def test_the_daily_sheets_go_along_and_come_back(county, tmp_path, capsys):
    node, kept = opened(county), tmp_path / "kept"
    filed(node, 1)
    first, later = 1_772_500_000_000, 1_772_600_000_000
    sheet = keep_daily(node, first)
    assert sheet is not None
    backup.back_up(node, kept)
    second = keep_daily(node, later)
    assert second is not None
    printed = f"{keep_printed(node, later)}.json"
    stamp = (kept / "audit" / sheet.name).stat().st_mtime_ns
    backup.back_up(node, kept)
    (county / "audit" / "2026-01-05.json").mkdir()
    backup.back_up(node, kept)
    (county / "audit" / "2026-01-05.json").rmdir()
    assert {path.name for path in (kept / "audit").iterdir()} == {sheet.name, second.name, printed}
    assert (kept / "audit" / sheet.name).stat().st_mtime_ns == stamp
    # Gone, or still there: what is there is not replaced, and no other node's sheet is taken, nor a torn one.
    good = sheet.read_bytes()
    sheet.unlink()
    second.write_bytes(b"here")
    foreign = json.loads(good)
    foreign["signed"] = foreign["signed"].replace('"511921"', '"511922"')
    (kept / "audit" / "2026-01-01.json").write_text(json.dumps(foreign))
    (kept / "audit" / "2026-01-02.json").write_bytes(good[:-9])
    damaged = {"signed": '{"v": 1}', "signatures": [], "lines": []}
    (kept / "audit" / "2026-01-03.json").write_text(json.dumps(damaged))
    (kept / "audit" / "2026-01-04.json").mkdir()
    assert run(county, "restore", str(kept), "--yes") == 0
    assert {path.name for path in (county / "audit").iterdir()} == {sheet.name, second.name, printed}
    assert sheet.read_bytes() == good and second.read_bytes() == b"here"
    capsys.readouterr()
    assert run(county, "audit", "check", str(sheet)) == 0
