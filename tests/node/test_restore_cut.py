"""A restore or a backup that a power cut breaks off, or that somebody else gets in the way of."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.config import read_config
from common.node.assembly import build_node
from common.node.backups import backup, backup_list, restore
from common.node.cli import main
from common.node.node import Node
from common.node.place import BeingRestored, opened_lock, take_place
from common.node.serve import serve_package
from common.store.database import close_database
from common.store.database import run as sql
from common.store.migrate import LaterDatabase
from county_node.profile import PROFILE as COUNTY
from sync.protocol.canonical import dumps

REFUSED, COUNTY_AT = 2, "511921"


class Cut(BaseException):
    """The power fails."""


@pytest.fixture
def county(founded_alone: Path, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "county"
    shutil.copytree(founded_alone, folder)
    yield folder
    close_database()


def opened(folder: Path) -> Node:
    return build_node(read_config(folder, {}), COUNTY)


def filed(node: Node) -> str:
    with node.unit():
        return node.heart.submit("note.test", dumps({"n": 1, "to": [node.me]}), (node.me,), [])


def run(folder: Path, *words: str) -> int:
    return main(COUNTY, [*words, "--data", str(folder)])


def test_a_restore_cut_short_is_told_as_that_and_no_other_network_is_founded(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One database was put aside, the other is not in its place: that looks like a folder without a node."""
    node, kept = opened(county), tmp_path / "kept"
    act, mark = filed(node), node.fingerprint()
    backup.back_up(node, kept)
    replace = os.replace

    def cut(source: Path, target: Path) -> None:
        if Path(target) == county / "node.sqlite3":
            raise Cut
        replace(source, target)

    with monkeypatch.context() as power:
        power.setattr(restore.os, "replace", cut)
        with pytest.raises(Cut):
            run(county, "restore", str(kept), "--yes")
    keys = (county / "keys.json").read_bytes()
    for words in (["status"], ["backup", str(kept)], ["init", "--address", "511921"]):
        capsys.readouterr()
        assert run(county, *words) == REFUSED
        told = capsys.readouterr()
        assert told.err.startswith("E493") and "再执行一次 restore" in told.err and not told.out
        assert not (county / "node.sqlite3").exists()
    assert serve_package(county, "county_node", {}) == REFUSED
    assert capsys.readouterr().err.startswith("E493")
    assert (county / "keys.json").read_bytes() == keys
    assert run(county, "restore", str(kept), "--yes") == 0
    assert opened(county).spool.act(act) and opened(county).fingerprint() == mark


def test_a_database_without_a_byte_is_one_that_was_lost(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """So some file systems leave it after a power cut. It was "no site yet", and `init` made another one."""
    node, kept = opened(county), tmp_path / "kept"
    act, mark = filed(node), node.fingerprint()
    backup.back_up(node, kept)
    close_database()
    for path in county.glob("node.sqlite3-*"):
        path.unlink()
    (county / "node.sqlite3").write_bytes(b"")
    for words in (["status"], ["serve"], ["init", "--address", "511921"]):
        assert run(county, *words) == REFUSED
        assert capsys.readouterr().err.startswith("E493")
        assert (county / "node.sqlite3").stat().st_size == 0
    assert run(county, "restore", str(kept), "--yes") == 0
    assert opened(county).spool.act(act) and opened(county).fingerprint() == mark


def test_settings_that_a_power_cut_left_empty_are_told_before_anything_is_changed(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, new = tmp_path / "kept", tmp_path / "new"
    backup.back_up(opened(county), kept)
    new.mkdir()
    (new / "node.toml").touch()
    assert run(new, "restore", str(kept), "--yes") == REFUSED
    assert capsys.readouterr().err.endswith("\nE407 配置项 address 不正确：没有写，备份是 511921 的。\n")
    (new / "node.toml").unlink()
    # They have their name only when they are on the disk.
    with monkeypatch.context() as power:
        power.setattr("sync.durable.os.fsync", cut_off)
        with pytest.raises(Cut):
            run(new, "restore", str(kept), "--yes")
    assert not (new / "node.toml").exists()
    assert run(new, "restore", str(kept), "--yes") == 0


def cut_off(*_: object) -> None:
    raise Cut


def test_nobody_serves_or_copies_a_node_that_is_being_put_back(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a service took in now would go aside with the database; a backup would take away what is read."""
    node, kept = opened(county), tmp_path / "kept"
    good = backup.back_up(node, kept)
    drafted = restore._drafted

    def meanwhile(*given: Path) -> Path:
        with pytest.raises(BeingRestored):
            take_place(node.config)
        with pytest.raises(backup.BackupRuns):
            backup.back_up(node, kept)
        assert backup_list.read_list(kept) == good
        for words in (("staff", "list"), ("status",), ("backup", str(kept))):
            assert run(county, *words) == REFUSED
        return drafted(*given)

    with monkeypatch.context() as busy:
        busy.setattr(restore, "_drafted", meanwhile)
        restore.put_back(node.config, COUNTY, kept)
    # Who serves beside the one that leads holds no other lock.
    with take_place(node.config), take_place(node.config), pytest.raises(restore.NodeRuns):
        restore.put_back(node.config, COUNTY, kept)
    restore.put_back(node.config, COUNTY, kept)


def test_who_restores_beside_a_verb_is_not_told_to_stop_a_service(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing serves any more: a backup that cron began is at work, and that is to be waited for."""
    node, kept = opened(county), tmp_path / "kept"
    backup.back_up(node, kept)
    with take_place(node.config):
        assert run(county, "restore", str(kept), "--yes") == REFUSED
    told = capsys.readouterr().err
    assert told.startswith("E433") and "命令在执行" in told and "systemctl" not in told


def test_a_database_that_is_on_its_way_back_is_none_that_was_lost(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Papers take long: who asked meanwhile was told that the restore broke off, and to do it once more."""
    node = opened(county)
    close_database()
    for path in county.glob("node.sqlite3*"):
        path.unlink()
    for words in (("status",), ("serve",)):
        with restore.switched_off(node.config):
            assert run(county, *words) == REFUSED
        assert capsys.readouterr().err.startswith("E492")
        assert run(county, *words) == REFUSED
        assert capsys.readouterr().err.startswith("E493")
    # On a new machine there is no witness either, and whoever makes a node there is in the way.
    (county / "witness.ldw").unlink()
    with restore.switched_off(node.config):
        for words in (("init", "--address", COUNTY_AT), ("serve",)):
            assert run(county, *words) == REFUSED
            assert capsys.readouterr().err.startswith("E492") and not list(county.glob("node.sqlite3*"))


def test_a_lock_that_root_left_locks_as_well(tmp_path: Path) -> None:
    """Copies made with `sudo` before left such: who works here may read them and nothing else."""
    path = tmp_path / "some.lock"
    path.touch(0o444)
    with opened_lock(path) as one, opened_lock(path) as other:
        assert fcntl.fcntl(one, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
        fcntl.flock(one, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)


def test_a_copy_that_is_not_what_was_checked_takes_nobodys_place(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    node, kept = opened(county), tmp_path / "kept"
    backup.back_up(node, kept)
    act = filed(node)

    def worn(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:-4096] + b"\0" * 4096)

    with monkeypatch.context() as stick:
        stick.setattr(restore.shutil, "copyfile", worn)
        assert run(county, "restore", str(kept), "--yes") == REFUSED
    assert capsys.readouterr().err.startswith("E432")
    assert not (county / "node.part").exists() and not list(county.glob("before-restore-*"))
    assert opened(county).spool.act(act)


def test_a_database_of_a_later_program_is_neither_opened_nor_put_back(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """This program would write without what the later one needs beside it, and nobody would be told."""
    node, kept = opened(county), tmp_path / "kept"
    backup.back_up(node, kept)
    act, later = filed(node), tmp_path / "later"
    close_database()
    shutil.copytree(county, later)
    node = opened(later)
    sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2031-01-01')")
    backup.back_up(node, kept)
    with pytest.raises(LaterDatabase):
        opened(later)
    capsys.readouterr()
    for words in (["status"], ["verify"]):
        assert run(later, *words) == REFUSED
        assert capsys.readouterr().err.startswith("E491")
    for more in ([], ["--yes"]):
        assert run(county, "restore", str(kept), *more) == REFUSED
        assert "它是更新版本的程序做的" in capsys.readouterr().err
    assert opened(county).spool.act(act)


def test_what_a_killed_backup_left_does_not_take_the_room_of_the_next(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, kept = opened(county), tmp_path / "kept"
    good = backup.back_up(node, kept)
    for name in ("node-5.sqlite3", "node-5.sqlite3-journal", "papers/part/half.new"):
        (kept / name).write_bytes(b"half of it")

    def full(*_: object) -> None:
        assert [path.name for path in kept.glob("node-*")] == [good.database]
        assert not list(kept.glob("papers/part/*"))
        raise OSError(28, "full")

    with monkeypatch.context() as disk:
        disk.setattr(backup, "copy_open_database", full)
        with pytest.raises(OSError, match="full"):
            backup.back_up(node, kept)
    assert backup_list.read_list(kept) == good
    # Where no list says which is whole, nothing is thrown away before a new one is.
    (kept / backup_list.LIST_FILE).unlink()
    with monkeypatch.context() as disk:
        disk.setattr(backup, "copy_papers", cut_off)
        with pytest.raises(Cut):
            backup.back_up(node, kept)
    assert (kept / good.database).exists()


def test_root_is_told_as_whom_to_ask_and_leaves_no_file_that_the_service_cannot_open(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup put back with `sudo` alone was root's, as were the locks of a copy: nothing ran after it."""
    kept, fresh = tmp_path / "kept", tmp_path / "fresh"
    assert run(county, "backup", str(kept)) == 0
    fresh.mkdir()
    if os.geteuid() == 0:
        for folder in (county, fresh):
            os.chown(folder, 54_321, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    before, witness = sorted(county.iterdir()), (county / "witness.ldw").read_bytes()
    capsys.readouterr()
    for folder, words in (
        (county, ("restore", str(kept), "--yes")),
        (fresh, ("restore", str(kept), "--yes")),
        (county, ("backup", str(kept))),
        (county, ("verify",)),
        (county, ("serve",)),
        (county, ("seal", "serve")),
        (fresh, ("init", "--address", COUNTY_AT)),
    ):
        assert run(folder, *words) == REFUSED
        told = capsys.readouterr().err
        # A sign that begins a comment in the shell would end the line there.
        as_whom = "setpriv --reuid=54321 --regid=" if os.getuid() == 0 else "sudo -u "
        assert told.startswith("E496") and as_whom in told and "#" not in told
    assert serve_package(county, "county_node", {}) == REFUSED
    assert sorted(county.iterdir()) == before and (county / "witness.ldw").read_bytes() == witness
    assert list(fresh.iterdir()) == []
