"""The list of a backup is signed by the node: who swaps files and list together on the disk is found out."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from common.node.backups import backup, backup_list, backup_proof, last_backup
from common.node.checks import doctor
from common.node.checks.findings import GOOD, WARN
from common.node.keyring.keys import KeyFile
from common.store import audit
from common.store.database import close_database
from sync.adapters.file_steps import hash_of
from sync.protocol.signing import RealSuite
from tests.desk.test_roster_keys import replace_machine
from tests.desk.three import VILLAGE, ThreeNodes
from tests.node.test_backup import county, opened, run

__all__ = ("county",)
REFUSED = 2
UNSIGNED = "备份清单没有签名"
SUITE = RealSuite()


def rewrite(kept: Path, **changes: Any) -> dict[str, Any]:
    """Change a list as who has the disk in hands does."""
    path = kept / backup_list.LIST_FILE
    said: dict[str, Any] = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(said))
    return said


def change_database(kept: Path, sql: str = "CREATE TABLE mine (a)") -> None:
    """Put something into the database of a backup, and the hash of that into its list."""
    path = next(kept.glob("node-*.sqlite3"))
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(sql)
    rewrite(kept, sha256=hash_of(path))


def resign(kept: Path) -> None:
    """Sign a list with a key of somebody else."""
    pair = SUITE.pair(os.urandom(64))
    listed = backup_list.read_said(kept)
    path = kept / backup_list.LIST_FILE
    path.write_bytes(backup_list.written(backup_list.signed_by(listed, pair, SUITE)))


def old(kept: Path) -> None:
    """Make a list what an older program writes."""
    said = rewrite(kept)
    first = {name: said[name] for name in backup_list.FIRST}
    (kept / backup_list.LIST_FILE).write_text(json.dumps({**first, "version": 1}))


def test_a_list_is_signed_and_says_for_whom_when_and_of_what(county, tmp_path, capsys):
    node, kept = opened(county), tmp_path / "kept"
    key = node.peer.core.own_key().id
    assert run(county, "backup", str(kept)) == 0
    assert f"备份清单由本站的钥匙（编号 {key}）签名" in capsys.readouterr().out
    said = json.loads((kept / "backup.json").read_text())
    node = opened(county)
    assert (said["version"], said["key"], said["root"]) == (2, key, node.fingerprint())
    assert said["network"] == node.peer.core.roster.network and said["address"] == "511921"
    assert said["settings"] == hash_of(kept / "node.toml")
    row = audit.newest(node.me, (last_backup.MADE,), 2**62)
    assert row is not None
    listed = backup_list.read_said(kept)
    assert json.loads(row.detail) == {"list": listed.statement().hash, "key": key}
    assert run(county, "restore", str(kept)) == REFUSED
    assert f"由本站的钥匙（编号 {key}）签名，核对无误" in capsys.readouterr().out
    assert run(county, "restore", str(kept), "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out)["proof"] == "own"


@pytest.mark.parametrize(
    "change",
    [
        change_database,
        lambda kept: rewrite(kept, made_at=1_800_000_000_000),
        lambda kept: rewrite(kept, root="ab" * 32),
        lambda kept: rewrite(kept, settings=""),
        lambda kept: rewrite(kept, signature="00" * 64),
        lambda kept: rewrite(kept, signature=""),
    ],
)
def test_files_and_list_swapped_together_are_refused_and_nothing_is_changed(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Path], object]
) -> None:
    kept = tmp_path / "kept"
    backup.back_up(opened(county), kept)
    close_database()
    change(kept)
    before = hash_of(county / "node.sqlite3")
    for words in ((), ("--yes",)):
        assert run(county, "restore", str(kept), *words) == REFUSED
        told = capsys.readouterr()
        assert told.err.startswith("E519") and not told.out
    assert hash_of(county / "node.sqlite3") == before and not list(county.glob("before-restore-*"))


@pytest.mark.parametrize("change", [old, resign])
def test_without_a_signature_that_can_be_checked_it_is_taken_and_never_silently(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Path], object]
) -> None:
    """Lists of older programs have none; and who cannot sign may always take a signature away."""
    kept = tmp_path / "kept"
    backup.back_up(opened(county), kept)
    change(kept)
    words = UNSIGNED if change is old else "没有确认"
    root = opened(county).fingerprint()
    assert run(county, "restore", str(kept)) == REFUSED
    assert words in capsys.readouterr().out
    assert run(county, "restore", str(kept), "--root", root[:32], "--yes") == REFUSED
    told = capsys.readouterr().err
    # Who gave the root is not told to give it.
    assert told.startswith("E520") and "去掉 --root" in told and "写明登记单" not in told
    assert run(county, "restore", str(kept), "--yes") == 0
    assert words in capsys.readouterr().err
    node = opened(county)
    (found,) = [one for one in doctor.examine(node) if one.subject == "恢复来源"]
    assert found.light == WARN and "不能证明" in found.sentence


def test_on_a_new_computer_the_roster_in_the_backup_names_the_key_and_people_compare_the_root(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node, kept = opened(county), tmp_path / "kept"
    backup.back_up(node, kept)
    root, key, new = node.fingerprint(), node.peer.core.own_key().id, tmp_path / "new"
    close_database()
    assert run(new, "restore", str(kept)) == REFUSED
    told = capsys.readouterr().out
    grouped = " ".join(root[at : at + 4] for at in range(0, 64, 4))
    assert grouped in told and key in told and "逐组核对" in told and not new.exists()
    assert run(new, "restore", str(kept), "--root", "ab" * 16, "--yes") == REFUSED
    told = capsys.readouterr().err
    assert told.startswith("E520") and "再核对登记单" in told and not new.exists()
    assert run(new, "restore", str(kept), "--root", root[:32].upper()) == REFUSED
    told = capsys.readouterr().out
    assert "核对无误" in told and "逐组核对" not in told
    assert run(new, "restore", str(kept), "--root", root, "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out)["proof"] == "named"
    (told_by,) = [one for one in doctor.examine(opened(new)) if one.subject == "恢复来源"]
    assert told_by.light == GOOD and key in told_by.sentence


def test_a_backup_of_another_network_is_refused_where_the_network_is_known(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Root, roster and keys of one's own make a backup in which everything fits."""
    other, kept = tmp_path / "other", tmp_path / "kept"
    assert run(other, "init", "--address", "511921") == 0
    node = opened(other)
    root = node.fingerprint()
    backup.back_up(node, kept)
    close_database()
    capsys.readouterr()
    for words in ((), ("--yes",)):
        assert run(county, "restore", str(kept), *words) == REFUSED
        assert capsys.readouterr().err.startswith("E520")
    assert run(county, "restore", str(kept), "--root", root) == REFUSED
    assert "核对无误" in capsys.readouterr().out


def test_settings_that_the_list_does_not_name_are_not_brought_to_a_new_computer(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By them the node would believe a proxy, or ask another computer for what is above it."""
    kept = tmp_path / "kept"
    backup.back_up(opened(county), kept)
    close_database()
    new = tmp_path / "new"
    with (kept / "node.toml").open("a") as file:
        file.write("proxy_hops = 3\n")
    for words in ((), ("--yes",)):
        assert run(new, "restore", str(kept), *words) == REFUSED
        told = capsys.readouterr().err
        assert told.startswith("E432") and "node.toml" in told and not new.exists()
    # Where there are settings they stay, and those of the backup are not asked.
    assert run(county, "restore", str(kept), "--yes") == 0


def test_a_key_gone_over_to_or_replaced_is_the_nodes_all_the_same(three: ThreeNodes, tmp_path: Path) -> None:
    """The file of keys keeps the former ones; on another computer the roster names them."""
    node = three.open(VILLAGE)
    former = backup.back_up(node, tmp_path / "kept")
    node.keys.forget([former.key])
    data = three.folder / VILLAGE
    found = backup_proof.prove(former, tmp_path / "kept", data)
    assert (found.how, found.is_root_known, found.revoked) == (backup_proof.NAMED, 0, "")
    assert KeyFile(data / "keys.json", SUITE).get(former.key) is None


def test_a_computer_that_replaced_another_still_proves_the_backup_of_before(
    three: ThreeNodes, tmp_path: Path
) -> None:
    listed = backup.back_up(three.open(VILLAGE), tmp_path / "kept")
    close_database()
    replace_machine(three)
    close_database()
    found = backup_proof.prove(listed, tmp_path / "kept", three.folder / VILLAGE)
    assert found.how == backup_proof.NAMED and found.is_root_known == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("signature", 5),
        ("signature", "zz"),
        ("key", ["a"]),
        ("frames", 2**70),
        ("files", "../../keys.json"),
        ("network", "\ud800"),
        ("address", "x" * 2_000_000),
    ],
)
def test_a_malformed_list_is_a_sentence(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str, value: Any
) -> None:
    kept = tmp_path / "kept"
    backup.back_up(opened(county), kept)
    rewrite(kept, **{field: value})
    assert run(county, "restore", str(kept), "--yes") == REFUSED
    assert capsys.readouterr().err.split()[0] in ("E432", "E519", "E434")


def test_a_database_that_is_none_is_a_sentence_even_if_its_list_fits(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"
    listed = backup.back_up(opened(county), kept)
    (kept / listed.database).write_bytes(b"none" * 5_000)
    old(kept)
    rewrite(kept, sha256=hash_of(kept / listed.database))
    for words in ((), ("--yes",)):
        assert run(county, "restore", str(kept), *words) == REFUSED
        assert capsys.readouterr().err.startswith("E432")


def test_an_older_program_reads_the_fields_it_knows_and_a_version_it_does_not(county, tmp_path):
    """It says then that the backup is of another program, instead of failing."""
    kept = tmp_path / "kept"
    backup.back_up(opened(county), kept)
    said = json.loads((kept / "backup.json").read_text())
    kinds = {name: type(said[name]).__name__ for name in backup_list.FIRST}
    assert kinds == dict.fromkeys(backup_list.FIRST, "str") | dict.fromkeys(
        ("version", "made_at", "frames", "papers", "papers_missing"), "int"
    )
    assert said["version"] != 1


def test_a_root_that_came_with_a_backup_is_not_known_by_that(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Put back twice a false backup vouched for itself, and the true one was of another network."""
    false, kept, new = (tmp_path / name for name in ("false", "kept", "new"))
    other = tmp_path / "other"
    assert run(other, "init", "--address", "511921") == 0
    for data, folder in ((other, false), (county, kept)):
        backup.back_up(opened(data), folder)
        close_database()
    assert run(new, "restore", str(false), "--yes") == 0
    capsys.readouterr()
    for folder in (false, kept):
        assert run(new, "restore", str(folder)) == REFUSED
        assert "逐组核对" in capsys.readouterr().out
