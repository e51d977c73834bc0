"""Who had the stick in hands has laid links on it: nothing of the node is written over, and nothing waits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from common.archive.files import write_package
from common.node.backups import backup_list
from common.node.backups.backup import back_up
from common.node.backups.restore import put_back
from common.node.cli import main
from common.node.sheet import keep_daily
from common.store.database import close_database
from county_node.profile import PROFILE as COUNTY
from sync.adapters import bundle_file
from tests.node.test_backup import county, opened

__all__ = ("county",)


@pytest.mark.parametrize("name", ["backup.json.part", "node.toml.next.part"])
def test_a_backup_is_written_over_no_file_that_a_link_on_the_stick_names(county: Path, tmp_path: Path, name):
    stick, keys = tmp_path / "stick", county / "keys.json"
    stick.mkdir()
    before = keys.read_bytes()
    (stick / name).symlink_to(keys)
    listed = back_up(opened(county), stick)
    assert keys.read_bytes() == before and not keys.is_symlink()
    assert not any(path.is_symlink() for path in stick.rglob("*")) and (stick / listed.database).is_file()


def test_nor_is_a_package_or_a_data_package(tmp_path: Path, monkeypatch):
    secret = tmp_path / "keys.json"
    secret.write_text("keys")
    (tmp_path / ".case.zip.part").symlink_to(secret)
    write_package(tmp_path / "case.zip", {"a.json": lambda: b"{}"}, "case")
    (tmp_path / "case.ldx").symlink_to(secret)
    with pytest.raises(FileExistsError):
        bundle_file._write(tmp_path / "case.ldx", iter([b"exchange"]))
    assert secret.read_text() == "keys" and (tmp_path / "case.zip").read_bytes().startswith(b"PK")


def test_a_pipe_among_the_sheets_of_a_backup_keeps_nobody_waiting(county: Path, tmp_path: Path):
    """The database is in its place by then, and the service off: nobody would know what it waits for."""
    stick, node = tmp_path / "stick", opened(county)
    keep_daily(node, node.clock.now_ms())
    back_up(node, stick)
    os.mkfifo(stick / "audit/2020-01-01.json")
    (stick / "audit/2020-01-02.json").symlink_to(county / "keys.json")
    close_database()
    put_back(node.config, COUNTY, stick)
    assert not list((county / "audit").glob("2020*"))


def test_nor_does_one_in_the_place_of_a_list_or_a_request(county: Path, tmp_path: Path):
    """The job of each night waited for good, one beside the other; and so did `install`, as root."""
    stick, node = tmp_path / "stick", opened(county)
    stick.mkdir()
    os.mkfifo(stick / backup_list.LIST_FILE)
    with pytest.raises(backup_list.NoBackup):
        backup_list.read_list(stick)
    assert back_up(node, stick) == backup_list.read_list(stick)
    assert main(COUNTY, ["tls", "authority", "--out", str(tmp_path / "ca"), "--data", str(county)]) == 0
    os.mkfifo(stick / "tls.csr")
    words = ["tls", "sign", "--authority", str(tmp_path / "ca"), "--in", str(stick / "tls.csr")]
    assert main(COUNTY, [*words, "--out", str(tmp_path / "out"), "--data", str(county)]) == 2
