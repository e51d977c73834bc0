"""The line from a child to its parent: HTTP, one POST an exchange. It never decides when, only how."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import urllib3
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.exceptions import SSLError as CertificateFault

from sync.adapters.thin_socket import open_pool
from sync.protocol.enrolment import MESSAGE_BYTES_MAX
from sync.protocol.errors import BadEnrolment, CodeUsedTwice, SyncError, UnknownSender
from sync.protocol.refusal import ANSWER_BYTES_MAX

EXCHANGE_TYPE = "application/vnd.liandong.exchange"
ENROLMENT_TYPE = "application/vnd.liandong.enrolment"
REFUSAL_TYPE = "application/vnd.liandong.refusal"
EXCHANGE_PATH = "/sync/v1/exchange"
ENROLMENT_PATH = "/sync/v1/enrolment"
_CONNECT_S = 5.0
_SILENCE_S = 60.0
# Small, so that a slow line's records are taken in as they come and a cut loses little.
_CHUNK = 1 << 12
_SEND_BYTES = 1 << 12
_SECONDS = re.compile(r"[0-9]{1,6}")
_PATIENCE_MAX_S = 999_999
_TOO_MUCH = (408, 413, 504)
_SERVER_FAULT = 500
# Said in place of what the library says by itself, which costs a thin line more.
_SHORT = {"User-Agent": "liandong", "Accept-Encoding": "identity"}


class LineFault(SyncError):
    """Nothing came back that was ours; everything stays queued and is tried again."""

    code = "S401"
    sentence = "线路不通，稍后自动重试。"


class LineSilent(LineFault):
    """The other side was reached and then not heard in time: perhaps too much was sent at once."""

    is_silent = 1


class TooMuch(LineFault):
    """Something between found the exchange too large, or gave up waiting for its end: less goes next time."""

    code = "S409"
    sentence = "线路中间的设备不让一次传这么多，已改为少传，稍后自动重试。"
    is_silent = is_too_much = 1


class NotAParent(LineFault):
    """Something answered, and not as a node does: another program, or a proxy that wants something first."""

    code = "S410"
    sentence = (
        "回答的不是上级站，稍后自动重试：请核对上级网址（parent_url）和代理（sync_proxy），"
        "或者先在浏览器里登录网络。"
    )


class NotBelieved(LineFault):
    """The other side shows a certificate that nobody vouches for, or of another name."""

    code = "S407"
    sentence = "上级网页证书核对不过：请核对网址，县里自建证书的请设置 tls_ca_file。"


class CaptivePortal(LineFault):
    """Something between answered with a page of its own."""

    code = "S402"
    sentence = "线路上有认证页面拦截，请先在浏览器里登录网络。"


class ParentBusy(LineFault):
    """The other side asks for patience."""

    code = "S403"
    sentence = "上级站忙，稍后自动重试。"

    def __init__(self, detail: str = "", retry_after_s: int = 0) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Refused(LineFault):
    """The other side read the head and refused it; `told` is what it sent along to show why."""

    code = "S404"
    sentence = "上级站拒绝了本次交换。"

    def __init__(self, detail: str = "", told: bytes = b"") -> None:
        super().__init__(detail)
        self.told = told


class NotKnownThere(Refused):
    """The other side does not know this node's key, or not any more."""

    code = "S408"
    sentence = (
        "上级站不认本站的钥匙（S107）：钥匙可能已由县级作废，或县级的名册还没有传到上级站。"
        "收件照常，内容都存在本站；请打电话问县级管理员，钥匙作废了的要领新的入网码重新入网。"
    )


# What the other side says of an enrolment code.
_OF_CODES: dict[str, type[SyncError]] = {kind.code: kind for kind in (BadEnrolment, CodeUsedTwice)}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, and of silence before a line counts as cut."""

    connect_s: float = _CONNECT_S
    silence_s: float = _SILENCE_S


class HttpLine:
    """Kept-alive connections to the nodes above.

    Args:
        proxy: as in `open_pool`; unless it says so, a stray variable of the shell must not redirect cases.
        authority: as in `open_pool`.
    """

    def __init__(self, timeouts: Timeouts | None = None, proxy: str = "", authority: str = "") -> None:
        times = timeouts or Timeouts()
        self._timeout = urllib3.Timeout(connect=times.connect_s, read=times.silence_s)
        self._proxy, self._authority = proxy, authority
        self._pools: dict[str, urllib3.PoolManager] = {}

    def _pool(self, url: str) -> urllib3.PoolManager:
        scheme = url.partition(":")[0]
        if scheme not in self._pools:
            self._pools[scheme] = open_pool(url, self._timeout, self._proxy, self._authority)
        return self._pools[scheme]

    def exchange(self, url: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Send an exchange and yield the other's answer as it comes.

        Raises:
            LineFault, CaptivePortal, ParentBusy, Refused: also while the answer is being read.
        """
        response = self._post(url.rstrip("/") + EXCHANGE_PATH, EXCHANGE_TYPE, chunks)
        try:
            yield from response.stream(_CHUNK)
        except HTTPError as problem:
            raise LineFault(type(problem).__name__) from None
        finally:
            _leave(response)

    def enrol(self, url: str, request: bytes) -> bytes:
        """Send an enrolment request and return the answer.

        Raises:
            BadEnrolment, CodeUsedTwice: the other side says so of the code.
            LineFault, CaptivePortal, ParentBusy, Refused.
        """
        try:
            response = self._post(url.rstrip("/") + ENROLMENT_PATH, ENROLMENT_TYPE, [request])
        except Refused as problem:
            raise _OF_CODES.get(problem.detail, Refused)(problem.detail) from None
        answer = b""
        try:
            for chunk in response.stream(_CHUNK):
                answer += chunk
                if len(answer) > MESSAGE_BYTES_MAX:
                    raise LineFault("answer too long")
        except HTTPError as problem:
            raise LineFault(type(problem).__name__) from None
        finally:
            _leave(response)
        return answer

    def _post(self, url: str, media_type: str, chunks: Iterable[bytes]) -> urllib3.BaseHTTPResponse:
        try:
            response = self._pool(url).request(
                "POST",
                url,
                # What is made while it goes has no length yet; all else tells it, which costs less.
                body=b"".join(chunks) if isinstance(chunks, list) else _small(chunks),
                headers={"Content-Type": media_type, **_SHORT},
                preload_content=False,
                redirect=False,
            )
        except ReadTimeoutError as problem:
            raise LineSilent(type(problem).__name__) from None
        except CertificateFault as problem:
            raise NotBelieved(type(problem).__name__) from None
        except HTTPError as problem:
            raise LineFault(type(problem).__name__) from None
        if response.status == 200 and response.headers.get("Content-Type", "").startswith(media_type):
            return response
        told = _told(response)
        _leave(response)
        raise _fault(response, told)


def _small(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for at in range(0, len(chunk), _SEND_BYTES):
            yield chunk[at : at + _SEND_BYTES]


def _leave(response: urllib3.BaseHTTPResponse) -> None:
    """End an answer; one that was not read to its end takes its connection with it."""
    response.close()
    response.release_conn()


def _told(response: urllib3.BaseHTTPResponse) -> bytes:
    """Return what came with a refusal to show why, b"" for nothing, or for more than that can be."""
    if response.status != 422 or response.headers.get("Content-Type", "") != REFUSAL_TYPE:
        return b""
    told = b""
    try:
        for chunk in response.stream(_CHUNK):
            told += chunk
            if len(told) > ANSWER_BYTES_MAX:
                return b""
    except HTTPError:
        return b""
    return told


def _fault(response: urllib3.BaseHTTPResponse, told: bytes) -> LineFault:
    status = response.status
    if status in (429, 503):
        return ParentBusy(str(status), _asked_s(response.headers))
    code = response.headers.get("X-Liandong-Code", "")
    if code:
        return (NotKnownThere if code == UnknownSender.code else Refused)(code, told)
    if status in (200, 301, 302, 303, 307, 308, 511):
        return CaptivePortal(str(status))
    if status in _TOO_MUCH:
        return TooMuch(str(status))
    # A proxy says 5xx for a parent that is down.
    return (NotAParent if status < _SERVER_FAULT else LineFault)(str(status))


def _asked_s(headers: Mapping[str, str]) -> int:
    """Return for how many seconds patience was asked, 0 for not told; a date counts from the other's own."""
    text = headers.get("Retry-After", "")
    if _SECONDS.fullmatch(text):
        return int(text)
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError, OverflowError):
        return 0
    return min(_PATIENCE_MAX_S, max(0, int(wait.total_seconds())))
