"""The three states of a disk: by an injected file system, with slack, ballast, and what each state does."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from common.config import NodeConfig
from common.node.watches.disk import BALLAST, RESERVE, DiskState, DiskWatch

MB = 1_000_000


class Disk:
    """A file system of so many free bytes."""

    def __init__(self, free: int) -> None:
        self.free = free

    def __call__(self, folder: Path) -> SimpleNamespace:
        return SimpleNamespace(f_frsize=1, f_bavail=self.free)


def watch(folder: Path, disk: Disk, ballast: int = 1) -> DiskWatch:
    config = NodeConfig(data_dir=folder, disk_low_mb=1_000, disk_critical_mb=300, disk_ballast_mb=ballast)
    return DiskWatch(config, disk)


@pytest.mark.parametrize(
    "free, state",
    [
        (5_000, DiskState.NORMAL),
        (1_000, DiskState.NORMAL),
        (999, DiskState.LOW),
        (300, DiskState.LOW),
        (299, DiskState.CRITICAL),
        (0, DiskState.CRITICAL),
    ],
)
def test_the_state_follows_the_free_room(tmp_path, free, state):
    assert watch(tmp_path, Disk(free * MB)).state() is state


def test_a_state_is_left_only_with_a_tenth_to_spare(tmp_path):
    """Room that comes and goes by a few files does not open and shut the door."""
    disk = Disk(299 * MB)
    found = watch(tmp_path, disk, ballast=0)
    states = []
    for free in (299, 310, 329, 330, 301, 299, 1_050, 1_099, 1_100):
        disk.free = free * MB
        states.append(int(found.state()))
    assert states == [2, 2, 2, 1, 1, 2, 1, 1, 0]


def test_ballast_is_laid_in_good_days_and_freed_at_the_last(tmp_path):
    disk = Disk(5_000 * MB)
    found = watch(tmp_path, disk, ballast=1)
    found.keep_ballast()
    file = tmp_path / BALLAST
    assert file.stat().st_size == MB and file.stat().st_blocks * 512 >= MB
    disk.free = 900 * MB
    found.keep_ballast()
    assert file.exists()
    disk.free = 200 * MB
    found.keep_ballast()
    assert not file.stat().st_size and found.state() is DiskState.CRITICAL
    disk.free = 5_000 * MB
    found.keep_ballast()
    assert file.stat().st_size == MB


def test_what_the_ballast_gave_back_does_not_open_the_door_again(tmp_path):
    """Neither here nor in another process, nor after a restart, which gives it first of all."""
    disk = Disk(5_000 * MB)
    found = watch(tmp_path, disk, ballast=50)
    found.keep_ballast()
    disk.free = 290 * MB
    watch(tmp_path, disk, ballast=50).make_room()
    disk.free = 345 * MB
    for one in (found, watch(tmp_path, disk, ballast=50)):
        assert one.state() is not DiskState.NORMAL and one.free() == 295 * MB
        assert one.state() is DiskState.CRITICAL
    disk.free = 385 * MB
    assert found.state() is DiskState.LOW


def test_the_reserve_is_given_by_a_start_alone_and_where_nothing_is_left(tmp_path):
    """With the ballast spent nobody could sign in, look a case up or copy the node onto a stick."""
    disk = Disk(5_000 * MB)
    found, reserve = watch(tmp_path, disk, ballast=1), tmp_path / RESERVE
    found.keep_ballast()
    disk.free = 290 * MB
    for look in (found.keep_ballast, found.make_room):
        look()
        assert not (tmp_path / BALLAST).stat().st_size and reserve.stat().st_size == 16 * MB
    disk.free = 0
    found.keep_ballast()
    assert reserve.stat().st_size == 16 * MB, "what goes on by itself does not eat it"
    found.make_room()
    assert not reserve.stat().st_size and found.state() is DiskState.CRITICAL
    disk.free = 310 * MB
    assert found.free() == 293 * MB, "no new case is taken in for it"
    disk.free = 5_000 * MB
    found.keep_ballast()
    assert reserve.stat().st_size == 16 * MB


def test_no_ballast_where_there_is_no_room_to_spare(tmp_path):
    watch(tmp_path, Disk(1_001 * MB), ballast=1).keep_ballast()
    # With a small ballast the reserve alone would make the disk low.
    watch(tmp_path, Disk(1_015 * MB), ballast=1).keep_ballast()
    watch(tmp_path, Disk(5_000 * MB), ballast=0).keep_ballast()
    assert not (tmp_path / BALLAST).exists() and not (tmp_path / RESERVE).exists()
