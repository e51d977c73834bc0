"""Opens a node's encrypted volume when the machine starts: waits for the stick, however long it takes.

Run by `liandong-volume.service` as root. Whoever has lost the stick opens the volume at the console by the
passphrase (`cryptsetup open`); this program sees that and goes on.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from common.arguments import Arguments

_WAIT_S = 2.0
_KILLED_MAX = 9
_MAPPED, _STICKS, _LOOKED_INTO = Path("/dev/mapper"), Path("/dev/disk/by-uuid"), Path("/run/liandong-stick")
# Of e2fsck: 0 sound, 1 mended, 2 mended and to be mounted anew.
_SOUND = (0, 1, 2)

Run = Callable[[Sequence[str]], int]


class Volume(NamedTuple):
    """The file, its name once opened, and where it is mounted."""

    image: Path
    name: str
    mount: Path


class Stick(NamedTuple):
    """The UUID of the stick's file system, and the key file's path in it."""

    uuid: str
    key: str


class Opener:
    """Opens and closes one volume.

    Args:
        run: runs a program and returns its exit code.
        pause: waits so many seconds.
        root: what stands for `/` where devices and the stick are looked for.
    """

    def __init__(
        self, volume: Volume, run: Run, pause: Callable[[float], None] = time.sleep, root: Path = Path("/")
    ) -> None:
        self._volume = volume
        self._run = run
        self._pause = pause
        self._root = root
        self._told = ""

    def open(self, stick: Stick) -> int:
        """Wait for key or passphrase, then mount; return 0, or 1 when the file system is damaged."""
        self._let_go_of_stick()
        while not self._is_open() and not self._try(stick):
            self._pause(_WAIT_S)
        if self._is_mounted():
            return 0
        if self._run(("e2fsck", "-p", str(self._mapped()))) not in _SOUND:
            self._tell("加密卷里的文件系统有损坏，没有挂载。请先做备份，再执行 e2fsck。")
            return 1
        self._volume.mount.mkdir(mode=0o700, parents=True, exist_ok=True)
        options = "nosuid,nodev,noexec"
        return self._run(("mount", "-o", options, str(self._mapped()), str(self._volume.mount)))

    def close(self) -> int:
        """Unmount and close what is open; return 0 when it is closed."""
        self._let_go_of_stick()
        if self._is_mounted() and self._run(("umount", str(self._volume.mount))) and self._is_mounted():
            return 1
        return self._run(("cryptsetup", "close", self._volume.name)) if self._is_open() else 0

    def _try(self, stick: Stick) -> bool:
        device = self._below(_STICKS) / stick.uuid
        if not device.exists():
            self._tell("等待钥匙U盘 …")
            return False
        folder = self._below(_LOOKED_INTO)
        folder.mkdir(mode=0o700, exist_ok=True)
        # Where somebody has it mounted to be written, the kernel takes it no other way a second time.
        ways = ("ro,nosuid,nodev,noexec", "nosuid,nodev,noexec")
        if not any(self._run(("mount", "-o", way, str(device), str(folder))) == 0 for way in ways):
            self._tell("钥匙U盘读不出来，请换一个副本。")
            return False
        try:
            return self._open_by(folder / stick.key)
        except OSError:
            self._tell("钥匙U盘读不出来，请换一个副本。")
            return False
        finally:
            self._run(("umount", str(folder)))

    def _let_go_of_stick(self) -> None:
        """Unmount a stick that was looked into when this program was killed, as often as that happened."""
        folder = self._below(_LOOKED_INTO)
        for _ in range(_KILLED_MAX):
            if not os.path.ismount(folder) or self._run(("umount", str(folder))):
                return

    def _open_by(self, key: Path) -> bool:
        if not key.is_file():
            self._tell("U盘上没有钥匙文件。")
            return False
        words = ("cryptsetup", "open", "--type", "luks2", "--key-file", str(key))
        if self._run((*words, str(self._volume.image), self._volume.name)) != 0:
            self._tell("这把钥匙打不开加密卷。")
            return False
        self._tell("加密卷已打开，U盘可以拔下。")
        return True

    def _tell(self, sentence: str) -> None:
        if sentence != self._told:
            print(sentence, flush=True)
        self._told = sentence

    def _mapped(self) -> Path:
        return self._below(_MAPPED) / self._volume.name

    def _is_open(self) -> bool:
        return os.path.lexists(self._mapped())

    def _is_mounted(self) -> bool:
        return os.path.ismount(self._volume.mount)

    def _below(self, path: Path) -> Path:
        return self._root / path.relative_to("/")


def _run(words: Sequence[str]) -> int:
    return subprocess.run(words, check=False).returncode


def main(arguments: Sequence[str]) -> int:
    """Open or close, as told by the unit; return the exit code."""
    parser = Arguments(prog="python -m common.install.opener")
    parser.add_argument("way", choices=["open", "close"])
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--mount", type=Path, required=True)
    parser.add_argument("--stick", default="")
    parser.add_argument("--key", default="")
    options = parser.parse_args(arguments)
    opener = Opener(Volume(options.image, options.name, options.mount), _run)
    return opener.close() if options.way == "close" else opener.open(Stick(options.stick, options.key))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
