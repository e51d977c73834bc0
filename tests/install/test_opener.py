"""The opener waits for the stick as long as it takes, and lets a passphrase typed at the console do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from common.install.opener import Opener, Stick, Volume

LET_GO = "umount /run/liandong-stick"


class Kernel:
    """What `mount`, `cryptsetup` and `e2fsck` would do, below a root of its own."""

    def __init__(self, root: Path) -> None:
        self.root, self.ran, self.waits = root, [], 0
        self.fitting, self.fsck, self.read_only, self.breaks = True, 0, True, 0
        for folder in ("dev/mapper", "dev/disk/by-uuid", "run"):
            (root / folder).mkdir(parents=True)

    def run(self, words: Sequence[str]) -> int:
        self.ran.append(" ".join(words).replace(str(self.root), ""))
        if words[:2] == ("mount", "-o") and "liandong-stick" in words[-1] and self.read_only is False:
            return int(words[2].startswith("ro"))
        if words[0] == "e2fsck":
            return self.fsck
        if words[:2] == ("cryptsetup", "open") and self.breaks:
            self.breaks -= 1
            raise OSError(5, "Input/output error")
        if words[:2] == ("cryptsetup", "open"):
            if self.fitting:
                (self.root / "dev/mapper/liandong").touch()
            return int(not self.fitting)
        return 0

    def pause(self, seconds: float) -> None:
        """Each wait brings the next thing that a person does."""
        self.waits += 1
        stick = self.root / "run/liandong-stick"
        if self.waits == 3:
            (self.root / "dev/disk/by-uuid/AB-1").touch()
        if self.waits == 5:
            (stick / "k").write_text("key")
            self.fitting = False
        if self.waits == 7:
            self.fitting = True
        assert self.waits < 20


def test_the_opener_waits_for_stick_and_key_and_lets_a_typed_passphrase_do(
    tmp_path: Path, capsys, monkeypatch
):
    kernel = Kernel(tmp_path / "a")
    volume = Volume(Path("/var/lib/liandong.img"), "liandong", tmp_path / "data")
    assert Opener(volume, kernel.run, kernel.pause, kernel.root).open(Stick("AB-1", "k")) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line[:6] for line in told] == ["等待钥匙U盘", "U盘上没有钥", "这把钥匙打不", "加密卷已打开"]
    assert kernel.waits == 7 and kernel.ran[-1].startswith(
        "mount -o nosuid,nodev,noexec /dev/mapper/liandong"
    )
    # Looked into, the stick is always let go again.
    assert kernel.ran.count("umount /run/liandong-stick") == len(
        [r for r in kernel.ran if r.endswith("liandong-stick") and "ro," in r]
    )
    typed = Kernel(tmp_path / "b")
    (typed.root / "dev/mapper/liandong").touch()
    assert Opener(volume, typed.run, typed.pause, typed.root).open(Stick("AB-1", "k")) == 0
    assert typed.waits == 0 and [line.split()[0] for line in typed.ran] == ["e2fsck", "mount"]
    assert (
        Opener(volume, typed.run, typed.pause, typed.root).close() == 0
        and typed.ran[-1] == "cryptsetup close liandong"
    )
    typed.fsck = 4
    assert Opener(volume, typed.run, typed.pause, typed.root).open(Stick("AB-1", "k")) == 1
    assert typed.ran[-1].startswith("e2fsck -p")
    # A desktop has the stick mounted to be written: then that way it is taken.
    held = Kernel(tmp_path / "c")
    (held.root / "dev/disk/by-uuid/AB-1").touch()
    (held.root / "run/liandong-stick").mkdir()
    (held.root / "run/liandong-stick/k").write_text("key")
    held.read_only, held.breaks = False, 2
    # A stick that breaks while it is read ends no waiting.
    assert Opener(volume, held.run, held.pause, held.root).open(Stick("AB-1", "k")) == 0 and held.waits == 2


def test_a_stick_left_by_a_program_that_was_killed_is_let_go_of(tmp_path: Path, monkeypatch):
    left, mounted = Kernel(tmp_path), 2
    opener = Opener(
        Volume(Path("/var/lib/liandong.img"), "liandong", tmp_path / "data"), left.run, left.pause, left.root
    )
    (left.root / "dev/mapper/liandong").touch()
    monkeypatch.setattr(
        os.path, "ismount", lambda path: str(path).endswith("stick") and left.ran.count(LET_GO) < mounted
    )
    assert opener.open(Stick("AB-1", "k")) == 0
    assert left.ran[:3] == [LET_GO, LET_GO, "e2fsck -p /dev/mapper/liandong"]
    # One that does not go ends nothing.
    mounted = 99
    assert opener.close() == 0 and left.ran.count(LET_GO) < 20
