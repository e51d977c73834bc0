"""A node goes on the net under TLS alone, and speaks no old TLS."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from gunicorn import sock

from common import pki
from common.config import BadConfig, NodeConfig, read_config
from common.node import serve as serving
from common.node import serve_words
from common.node.assembly import build_node
from common.node.cli import main
from common.node.serve import AddressTaken, PlainBind, serve, serve_package
from common.store.database import close_database
from common.tls import certificates
from county_node.profile import PROFILE as COUNTY
from tests.desk.three import PROFILES, VILLAGE

NOW = 1_790_000_000_000


@pytest.fixture(autouse=True)
def usual_tempdir(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who serves puts what is temporary beside its data: other tests shall not look for that folder."""
    monkeypatch.setattr("tempfile.tempdir", None)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """Collect what gunicorn would be told, instead of running it."""
    told: list[dict[str, object]] = []

    def run(server: serving._Server) -> None:
        told.append({name: setting.value for name, setting in server.cfg.settings.items()})

    monkeypatch.setattr(serving._Server, "run", run)
    return told


@pytest.mark.parametrize(
    "bind",
    [
        "0.0.0.0:8600",
        ":8600",
        "[::]:8600",
        "192.168.1.5:8600",
        "127.0.0.1:8600,0.0.0.0:8601",
        "127.0.0.1.example:8600",
        "unix:/tmp/socket",
        "fd://3",
        "8600",
        "",
    ],
)
def test_no_bind_beyond_this_machine_goes_without_tls(
    tmp_path: Path, started: list[dict[str, object]], bind: str
) -> None:
    with pytest.raises(PlainBind):
        serve(NodeConfig(data_dir=tmp_path, bind=bind), lambda: None)  # type: ignore[arg-type, return-value]
    assert not started


@pytest.mark.parametrize("bind", ["127.0.0.1:8600", "localhost:8600", "[::1]:8600"])
def test_this_machine_alone_needs_none(tmp_path: Path, started: list[dict[str, object]], bind: str) -> None:
    serve(NodeConfig(data_dir=tmp_path, bind=bind), lambda: None)  # type: ignore[arg-type, return-value]
    assert started[0]["certfile"] is None and started[0]["control_socket_disable"] is not False


def test_a_port_that_is_taken_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second start of the same node is the usual reason; the server tells its log alone."""

    def listen(server: serving._Server) -> None:
        sock.create_sockets(server.cfg, logging.getLogger("listening"), None)

    monkeypatch.setattr(serving._Server, "run", listen)
    monkeypatch.setattr(sock.time, "sleep", lambda _: None)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(AddressTaken) as said:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        serve(NodeConfig(data_dir=tmp_path, bind=bind), lambda: None)  # type: ignore[arg-type, return-value]
    assert bind in str(said.value) and "已经在运行" in str(said.value)


def test_a_certificate_needs_its_key_and_old_tls_is_not_spoken(
    tmp_path: Path, started: list[dict[str, object]]
) -> None:
    half = NodeConfig(data_dir=tmp_path, bind="0.0.0.0:8600", tls_cert_file="cert.pem")
    with pytest.raises(PlainBind):
        serve(half, lambda: None)  # type: ignore[arg-type, return-value]
    whole = NodeConfig(
        data_dir=tmp_path, bind="0.0.0.0:8600", tls_cert_file="cert.pem", tls_key_file="key.pem"
    )
    for name in ("cert.pem", "key.pem"):
        with pytest.raises(BadConfig, match=name):
            serve(whole, lambda: None)  # type: ignore[arg-type, return-value]
        (tmp_path / name).touch()
    key, other = pki.new_key(), pki.new_key()
    made = pki.pem(certificates.make_authority(key, "one of its own", NOW))
    for content, wrong in ((b"", key), (made, other), (b"no certificate", key)):
        (tmp_path / "cert.pem").write_bytes(content)
        (tmp_path / "key.pem").write_bytes(certificates.key_file(wrong))
        with pytest.raises(BadConfig, match="不是一对可用的证书和私钥"):
            serve(whole, lambda: None)  # type: ignore[arg-type, return-value]
    for missing in ("tls_cert_file", "tls_key_file"):
        with pytest.raises(BadConfig, match=f"配置项 {missing} 不正确：.*要同时给出"):
            serve(replace(whole, bind="127.0.0.1:8600", **{missing: ""}), lambda: None)  # type: ignore[arg-type, return-value]
    assert not started
    (tmp_path / "cert.pem").write_bytes(made)
    (tmp_path / "key.pem").write_bytes(certificates.key_file(key))
    serve(whole, lambda: None)  # type: ignore[arg-type, return-value]
    assert (started[0]["certfile"], started[0]["keyfile"]) == (
        str(tmp_path / "cert.pem"),
        str(tmp_path / "key.pem"),
    )
    context = serving._modern_tls(None, lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_folder_without_a_node_is_not_served_and_stays_as_it_was(
    tmp_path: Path, started: list[dict[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "node.toml").write_text('address = "511921108203"\n')
    for name in ("none", "file", "half"):
        assert serve_package(tmp_path / name, "village_node", {}) == 2
        assert capsys.readouterr().err.startswith(f"E414 {tmp_path / name} 里还没有站点")
    assert not started and [path.name for path in (tmp_path / "half").iterdir()] == ["node.toml"]


@pytest.mark.parametrize("name", ["", "there", "nowhere/secret.key"])
def test_the_key_of_the_sessions_has_a_place(
    tmp_path: Path, started: list[dict[str, object]], name: str
) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(BadConfig, match="配置项 secret_key_file 不正确"):
        serve(NodeConfig(data_dir=tmp_path, secret_key_file=name), lambda: None)  # type: ignore[arg-type, return-value]
    assert not started


@pytest.mark.parametrize("words", [[], ["--practice"]])
@pytest.mark.parametrize(
    ("name", "value"), [("parent_url", "abc"), ("log_level", "loud"), ("bind", "here:http")]
)
def test_a_setting_that_cannot_work_ends_the_start_with_its_sentence(
    tmp_path: Path, name: str, value: str, words: list[str]
) -> None:
    """A real process, by the short way and by the long one: nothing is said but the sentence."""
    (tmp_path / "node.sqlite3").touch()
    (tmp_path / "node.toml").write_text(f'address = "511921108203"\n{name} = "{value}"\n')
    ended = _served(tmp_path, *words, *(["--practice"] if words else []))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"E407 配置项 {name} 不正确：") and ended.stderr.count("\n") == 1


def test_a_second_start_is_answered_by_our_sentence_alone(tmp_path: Path) -> None:
    """A real process: the server's own lines about the port, in English, are not heard."""
    (tmp_path / "node.sqlite3").touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        (tmp_path / "node.toml").write_text(f'address = "511921108203"\nbind = "{bind}"\n')
        ended = _served(tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"E475 不能在 {bind} 启动") and ended.stderr.count("\n") == 1


def test_a_folder_that_is_no_place_for_files_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "node.sqlite3").touch()
    (tmp_path / "node.toml").write_text('address = "511921108203"\n')
    (tmp_path / "tmp").touch()
    ended = _served(tmp_path)
    assert (ended.returncode, ended.stderr) == (2, f"E477 已经有同名的文件：{tmp_path / 'tmp'}\n")


def _served(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    serve_it = [sys.executable, "-m", "village_node", "serve", "--data", str(folder), *words]
    return subprocess.run(serve_it, capture_output=True, text=True, timeout=120)


def test_a_damaged_database_ends_the_start_with_its_sentence_and_no_traceback(tmp_path: Path) -> None:
    """A real process, as the service manager starts it."""
    (tmp_path / "node.toml").write_text('address = "511921108203"\nbind = "127.0.0.1:0"\n')
    (tmp_path / "node.sqlite3").write_bytes(b"no database at all " * 500)
    ended = _served(tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    said = [line for line in ended.stderr.splitlines() if '"INFO"' not in line]
    assert len(said) == 1 and said[0].startswith("E479 数据库文件已损坏"), ended.stderr
    assert ended.stderr.splitlines()[-1] == said[0]


def test_a_site_whose_making_was_broken_off_is_not_served(tmp_path: Path) -> None:
    """A power cut in `init` leaves a database; the site served, and nobody could ever sign in."""
    (tmp_path / "node.toml").write_text(f'address = "{VILLAGE}"\nbind = "127.0.0.1:0"\n')
    build_node(read_config(tmp_path, {}), PROFILES[VILLAGE])
    close_database()
    ended = _served(tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines()[-1].startswith(f"E414 {tmp_path} 里还没有站点：请先执行 init")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_starts_a_site_is_told_where_to_open_it_and_how_it_is_stopped(
    tmp_path: Path, number: signal.Signals
) -> None:
    """A real process; its log, which is English, goes another way."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    words = ["init", "--address", VILLAGE, "--bind", bind, "--data", str(tmp_path)]
    assert main(PROFILES[VILLAGE], words) == 0
    close_database()
    running = subprocess.Popen(
        [sys.executable, "-m", "village_node", "serve", "--data", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdout is not None
    told = running.stdout.readline()
    assert told.startswith(f"鹿角坪村（{VILLAGE}）已启动，请用浏览器打开 http://{bind} 。停止请按 Ctrl+C")
    running.send_signal(number)
    rest, _ = running.communicate(timeout=60)
    assert (running.returncode, rest) == (0, f"本站（{VILLAGE}）已停止。\n")


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"bind": "127.0.0.1:8600"}, "http://127.0.0.1:8600"),
        ({"bind": "0.0.0.0:8443", "tls_cert_file": "tls.pem"}, "https://这台电脑的地址:8443"),
        ({"bind": "0.0.0.0:8443", "public_url": "https://a.example"}, "https://a.example"),
    ],
)
def test_where_a_browser_finds_a_site(tmp_path: Path, given: dict[str, str], url: str) -> None:
    assert serve_words.url_of(NodeConfig(data_dir=tmp_path, **given)) == url  # type: ignore[arg-type]


@pytest.mark.parametrize("fault", [errno.EROFS, errno.EACCES])
def test_a_data_folder_that_takes_nothing_is_told_in_a_sentence(
    founded_alone: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fault: int,
) -> None:
    """A disk that the system has made read-only: where a traceback ends nobody learns that."""

    def refused(*_: object) -> None:
        raise OSError(fault, os.strerror(fault), "/data/migrate.lock")

    monkeypatch.setattr("common.node.assembly.build_node", refused)
    monkeypatch.setattr(serving, "configure_logs", lambda level: None)
    shutil.copytree(founded_alone, tmp_path / "county")
    server = serving._Server(read_config(tmp_path / "county", {}), lambda: COUNTY)
    monkeypatch.setattr(logging.getLogger("gunicorn.error"), "level", logging.INFO)
    with pytest.raises(SystemExit):
        server.load()
    told = capsys.readouterr().err
    assert told.startswith("E477 ") and "migrate.lock" in told
