"""The verb `seal` on real node folders, and the seal process as `serve` keeps it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from common.config import write_config
from common.node import seal_process
from common.node.cli import main
from common.node.demo.county import free_ports
from common.node.seal_process import SealKeeper
from common.seal.keys import FOLDER, SealKeys
from common.seal.log import Sealing, SealLog
from common.seal.service import Seals
from common.seal.signer import Words, set_seal
from common.store.database import close_database
from county_node.profile import PROFILE as COUNTY_PROFILE
from tests.seal.stage import pdf
from town_node.profile import PROFILE as TOWN_PROFILE
from village_node.profile import PROFILE as VILLAGE_PROFILE

ORGAN = "南江县民政局"
TOWN_ORGAN = "正直镇人民政府"
_PROFILES = {"county_node": COUNTY_PROFILE, "town_node": TOWN_PROFILE, "village_node": VILLAGE_PROFILE}


def verb(package: str, *words: str, good: int = 0) -> str:
    """Run a verb as the command line does; return what it printed, errors included."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(_PROFILES[package], words)
    close_database()
    assert code == good, said.getvalue()
    return said.getvalue()


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county's folder with its root, made once: founding a county takes seconds."""
    folder = tmp_path_factory.mktemp("founded") / "county"
    verb("county_node", "init", "--data", str(folder), "--address", "511921")
    assert "指纹" in verb("county_node", "seal", "init", "--data", str(folder))
    return folder


@pytest.fixture
def county(founded: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copytree(founded, tmp_path / "county"))


def test_a_seal_is_issued_listed_and_its_root_given_out(county: Path):
    data = ("--data", str(county))
    assert ORGAN in verb("county_node", "seal", "issue", ORGAN, *data)
    (row,) = json.loads(verb("county_node", "seal", "list", "--json", *data))
    assert row["organ"] == ORGAN and row["until"] > "2035"
    root = x509.load_pem_x509_certificate(verb("county_node", "seal", "root", *data).encode())
    assert root == SealKeys(county / FOLDER).root()
    assert "E595" in verb("county_node", "seal", "issue", ORGAN, *data, good=2)
    assert "一字不差" in verb("county_node", "seal", "issue", "没有这个局", *data)


def test_every_issue_is_in_the_audit_trail(county: Path):
    verb("county_node", "seal", "issue", ORGAN, "--data", str(county))
    import sqlite3

    rows = sqlite3.connect(county / "node.sqlite3").execute(
        "SELECT action, detail FROM audit WHERE action LIKE 'seal.%' ORDER BY pos"
    )
    assert [(action, json.loads(detail).get("organ")) for action, detail in rows] == [
        ("seal.root_made", None),
        ("seal.issued", ORGAN),
    ]


def test_a_township_asks_by_stick_and_gets_its_seal(county: Path, tmp_path: Path):
    town, request, answer = tmp_path / "town", tmp_path / "ask.req", tmp_path / "seal.cer"
    verb("town_node", "init", "--data", str(town), "--address", "511921108")
    asked = verb("town_node", "seal", "request", TOWN_ORGAN, "--out", str(request), "--data", str(town))
    signed = verb("county_node", "seal", "sign", str(request), "--out", str(answer), "--data", str(county))
    key_print = asked.partition("钥匙指纹 ")[2][:39]
    assert len(key_print) == 39 and key_print in signed and TOWN_ORGAN in signed and "511921108" in signed
    verb("town_node", "seal", "install", str(answer), "--data", str(town))
    assert SealKeys(town / FOLDER).seal_of(TOWN_ORGAN).root == SealKeys(county / FOLDER).root()


@pytest.mark.parametrize(
    ("package", "words", "code"),
    [
        ("town_node", ("init",), "E598"),
        ("town_node", ("issue", ORGAN), "E598"),
        ("village_node", ("request", ORGAN, "--out", "x"), "E598"),
        ("county_node", ("install", "x"), "E414"),
        ("county_node", ("issue",), "E418"),
        ("town_node", ("request", ORGAN), "E418"),
        ("county_node", ("root",), "E596"),
        ("county_node", ("check", "gone.pdf"), "gone.pdf"),
    ],
)
def test_what_does_not_belong_here_is_refused_with_a_sentence(
    tmp_path: Path, package: str, words: tuple[str, ...], code: str
):
    said = verb(package, "seal", *words, "--data", str(tmp_path / "no-node"), good=2)
    assert code in said and "Traceback" not in said


def test_a_sealed_file_is_checked_on_the_command_line(county: Path, tmp_path: Path):
    keys, now = SealKeys(county / FOLDER), max(1_790_000_000_000, time.time_ns() // 1_000_000)
    keys.issue(ORGAN, "511921", now)
    file = tmp_path / "decision.pdf"
    seal, data = keys.seal_of(ORGAN), ("--data", str(county))
    plain = pdf()
    file.write_bytes(set_seal(plain, seal, Words("A1", "b2", 1, now)))
    # A seal without a line in the log was set by somebody who has the key, and not by the seal process.
    said = verb("county_node", "seal", "check", str(file), *data, good=1)
    assert "用印日志里没有这一次" in said and "✓" not in said
    document, serial = hashlib.sha256(plain).hexdigest(), f"{seal.certificate.serial_number:x}"
    SealLog(county / FOLDER).add(Sealing(now, "A1", "b2", ORGAN, document, serial))
    said = verb("county_node", "seal", "check", str(file), *data)
    assert f"✓ {ORGAN}" in said and "办件 A1" in said
    other = tmp_path / "other.pdf"
    other.write_bytes(set_seal(pdf("another"), seal, Words("A1", "b2", 1, now)))
    assert "用印日志里没有这一次" in verb("county_node", "seal", "check", str(other), *data, good=1)
    assert json.loads(verb("county_node", "seal", "check", str(file), "--json", *data))["logged"] == "yes"
    file.write_bytes(file.read_bytes().replace(b"decision", b"Decision"))
    assert "被改动过" in verb("county_node", "seal", "check", str(file), *data, good=1)


def test_the_log_is_shown_and_a_change_in_it_reported(county: Path):
    data = ("--data", str(county))
    assert verb("county_node", "seal", "log", *data) == ""
    (county / FOLDER / "seal.log").write_text("{}\n")
    assert "E599" in verb("county_node", "seal", "log", *data, good=2)


def until(true: Callable[[], bool], within_s: float = 30.0) -> None:
    ends = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.1)


def _sealers(folder: Path) -> list[int]:
    found = []
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = cmdline.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"seal" in words and b"serve" in words and str(folder).encode() in words:
            found.append(int(cmdline.parent.name))
    return found


def test_serve_keeps_the_seal_process_and_takes_it_along(county: Path):
    """The node's real process: the seal process comes with it, comes again after SIGKILL, ends with it."""
    verb("county_node", "seal", "issue", ORGAN, "--data", str(county))
    write_config(county, {"address": "511921", "bind": f"127.0.0.1:{free_ports(1)[0]}"})
    node = subprocess.Popen(
        [sys.executable, "-m", "county_node", "serve", "--data", str(county)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(Seals(county).is_running)
        (first,) = _sealers(county)
        os.kill(first, signal.SIGKILL)
        until(lambda: Seals(county).is_running() and _sealers(county) != [first])
    finally:
        node.terminate()
        node.wait(30)
    until(lambda: not _sealers(county))
    assert not Seals(county).is_running()


def test_a_machine_out_of_memory_for_a_moment_does_not_end_the_sealing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A start that fails is tried again: nobody else would notice that no seal can be set any more."""
    (tmp_path / "seal/organs").mkdir(parents=True)
    (tmp_path / "seal/organs/a.cer").touch()
    tries = []

    def no_room(*_args: object, **_named: object) -> None:
        tries.append(1)
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(seal_process.subprocess, "Popen", no_room)
    monkeypatch.setattr(seal_process, "_AGAIN_S", (0.01,))
    keeper = SealKeeper(tmp_path, "county_node", {})
    keeper.start()
    try:
        until(lambda: len(tries) > 2)
        assert keeper.pid() == 0
    finally:
        keeper.stop()


def test_a_node_killed_takes_its_seal_process_along(county: Path):
    verb("county_node", "seal", "issue", ORGAN, "--data", str(county))
    write_config(county, {"address": "511921", "bind": f"127.0.0.1:{free_ports(1)[0]}"})
    node = subprocess.Popen(
        [sys.executable, "-m", "county_node", "serve", "--data", str(county)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until(Seals(county).is_running)
    sealers = _sealers(county)
    for pid in _children(node.pid):
        os.kill(pid, signal.SIGKILL)
    node.kill()
    node.wait(30)
    until(lambda: not set(_sealers(county)) & set(sealers))


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_file_that_unfolds_without_end_is_not_read_for_its_seal(county: Path, tmp_path: Path):
    """Whoever has a document looked at had it from anybody, and its reader unpacks what it is told to."""
    bomb = tmp_path / "decision.pdf"
    packed = zlib.compress(bytes(240_000_000), 9)
    bomb.write_bytes(b"%PDF-1.5 1 0 obj<</Type/XRef/Filter/FlateDecode>>stream\n" + packed + b"\nendstream")
    said = verb("county_node", "seal", "check", str(bomb), "--data", str(county), good=2)
    assert "E591" in said and "展开后大得不正常" in said
