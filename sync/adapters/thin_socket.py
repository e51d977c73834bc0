"""Sockets for thin lines: little waits unsent in the kernel, and a slow write is no failure.

What lies in the kernel's buffer can no longer be put behind anything more urgent, and hides slowness.
"""

from __future__ import annotations

import socket
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote_to_bytes
from urllib.request import getproxies

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

UNSENT_BYTES = 16_384
WRITE_BYTES = 4_096
PROXY_OF_ENVIRONMENT = "environment"
# Of one write, which is one small chunk: a line slower than that is cut.
_WRITE_S = 60.0


class WayRefused(HTTPError):
    """A proxy opens no way through to an https address; what it said of why is kept."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(str(status))
        self.status, self.headers = status, headers


def leave_little_unsent(sock: socket.socket) -> None:
    """Let the kernel hold little that is written and not sent; a listener passes it on to what it accepts."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)


def open_pool(
    url: str, timeout: urllib3.Timeout, proxy: str = "", authority: str = ""
) -> urllib3.PoolManager:
    """Return the connections towards `url`.

    Args:
        proxy: address of a proxy, with `name:password@` before the host where it wants them; "" for none,
            `environment` to ask the shell's variables.
        authority: file of root certificates (PEM) that alone are believed, "" for the public ones.
    """
    if proxy == PROXY_OF_ENVIRONMENT:
        proxy = getproxies().get(url.partition(":")[0], "")
    # When to try again is the runner's decision, and no answer sends cases elsewhere.
    common: dict[str, Any] = {
        "timeout": timeout,
        "retries": False,
        "ca_certs": authority or certifi.where(),
    }
    if proxy:
        who = urllib3.util.parse_url(proxy).auth
        # What is written as it is goes as UTF-8; a proxy that wants other bytes gets them as `%XX`.
        known = {"Proxy-Authorization": f"Basic {b64encode(unquote_to_bytes(who)).decode()}"} if who else None
        pool: urllib3.PoolManager = urllib3.ProxyManager(proxy, proxy_headers=known, **common)
    else:
        pool = urllib3.PoolManager(**common)
    pool.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return pool


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _make_patient(self)

    def send(self, data: Any) -> None:
        with _word_before_the_end():
            for part in _parts(data):
                super().send(part)


class _SecureConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _make_patient(self)

    def _tunnel(self) -> None:
        """Ask the proxy for the way; the library's own question keeps nothing of a refusal but its number."""
        host = (self._tunnel_host or "").strip("[]")
        place = f"{f'[{host}]' if ':' in host else host}:{self._tunnel_port}"
        told: dict[str, str] = {"Host": place, **self._tunnel_headers}  # type: ignore[attr-defined]
        lines = (f"{name}: {value}" for name, value in told.items())
        self.send("\r\n".join([f"CONNECT {place} HTTP/1.1", *lines, "", ""]).encode("latin-1"))
        answer = self.response_class(self.sock, method="CONNECT")
        try:
            answer.begin()
            if answer.status // 100 == 2:
                return
            self.close()
            raise WayRefused(answer.status, urllib3.HTTPHeaderDict(answer.headers.items()))
        finally:
            answer.close()

    def send(self, data: Any) -> None:
        with _word_before_the_end():
            for part in _parts(data):
                super().send(part)


def _parts(data: Any) -> Iterator[Any]:
    """A socket's patience is for a whole write, however long: so that none is longer than one small chunk."""
    if not isinstance(data, bytes) or len(data) <= WRITE_BYTES:
        yield data
        return
    for at in range(0, len(data), WRITE_BYTES):
        yield data[at : at + WRITE_BYTES]


@contextmanager
def _word_before_the_end() -> Iterator[None]:
    """The other side hung up in the middle of a request: what it said is read after a broken pipe."""
    try:
        yield
    except ConnectionResetError as cut:
        raise BrokenPipeError(*cut.args) from cut


def _make_patient(connection: HTTPConnection) -> None:
    leave_little_unsent(connection.sock)
    # The patience of connecting would otherwise end each write, too.
    connection.sock.settimeout(_WRITE_S)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
