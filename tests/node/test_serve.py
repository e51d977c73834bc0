"""A node goes on the net under TLS alone, and speaks no old TLS."""

from __future__ import annotations

import logging
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from gunicorn import sock

from common.config import BadConfig, NodeConfig
from common.node import serve as serving
from common.node.serve import AddressTaken, PlainBind, serve, serve_package


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
    assert not started
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
    with pytest.raises(BadConfig, match="没有这个端口"):
        serve(NodeConfig(data_dir=tmp_path, bind="127.0.0.1:99999"), lambda: None)  # type: ignore[arg-type, return-value]


def test_a_damaged_database_ends_the_start_with_its_sentence_and_no_traceback(tmp_path: Path) -> None:
    """A real process, as the service manager starts it."""
    serve_it = [sys.executable, "-m", "village_node", "serve", "--data", str(tmp_path)]
    (tmp_path / "node.toml").write_text('address = "511921108203"\nbind = "127.0.0.1:0"\n')
    (tmp_path / "node.sqlite3").write_bytes(b"no database at all " * 500)
    ended = subprocess.run(serve_it, capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stdout) == (2, "")
    said = [line for line in ended.stderr.splitlines() if "[INFO]" not in line]
    assert len(said) == 1 and said[0].startswith("E479 数据库文件已损坏"), ended.stderr
    assert ended.stderr.splitlines()[-1] == said[0]
