"""What the look at a machine tells: files, volume, key, port and disks, below a root of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from common.install.look import disks_of, look
from common.install.rules.asked import Asked, Tier
from common.install.rules.machine import Image, Machine, Port

SEALED = Asked(Tier.VILLAGE, "511921108203", volume_bytes=2 << 30, key="/media/stick/k")


class Silent:
    """Hands that do nothing; of what they are asked, `done` alone is so."""

    def __init__(self, done: str = "") -> None:
        self._done = done

    def run(self, words: Sequence[str], user: str) -> int:
        raise AssertionError(words)

    def ask(self, words: Sequence[str], user: str) -> int:
        return 0 if self._done and self._done in words else 1

    def give(self, path: Path, owner: str) -> None:
        raise AssertionError(path)


def test_the_look_tells_what_lies_where(tmp_path: Path):
    lib, stick = tmp_path / "var/lib", tmp_path / "media/stick"
    for folder in (lib, stick, tmp_path / "run/systemd/system", tmp_path / "proc"):
        folder.mkdir(parents=True)
    (tmp_path / "proc/swaps").write_text("Filename Type\n/dev/sda2 partition 1 0 -2\n")
    program = tmp_path / "opt"
    program.mkdir()
    program.chmod(0o777)

    def seen() -> Machine:
        return look(SEALED, program, Silent(), tmp_path)

    first = seen()
    assert first.image is Image.ABSENT and first.key is None and first.has_systemd and first.has_swap
    invented = replace(SEALED, address="999999999999")
    assert not first.is_unlisted and look(invented, program, Silent(), tmp_path).is_unlisted
    assert not first.is_program_safe and not first.is_node_running and first.room_bytes > 0
    (stick / "k").write_bytes(b"x" * 64)
    (stick / "k").chmod(0o640)
    for content, image in (
        (b"LUKS\xba\xbe\x00\x02" + b"\0" * 99, Image.LUKS),
        (b"", Image.OTHER),
        (b"LUKS", Image.OTHER),
    ):
        (lib / "liandong.img").write_bytes(content)
        assert seen().image is image and seen().image_bytes == len(content)
    (lib / "liandong.img.part").touch()
    (lib / "liandong").mkdir()
    (lib / "liandong/node.toml").write_text('address = "511921108203"\nthreads = 3\n')
    second = seen()
    assert second.has_draft and second.settings == {"address": "511921108203"}
    # A link there would let root read any file, and a pipe keep it waiting for good.
    (lib / "liandong/node.toml").rename(tmp_path / "elsewhere.toml")
    (lib / "liandong/node.toml").symlink_to(tmp_path / "elsewhere.toml")
    assert seen().settings == {}
    (lib / "liandong/node.toml").unlink()
    os.mkfifo(lib / "liandong/node.toml")
    assert seen().settings == {}
    assert second.key is not None and second.key.is_open_to_others and second.key.is_on_data_disk


def test_a_port_that_the_node_itself_holds_is_not_taken(tmp_path: Path):
    lib = tmp_path / "var/lib"
    (lib / "liandong").mkdir(parents=True)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        held, mine = f"127.0.0.1:{other.getsockname()[1]}", Silent(done="is-active")
        (lib / "liandong/node.toml").write_text(f'address = "511921108203"\nbind = "{held}"\n')
        everywhere = replace(SEALED, bind=held.replace("127.0.0.1", "0.0.0.0"))
        for asked in (SEALED, everywhere):
            assert look(asked, tmp_path, Silent(), tmp_path).port is Port.TAKEN
            assert look(asked, tmp_path, mine, tmp_path).port is Port.FREE
    assert look(replace(SEALED, bind="192.0.2.9:8600"), tmp_path, mine, tmp_path).port is Port.NOT_MINE


def test_a_disk_is_found_through_partitions_mappings_and_loops(tmp_path: Path):
    devices, blocks = tmp_path / "sys/devices", tmp_path / "sys/dev/block"
    blocks.mkdir(parents=True)
    for name, number in (("sda", "8:0"), ("sda/sda1", "8:1"), ("dm-0", "253:0"), ("sdb", "8:16")):
        (devices / name).mkdir(parents=True)
        (devices / name / "dev").write_text(f"{number}\n")
        (blocks / number).symlink_to(devices / name)
    (devices / "sda/sda1/partition").write_text("1\n")
    (devices / "dm-0/slaves").mkdir()
    (devices / "dm-0/slaves/sda1").symlink_to(devices / "sda/sda1")
    assert disks_of(os.makedev(8, 1), tmp_path) == disks_of(os.makedev(253, 0), tmp_path) == {"sda"}
    assert (
        disks_of(os.makedev(8, 16), tmp_path) == {"sdb"}
        and disks_of(os.makedev(0, 44), tmp_path) == frozenset()
    )


def test_a_program_is_safe_when_no_file_of_it_is_anybody_elses(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("common.install.look._ROOTS", (0, os.geteuid()))
    # Below a folder of everybody's with the sticky bit, as nothing below `tmp_path` is reached by others.
    with TemporaryDirectory() as folder:
        program = Path(folder)
        program.chmod(0o755)
        file = program / "town_node/profile.py"
        file.parent.mkdir()
        file.touch(0o644)
        (program / "link").symlink_to(file)

        def is_safe() -> bool:
            return look(SEALED, program, Silent(), tmp_path).is_program_safe

        assert is_safe()
        file.chmod(0o666)
        assert not is_safe()
        file.chmod(0o644)
        assert is_safe()
        program.chmod(0o1777)
        assert not is_safe()
        program.chmod(0o755)
        monkeypatch.setattr("common.install.look._ROOTS", ())
        assert not is_safe()
