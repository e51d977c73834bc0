"""Lines on which nobody says anything keep no page waiting: at real processes, in plain and under TLS."""

from __future__ import annotations

import resource
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from common.node.cli import main
from common.store.database import close_database
from tests.desk.three import PROFILES, VILLAGE
from tests.sync.test_line_under_tls import certified, written

_FILES = 1_024  # what a program may have open on most machines
_TRUSTING = ssl.create_default_context()
_TRUSTING.check_hostname, _TRUSTING.verify_mode = False, ssl.CERT_NONE


def opened(port: int, is_greeted: bool) -> socket.socket:
    """Return a line to a site, under TLS with the greeting behind it."""
    line = socket.create_connection(("127.0.0.1", port), timeout=20)
    return _TRUSTING.wrap_socket(line) if is_greeted else line


def page_after_s(port: int, is_greeted: bool) -> float:
    """Return how long the page for signing in takes to come."""
    began = time.monotonic()
    with opened(port, is_greeted) as line:
        line.sendall(b"GET /sign-in HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n")
        assert line.recv(15) == b"HTTP/1.1 200 OK"
    return time.monotonic() - began


@pytest.fixture(params=["plain", "tls"])
def served(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[int, bool]]:
    """Serve a village as the service manager does; give its port, and whether it is under TLS."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["init", "--address", VILLAGE, "--bind", f"127.0.0.1:{port}", "--data", str(tmp_path / "node")]
    assert main(PROFILES[VILLAGE], words) == 0
    close_database()
    if request.param == "tls":
        certificate, key = written(tmp_path, "site", certified("site", None))
        with open(tmp_path / "node/node.toml", "a", encoding="utf-8") as settings:
            settings.write(f'tls_cert_file = "{certificate}"\ntls_key_file = "{key}"\n')
    running = subprocess.Popen(
        [sys.executable, "-m", "village_node", "serve", "--data", str(tmp_path / "node")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES)),
    )
    assert running.stdout is not None and running.stdout.readline()
    yield port, request.param == "tls"
    began = time.monotonic()
    running.terminate()
    assert running.wait(timeout=30) == 0 and time.monotonic() - began < 8


def test_a_page_opens_though_very_many_lines_are_silent(served: tuple[int, bool]) -> None:
    """Each once kept one of the eight threads for seconds; when no file was left all work was cut off."""
    port, is_tls = served
    page_after_s(port, is_tls)
    with ExitStack() as lines:
        # Browsers open such lines for later, under TLS with the greeting behind them.
        began = time.monotonic()
        for _ in range(40):
            lines.enter_context(opened(port, is_tls))
        assert page_after_s(port, is_tls) < 4 and time.monotonic() - began < 10
        if not is_tls:
            for _ in range(_FILES):
                lines.enter_context(opened(port, False))
            assert page_after_s(port, False) < 4
        # One that speaks at last is heard.
        late = lines.enter_context(opened(port, is_tls))
        time.sleep(1)
        late.sendall(b"GET /sign-in HTTP/1.1\r\nHost: site\r\n\r\n")
        assert late.recv(15) == b"HTTP/1.1 200 OK"
        lines.enter_context(opened(port, is_tls))


def test_who_does_not_end_a_line_after_its_answer_holds_up_nobody(served: tuple[int, bool]) -> None:
    """The server once stood still for two seconds for each, whatever else there was to do."""
    port, is_tls = served
    began = time.monotonic()
    with ExitStack() as lines:
        for _ in range(20):
            line = lines.enter_context(opened(port, is_tls))
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n")
            assert line.recv(15) == b"HTTP/1.1 200 OK"
        assert page_after_s(port, is_tls) < 4 and time.monotonic() - began < 10
        # Whoever reads slowly has all of it, and is not kept for ever.
        answer = b""
        while piece := line.recv(4_096):
            answer += piece
        assert answer.endswith(b"}\n")
