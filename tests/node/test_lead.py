"""The process that leads the jobs goes on leading, whatever its first steps meet."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from common.config import read_config
from common.node import records
from common.node.assembly import build_node
from common.node.backups import backup, restore
from common.node.cli import main
from common.node.jobs import LOCK_FILE, Jobs
from common.node.node import Node
from common.node.watches import room
from common.node.watches.disk import DiskState
from common.node.watches.room import RoomKeeper
from common.store.database import DiskFull, close_database
from tests.desk.three import PROFILES, VILLAGE, ThreeNodes


@contextmanager
def leading(node: Node, begun: threading.Event) -> Iterator[threading.Thread]:
    """Let a process lead until its chores have begun, or some seconds are over."""
    jobs = Jobs(node)
    start: Callable[[], None] = jobs._chores.start

    def noted() -> None:
        start()
        begun.set()

    jobs._chores.start = noted  # type: ignore[method-assign]
    lead = threading.Thread(target=jobs._lead)
    lead.start()
    begun.wait(10)
    yield lead
    jobs.stop()
    lead.join(20)


def is_locked(node: Node) -> bool:
    with node.config.path(LOCK_FILE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_village_put_back_without_its_key_still_looks_after_itself(
    three: ThreeNodes, tmp_path: Path
) -> None:
    """Nobody hears it yet. Without a lead it had no chores, and a restore took it for stopped."""
    node, new = three.open(VILLAGE), tmp_path / "new"
    three.file()
    backup.back_up(node, tmp_path / "kept")
    close_database()
    assert main(PROFILES[VILLAGE], ["restore", str(tmp_path / "kept"), "--yes", "--data", str(new)]) == 0
    node = build_node(read_config(new, {}), PROFILES[VILLAGE], three.clock)
    begun = threading.Event()
    with leading(node, begun) as lead:
        assert begun.is_set() and lead.is_alive()
        assert is_locked(node) and restore.is_running(node.config)


def test_a_first_step_that_fails_takes_no_lead_away(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, begun = three.open(VILLAGE), threading.Event()

    def broken() -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(node.blobs, "sweep", broken)
    with leading(node, begun) as lead:
        assert begun.is_set() and lead.is_alive()


def test_a_note_of_a_full_disk_that_finds_no_room_is_made_later_and_holds_up_nothing(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = three.open(VILLAGE)
    keeper, steps = RoomKeeper(node), []
    monkeypatch.setattr(node.disk, "state", lambda: DiskState.CRITICAL)
    monkeypatch.setattr(keeper, "_let_go", steps.append)

    def full(*_: object) -> None:
        raise DiskFull

    with monkeypatch.context() as disk:
        disk.setattr(records, "add_notes", full)
        assert keeper.keep() is DiskState.CRITICAL
    assert steps == [DiskState.CRITICAL]
    keeper.keep()
    keeper.keep()
    assert [note.code for note in node.notes(9) if note.code == "S141"] == ["S141"]


def test_a_lock_or_a_paper_that_the_disk_refuses_does_not_end_the_look_at_the_line(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No outage was noted any more, and a line that had ended was not begun again."""
    node = three.open(VILLAGE)
    path = node.config.path(room.PAPERS_LOCK)
    path.unlink(missing_ok=True)
    path.mkdir()
    jobs, looked = Jobs(node), list[int]()
    monkeypatch.setattr(jobs._outages, "look", lambda: looked.append(1))
    jobs._line = threading.current_thread()
    jobs._watch_line()
    assert looked == [1]
