"""The line from a child to its parent: HTTP, one POST an exchange. It never decides when, only how."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import urllib3
from urllib3.exceptions import (
    HTTPError,
    LocationValueError,
    NameResolutionError,
    ProxyError,
    ReadTimeoutError,
)
from urllib3.exceptions import SSLError as CertificateFault
from urllib3.util import Url

from sync.adapters.line import (
    AuthorityUnread,
    BadAddress,
    CaptivePortal,
    LineFault,
    LineSilent,
    NameNotFound,
    NotAParent,
    NotBelieved,
    NotKnownThere,
    ParentBusy,
    ProxyNotReached,
    PutOff,
    Refused,
    TooLong,
    TooMuch,
    WrongNode,
)
from sync.adapters.thin_socket import WayRefused, open_pool
from sync.protocol.enrolment import MESSAGE_BYTES_MAX
from sync.protocol.errors import (
    BadEnrolment,
    CodeUsedTwice,
    NotForUs,
    OtherNetwork,
    SyncError,
    UnknownSender,
)
from sync.protocol.trust.refusal import ANSWER_BYTES_MAX

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
_LATER = (429, 503)
_TOO_MUCH = {408: TooLong, 413: TooMuch, 504: TooLong}
_NOT_MEANT = (NotForUs.code, OtherNetwork.code)
# With no other status does a node refuse what it read.
REFUSED = 422
# Who finds fault with what is written in a file of certificates; with the other side's it is "SSL".
_OF_FILES = ("X509", "PEM")
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")
_ELSEWHERE = (301, 302, 303, 307, 308, 511)
_SERVER_FAULT = 500
# Said in place of what the library says by itself, which costs a thin line more.
_SHORT = {"User-Agent": "liandong", "Accept-Encoding": "identity"}


# Besides the status, by which the word of a node is told from that of something between.
CODE_HEADER = "X-Liandong-Code"
# What a busy node says. Programs of before the header say no more.
BUSY_TYPE, BUSY_BODY = "text/plain", b"busy"

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
            LineFault, CaptivePortal, ParentBusy, PutOff, Refused: also while the answer is being read.
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
            LineFault, CaptivePortal, ParentBusy, PutOff, Refused.
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
        scheme, mark, rest = url.partition("://")
        url = f"{scheme.lower()}{mark}{rest}"
        if not url.startswith(("http://", "https://")):
            raise BadAddress(url[:80])
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
            raise _of_tls(problem, self._authority) from None
        except LocationValueError as problem:
            raise BadAddress(type(problem).__name__) from None
        except WayRefused as problem:
            raise _of_a_proxy(problem) from None
        except HTTPError as problem:
            raise _of_no_connection(problem, self._pool(url).proxy, self._authority) from None
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
    kind = response.headers.get("Content-Type", "")
    if response.status == REFUSED and kind == REFUSAL_TYPE:
        return _read(response, ANSWER_BYTES_MAX)
    return _read(response, len(BUSY_BODY)) if response.status in _LATER and kind == BUSY_TYPE else b""


def _read(response: urllib3.BaseHTTPResponse, most: int) -> bytes:
    told = b""
    try:
        for chunk in response.stream(_CHUNK):
            told += chunk
            if len(told) > most:
                return b""
    except HTTPError:
        return b""
    return told


def _fault(response: urllib3.BaseHTTPResponse, told: bytes) -> LineFault:
    status = response.status
    code = response.headers.get(CODE_HEADER, "")
    if status in _LATER:
        is_own = bool(code) or told == BUSY_BODY
        return (ParentBusy if is_own else PutOff)(str(status), _asked_s(response.headers))
    if status != REFUSED:
        # What lies between must neither lead away from the node that is meant nor speak for it of keys.
        code = ""
    # Of the node that was meant the refusal shows where this one stands now.
    if code in _NOT_MEANT and not told:
        return WrongNode(code)
    if code:
        return (NotKnownThere if code == UnknownSender.code else Refused)(code, told)
    if status == 200 or status in _ELSEWHERE:
        return CaptivePortal(str(status))
    if status in _TOO_MUCH:
        return _TOO_MUCH[status](str(status))
    # A proxy says 5xx for a parent that is down.
    return (NotAParent if status < _SERVER_FAULT else LineFault)(str(status))


def _of_no_connection(problem: HTTPError, proxy: Url | None, authority: str) -> LineFault:
    """Whether a name was not found is known of the other side's, and of the proxy's."""
    cause = problem.original_error if isinstance(problem, ProxyError) else problem
    told = type(cause).__name__
    if isinstance(cause, NameResolutionError):
        return NameNotFound(told)
    if isinstance(cause, CertificateFault) and authority and _is_of_a_file(cause.args[0]):
        return AuthorityUnread(type(cause.args[0]).__name__)
    if proxy is not None and isinstance(problem, ProxyError):
        return ProxyNotReached(told, _place_of(proxy))
    return LineFault(told)


def _place_of(proxy: Url) -> str:
    """Return host and port, nothing where a slash has cut the password: a piece of it may stand there."""
    behind = f"{proxy.path or ''}{proxy.query or ''}{proxy.fragment or ''}"
    return "***" if "@" in behind else f"{proxy.host}:{proxy.port}"


def _of_tls(problem: CertificateFault, authority: str) -> LineFault:
    """A line cut amid the greeting, and an answer that is none of TLS, say nothing about certificates."""
    cause = problem.args[0] if problem.args else None
    if authority and _is_of_a_file(cause):
        return AuthorityUnread(type(cause).__name__)
    if isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)):
        return LineFault(type(cause).__name__)
    is_other = isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS
    return (NotAParent if is_other else NotBelieved)(type(cause).__name__)


def _is_of_a_file(cause: object) -> bool:
    """Say whether it was the file of root certificates that could not be read, before anybody was asked."""
    if isinstance(cause, ssl.SSLError):
        return cause.library in _OF_FILES
    return isinstance(cause, OSError)


def _of_a_proxy(refused: WayRefused) -> LineFault:
    """No node has heard anything yet: neither its codes nor the size of what goes can be what it is about."""
    told = str(refused.status)
    if refused.status in _LATER:
        return PutOff(told, _asked_s(refused.headers))
    if refused.status in _ELSEWHERE:
        return CaptivePortal(told)
    return (NotAParent if refused.status < _SERVER_FAULT else LineFault)(told)


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
