"""What a node was put back from is known later, too; what lies beside the database is held to the list."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from common.config import read_config
from common.node.backups import backup, backup_list, backup_proof, restore
from common.node.checks import doctor
from common.node.checks.findings import BAD, GOOD, WARN
from common.node.cli import main
from common.node.sheet import keep_daily
from common.notices.shelf import FOLDER as NOTICES
from common.notices.shelf import PdfShelf
from common.store.database import close_database
from county_node.profile import PROFILE as COUNTY
from sync.protocol.signing import RealSuite
from sync.protocol.trust.revocation import STOLEN
from tests.desk.test_roster_keys import replace_machine
from tests.desk.three import COUNTY as COUNTY_AT
from tests.desk.three import DAY_MS, TOWN, VILLAGE, ThreeNodes, cuts_on, enrol, post, profile_of
from tests.node.test_backup import county, opened, run
from tests.node.test_backup_signed import change_database, old

__all__ = ("county",)
SUITE = RealSuite()


def test_a_sealed_paper_or_a_sheet_swapped_on_the_disk_is_left_out_and_counted(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The shelf gave it out as the decision."""
    node, kept = opened(county), tmp_path / "kept"
    good, false, strange = (f"{n * 16}-{'cd' * 8}" for n in ("ab", "cd", "ef"))
    for name in (good, false):
        PdfShelf(county / NOTICES).keep_sealed(name, b"%PDF the decision")
    keep_daily(node, node.clock.now_ms())
    for _ in range(2):
        backup.back_up(node, kept)
    assert len(list(kept.glob("files-*.json"))) == 1
    for name in (false, strange):
        (kept / NOTICES / f"{name}.sealed.pdf").write_bytes(b"%PDF another decision")
    for name in (NOTICES, "audit"):
        shutil.rmtree(county / name)
    close_database()
    assert run(county, "restore", str(kept), "--yes") == 0
    assert "2 份存证页或盖章文书" in capsys.readouterr().out
    assert [path.name for path in (county / NOTICES).iterdir()] == [f"{good}.sealed.pdf"]
    assert len(list((county / "audit").iterdir())) == 1


def test_one_that_rotted_on_the_disk_is_copied_once_more(county: Path, tmp_path: Path) -> None:
    """As papers are: else the next backup listed it, and no backup held it."""
    node, kept = opened(county), tmp_path / "kept"
    name = f"{'ab' * 16}-{'cd' * 8}"
    PdfShelf(county / NOTICES).keep_sealed(name, b"%PDF the decision")
    backup.back_up(node, kept)
    copy = kept / NOTICES / f"{name}.sealed.pdf"
    for rotten in (b"%PDF the decisiom", b""):
        copy.write_bytes(rotten)
        backup.back_up(node, kept)
        assert copy.read_bytes() == b"%PDF the decision"
    (county / NOTICES / copy.name).unlink()
    backup.back_up(node, kept)
    close_database()
    restore.put_back(read_config(county, {}), COUNTY, kept)
    assert PdfShelf(county / NOTICES).sealed("ab" * 16, name) == b"%PDF the decision"


def test_a_power_cut_between_the_files_and_the_list_leaves_the_former_backup_good(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cut(BaseException):
        pass

    def cut(*_: object) -> None:
        raise Cut

    node, kept = opened(county), tmp_path / "kept"
    PdfShelf(county / NOTICES).keep_sealed(f"{'ab' * 16}-{'cd' * 8}", b"%PDF the decision")
    good = backup.back_up(node, kept)
    with monkeypatch.context() as power:
        power.setattr(backup, "put_list", cut)
        power.setattr(backup, "_take_away", lambda *_: None)
        with pytest.raises(Cut):
            backup.back_up(node, kept)
    assert len(list(kept.glob("files-*.json"))) == 2
    shutil.rmtree(county / NOTICES)
    close_database()
    done = restore.put_back(read_config(county, {}), COUNTY, kept)
    assert (done.proof, done.made_at, done.files_lacking) == ("own", good.made_at, 0)
    backup.back_up(opened(county), tmp_path / "next")
    assert len(list((tmp_path / "next").glob("files-*.json"))) == 1


@pytest.mark.parametrize("step", ["put_list", "settle_settings"])
def test_settings_changed_since_the_former_backup_do_not_spoil_it_when_the_next_is_cut_off(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A new computer refused the only backup there was: its settings were already those of the next."""

    def cut(*_: object) -> None:
        raise OSError(28, "No space left on device")

    kept = tmp_path / "kept"
    backup.back_up(opened(county), kept)
    close_database()
    former = (county / "node.toml").read_text()
    (county / "node.toml").write_text(former + "proxy_hops = 1\n")
    with monkeypatch.context() as power:
        power.setattr(backup, step, cut, raising=False)
        with pytest.raises(OSError, match="space"):
            backup.back_up(opened(county), kept)
    close_database()
    assert run(tmp_path / "new", "restore", str(kept), "--yes") == 0
    # What the list in the folder is of decides.
    brought = (tmp_path / "new" / "node.toml").read_text()
    assert brought == (former if step == "put_list" else former + "proxy_hops = 1\n")


def test_a_node_without_a_key_makes_a_backup_and_says_that_its_list_is_not_signed(
    three: ThreeNodes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup.back_up(three.open(VILLAGE), tmp_path / "kept")
    close_database()
    words = ("restore", str(tmp_path / "kept"), "--yes", "--data", str(tmp_path / "new"))
    assert main(profile_of(VILLAGE), list(words)) == 0
    capsys.readouterr()
    words = ("backup", str(tmp_path / "again"), "--data", str(tmp_path / "new"))
    assert main(profile_of(VILLAGE), list(words)) == 0
    assert "清单没有签名" in capsys.readouterr().out
    listed = backup_list.read_said(tmp_path / "again")
    assert (listed.version, listed.key, listed.signature) == (1, "", "")


def test_of_a_key_revoked_since_as_stolen_it_is_told_where_that_is_known(
    three: ThreeNodes, tmp_path: Path
) -> None:
    """What the thief signs is told from what the site signed by nothing in it: people have to look."""
    listed = backup.back_up(three.open(VILLAGE), tmp_path / "kept")
    client = three.client(COUNTY_AT, "admin")
    place = f"/roster/{VILLAGE}/revoke"
    said = {**cuts_on(client.get(place).text), "reason": "stolen", "sure": "1"}
    assert post(client, place, said).status_code == 303
    close_database()
    # The machine was stolen: another one joins by a new code, and is put back from the backup of before.
    replace_machine(three)
    three.carry(TOWN, COUNTY_AT)
    three.carry(COUNTY_AT, TOWN)
    three.carry(TOWN, VILLAGE)
    close_database()
    data = three.folder / VILLAGE
    found = backup_proof.prove(listed, tmp_path / "kept", data)
    assert (found.how, found.is_root_known, found.revoked) == (backup_proof.NAMED, 1, STOLEN)
    assert any("已经作废" in line for line in backup_proof.told(found))
    restore.put_back(read_config(data, {}), profile_of(VILLAGE), tmp_path / "kept")

    def doctor_says() -> tuple[str, str]:
        (found,) = [one for one in doctor.examine(three.open(VILLAGE)) if one.subject == "恢复来源"]
        return found.light, found.sentence

    # What it had heard is gone with its database, until it hears it again.
    assert doctor_says()[0] == GOOD
    enrol(three, VILLAGE, TOWN)
    light, sentence = doctor_says()
    assert light == WARN and "已经作废" in sentence


def test_a_computer_that_joins_later_finds_out_that_its_backup_was_of_another_network(
    county: Path, tmp_path: Path
) -> None:
    """On a blank computer nothing was known; the sheet it joins by names the true root."""
    kept = tmp_path / "kept"
    backup.back_up(opened(county), kept)
    close_database()
    new = tmp_path / "new"
    assert run(new, "restore", str(kept), "--yes") == 0
    node = opened(new)
    (said,) = [one for one in doctor.examine(node) if one.subject == "恢复来源"]
    # Till then nobody but the backup itself has said whose it is.
    assert said.light == WARN and "还没有核对" in said.sentence and node.fingerprint()[:4] in said.sentence
    with node.unit():
        node.peer.core.identity.fingerprint = "ab" * 32
    (said,) = [one for one in doctor.examine(node) if one.subject == "恢复来源"]
    assert said.light == BAD and "另一个网络" in said.sentence


def test_an_unproven_backup_put_back_is_told_on_pages_until_the_next_is_made(
    three: ThreeNodes, tmp_path: Path
) -> None:
    three.clock.set_wall(1_800_000_000_000)
    backup.back_up(three.open(VILLAGE), tmp_path / "kept")
    old(tmp_path / "kept")
    close_database()
    restore.put_back(read_config(three.folder / VILLAGE, {}), profile_of(VILLAGE), tmp_path / "kept")
    page = three.client(VILLAGE, "admin")
    words = "本站的数据是从一份不能证明没有被改过的备份恢复的"
    assert words in page.get("/", follow_redirects=True).text and words in page.get("/line").text
    three.clock.advance(DAY_MS)
    backup.back_up(three.open(VILLAGE), tmp_path / "next")
    page = three.client(VILLAGE, "admin")
    assert words not in page.get("/", follow_redirects=True).text


def test_the_verbs_in_processes_of_their_own(tmp_path: Path) -> None:
    """From the backup to the new computer, and with one byte changed on the way."""

    def ran(*words: str) -> tuple[int, str]:
        line = [sys.executable, "-m", "county_node", *words]
        done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, done.stdout + done.stderr

    data, kept, new = (str(tmp_path / name) for name in ("county", "kept", "new"))
    assert ran("init", "--address", "511921", "--data", data)[0] == 0
    code, said = ran("backup", kept, "--data", data, "--json")
    listed = json.loads(said)
    assert code == 0 and listed["proof"] == "named"
    root = listed["root"]
    place = tmp_path / "kept" / "backup.json"
    good = place.read_text()
    place.write_text(good.replace('"frames": 0', '"frames": 1'))
    code, said = ran("restore", kept, "--root", root, "--yes", "--data", new)
    assert code == 2 and said.startswith("E519") and not (tmp_path / "new").exists()
    place.write_text(good)
    code, said = ran("restore", kept, "--root", root, "--yes", "--data", new)
    assert code == 0 and "已恢复" in said and "逐组核对" not in said


def test_after_a_backup_it_is_looked_at_as_a_new_computer_would(
    three: ThreeNodes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A computer that the township let in has a key that the roster does not name yet."""
    replace_machine(three)
    close_database()
    words = ["backup", str(tmp_path / "kept"), "--data", str(three.folder / VILLAGE)]
    assert main(profile_of(VILLAGE), words) == 0
    assert "名册还没有确认这把钥匙" in capsys.readouterr().out
    found = backup_proof.prove(backup_list.read_said(tmp_path / "kept"), tmp_path / "kept", None)
    assert found.how == backup_proof.UNCONFIRMED


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE sync_blob",
        "DROP TABLE sync_held",
        "UPDATE sync_held SET payload = x'7b7d' WHERE sort = 'root'",
        "UPDATE sync_held SET payload = 5 WHERE sort = 'root'",
        "DELETE FROM sync_identity",
        "UPDATE sync_identity SET address = '511922'",
    ],
)
def test_a_database_that_is_no_nodes_or_another_ones_takes_no_place(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], sql: str
) -> None:
    """It lay in the node's place before anybody looked, and the node was gone; or ended in a traceback."""
    kept, new = tmp_path / "kept", tmp_path / "new"
    backup.back_up(opened(county), kept)
    close_database()
    change_database(kept, sql)
    old(kept)
    for folder in (county, new):
        for words in ((), ("--yes",)):
            assert run(folder, "restore", str(kept), *words) == 2
            assert capsys.readouterr().err.startswith("E432")
    assert not new.exists() and not list(county.glob("before-restore-*"))


def test_no_backup_is_laid_over_the_data_of_another_node(county: Path, tmp_path: Path) -> None:
    """On a computer with two, one folder typed for the other: its settings were written over."""
    other = tmp_path / "other"
    assert run(other, "init", "--address", "511922") == 0
    close_database()
    before = {path: path.read_bytes() for path in other.rglob("*") if path.is_file()}
    assert run(county, "backup", str(other)) == 2
    assert {path: path.read_bytes() for path in other.rglob("*") if path.is_file()} == before


def test_nor_is_a_backup_put_back_where_it_lies(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With one folder typed twice the node went to work in its only backup."""
    kept = tmp_path / "kept"
    backup.back_up(opened(county), kept)
    close_database()
    before = sorted(kept.rglob("*"))
    assert run(kept, "restore", str(kept), "--yes") == 2
    assert capsys.readouterr().err.startswith("E478") and sorted(kept.rglob("*")) == before
