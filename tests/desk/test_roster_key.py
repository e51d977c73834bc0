"""The roster key changes by files: asked for at the county, signed where the root keys are, taken up."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from common.casework.rules.flow import State
from common.node.cli import main
from common.node.keyring.ceremony import read_root_key
from common.node.keyring.keys import ROOT, ROSTER, ROSTER_NEXT, KeyFile
from common.people.rules.roles import Role
from common.store.database import close_database
from sync.protocol.signing import RealSuite
from tests.desk.three import COUNTY, PROFILES, RELIEF, TOWN, VILLAGE, ThreeNodes


class Desk:
    """Somebody at a console who reads what it says."""

    def __init__(self, data: Path, said: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self.said = said

    def run(self, *words: str | Path, data: str = COUNTY) -> tuple[int, str]:
        close_database()
        given = [*map(str, words), "--data", str(self.data / data)]
        code = main(PROFILES[data if data in PROFILES else COUNTY], given)
        told = self.said.readouterr()
        return code, told.out + told.err


def forgetful(handle: int) -> None:
    if stat.S_ISREG(os.fstat(handle).st_mode):
        os.ftruncate(handle, 20)


def altered(path: Path, **changed: object) -> Path:
    made = path.with_suffix(".altered")
    made.write_text(json.dumps({**json.loads(path.read_text()), **changed}))
    return made


def test_a_root_key_that_is_elsewhere_appoints_a_new_roster_key(
    three: ThreeNodes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(three.folder, capsys)
    root, asked, signed = tmp_path / "root.key", tmp_path / "asked", tmp_path / "signed"
    node = three.open(COUNTY)
    old, seed = node.keys.special(ROSTER), node.keys.special(ROOT)
    assert desk.run("trust", "root", "export", "--out", root)[0] == 0
    assert read_root_key(root, RealSuite()) == seed
    assert stat.S_IMODE(root.stat().st_mode) == 0o600
    assert desk.run("trust", "root", "export", "--out", tmp_path / "again")[0] == 2
    assert three.open(COUNTY).keys.special(ROOT) is None
    code, told = desk.run("trust", "roster-key")
    assert code == 2 and "根钥匙不在本机" in told
    assert desk.run("trust", "roster-key", "request", "--out", asked, data=TOWN)[0] == 2
    code, told = desk.run("trust", "roster-key", "request", "--out", asked)
    assert code == 0 and "已签／须签  0／1" in told
    # Nothing on the way is secret, and what is not signed opens nothing.
    assert old is not None and seed is not None
    for secret in (old.sign_private, seed.sign_private):
        assert secret.hex() not in asked.read_text()
    assert desk.run("trust", "roster-key", "finish", "--in", asked)[0] == 2
    code, told = desk.run("trust", "root", "sign", "--in", asked, data="nowhere")
    new = json.loads(bytes.fromhex(json.loads(asked.read_text())["appointment"]))["key"]["id"]
    assert code == 0 and "还没有签" in told and new in told
    # While the paper is away the roster goes on.
    with three.open(COUNTY).unit():
        three.node.trust.set_url(TOWN, "https://town.example", ("admin", three.now()))
    sign = ("trust", "root", "sign", "--in")
    assert desk.run(*sign, asked, "--key", root, "--out", signed, data="nowhere")[0] == 0
    for wrong in (altered(signed, what="x"), altered(signed, appointment="00"), root):
        assert desk.run("trust", "roster-key", "finish", "--in", wrong)[0] == 2
    before = three.open(COUNTY).peer.core.roster.version
    code, told = desk.run("trust", "roster-key", "finish", "--in", signed)
    assert code == 0 and new in told
    # Once is enough.
    assert desk.run("trust", "roster-key", "finish", "--in", signed)[0] == 2
    assert three.open(COUNTY).keys.special(ROSTER).id == new != old.id
    goes_on_under(three, new)
    assert three.open(COUNTY).peer.core.roster.version > before


def goes_on_under(three: ThreeNodes, key: str) -> None:
    """All three know the roster by its new key alone, and a case goes its way."""
    three.open(VILLAGE)
    case = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    entries = three.node.peer.core.roster.entries.values()
    assert {entry.statement.signatures[0][0] for entry in entries} == {key}
    three.open(TOWN)
    three.move(case, "accept", Role.CLERK)
    assert three.node.casework.case(case).state == State.ACCEPTED


def test_two_of_three_root_keys_must_sign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk, sticks = Desk(tmp_path, capsys), tmp_path / "sticks"
    found = ("init", "--address", COUNTY, "--root-out", sticks, "--root-keys", "3", "--root-threshold")
    assert desk.run(*found, "4")[0] == 2 and not sticks.exists()
    assert desk.run(*found, "2")[0] == 0
    keys = sorted(sticks.iterdir())
    assert len(keys) == 3 and '"root"' not in (tmp_path / COUNTY / "keys.json").read_text()
    assert desk.run(*found, "2", data="other")[0] == 2
    asked, once, both = (tmp_path / name for name in ("asked", "once", "both"))
    assert desk.run("trust", "roster-key", "request", "--out", asked)[0] == 0
    sign = ("trust", "root", "sign", "--in")
    code, told = desk.run(*sign, asked, "--key", keys[0], "--out", once, data="nowhere")
    assert code == 0 and "还缺 1 把" in told
    # The same key twice is one key; another network's is none.
    twice = tmp_path / "twice"
    code, told = desk.run(*sign, once, "--key", keys[0], "--out", twice, data="nowhere")
    assert code == 2 and "已经签过" in told and not twice.exists()
    assert desk.run("trust", "roster-key", "finish", "--in", once)[0] == 2
    strange = tmp_path / "strange"
    assert desk.run("init", "--address", "511922", "--root-out", strange, data="foreign")[0] == 0
    code, told = desk.run(*sign, once, "--key", strange / "root-1.key", "--out", both, data="nowhere")
    assert code == 2 and "不属于这个网络" in told and not both.exists()
    code, told = desk.run(*sign, once, "--key", keys[2], "--out", both, data="nowhere")
    assert code == 0 and "已签齐" in told
    kept = copytree(tmp_path / COUNTY, tmp_path / "kept", ignore=ignore_patterns("keys.json", "witness*"))
    assert desk.run("trust", "roster-key", "finish", "--in", both)[0] == 0
    assert desk.run("trust", "roster-key", "finish", "--in", both)[0] == 2
    # Put back to before it was taken up, while its key is the one in use: the same paper does it once more.
    close_database()
    copytree(kept, tmp_path / COUNTY, dirs_exist_ok=True)
    assert desk.run("trust", "roster-key", "finish", "--in", both)[0] == 0
    assert desk.run("trust", "roster-key", "finish", "--in", both)[0] == 2
    close_database()


def test_no_file_is_written_over_no_key_lost_with_a_bad_stick_and_no_number_signed_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, keys = Desk(tmp_path, capsys), tmp_path / COUNTY / "keys.json"
    root, asked, signed, out = (tmp_path / name for name in ("root", "asked", "signed", "out"))
    assert desk.run("init", "--address", COUNTY)[0] == 0
    with monkeypatch.context() as stick:
        # It takes what is written, and does not keep it.
        stick.setattr(os, "fsync", forgetful)
        assert desk.run("trust", "root", "export", "--out", root)[0] == 2
    assert not root.exists() and '"root"' in keys.read_text()
    assert desk.run("trust", "root", "export", "--out", root)[0] == 0
    request = ("trust", "roster-key", "request", "--out")
    sign = ("trust", "root", "sign", "--key", root, "--in")
    assert desk.run(*request, asked)[0] == 0
    assert desk.run(*request, asked)[0] == 2
    for there in (root, asked):
        before = there.read_bytes()
        assert desk.run(*sign, asked, "--out", there, data="nowhere")[0] == 2
        assert there.read_bytes() == before
    assert desk.run(*sign, asked, "--out", signed, data="nowhere")[0] == 0
    # The county's disk is lost, and with it the key asked for: another one is asked for by the same number.
    KeyFile(keys, RealSuite()).forget_special(ROSTER_NEXT)
    assert desk.run(*request, tmp_path / "second")[0] == 0
    code, told = desk.run(*sign, tmp_path / "second", "--out", out, data="nowhere")
    assert code == 2 and "第 2 次任命" in told and not out.exists()
    for number in (1, 2_000):
        assert desk.run(*request, tmp_path / "third", "--number", str(number))[0] == 2
    assert desk.run(*request, tmp_path / "third", "--number", "7")[0] == 0
    assert desk.run(*sign, tmp_path / "third", "--out", out, data="nowhere")[0] == 0
    code, told = desk.run("trust", "roster-key", "finish", "--in", out)
    assert code == 0 and "已换名册钥匙" in told
    close_database()
