"""The line from a child to its parent: HTTP, one POST an exchange. It never decides when, only how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import requests

from sync.protocol.enrolment import MESSAGE_BYTES_MAX
from sync.protocol.errors import SyncError

EXCHANGE_TYPE = "application/vnd.liandong.exchange"
ENROLMENT_TYPE = "application/vnd.liandong.enrolment"
EXCHANGE_PATH = "/sync/v1/exchange"
ENROLMENT_PATH = "/sync/v1/enrolment"
_CONNECT_S = 5.0
_SILENCE_S = 60.0
# Small, so that a slow line's records are taken in as they come and a cut loses little.
_CHUNK = 1 << 12
# Said in place of what the library says by itself, which costs a thin line more.
_SHORT = {"User-Agent": "liandong", "Accept": None, "Accept-Encoding": "identity"}


class LineFault(SyncError):
    """Nothing came back that was ours; everything stays queued and is tried again."""

    code = "S401"
    sentence = "线路不通，稍后自动重试。"


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
    """The other side read the head and refused it."""

    code = "S404"
    sentence = "上级站拒绝了本次交换。"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, and of silence before a line counts as cut."""

    connect_s: float = _CONNECT_S
    silence_s: float = _SILENCE_S


class HttpLine:
    """A kept-alive connection to one address book of nodes."""

    def __init__(self, timeouts: Timeouts | None = None, proxies: dict[str, str] | None = None) -> None:
        self._timeouts = timeouts or Timeouts()
        self._session = requests.Session()
        # Proxies come from the node's settings alone: a stray variable of the shell must not redirect cases.
        self._session.trust_env = False
        self._session.proxies.update(proxies or {})

    def exchange(self, url: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Send an exchange and yield the other's answer as it comes.

        Raises:
            LineFault, CaptivePortal, ParentBusy, Refused: also while the answer is being read.
        """
        response = self._post(url.rstrip("/") + EXCHANGE_PATH, EXCHANGE_TYPE, chunks)
        try:
            yield from response.iter_content(_CHUNK)
        except requests.RequestException as problem:
            raise LineFault(type(problem).__name__) from None
        finally:
            response.close()

    def enrol(self, url: str, request: bytes) -> bytes:
        """Send an enrolment request and return the answer.

        Raises:
            LineFault, CaptivePortal, ParentBusy, Refused.
        """
        response = self._post(url.rstrip("/") + ENROLMENT_PATH, ENROLMENT_TYPE, [request])
        answer = b""
        try:
            for chunk in response.iter_content(_CHUNK):
                answer += chunk
                if len(answer) > MESSAGE_BYTES_MAX:
                    raise LineFault("answer too long")
        except requests.RequestException as problem:
            raise LineFault(type(problem).__name__) from None
        finally:
            response.close()
        return answer

    def _post(self, url: str, media_type: str, chunks: Iterable[bytes]) -> requests.Response:
        data = b"".join(chunks)
        try:
            response = self._session.post(
                url,
                data=data,
                headers={"Content-Type": media_type, **_SHORT},
                timeout=(self._timeouts.connect_s, self._timeouts.silence_s),
                stream=True,
                allow_redirects=False,
            )
        except requests.RequestException as problem:
            raise LineFault(type(problem).__name__) from None
        if response.status_code == 200 and response.headers.get("Content-Type", "").startswith(media_type):
            return response
        raise _fault(response)


def _fault(response: requests.Response) -> LineFault:
    status = response.status_code
    with response:
        if status in (429, 503):
            text = response.headers.get("Retry-After", "0")
            return ParentBusy(str(status), int(text) if text.isdigit() else 0)
        code = response.headers.get("X-Liandong-Code", "")
        if code:
            return Refused(code)
        if status in (200, 301, 302, 303, 307, 308, 511):
            return CaptivePortal(str(status))
        return LineFault(str(status))
