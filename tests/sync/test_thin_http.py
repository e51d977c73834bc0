"""Thin lines over real HTTP: papers made while they go, little unsent in the kernel, proxies by setting."""

from __future__ import annotations

import random
import socket
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler

import pytest
import urllib3

from sync.adapters.http_client import EXCHANGE_TYPE, HttpLine, Timeouts
from sync.adapters.line import BadAddress, CaptivePortal, LineFault, LineSilent, NotAParent, PutOff
from sync.adapters.thin_socket import PROXY_OF_ENVIRONMENT, UNSENT_BYTES, leave_little_unsent, open_pool
from sync.protocol.offer import Budget
from sync.protocol.pieces import PaperBudget
from tests.sync.http_site import QUICK, Parent, serving
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network
from tests.sync.test_http import Odd, odd, says


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


@pytest.fixture
def parent(sites) -> Iterator[Parent]:
    with serving(sites[TOWN]) as found:
        yield found


def test_pieces_are_made_as_the_line_takes_them_and_end_when_something_presses(sites, parent):
    """The body has no length told before: it is known only when somebody files in the middle of it."""
    village, line = sites[VILLAGE], HttpLine(QUICK)
    photo = village.paper(random.Random(1).randbytes(400_000))
    village.submit(b"{}", (COUNTY,), (photo,))
    village.engine().receive(line.exchange(parent.url, village.engine().make(TOWN, Budget(9_000))[1]))
    asked: list[int] = []

    def presses() -> bool:
        asked.append(parent.site.blobs.offset(photo.hash))
        return len(asked) > 8

    budget = Budget(16_000, papers=PaperBudget(extra=10**6, is_pressed=presses))
    plan, chunks = village.engine().begin(TOWN, budget)
    assert not isinstance(chunks, list) and plan.pieces <= 2
    assert village.engine().receive(line.exchange(parent.url, chunks)).complete
    held = parent.site.blobs.offset(photo.hash)
    assert 16_000 < held < photo.size and plan.pieces < 12


def test_an_exchange_without_papers_says_its_length(sites, parent):
    village = sites[VILLAGE]
    village.submit(b"{}", (COUNTY,))
    _, chunks = village.engine().begin(TOWN, Budget(16_000))
    assert isinstance(chunks, list)


def test_sockets_hold_little_unsent():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        leave_little_unsent(server)
        pool = open_pool("http://127.0.0.1", urllib3.Timeout(2.0))
        connection = pool.connection_from_host("127.0.0.1", server.getsockname()[1])._new_conn()
        connection.connect()
        accepted, _ = server.accept()
        for sock in (connection.sock, accepted):
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == UNSENT_BYTES
        connection.close()
        accepted.close()


def test_a_slow_reader_is_no_failure_though_connecting_is_given_up_soon(monkeypatch):
    """The other reads nothing for longer than a connection may take: the write waits, and goes through."""
    got: list[bytes] = []

    def read_late(server: socket.socket) -> None:
        sock, _ = server.accept()
        time.sleep(0.6)
        with sock:
            while b"0\r\n\r\n" not in b"".join(got)[-64:]:
                got.append(sock.recv(1 << 20))
            sock.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: "
                + EXCHANGE_TYPE.encode()
                + b"\r\nContent-Length: 2\r\n\r\nok"
            )

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        thread = threading.Thread(target=read_late, args=(server,))
        thread.start()
        line = HttpLine(Timeouts(0.2, 5.0))
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert b"".join(line.exchange(url, iter([bytes(2_000_000)]))) == b"ok"
        thread.join()
    assert len(b"".join(got)) > 2_000_000


def test_silence_is_told_apart_from_a_line_that_is_down():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(LineSilent) as caught:
            list(HttpLine(Timeouts(0.3, 0.3)).exchange(url, [b"x"]))
        assert (caught.value.code, caught.value.is_silent) == ("S401", 1)


def test_a_proxy_is_used_when_the_settings_say_so_and_never_because_of_the_shell(monkeypatch):
    paths, names = list[str](), list[str]()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        paths.append(handler.path)
        names.append(handler.headers.get("Proxy-Authorization", ""))
        says(200, b"ok", Content_Type=EXCHANGE_TYPE)(handler)

    with odd(answer) as proxy:
        site = "http://township.invalid:8600"
        assert b"".join(HttpLine(QUICK, proxy).exchange(site, [b"x"])) == b"ok"
        assert paths == [f"{site}/sync/v1/exchange"]
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        monkeypatch.delenv("no_proxy", raising=False)
        b"".join(HttpLine(QUICK).exchange(proxy.upper(), [b"x"]))
        assert paths[1:] == ["/sync/v1/exchange"], "asked directly"
        b"".join(HttpLine(QUICK, PROXY_OF_ENVIRONMENT).exchange(site, [b"x"]))
        assert paths[2:] == [f"{site}/sync/v1/exchange"]
        assert not any(names)
        b"".join(HttpLine(QUICK, proxy.replace("//", "//hall:w%40rd@")).exchange(site, [b"x"]))
        assert paths[3:] == [f"{site}/sync/v1/exchange"] and b64decode(names[3].split()[1]) == b"hall:w@rd"
        for written, sent in (("大厅:密码%40一", "大厅:密码@一".encode()), ("hall:%BF%DA", b"hall:\xbf\xda")):
            b"".join(HttpLine(QUICK, proxy.replace("//", f"//{written}@")).exchange(site, [b"x"]))
            assert b64decode(names[-1].split()[1]) == sent


@pytest.mark.parametrize(
    "url, proxy",
    [
        ("township.example:8600", ""),
        ("ftp://127.0.0.1:1", ""),
        ("http://[::1", ""),
        ("http://127.0.0.1:1", "127.0.0.1:1"),
        ("http://127.0.0.1:1", "socks5://127.0.0.1:1"),
        ("https://127.0.0.1:1", "http://[::1"),
    ],
)
def test_an_address_that_is_none_is_no_line_that_is_down(url, proxy):
    with pytest.raises(BadAddress) as caught:
        list(HttpLine(QUICK, proxy).exchange(url, [b"x"]))
    assert caught.value.code == "S412"


def no_tls_there(handler: BaseHTTPRequestHandler) -> None:
    says(200)(handler)
    handler.connection.recv(1)
    handler.wfile.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.mark.parametrize(
    "answer, problem, code, seconds",
    [
        (says(503, b"<html>busy</html>", Retry_After="7"), PutOff, "S411", 7),
        (says(429), PutOff, "S411", 0),
        # Not the node's own word: it has heard nothing yet.
        (says(503, b"busy", Content_Type="text/plain", X_Liandong_Code="E006"), PutOff, "S411", 0),
        (says(403, X_Liandong_Code="S107"), NotAParent, "S410", 0),
        (says(407, Proxy_Authenticate="Basic"), NotAParent, "S410", 0),
        (says(302, Location="http://127.0.0.1:1/login"), CaptivePortal, "S402", 0),
        (says(504), LineFault, "S401", 0),
        (lambda handler: handler.wfile.write(b"SSH-2.0\r\n"), LineFault, "S401", 0),
        # The way is open, and behind it is nobody, or something that knows no TLS.
        (says(200), LineFault, "S401", 0),
        (no_tls_there, NotAParent, "S410", 0),
    ],
)
def test_a_proxy_that_opens_no_way_to_an_https_address_is_told_apart(
    monkeypatch, answer, problem, code, seconds
):
    asked = list[tuple[str, str, str]]()

    def told(handler: BaseHTTPRequestHandler) -> None:
        names = (handler.headers["Host"], handler.headers.get("Proxy-Authorization", ""))
        asked.append((handler.requestline, *names))
        answer(handler)

    monkeypatch.setattr(Odd, "do_CONNECT", lambda handler: type(handler).answer(handler), raising=False)
    with odd(told) as proxy, pytest.raises(LineFault) as caught:
        list(HttpLine(QUICK, proxy.replace("//", "//a:b@")).exchange("https://[fd00::5]:8600", [b"x"]))
    assert (type(caught.value), caught.value.code, caught.value.retry_after_s) == (problem, code, seconds)
    assert asked == [("CONNECT [fd00::5]:8600 HTTP/1.1", "[fd00::5]:8600", "Basic YTpi")]
