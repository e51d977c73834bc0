"""A person's browser, as small as can be: cookies, forms with the secret of the page they stand on, files.

It goes where a page leads and repeats nothing by itself: whether a form that got no answer was taken in, only
the person can find out.
"""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 60.0
_REDIRECTS_MAX = 6
_SECRET = re.compile(r'name="csrf_token" value="([^"]+)"')
_SUMMARY = re.compile(
    r'<div class="summary".*?</div>|<section class="card narrow trouble">.*?</section>', re.S
)
_TAGS = re.compile(r"<[^>]+>")


class NoAnswer(Exception):
    """The site did not answer; what was sent may have been taken in or not."""


class Refused(Exception):
    """The site answered with a refusal: its status, and the words on its page."""

    def __init__(self, status: int, path: str, words: str) -> None:
        super().__init__(f"{path}: {status} {words}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Upload:
    """A file put into a form: the field, the file's name, its content."""

    field: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, after all redirects: where one is now, and the body."""

    status: int
    path: str
    body: bytes
    file_name: str = ""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


class Browser:
    """One person's window on one site at 127.0.0.1:`port`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self._secret = ""

    @property
    def cookies(self) -> Mapping[str, str]:
        """What the site has given this window to come back with, by name."""
        return self._cookies

    def get(self, path: str) -> Answer:
        """Open a page.

        Raises:
            Refused, NoAnswer: as they say.
        """
        return self._followed("GET", path, b"", {})

    def post(
        self,
        path: str,
        fields: Mapping[str, str],
        files: Sequence[Upload] | None = None,
        once_sent: Callable[[], None] | None = None,
    ) -> Answer:
        """Send a form, with the secret of the page seen last; with `files` (also an empty list) as multipart.

        Args:
            once_sent: called when the last byte is out and no answer has been read.

        Raises:
            Refused: it was not taken in.
            NoAnswer: nobody can say.
        """
        whole = {"csrf_token": self._secret, **fields}
        if files is None:
            body, kind = urlencode(whole).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = _multipart(whole, files)
        return self._followed("POST", path, body, {"Content-Type": kind}, once_sent)

    def _followed(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        once_sent: Callable[[], None] | None = None,
    ) -> Answer:
        answer, target = self._once(method, path, body, headers, once_sent)
        for _ in range(_REDIRECTS_MAX):
            if not target:
                break
            answer, target = self._once("GET", target, b"", {}, None)
        found = _SECRET.search(answer.text) if answer.body[:15].lower() == b"<!doctype html>" else None
        if found:
            self._secret = html.unescape(found[1])
        if answer.status >= 400:
            raise Refused(answer.status, answer.path, words_of(answer.text))
        return answer

    def _once(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        once_sent: Callable[[], None] | None,
    ) -> tuple[Answer, str]:
        # A connection for each request: one kept open may close just as a form goes out.
        connection = HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_S)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        sent = {**headers, "Connection": "close", **({"Cookie": cookies} if cookies else {})}
        try:
            connection.request(method, path, body or None, sent)
            if once_sent is not None:
                once_sent()
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException) as problem:
            raise NoAnswer(f"{method} {path}: {problem or type(problem).__name__}") from problem
        finally:
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, _, rest = cookie.partition("=")
            self._cookies[name.strip()] = rest.partition(";")[0]
        target = response.headers.get("Location", "") if response.status in (301, 302, 303) else ""
        named = re.search(r'filename="([^"]+)"', response.headers.get("Content-Disposition", ""))
        answer = Answer(response.status, path, content, named[1] if named else "")
        return answer, _local(target)


def _local(target: str) -> str:
    parts = urlsplit(target)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def words_of(page: str) -> str:
    """Return what a page says was wrong, in one line."""
    found = _SUMMARY.search(page)
    return plain(found[0] if found else page[:400])


def plain(markup: str) -> str:
    """Return markup as words in one line."""
    return " ".join(html.unescape(_TAGS.sub(" ", markup)).split())


def _multipart(fields: Mapping[str, str], files: Sequence[Upload]) -> tuple[bytes, str]:
    mark = f"liandong{secrets.token_hex(12)}"
    parts = []
    for name, value in fields.items():
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts += [head.encode(), value.encode(), b"\r\n"]
    for file in files:
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="{file.field}"; filename="{file.name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        parts += [head.encode(), file.content, b"\r\n"]
    return b"".join([*parts, f"--{mark}--\r\n".encode()]), f"multipart/form-data; boundary={mark}"
