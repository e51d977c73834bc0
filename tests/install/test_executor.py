"""Steps carried out below a root of their own: whole files, no link followed, nothing half-made left."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from common.install.command import install, rehearse
from common.install.errors import InTheWay, StepFailed
from common.install.executor import Executor, RealHands
from common.install.rules import plan
from common.install.rules.asked import Asked, Tier
from common.install.rules.machine import KeyFile, Machine
from common.install.rules.steps import Allocate, Copy, Folder, Own, Put, Rename, Run, Set, Step

MIB = 1 << 20
SEALED = Asked(Tier.VILLAGE, "511921108203", volume_bytes=2 << 30, key="/media/stick/k")
BARE = Machine(
    "/opt/liandong",
    room_bytes=1 << 40,
    tools=frozenset({"cryptsetup"}),
    key=KeyFile(64, stick="A", inside="k"),
)


class Recorded:
    """Hands that write down what they were told, and fail where they are to."""

    def __init__(self, failing: str = "", done: str = "") -> None:
        self.ran: list[str] = []
        self.asked: list[str] = []
        self.given: list[tuple[str, str]] = []
        self._failing, self._done = failing, done

    def run(self, words: Sequence[str], user: str) -> int:
        self.ran.append(" ".join([user, *words]).strip())
        return int(bool(self._failing) and self._failing in words)

    def ask(self, words: Sequence[str], user: str) -> int:
        self.asked.append(" ".join(words))
        return 0 if self._done and self._done in words else 1

    def give(self, path: Path, owner: str) -> None:
        self.given.append((path.name.removeprefix(".").removesuffix(".new"), owner))


def small(steps: Sequence[Step]) -> list[Step]:
    """Return the steps with a volume that costs the test nothing."""
    return [Allocate(step.path, MIB, step.mapper) if isinstance(step, Allocate) else step for step in steps]


def test_a_volume_is_whole_or_not_there(tmp_path: Path):
    hands, said = Recorded(), []
    steps = small(plan.ground(SEALED, BARE))
    Executor(tmp_path, hands, said.append).carry_out(steps)
    image, unit = tmp_path / "var/lib/liandong.img", tmp_path / "etc/systemd/system/liandong-volume.service"
    assert image.stat().st_size == MIB and stat.S_IMODE(image.stat().st_mode) == 0o600
    assert (
        "--stick A --key k" in unit.read_text() and hands.ran[-1] == "systemctl start liandong-volume.service"
    )
    assert [path.name for path in image.parent.iterdir()] == ["liandong.img"]
    # A second plan of the same kind would not touch it.
    before = image.stat().st_mtime_ns
    with pytest.raises(InTheWay):
        Executor(tmp_path, hands, said.append).carry_out(steps)
    assert image.stat().st_mtime_ns == before and not (tmp_path / "var/lib/liandong.img.part").exists()
    # Whichever step fails, the half-made file is gone and the mapping closed.
    for failing in ("luksFormat", "luksAddKey", "open", "mkfs.ext4", "close"):
        root, broken = tmp_path / failing, Recorded(failing)
        with pytest.raises(StepFailed) as failed:
            Executor(root, broken, said.append).carry_out(steps)
        assert failing in str(failed.value) and list((root / "var/lib").iterdir()) == []
        assert broken.asked == ["cryptsetup close liandong-new"]
    # Once it has its name it stays, whatever fails behind it.
    late = Recorded("start")
    with pytest.raises(StepFailed):
        Executor(tmp_path / "late", late, said.append).carry_out(steps)
    assert (tmp_path / "late/var/lib/liandong.img").exists() and late.asked == []


def test_files_are_written_whole_for_whom_they_are_and_links_lead_nowhere(tmp_path: Path):
    hands = Recorded()
    secret, data = tmp_path / "secret", tmp_path / "data"
    secret.write_text("root alone")

    def do(*steps: Step) -> None:
        Executor(tmp_path, hands, lambda _: None).carry_out(steps)

    do(
        Folder("/data", 0o700, "liandong"),
        Put("/data/a", "x", 0o640, "liandong"),
        Put("/data/a", "x", 0o600, "liandong"),
    )
    assert stat.S_IMODE(data.stat().st_mode) == 0o700 and stat.S_IMODE((data / "a").stat().st_mode) == 0o600
    assert hands.given == [("data", "liandong"), ("a", "liandong")]
    (data / "node.toml").write_text('threads = 4\nbind = "x"\n')
    do(Set("/data/node.toml", (("bind", "127.0.0.1:1"),), "liandong"))
    assert (data / "node.toml").read_text() == 'threads = 4\nbind = "127.0.0.1:1"\n'
    # The node's user owns the folder and may have laid links for root to follow.
    for step in (
        Set("/data/link", (("bind", "x"),), "liandong"),
        Own("/data/link", "liandong"),
        Folder("/data/folder", 0o700, "liandong"),
        # Who brings a stick may have laid one there.
        Copy("/data/link", "/data/copied", 0o600, "liandong"),
    ):
        for name, target in (("link", secret), ("folder", tmp_path / "elsewhere")):
            (data / name).unlink(missing_ok=True)
            target.parent.mkdir(exist_ok=True)
            (data / name).symlink_to(target)
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        mode = secret.stat().st_mode
        with pytest.raises(OSError, match=r"symbolic|link"):
            do(step)
        assert secret.read_text() == "root alone" and secret.stat().st_mode == mode
    (data / ".b.new").symlink_to(secret)
    do(Copy("/secret", "/data/b", 0o600, "liandong"), Put("/data/link", "mine"))
    assert (data / "b").read_text() == secret.read_text() == "root alone" and not (data / "b").is_symlink()
    with pytest.raises(InTheWay):
        do(Rename("/data/b", "/data/a"))


def test_a_pipe_that_the_nodes_user_laid_keeps_root_waiting_for_nobody(tmp_path: Path):
    os.mkfifo(tmp_path / "node.toml")
    with pytest.raises(OSError, match=r"node\.toml"):
        Executor(tmp_path, Recorded(), lambda _: None).carry_out(
            [Set("/node.toml", (("bind", "x"),), "liandong")]
        )


def test_what_is_done_is_not_done_again_and_a_failure_stops(tmp_path: Path):
    steps = [
        Run("a", ("first",), "liandong", unless=("is", "done")),
        Run("b", ("second",), accept=(0, 1)),
        Run("c", ("third",)),
    ]
    done = Recorded(done="done", failing="second")
    Executor(tmp_path, done, lambda _: None).carry_out(steps)
    assert done.ran == ["second", "third"]
    stopped = Recorded(failing="first")
    with pytest.raises(StepFailed):
        Executor(tmp_path, stopped, lambda _: None).carry_out(steps)
    assert stopped.ran == ["liandong first"]


def test_a_program_that_is_not_there_or_not_allowed_is_a_failed_step_and_no_trace(tmp_path: Path):
    hands = RealHands(tmp_path)
    (tmp_path / "closed").write_text("#!/bin/sh\n")
    assert (
        hands.run((str(tmp_path / "none"),), "") == 127 and hands.ask((str(tmp_path / "closed"),), "") == 126
    )
    assert hands.run(("/bin/sh", "-c", "exit 3"), "") == 3


def test_it_is_looked_twice_and_a_rehearsal_changes_nothing(tmp_path: Path, capsys):
    plain, hands = Asked(Tier.VILLAGE, "511921108203"), Recorded()
    found = iter([BARE, Machine("/opt/liandong", settings={"address": "511921108204"})])
    executor = Executor(tmp_path, hands, lambda _: None)
    # What the opened volume holds is known at the second look alone.
    assert install(plain, lambda: next(found), executor) == 2
    assert "另一个站点" in capsys.readouterr().err and not any("init" in line for line in hands.ran)
    assert install(Asked(Tier.TOWN, "51"), lambda: pytest.fail("looked"), executor) == 2
    assert rehearse(plain, lambda: BARE) == 0
    assert rehearse(plain, lambda: Machine("/opt/liandong", settings={"bind": "x"})) == 2
    assert rehearse(plain, lambda: Machine("/opt/liandong", is_root=False, room_bytes=1 << 40)) == 2
    shown = capsys.readouterr()
    assert "装好以后：网页：" in shown.out and "完成" not in shown.out, "nothing was done"
    assert (
        "village_node init" in shown.out and "WantedBy=multi-user.target" in shown.out and "root" in shown.err
    )
    assert list(tmp_path.iterdir()) == []
