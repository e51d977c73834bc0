"""A backup of another node, and one whose papers rotted: nothing of either is lost, and people are told."""

from __future__ import annotations

import errno
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from common.config import read_config
from common.node.assembly import build_node
from common.node.backups import backup, backup_list, restore
from common.node.cli import main
from common.node.upward import once_joined
from common.node.verbs import commands
from common.store.database import close_database
from county_node.profile import PROFILE as COUNTY
from sync.adapters.file_steps import hash_of
from sync.protocol.canonical import dumps
from sync.protocol.errors import BadEnrolment
from village_node.profile import PROFILE as VILLAGE

REFUSED = 2


def run(folder: Path, *words: str) -> int:
    return main(COUNTY, [*words, "--data", str(folder)])


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """The backup of a county with one act and its paper."""
    folder = tmp_path / "county"
    assert run(folder, "init", "--address", "511921") == 0
    node = build_node(read_config(folder, {}), COUNTY)
    paper = node.blobs.put(iter([b"paper one"]), "image/jpeg")
    node.blobs.claim([paper.hash])
    with node.unit():
        node.heart.submit("note.test", dumps({"n": 1, "to": [node.me]}), (node.me,), [paper])
    backup.back_up(node, tmp_path / "kept")
    yield tmp_path / "kept"
    close_database()


def test_no_node_takes_the_place_of_another_ones_backup_or_is_put_back_from_it(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    assert run(other, "init", "--address", "511922") == 0
    capsys.readouterr()
    for words in ((), ("--yes",)):
        assert run(other, "restore", str(kept), *words) == REFUSED
        told = capsys.readouterr()
        assert "E434" in told.err and not told.out
    before = sorted(path.name for path in kept.iterdir())
    # It may be all that is left of the other.
    assert run(other, "backup", str(kept)) == REFUSED
    assert "E436" in capsys.readouterr().err
    assert sorted(path.name for path in kept.iterdir()) == before
    assert backup_list.read_list(kept).address == "511921"


def test_a_paper_that_rotted_in_the_backup_is_told_and_left_out(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (paper,) = (kept / "papers").glob("??/??/*")
    paper.write_bytes(b"paper 0ne")
    assert run(tmp_path / "new", "restore", str(kept), "--yes") == 0
    assert "1 份材料缺失或已损坏" in capsys.readouterr().out
    assert not list((tmp_path / "new" / "papers").glob(f"??/??/{paper.name}"))
    node = build_node(read_config(tmp_path / "new", {}), COUNTY)
    assert [blob for _, blob in node.spool.loose_gaps(9)] == [paper.name]
    assert commands.status(node)["papers_missing"] == 1


def test_on_a_new_machine_the_node_waits_for_a_new_enrolment(kept: Path, tmp_path: Path, capsys) -> None:
    """Till then nobody is told that all is well, nor that there is nothing to join."""
    new = tmp_path / "new"
    assert run(new, "restore", str(kept), "--yes") == 0
    assert "把另存的 keys.json 放进数据文件夹" in capsys.readouterr().out
    node = build_node(read_config(new, {}), COUNTY)
    status = commands.status(node)
    assert (status["frames"], status["address"], status["enrolled"], len(node.keys)) == (1, "511921", 0, 1)
    assert [note.detail for note in node.notes(9) if note.code == "S128"] == [
        "witness lost, and no key to go on with"
    ], "what was heard before it joins anew does not count"
    assert run(new, "doctor") == 1
    assert "这台电脑还没有本站的钥匙" in capsys.readouterr().out
    # Above a county nobody gives out a code for it; and till its key is back it takes in nothing.
    assert run(new, "status") == 0
    told = capsys.readouterr().out
    assert "这台电脑还没有本站的钥匙，不能办件和传送" in told and "收件照常" not in told
    assert "keys.json" in told and "restore" in told and "还没有入网" not in told and "enrol" not in told
    with pytest.raises(BadEnrolment), once_joined(node):
        raise BadEnrolment("used")


def test_a_full_disk_takes_nothing_from_the_node_that_is_there(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    county = tmp_path / "county"
    close_database()
    before = sorted(path.name for path in county.iterdir())

    def full(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:4096])
        raise OSError(errno.ENOSPC, "No space left on device", str(source))

    with monkeypatch.context() as broken:
        broken.setattr(restore.shutil, "copyfile", full)
        assert run(county, "restore", str(kept), "--yes") == REFUSED
    assert capsys.readouterr().err == "E477 磁盘已满。\n"
    assert sorted(path.name for path in county.iterdir()) == sorted({*before, "jobs.lock", "serve.lock"})
    assert run(county, "verify") == 0
    assert run(county, "restore", str(kept), "--yes") == 0
    node = build_node(read_config(county, {}), COUNTY)
    assert [note.detail for note in node.notes(9) if note.code == "S128"] == ["restored"]


def test_a_list_of_something_else_and_a_place_that_is_none_are_refused_with_a_sentence(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = kept / backup_list.LIST_FILE
    good = listed.read_text()
    said = json.loads(good)
    for wrong in ({"made_at": "x"}, {"made_at": 1e400}, {"database": 5}, {"address": None}, {"sha256": []}):
        listed.write_text(json.dumps({**said, **wrong}))
        assert run(tmp_path / "new", "restore", str(kept)) == REFUSED
        assert "E432" in capsys.readouterr().err
    for text in ("[" * 200_000, "\0", good[:40]):
        listed.write_text(text)
        assert run(tmp_path / "new", "restore", str(kept)) == REFUSED
        assert "E432" in capsys.readouterr().err
    listed.write_text(good)
    county = tmp_path / "county"
    before = sorted({*(path.name for path in county.iterdir()), "serve.lock"})
    for inside in (county, county / "papers", tmp_path / "x" / ".." / "county" / "copy"):
        assert run(county, "backup", str(inside)) == REFUSED
        assert "E478" in capsys.readouterr().err
    assert sorted(path.name for path in county.iterdir()) == before
    assert run(county, "backup", str(listed)) == REFUSED
    assert capsys.readouterr().err == f"E477 已经有同名的文件：{listed}\n"


def test_a_damaged_database_is_told_as_that_and_a_backup_takes_its_place(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    close_database()
    county = tmp_path / "county"
    good = (county / "node.sqlite3").read_bytes()
    for wrong in (b"x" * 300 + good[300:], good[:100] + b"x" * 300 + good[400:]):
        # Another file: a connection that nobody holds any more writes its log back when it is swept up.
        for name in ("node.sqlite3", "node.sqlite3-wal", "node.sqlite3-shm"):
            (county / name).unlink(missing_ok=True)
        (county / "node.sqlite3").write_bytes(wrong)
        for words in (["status"], ["verify"], ["doctor"], ["backup", str(tmp_path / "x")]):
            assert run(county, *words) == REFUSED
            told = capsys.readouterr()
            assert told.err.startswith("E479 数据库文件已损坏") and not told.out
            close_database()
        assert run(county, "restore", str(kept), "--yes") == 0
        assert run(county, "verify") == 0
        capsys.readouterr()
        close_database()


def test_with_json_what_a_restore_would_do_is_told_as_json_alone(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    county = tmp_path / "county"
    made_at = backup_list.read_list(kept).made_at
    assert run(county, "restore", str(kept), "--json") == REFUSED
    told = capsys.readouterr()
    facts = json.loads(told.out)
    assert facts["address"] == "511921" and facts["made_at"] == made_at
    assert (facts["restored"], facts["warning"], facts["proof"]) == (0, "", "own")
    assert not told.err and not list(county.glob("before-restore-*"))
    assert run(county, "restore", str(kept), "--json", "--yes") == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["address"], done["made_at"], done["restored"]) == ("511921", made_at, 1)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.EACCES, "读不到清单 backup.json（没有读写权限）"),
        (errno.EIO, "读不到清单 backup.json（磁盘读写出错）"),
    ],
)
def test_a_backup_that_cannot_be_read_is_not_said_to_have_no_list(
    kept: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    why: str,
) -> None:
    """Copied by root, or on a stick mounted for root alone: the operator took it for no backup at all."""

    def refused(path: Path) -> bytes:
        raise OSError(number, "refused", str(path))

    monkeypatch.setattr(backup_list, "read_plain", refused)
    assert run(tmp_path / "county", "restore", str(kept)) == REFUSED
    assert capsys.readouterr().err.startswith(f"E432 文件夹 {kept} 里没有完整的备份：{why}")


def test_with_the_program_of_another_tier_nothing_is_written_into_a_new_folder(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its settings were: whoever then wanted to make the right site there was told that there is one."""
    close_database()
    for words in ((), ("--yes",)):
        assert main(VILLAGE, ["restore", str(kept), *words, "--data", str(tmp_path / "new")]) == REFUSED
        assert capsys.readouterr().err.startswith("E416") and not (tmp_path / "new").exists()


def test_a_copy_put_into_a_folder_that_all_may_read_is_its_owners_alone(kept: Path, tmp_path: Path) -> None:
    """Somebody makes the folder first, as with `mkdir`; where a node is made it is closed, too."""
    back = tmp_path / "back"
    back.mkdir()
    back.chmod(0o777)
    assert run(back, "restore", str(kept), "--yes") == 0
    assert back.stat().st_mode & 0o777 == 0o700


def test_after_a_new_machine_was_made_a_site_first_it_is_told_that_it_lacks_the_key(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`install` makes one, with a key that nobody knows: all was said to come back by itself."""
    close_database()
    assert run(tmp_path / "new", "init", "--address", "511921") == 0
    close_database()
    capsys.readouterr()
    # There it has founded a network of its own: which one is meant only a person knows.
    assert run(tmp_path / "new", "restore", str(kept), "--yes") == REFUSED
    assert capsys.readouterr().err.startswith("E520")
    root = backup_list.read_list(kept).root
    assert run(tmp_path / "new", "restore", str(kept), "--root", root, "--yes") == 0
    told = capsys.readouterr().out
    assert "还没有本站的钥匙" in told and "keys.json 放进数据文件夹" in told and "自动取回已发出" not in told
    close_database()
    (tmp_path / "new" / "keys.json").write_bytes((tmp_path / "county" / "keys.json").read_bytes())
    assert run(tmp_path / "new", "restore", str(kept), "--yes") == 0
    assert "启动服务后会自动取回已发出的内容" in capsys.readouterr().out


def test_a_newer_machine_or_an_older_copy_does_not_take_the_place_of_the_only_backup(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stick stays in, the new computer is empty, and the job of the night replaces all that there was."""
    folder = tmp_path / "county"
    monday = tmp_path / "monday"
    shutil.copytree(kept, monday)
    node = build_node(read_config(folder, {}), COUNTY)
    with node.unit():
        node.heart.submit("note.test", dumps({"n": 2, "to": [node.me]}), (node.me,), [])
    # Into a folder with a backup of its own it goes as before, also after that very one was put back.
    tuesday = backup.back_up(node, kept)
    assert tuesday.frames == 2 and run(folder, "restore", str(kept), "--yes") == 0
    assert run(folder, "backup", str(kept)) == 0
    assert run(folder, "restore", str(monday), "--yes") == 0
    fresh = tmp_path / "fresh"
    assert run(fresh, "init", "--address", "511921") == 0
    before = sorted(path.name for path in kept.iterdir())
    for one in (folder, fresh):
        capsys.readouterr()
        assert run(one, "backup", str(kept)) == REFUSED
        told = capsys.readouterr()
        assert "E518" in told.err and "请先恢复它" in told.err and not told.out
    assert sorted(path.name for path in kept.iterdir()) == before and backup_list.read_list(kept).frames == 2
    assert run(folder, "backup", str(monday)) == 0 and run(fresh, "backup", str(tmp_path / "other")) == 0


def test_a_backup_from_which_no_node_would_start_takes_no_place(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of before this was looked at: it lay in its place, had begun nothing anew, and never started."""
    listed = backup_list.read_list(kept)
    with closing(sqlite3.connect(kept / listed.database)) as copied, copied:
        copied.execute("UPDATE sync_identity SET instance = 'x'")
    said = json.loads((kept / backup_list.LIST_FILE).read_text()) | {
        "sha256": hash_of(kept / listed.database)
    }
    (kept / backup_list.LIST_FILE).write_text(json.dumps({**said, "version": 1}))
    county = tmp_path / "county"
    capsys.readouterr()
    assert run(county, "restore", str(kept), "--yes") == REFUSED
    assert "E432" in (told := capsys.readouterr().err) and "sync_identity.instance" in told
    assert not list(county.glob("before-restore-*")) and not list(county.glob("*.part*"))
    assert run(county, "verify") == 0
