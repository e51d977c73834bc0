"""The root keys themselves change, by files: three of the founding, three new ones, and who joins later."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from common.node.keyring.ceremony import RootKeyFileExists, read_root_key
from common.node.keyring.root_renewal import NoPublicHalf, read_all, read_public, write_both
from common.store.database import close_database
from sync.protocol.signing import RealSuite
from tests.desk.test_roster_key import Desk
from tests.desk.three import COUNTY, TOWN, ThreeNodes, enrol
from tests.sync.made import key_pair
from tests.sync.test_root_keys import twin_of

SIGN, FINISH = ("trust", "root", "sign", "--in"), ("trust", "roster-key", "finish", "--in")


def test_new_root_keys_take_over_and_the_former_ones_say_nothing_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, sticks = Desk(tmp_path, capsys), tmp_path / "sticks"
    given = ("--root-out", sticks, "--root-keys", "3", "--root-threshold", "2")
    assert desk.run("init", "--address", COUNTY, *given)[0] == 0
    former, new = sorted(sticks.iterdir()), [tmp_path / f"new-{n}.key" for n in range(3)]
    for path in new:
        code, told = desk.run("trust", "root", "new", "--out", path, data="nowhere")
        assert code == 0 and read_root_key(path, RealSuite()).id in told
        assert read_root_key(path, RealSuite()).sign_private.hex() not in path.with_suffix(".pub").read_text()
    assert desk.run("trust", "root", "new", "--out", new[0], data="nowhere")[0] == 2
    asked = asked_for(desk, new, tmp_path)
    # Two of the former and two of the new ones; one of them less is nothing.
    signers, on = [former[0], former[2], new[1], new[2]], asked
    for n, key in enumerate(signers):
        assert desk.run(*FINISH, on)[0] == 2
        code, told = desk.run(*SIGN, on, "--key", key, "--out", tmp_path / f"signed-{n}", data="nowhere")
        assert code == 0 and ("已签齐" if n == 3 else f"还缺 {3 - n} 把") in told
        on = tmp_path / f"signed-{n}"
    code, told = desk.run(*FINISH, on)
    assert code == 0 and "根钥匙也已更换" in told
    # From now on all three of the former are not enough, and two of the new ones are.
    again, old_hands, hands = tmp_path / "again", tmp_path / "old-hands", tmp_path / "hands"
    assert desk.run("trust", "roster-key", "request", "--out", again)[0] == 0
    keys = [word for path in former for word in ("--key", path)]
    code, told = desk.run(*SIGN, again, *keys, "--out", old_hands, data="nowhere")
    assert code == 0 and "还缺 2 把" in told and desk.run(*FINISH, old_hands)[0] == 2
    keys = [word for path in new[:2] for word in ("--key", path)]
    assert desk.run(*SIGN, again, *keys, "--out", hands, data="nowhere")[0] == 0
    assert desk.run(*FINISH, hands)[0] == 0
    joins_by_the_sheet_of_the_founding(desk, ThreeNodes(tmp_path))


@pytest.mark.parametrize("given", [("--root-keys", "3"), ("--root-threshold", "2")])
def test_several_root_keys_without_a_place_for_them_are_no_single_one_in_the_countys_own_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, str]
) -> None:
    """The network hangs from its root for good: whoever forgot the folder would have found out too late."""
    desk = Desk(tmp_path, capsys)
    code, told = desk.run("init", "--address", COUNTY, *given)
    assert code == 2 and told.startswith("E415 缺少参数 --root-out")
    assert not (tmp_path / COUNTY).exists()
    assert desk.run("init", "--address", COUNTY, "--root-threshold", "1")[0] == 0
    close_database()


def test_what_is_asked_for_after_a_renewal_has_another_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of one number each node would follow the first to come, and half of them not know the new root keys."""
    desk, new = Desk(tmp_path, capsys), tmp_path / "new.key"
    assert desk.run("init", "--address", COUNTY)[0] == 0
    assert desk.run("trust", "root", "new", "--out", new, data="nowhere")[0] == 0
    renew = ("trust", "root", "renew", "--new", new.with_suffix(".pub"), "--out", tmp_path / "renewal")
    assert "第几次任命  2" in desk.run(*renew)[1]
    request = ("trust", "roster-key", "request", "--out")
    assert desk.run(*request, tmp_path / "same", "--number", "2")[0] == 2
    # Asked once more it names nothing else, and keeps its number and its text, though the roster has grown.
    for name in ("plain", "once more"):
        code, told = desk.run(*request, tmp_path / name)
        assert code == 0 and "第几次任命  3" in told, name
        url = ("trust", "url", "--address", COUNTY, "--url", f"https://192.0.2.{len(name)}:8443")
        assert desk.run(*url)[0] == 0, "an entry of the roster is signed anew"
    papers = [json.loads((tmp_path / name).read_text()) for name in ("plain", "once more")]
    assert papers[0]["appointment"] == papers[1]["appointment"]
    close_database()


def asked_for(desk: Desk, new: list[Path], folder: Path) -> Path:
    """Let the county ask for these root keys, two of which are to sign."""
    halves = [word for path in new for word in ("--new", path.with_suffix(".pub"))]
    asked, renew = folder / "asked", ("trust", "root", "renew", "--threshold", "2")
    assert desk.run(*renew, "--out", asked)[0] == desk.run(*renew, *halves)[0] == 2
    assert desk.run(*renew, "--out", asked, *halves[:2])[0] == 2 and not asked.exists()
    # Asked for once already, and perhaps signed somewhere: the number of the renewal is above it.
    assert desk.run("trust", "roster-key", "request", "--out", folder / "lost")[0] == 0
    assert desk.run(*renew, "--out", asked, *halves, "--number", "2")[0] == 2
    code, told = desk.run(*renew, "--out", asked, *halves)
    assert code == 0 and "第几次任命  3" in told
    assert all(read_root_key(path, RealSuite()).id in told for path in new)
    return asked


def joins_by_the_sheet_of_the_founding(desk: Desk, three: ThreeNodes) -> None:
    root = three.open(COUNTY).fingerprint()
    assert desk.run("init", "--address", TOWN, data=TOWN)[0] == 0
    enrol(three, TOWN, COUNTY)
    for _ in range(2):
        # Again after a start: what was kept is enough.
        roster = three.open(TOWN).peer.core.roster
        assert three.node.fingerprint() == root and len(roster.renewals) == 1
        assert roster.appointment is not None and roster.appointment.fields()["version"] == 4
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, COUNTY)
    close_database()


def twin_fields() -> dict[str, str]:
    """Return a key of the same hand with another sealing half: it would sign for two."""
    return twin_of(key_pair("new"), key_pair("other")).public.as_fields()


def power_fails(*_: object) -> None:
    raise KeyboardInterrupt


def test_files_of_new_root_keys_are_what_they_say(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    public = write_both(path, key_pair("new"))
    assert read_public(public) == key_pair("new").public
    with pytest.raises(RootKeyFileExists):
        write_both(tmp_path / "root.other", key_pair("other"))
    assert not (tmp_path / "root.other").exists()
    (tmp_path / "there.key").write_bytes(b"")
    with pytest.raises(RootKeyFileExists):
        write_both(tmp_path / "there.key", key_pair("other"))
    assert not (tmp_path / "there.pub").exists()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("common.node.keyring.root_renewal.write_root_key", power_fails)
        write_both(tmp_path / "cut.key", key_pair("other"))
    assert read_public(tmp_path / "cut.pub") == key_pair("other").public
    with pytest.raises(NoPublicHalf):
        read_all([public, public], 1)
    (tmp_path / "twin.pub").write_text(json.dumps({**json.loads(public.read_text()), **twin_fields()}))
    with pytest.raises(NoPublicHalf):
        read_all([public, tmp_path / "twin.pub"], 2)
    fields = json.loads(public.read_text())
    wrong = [{**fields, "id": "00" * 16}, {**fields, "what": "x"}, {**fields, "sign": "zz"}, [], 7, path]
    for content in wrong:
        text = path.read_text() if content is path else json.dumps(content)
        public.write_text(text)
        with pytest.raises(NoPublicHalf):
            read_public(public)
