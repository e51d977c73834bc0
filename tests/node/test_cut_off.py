"""Rows cut off at the end of a trail show, by a file beside the database; those a restore took do not."""

from __future__ import annotations

import errno
import io
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from common.config import read_config
from common.journal.rules import Fields, What
from common.node import trail_mark
from common.node.backups import backup, restore
from common.store import audit
from common.store.database import close_database
from tests.desk.three import TOWN, ThreeNodes, profile_of
from tests.node.test_altered_records import alter, run


@pytest.mark.parametrize(
    ("table", "words"), [("audit", "操作记录的末尾少了"), ("view_log", "查阅记录的末尾少了")]
)
def test_rows_cut_off_at_the_end_of_a_trail_are_seen(
    three: ThreeNodes, capsys: Any, table: str, words: str
) -> None:
    """The rest fits together as it is: whoever signed in at night and cut off the end left no trace."""
    node = three.open(TOWN)
    for n in range(2):
        with node.unit():
            audit.record("clerk", "people.sign_in", "clerk", {}, three.now())
            node.views.record("clerk", (What.CASE, str(n), Fields.WHOLE), three.now())
    trail_mark.keep(node)
    with node.unit():
        node.views.record("clerk", (What.CASE, "3", Fields.WHOLE), three.now())
    assert run(three, TOWN, capsys, "verify")[0] == 0
    close_database()
    with sqlite3.connect(three.folder / TOWN / "node.sqlite3") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
    database.close()
    last = f"(SELECT MAX(pos) FROM {table}) - {int(table == 'view_log')}"
    alter(three, TOWN, f"DELETE FROM {table} WHERE pos >= {last}")
    trail_mark.keep(three.open(TOWN))
    code, told = run(three, TOWN, capsys, "verify")
    assert code == 1 and words in told
    code, told = run(three, TOWN, capsys, "doctor")
    assert code == 1 and f"✗ {words[:4]}：末尾少了" in told
    with three.open(TOWN).unit():
        node.views.record("clerk", (What.CASE, "4", Fields.WHOLE), three.now())
        audit.record("clerk", "people.sign_out", "clerk", {}, three.now())
    trail_mark.keep(three.node)
    assert words in run(three, TOWN, capsys, "verify")[1]


def test_a_node_that_was_put_back_knows_less_and_nothing_was_cut_off(
    three: ThreeNodes, capsys: Any, tmp_path: Path
) -> None:
    node = three.open(TOWN)
    backup.back_up(node, tmp_path / "kept")
    close_database()
    shutil.copy(three.folder / TOWN / "node.sqlite3", tmp_path / "copy")
    for _ in range(2):
        node = three.open(TOWN)
        with node.unit():
            audit.record("clerk", "people.sign_in", "clerk", {}, three.now())
        trail_mark.keep(node)
        close_database()
        restore.put_back(read_config(three.folder / TOWN, {}), profile_of(TOWN), tmp_path / "kept")
        assert run(three, TOWN, capsys, "verify")[0] == 0
    # So it is where somebody copied a database back by hand.
    close_database()
    shutil.copy(tmp_path / "copy", three.folder / TOWN / "node.sqlite3")
    assert run(three, TOWN, capsys, "verify")[0] == 0


def test_what_a_disk_never_wrote_ends_with_a_word_that_stays(three: ThreeNodes, capsys: Any) -> None:
    """A disk that lies about syncing loses the last rows in a power cut, and `doctor` said so for ever."""
    node = three.open(TOWN)
    for n in range(2):
        with node.unit():
            audit.record("clerk", "people.sign_in", "clerk", {}, three.now())
            node.views.record("clerk", (What.CASE, str(n), Fields.WHOLE), three.now())
    before = audit.head()
    assert run(three, TOWN, capsys, "audit", "accept", "停电")[0] == 2, "nothing is missing"
    with three.open(TOWN).unit():
        audit.record("clerk", "people.sign_out", "clerk", {}, three.now())
    trail_mark.keep(three.node)
    lost = audit.head()
    _cut(three, before[0])
    assert run(three, TOWN, capsys, "doctor")[0] == 1
    assert run(three, TOWN, capsys, "audit", "accept")[0] == 2, "nobody says why"
    code, told = run(three, TOWN, capsys, "audit", "accept", "停电，磁盘没有写进去")
    assert code == 0 and f"第 {lost[0]} 条" in told
    assert run(three, TOWN, capsys, "verify")[0] == 0
    code, told = run(three, TOWN, capsys, "doctor")
    assert code == 0 and "停电，磁盘没有写进去" in told and "末尾少过或无从核对过" in told
    row = audit.newest(TOWN, ("node.end_lost",), 2**62)
    assert row is not None
    said = json.loads(row.detail)
    assert said["lost"] == {trail_mark.AUDIT: list(lost)} and said["left"][trail_mark.AUDIT] == before[0]
    # That word is a row like any other: who cuts it off is told of again.
    _cut(three, before[0])
    assert run(three, TOWN, capsys, "doctor")[0] == 1
    _code, told = run(three, TOWN, capsys, "audit", "accept", "又停电", "--json")
    assert json.loads(told) == {
        "why": "又停电",
        "ended": [{"trail": trail_mark.AUDIT, "upto": before[0] + 1}],
    }


def _cut(three: ThreeNodes, upto: int) -> None:
    close_database()
    with sqlite3.connect(three.folder / TOWN / "node.sqlite3") as database:
        database.execute("DROP TRIGGER IF EXISTS audit_is_never_shortened")
        assert database.execute("DELETE FROM audit WHERE pos > ?", (upto,)).rowcount > 0
    database.close()


@pytest.mark.parametrize(
    "rotten",
    [
        b"",
        b"\x80",
        b"[]",
        b'{"incarnation": 1}',
        b'{"incarnation": "1"}',
        b"[" * 9999,
        # No database counts as far.
        json.dumps({"incarnation": 1, trail_mark.AUDIT: [2**63, ""], trail_mark.VIEWS: [0, ""]}).encode(),
    ],
)
def test_a_file_of_ends_that_cannot_be_read_is_told_of_and_not_written_over(
    three: ThreeNodes, capsys: Any, rotten: bytes
) -> None:
    """It was begun anew within the hour: what was cut off before it rotted had left no trace."""
    node = three.open(TOWN)
    trail_mark.keep(node)
    assert run(three, TOWN, capsys, "verify")[0] == 0
    file = three.folder / TOWN / trail_mark.FILE
    file.write_bytes(rotten)
    trail_mark.keep(three.open(TOWN))
    assert file.read_bytes() == rotten
    code, told = run(three, TOWN, capsys, "verify")
    assert code == 1 and "读不出来，末尾少没少无从核对：ends.json" in told
    code, told = run(three, TOWN, capsys, "doctor")
    assert code == 1 and "✗ 操作记录：记着末尾的文件 ends.json 读不出来" in told
    code, told = run(three, TOWN, capsys, "audit", "accept", "磁盘坏了一处")
    assert code == 0 and told.startswith("记着末尾的文件 ends.json 读不出来，已写明原因")
    assert run(three, TOWN, capsys, "verify")[0] == 0
    code, told = run(three, TOWN, capsys, "doctor")
    assert code == 0 and "磁盘坏了一处" in told
    trail_mark.keep(three.open(TOWN))
    assert json.loads(file.read_bytes())[trail_mark.AUDIT] == list(audit.head())


def test_a_file_of_ends_on_a_bad_spot_of_the_disk_is_begun_anew_once_somebody_says_why(
    three: ThreeNodes, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was read before it was written over: the alarm could not be ended, nor a node be put back."""
    trail_mark.keep(three.open(TOWN))
    file = three.folder / TOWN / trail_mark.FILE
    spot, opened = file.stat().st_ino, io.open

    def on_bad_spot(path: Any, mode: str = "r", *how: Any, **more: Any) -> Any:
        if path == file and file.stat().st_ino == spot and "r" in mode:
            raise OSError(errno.EIO, "Input/output error")
        return opened(path, mode, *how, **more)

    monkeypatch.setattr(io, "open", on_bad_spot)
    assert run(three, TOWN, capsys, "doctor")[0] == 1
    assert run(three, TOWN, capsys, "audit", "accept", "磁盘坏了一处")[0] == 0
    assert run(three, TOWN, capsys, "doctor")[0] == 0 and file.stat().st_ino != spot
