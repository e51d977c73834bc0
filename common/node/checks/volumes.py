"""Whether a folder lies on an encrypted volume: looked up in what the kernel says of its disks."""

from __future__ import annotations

import os
from pathlib import Path

from common.node.checks.findings import GOOD, WARN, Finding

_SYS = Path("/sys/dev/block")
_DEPTH_MAX = 8


def at_rest(folder: Path, devices: Path = _SYS) -> Finding:
    """Say whether what a folder holds could be read by who takes the disk.

    Args:
        devices: where the kernel lists block devices by number.
    """
    number = os.stat(folder).st_dev
    device = devices / f"{os.major(number)}:{os.minor(number)}"
    if is_encrypted(device):
        return Finding(GOOD, "磁盘加密", "数据文件夹在加密卷上。")
    return Finding(WARN, "磁盘加密", "没有看到加密卷：电脑被盗，数据就会泄露。做法见 docs/manual.zh-CN.md。")


def is_encrypted(device: Path) -> bool:
    """Say whether a block device, or any that it lies on, is opened by dm-crypt."""
    below = [device]
    for _ in range(_DEPTH_MAX):
        if any(_is_crypt(one) for one in below):
            return True
        below = [slave for one in below for slave in _slaves(one)]
    return False


def _is_crypt(device: Path) -> bool:
    try:
        return (device / "dm" / "uuid").read_text().startswith("CRYPT-")
    except OSError:
        return False


def _slaves(device: Path) -> list[Path]:
    """Return what a device lies on; a partition lies on its disk's other name, which tells nothing more."""
    try:
        return sorted((device / "slaves").iterdir())
    except OSError:
        return []
