"""What an address leads to: a node not meant, a name nobody knows; and certificates that cannot be read."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.adapters.http_client import HttpLine
from sync.adapters.line import AuthorityUnread, LineFault, NameNotFound, ProxyNotReached, Refused, WrongNode
from sync.protocol.trust.refusal import said_in
from tests.sync.http_site import QUICK, run, serving
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


@pytest.fixture
def silent_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("answers", [COUNTY, VILLAGE])
def test_an_address_that_leads_to_another_node_or_to_this_one_says_so_and_whom_to_ask(sites, answers):
    with serving(sites[answers]) as other, pytest.raises(WrongNode) as caught:
        run(sites[VILLAGE], HttpLine(QUICK), other.url)
    assert (caught.value.code, caught.value.detail) == ("S415", "S106")
    assert all(words in caught.value.sentence for words in ("本站自己", "打电话", "parent_url", "名册"))


def test_an_address_that_leads_into_another_network_says_so(sites):
    with serving(make_network(seed=2)[TOWN]) as other, pytest.raises(WrongNode) as caught:
        run(sites[VILLAGE], HttpLine(QUICK), other.url)
    assert (caught.value.code, caught.value.detail) == ("S415", "S116")


def test_the_node_that_was_meant_and_shows_where_this_one_stands_now_is_no_wrong_one(sites, monkeypatch):
    town = sites[TOWN]
    monkeypatch.setattr(town.peer.core, "may_exchange", lambda address: False)
    with serving(town) as parent, pytest.raises(Refused) as caught:
        run(sites[VILLAGE], HttpLine(QUICK), parent.url)
    assert (caught.value.code, caught.value.detail) == ("S404", "S106")
    assert said_in(caught.value.told)


@pytest.mark.parametrize("error", [socket.EAI_NONAME, socket.EAI_AGAIN])
@pytest.mark.parametrize(
    "url, proxy",
    [
        ("http://town.example", ""),
        ("https://town.example", ""),
        ("http://127.0.0.1:1", "http://proxy.example:3128"),
        ("https://127.0.0.1:1", "http://proxy.example:3128"),
    ],
)
def test_a_name_nobody_knows_is_told_apart_from_a_line_that_is_silent(monkeypatch, url, proxy, error):
    """Without any line no name is found either, so the sentence must be right for both."""

    def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(error, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NameNotFound) as caught:
        list(HttpLine(QUICK, proxy).exchange(url, [b"x"]))
    fault = caught.value
    assert fault.code == "S414"
    assert all(words in fault.sentence for words in ("没有网络", "parent_url", "DNS", "自动重试"))
    # The pauses are those of any line that is down.
    assert (fault.is_silent, fault.is_too_much, fault.retry_after_s) == (False, False, 0)


@pytest.mark.parametrize("url", ["http://127.0.0.1:2", "https://127.0.0.1:2"])
@pytest.mark.parametrize(
    "proxy, told",
    [
        ("http://127.0.0.1:1", "127.0.0.1:1（"),
        ("http://hall:s%40cret@127.0.0.1:1", "127.0.0.1:1（"),
        ("https://hall:secret@127.0.0.1:1/", "127.0.0.1:1（"),
        ("http://hall:s3cret@[::1]:1", "[::1]:1（"),
        # Whoever writes a slash as it is has the library take a piece of the password for the host.
        ("http://hall:secret@127.1/cret@10.0.0.1:80", "***（"),
    ],
)
def test_a_proxy_that_cannot_be_reached_is_named_and_its_password_is_not(url, proxy, told):
    with pytest.raises(ProxyNotReached) as caught:
        list(HttpLine(QUICK, proxy).exchange(url, [b"x"]))
    fault = caught.value
    assert fault.code == "S417" and f"连不上代理 {told}" in fault.sentence and "sync_proxy" in fault.sentence
    assert not any(part in f"{fault.sentence} {fault.detail}" for part in ("hall", "cret", "127.1", "10.0"))
    assert (fault.is_silent, fault.is_too_much, fault.retry_after_s) == (False, False, 0)


def test_certificates_that_cannot_be_read_are_told_of_behind_a_proxy_that_speaks_tls_too():
    with socket.create_server(("127.0.0.1", 0)) as proxy, pytest.raises(AuthorityUnread):
        way = f"https://hall:secret@127.0.0.1:{proxy.getsockname()[1]}"
        list(HttpLine(QUICK, way, "/nowhere.pem").exchange("https://127.0.0.1:2", [b"x"]))


def test_a_proxy_of_the_shell_is_named_too(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://hall:secret@127.0.0.1:1")
    with pytest.raises(ProxyNotReached) as caught:
        list(HttpLine(QUICK, "environment").exchange("http://127.0.0.1:2", [b"x"]))
    assert "127.0.0.1:1（" in caught.value.sentence and "secret" not in caught.value.sentence


def test_an_address_where_nobody_listens_stays_a_line_that_is_down():
    with pytest.raises(LineFault) as caught:
        list(HttpLine(QUICK).exchange("http://127.0.0.1:1", [b"x"]))
    assert (type(caught.value), caught.value.code) == (LineFault, "S401")


@pytest.mark.parametrize("content", [None, "", "no certificate\n", "-----BEGIN CERTIFICATE-----\nMIIB@@\n"])
def test_a_file_of_certificates_that_cannot_be_read_is_named_and_not_asked_for(
    tmp_path: Path, silent_port: int, content: str | None
):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(AuthorityUnread) as caught:
        list(HttpLine(QUICK, "", str(file)).exchange(f"https://127.0.0.1:{silent_port}", [b"x"]))
    assert caught.value.code == "S416" and "tls_ca_file" in caught.value.sentence
    assert "读不了" in caught.value.sentence
