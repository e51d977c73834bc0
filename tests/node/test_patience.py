"""No thread of a node waits for ever for who has gone: whoever is silent for too long is cut off."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.workers.gthread import ThreadWorker

from common.config import NodeConfig
from common.node import patience, serve
from tests.sync.test_line_under_tls import certified, written


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> tuple[socket.socket, patience.PlainSocket]:
    """Two ends of a line, the second one a node's, whose patience is short."""
    monkeypatch.setattr(patience, "SILENCE_S", 0.2)
    far, near = socket.socketpair()
    ours = patience.PlainSocket(fileno=near.detach())
    ours.setblocking(True)
    return far, ours


def cut(what: Callable[[], Any]) -> float:
    began = time.monotonic()
    with pytest.raises(ConnectionResetError):
        what()
    return time.monotonic() - began


def test_a_form_that_stops_in_its_middle_and_a_reader_that_takes_nothing_are_cut_off(ends) -> None:
    far, near = ends
    far.sendall(b"half a form")
    assert near.recv(100) == b"half a form"
    assert cut(lambda: near.recv(100)) < 2
    assert cut(lambda: near.sendall(bytes(4_000_000))) < 2


def trickled(far: socket.socket, near: patience.PlainSocket, piece: bytes, pieces: int) -> int:
    """Send a little again and again; return how many bytes a thread has taken before it was cut off."""
    ends, got = threading.Event(), 0

    def send() -> None:
        for _ in range(pieces):
            far.sendall(piece)
            if ends.wait(0.02):
                return

    sender = threading.Thread(target=send)
    sender.start()
    try:
        while got < len(piece) * pieces:
            got += len(near.recv(8192))
    except ConnectionResetError:
        pass
    ends.set()
    sender.join()
    return got


def test_a_trickle_keeps_no_thread_and_each_request_begins_anew(ends, monkeypatch) -> None:
    far, near = ends
    for name, value in {"HEAD_S": 0.3, "BODY_S": 0.3, "BODY_BYTES_S": 2_000}.items():
        monkeypatch.setattr(patience, name, value)
    began = time.monotonic()
    assert 0 < trickled(far, near, b"x", 500) < 500 and time.monotonic() - began < 2
    assert near.gettimeout() == patience.SILENCE_S
    # A head that is here has its body before it, and a body that comes at a fair rate may take long.
    near.begin_body()
    began = time.monotonic()
    assert trickled(far, near, bytes(100), 40) >= 4_000 and time.monotonic() - began > 2 * 0.3
    near.begin_body()
    assert trickled(far, near, b"x", 5_000) < 5_000
    # Of a stranger's less is waited for, until the next request begins.
    for name, value in {"BODY_S": 60.0, "STRANGER_S": 0.3}.items():
        monkeypatch.setattr(patience, name, value)
    began = time.monotonic()
    near.begin_body()
    near.hurry()
    assert trickled(far, near, b"x", 5_000) < 5_000 and time.monotonic() - began < 5
    near.begin_body()
    assert near._left_s() == 60.0
    near.setblocking(True)
    far.sendall(b"GET")
    assert near.recv(9).endswith(b"GET")


def test_who_takes_long_but_goes_on_gets_everything(ends) -> None:
    far, near = ends
    got: list[int] = []

    def slowly() -> None:
        while sum(got) < 1_500_000:
            time.sleep(0.05)
            got.append(len(far.recv(150_000)))

    reader = threading.Thread(target=slowly)
    reader.start()
    began = time.monotonic()
    near.sendall(bytes(1_500_000))
    reader.join()
    assert sum(got) == 1_500_000 and time.monotonic() - began > 2 * patience.SILENCE_S


def test_under_tls_silence_ends_in_the_middle_of_the_greeting_too(
    ends, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = written(tmp_path, "site", certified("site", None))
    context = serve._modern_tls(None, lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    context.load_cert_chain(certificate, key)
    _, near = ends
    wrapped = context.wrap_socket(near, server_side=True, do_handshake_on_connect=False)
    assert cut(wrapped.do_handshake) < 2
    # Eight that begin to greet would have all threads: it has to be over sooner than any other silence.
    monkeypatch.setattr(patience, "GREETING_S", 0.2)
    wrapped.settimeout(5)
    assert cut(wrapped.do_handshake) < 2 and wrapped.gettimeout() == 5

    theirs, near = socket.socketpair()
    ours = patience.PlainSocket(fileno=near.detach())
    ours.setblocking(True)
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    browser: list[ssl.SSLSocket] = []
    greeting = threading.Thread(target=lambda: browser.append(trusting.wrap_socket(theirs)))
    greeting.start()
    served = context.wrap_socket(ours, server_side=True)
    greeting.join()
    assert cut(lambda: served.recv(100)) < 2


def test_every_connection_that_is_served_is_such_a_one(monkeypatch, tmp_path: Path) -> None:
    """What a listener accepts holds little unsent and waits for its time and no longer."""
    assert (
        serve._Server(NodeConfig(data_dir=tmp_path), lambda: None).cfg.worker_class is patience.PatientWorker
    )
    taken: list[Any] = []
    monkeypatch.setattr(ThreadWorker, "enqueue_req", lambda worker, conn: taken.append(conn))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serve._thin_lines(SimpleNamespace(LISTENERS=[SimpleNamespace(sock=listener)]))
        with socket.create_connection(listener.getsockname()):
            worker = patience.PatientWorker.__new__(patience.PatientWorker)
            worker.enqueue_req(SimpleNamespace(sock=listener.accept()[0]))
    conn = taken[0]
    conn.sock.setblocking(True)
    bodies: list[bool] = []
    monkeypatch.setattr(ThreadWorker, "handle_request", lambda *given: bodies.append(conn.sock._is_body))
    worker.handle_request(None, conn)
    assert bodies == [True]
    assert conn.sock.gettimeout() == patience.SILENCE_S
    assert conn.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == serve._UNSENT_BYTES
    conn.sock.close()
