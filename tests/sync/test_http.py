"""The line over real HTTP on loopback: there and back, every bad answer told apart, bounded."""

from __future__ import annotations

import http.client
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask import Flask

from sync.adapters.http_client import (
    ENROLMENT_PATH,
    ENROLMENT_TYPE,
    EXCHANGE_PATH,
    EXCHANGE_TYPE,
    CaptivePortal,
    HttpLine,
    LineFault,
    NotAParent,
    NotKnownThere,
    ParentBusy,
    PutOff,
    Refused,
    Timeouts,
    TooLong,
    TooMuch,
    WrongNode,
)
from sync.adapters.http_server import Door, make_blueprint
from sync.protocol.enrolment import MESSAGE_BYTES_MAX
from sync.protocol.errors import BadEnrolment
from sync.protocol.offer import Budget
from tests.sync.http_site import QUICK, Parent, enrol, listening, run, serving
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


@pytest.fixture
def parent(sites) -> Iterator[Parent]:
    with serving(sites[TOWN]) as found:
        yield found


@pytest.fixture
def line() -> HttpLine:
    return HttpLine(QUICK)


def test_cases_go_up_and_receipts_come_back_in_one_post(sites, parent, line):
    village = sites[VILLAGE]
    acts = [village.submit(b'{"n":%d}' % n, (COUNTY,)) for n in range(20)]
    report = run(village, line, parent.url + "/")
    assert (report.sender, report.complete) == (TOWN, True)
    assert parent.site.application.ids == acts
    assert [village.peer.tick(act).stage for act in acts] == [1] * 20
    assert parent.arrived == [1]
    run(village, line, parent.url)
    assert parent.arrived == [1]


def noise(n: int) -> bytes:
    return random.Random(n).randbytes(600).hex().encode()


def post(parent: Parent, path: str, body: bytes, headers: dict[str, str]) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", parent.port, timeout=5)
    connection.request("POST", path, body, headers)
    return connection.getresponse()


def test_what_is_not_ours_is_refused_with_its_code(sites, parent):
    village = sites[VILLAGE]
    cases = [
        (b"hello", "text/plain", "S104"),
        (b"hello", EXCHANGE_TYPE, "S104"),
        (b"", EXCHANGE_TYPE, "S104"),
        (b"LDX7" + bytes(99), EXCHANGE_TYPE, "S105"),
        (village.out(COUNTY), EXCHANGE_TYPE, "S106"),
    ]
    for body, media_type, code in cases:
        response = post(parent, EXCHANGE_PATH, body, {"Content-Type": media_type})
        assert (response.status, response.headers["X-Liandong-Code"]) == (422, code)
        assert code in response.read().decode()


def test_a_line_cut_half_way_keeps_what_came(sites, parent, line):
    village = sites[VILLAGE]
    acts = [village.submit(b'{"n":%d,"x":"%s"}' % (n, noise(n)), (COUNTY,)) for n in range(200)]
    data = village.out(TOWN, Budget(10**7))
    with closing(socket.create_connection(("127.0.0.1", parent.port))) as half:
        half.sendall(
            f"POST {EXCHANGE_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {EXCHANGE_TYPE}\r\n"
            f"Content-Length: {len(data)}\r\n\r\n".encode()
            + data[: 3 * len(data) // 4]
        )
        half.shutdown(socket.SHUT_WR)
        half.recv(100_000)
    got = len(parent.site.application.ids)
    assert 100 < got < 200
    run(village, line, parent.url)
    assert parent.site.application.ids == acts


def test_enrolment_is_answered_or_refused(parent, line):
    assert line.enrol(parent.url, b"please") == b"welcome"
    # What the other side says of the code is what the person there is told.
    with pytest.raises(BadEnrolment):
        line.enrol(parent.url, b"open up")
    response = post(parent, ENROLMENT_PATH, bytes(MESSAGE_BYTES_MAX + 5), {})
    assert response.status == 422


def test_a_node_without_a_network_refuses(line):
    bare = Site(TOWN, "", 1)
    app = Flask(__name__)
    app.register_blueprint(make_blueprint(Door(bare.engine(), lambda room: Budget(1), enrol, lambda: None)))
    bare.spool._identity = None
    village = make_network()[VILLAGE]
    with listening(app) as port, pytest.raises(Refused) as caught:
        run(village, line, f"http://127.0.0.1:{port}")
    assert caught.value.detail == "S202"


class Odd(BaseHTTPRequestHandler):
    """A server that answers as the test says."""

    answer: Callable[[BaseHTTPRequestHandler], None]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).answer(self)

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def odd(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    handler = type("ThisOdd", (Odd,), {"answer": staticmethod(answer)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def says(status: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", headers.get("Content_Length", str(len(body))))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.mark.parametrize(
    "answer, problem, code",
    [
        (says(200, b"<html>please log in</html>", Content_Type="text/html"), CaptivePortal, "S402"),
        (says(302, Location="http://127.0.0.1:1/login"), CaptivePortal, "S402"),
        (says(511), CaptivePortal, "S402"),
        (says(422, X_Liandong_Code="S103"), Refused, "S404"),
        (says(422, X_Liandong_Code="S106"), WrongNode, "S415"),
        (says(422, X_Liandong_Code="S116"), WrongNode, "S415"),
        (says(422, X_Liandong_Code="S107"), NotKnownThere, "S408"),
        # No node says so with another status.
        (says(200, X_Liandong_Code="S106"), CaptivePortal, "S402"),
        (says(404, X_Liandong_Code="S106"), NotAParent, "S410"),
        (says(502, X_Liandong_Code="S116"), LineFault, "S401"),
        (says(200, X_Liandong_Code="S107"), CaptivePortal, "S402"),
        (says(404, X_Liandong_Code="S107"), NotAParent, "S410"),
        (says(502, X_Liandong_Code="S103"), LineFault, "S401"),
        (says(500), LineFault, "S401"),
        (says(502, b"<html>bad gateway</html>", Content_Type="text/html"), LineFault, "S401"),
        (says(404), NotAParent, "S410"),
        (says(403, b"<html>no</html>", Content_Type="text/html"), NotAParent, "S410"),
        (says(407, Proxy_Authenticate="Basic"), NotAParent, "S410"),
        (says(503, b"busy", Content_Type="text/html", Retry_After="9"), PutOff, "S411"),
        (says(503, b"busy elsewhere", Content_Type="text/plain"), PutOff, "S411"),
        # As programs of before say it, who knew no header for it; and as one whose database is held says it.
        (says(503, b"busy", Content_Type="text/plain"), ParentBusy, "S403"),
        (says(503, b"<html>", Content_Type="text/html", X_Liandong_Code="E006"), ParentBusy, "S403"),
        (says(413), TooMuch, "S409"),
        (says(408), TooLong, "S409"),
        (says(504, b"<html>timeout</html>", Content_Type="text/html"), TooLong, "S409"),
        (lambda handler: handler.connection.close(), LineFault, "S401"),
    ],
)
def test_every_bad_answer_is_told_apart(line, answer, problem, code):
    with odd(answer) as url, pytest.raises(LineFault) as caught:
        list(line.exchange(url, [b"data"]))
    assert (type(caught.value), caught.value.code) == (problem, code)


NOON, LATER = "Wed, 21 Oct 2026 12:00:00 GMT", "Wed, 21 Oct 2026 12:00:40 GMT"


@pytest.mark.parametrize(
    "told, seconds",
    [
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": "9" * 5_000}, 0),
        ({"Retry_After": "-7"}, 0),
        ({}, 0),
        # By whose clock the date is: never by this one's.
        ({"Retry_After": LATER, "Date": NOON}, 40),
        ({"Retry_After": NOON, "Date": LATER}, 0),
        ({"Retry_After": "Wed, 21 Oct 9026 12:00:40 GMT", "Date": NOON}, 999_999),
        ({"Retry_After": LATER, "Date": "long ago"}, 0),
        ({"Retry_After": LATER, "Date": "Wed, 21 Oct 2026 12:00:00"}, 0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_for_how_long_patience_is_asked_is_read_from_the_answer(line, status, told, seconds):
    def answer(handler: BaseHTTPRequestHandler) -> None:
        # As it stands: the server's own date would come before the one that is told.
        handler.send_response_only(status)
        for name, value in told.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with odd(answer) as url, pytest.raises(PutOff) as caught:
        list(line.exchange(url, [b"data"]))
    assert caught.value.retry_after_s == seconds


def test_an_answer_cut_half_way_keeps_what_came(sites, line):
    county, town, village = sites.values()
    acts = [county.submit(b'{"n":%d,"x":"%s"}' % (n, noise(n)), (VILLAGE,)) for n in range(200)]
    town.take(county.out(TOWN))
    whole = town.out(VILLAGE)
    cut = says(200, whole[:-500], Content_Type=EXCHANGE_TYPE, Content_Length=str(len(whole)))
    with odd(cut) as url, pytest.raises(LineFault):
        run(village, line, url)
    assert 150 < len(village.application.ids) < 200
    village.take(town.out(VILLAGE))
    assert village.application.ids == acts


def test_an_answer_that_never_ends_is_cut_off(line):
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", ENROLMENT_TYPE)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(bytes(65_536))
        except OSError:
            return

    with odd(endless) as url, pytest.raises(LineFault):
        line.enrol(url, b"please")


def test_nobody_there_and_nobody_answering_are_line_faults(line):
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(LineFault):
            list(HttpLine(Timeouts(0.5, 0.5)).exchange(f"http://127.0.0.1:{port}", [b"x"]))
    with pytest.raises(LineFault):
        list(line.exchange(f"http://127.0.0.1:{port}", [b"x"]))


def test_variables_of_the_shell_redirect_nothing(parent, sites, line, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert run(sites[VILLAGE], HttpLine(QUICK), parent.url).complete
