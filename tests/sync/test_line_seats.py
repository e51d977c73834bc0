"""Seats of exchanges: a dead line gives its own back, a creeping one when another node waits."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
from contextlib import ExitStack, closing
from types import SimpleNamespace

import pytest
import urllib3
from flask import Flask

from sync.adapters import seats as module
from sync.adapters import thin_socket
from sync.adapters.engine import Report
from sync.adapters.http_client import EXCHANGE_PATH, EXCHANGE_TYPE
from sync.adapters.http_server import Door, make_blueprint
from sync.adapters.seats import LONG_S, UNHEARD_S, Seats
from sync.adapters.thin_socket import open_pool
from sync.protocol.errors import BadEnrolment
from tests.sync.http_site import Parent, enrol, serving
from tests.sync.network import TOWN, VILLAGE, make_network


def test_a_line_that_is_dead_ends_by_itself(monkeypatch):
    monkeypatch.setattr(module, "SILENCE_S", 1)
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        seat = Seats(1).take(ours)
        assert seat is not None
        with pytest.raises(BlockingIOError):
            ours.recv(1)
        span = ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.calcsize("@ll"))
        assert struct.unpack("@ll", span) == (1, 0)


def test_who_creeps_is_cut_off_when_others_wait_and_not_before():
    now = [0.0]
    seats = Seats(1, lambda: now[0])
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        seat = seats.take(ours)
        assert seat is not None and seats.take(None) is None
        theirs.sendall(b"a")
        assert ours.recv(1) == b"a", "a busy moment cuts nobody off"
        now[0] = LONG_S + 1
        assert seats.take(None) is None
        assert ours.recv(1) == b""
        seat.leave()
        seat.leave()
        again = seats.take(None)
        assert again is not None and seats.take(None) is None


def test_who_says_nothing_gives_way_to_who_comes():
    """Else whoever opens a few lines and sends nothing keeps every node below out, minutes for each line."""
    now = [0.0]
    seats = Seats(2, lambda: now[0])
    with ExitStack() as lines:
        pairs = [[lines.enter_context(closing(end)) for end in socket.socketpair()] for _ in range(2)]
        known, stranger = (seats.take(ours) for ours, _ in pairs)
        assert known is not None and stranger is not None
        known.hear()
        now[0] = UNHEARD_S - 1
        assert seats.take(None) is None, "a small exchange on a thin line has its time"
        now[0] = UNHEARD_S + 1
        leaving = threading.Thread(target=lambda: pairs[1][0].recv(1) == b"" and stranger.leave())
        leaving.start()
        assert seats.take(None) is not None
        leaving.join()
        with pytest.raises(BlockingIOError):
            pairs[0][0].recv(1, socket.MSG_DONTWAIT)
        assert seats.take(None) is None


@pytest.mark.parametrize(("path", "sent"), [(EXCHANGE_PATH, 30_000), ("/sync/v1/enrolment", 10)])
def test_what_has_come_is_heard(monkeypatch, path: str, sent: int):
    """A known node's exchange, of which alone so much is read, may take its time; so may what is all here."""
    heard: list[int] = []
    monkeypatch.setattr(module.Seat, "hear", lambda seat: heard.append(1))
    took = SimpleNamespace(receive=lambda chunks: Report(sender="" if sum(map(len, chunks)) else "?"))
    app = Flask(__name__)
    app.register_blueprint(make_blueprint(Door(took, None, enrol, lambda: None)))  # type: ignore[arg-type]
    app.test_client().post(path, data=b"x" * sent, content_type=EXCHANGE_TYPE).close()
    assert heard


def test_a_seat_is_held_until_the_answer_has_left():
    def refuse(data: bytes) -> bytes:
        raise BadEnrolment

    app = Flask(__name__)
    door = Door(None, lambda room: None, refuse, lambda: None, seats=1)  # type: ignore[arg-type, return-value]
    app.register_blueprint(make_blueprint(door))
    knock = {"path": EXCHANGE_PATH, "content_type": "text/plain"}
    first = app.test_client().post(**knock)
    assert first.status_code == 422
    second = app.test_client().post(**knock)
    assert (second.status_code, second.headers["Retry-After"]) == (503, "5")
    first.close()
    third = app.test_client().post(path="/sync/v1/enrolment", data=b"a")
    assert third.status_code == 422
    third.close()
    # A fault of our own in the middle gives it back as well.
    fault = app.test_client().post(path=EXCHANGE_PATH, content_type=EXCHANGE_TYPE, data=b"a")
    assert fault.status_code == 500
    assert app.test_client().post(**knock).status_code == 422


def _answered(parent: Parent, status: int) -> http.client.HTTPResponse:
    """Knock with an empty body until the door answers so."""
    for _ in range(200):
        connection = http.client.HTTPConnection("127.0.0.1", parent.port, timeout=5)
        connection.request("POST", EXCHANGE_PATH, b"", {"Content-Type": EXCHANGE_TYPE})
        response = connection.getresponse()
        if response.status == status:
            return response
    raise AssertionError(f"answered {response.status}, not {status}")


def test_slow_exchanges_never_take_more_places_than_they_have():
    """One place: while a line dawdles, the next is told to come back, before its body is read."""
    sites = make_network()
    data = sites[VILLAGE].out(TOWN)
    with (
        serving(sites[TOWN], 1) as parent,
        closing(socket.create_connection(("127.0.0.1", parent.port))) as slow,
    ):
        slow.sendall(
            f"POST {EXCHANGE_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {EXCHANGE_TYPE}\r\n"
            f"Content-Length: {len(data)}\r\n\r\n".encode()
            + data[:100]
        )
        response = _answered(parent, 503)
        assert int(response.headers["Retry-After"]) > 0
        slow.sendall(data[100:])
        assert slow.recv(12).endswith(b"200")
        # The place is free once that answer has left, a moment after its first bytes were read.
        _answered(parent, 422)


def test_a_long_body_may_take_longer_than_one_write(monkeypatch):
    """Nothing but the state of a county at first contact: more than a slow line carries in one patience."""
    monkeypatch.setattr(thin_socket, "_WRITE_S", 0.3)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)

        def read_slowly() -> None:
            sock, _ = server.accept()
            with sock:
                while (got := sock.recv(65_536)) and not got.endswith(b"end"):
                    time.sleep(0.01)
                sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

        reader = threading.Thread(target=read_slowly)
        reader.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        pool = open_pool(url, urllib3.Timeout(connect=2.0, read=5.0))
        answer = pool.request("POST", url, body=b"x" * 409_600 + b"end")
        assert answer.data == b"ok"
        reader.join()
