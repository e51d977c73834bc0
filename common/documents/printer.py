"""The printing process: lays out pages with WeasyPrint, one after the other; a minute without one ends it.

`python -m common.documents.printer FD IDLE_S MEMORY_BYTES FOLDER`, started by `press.py` alone. It may open
no connection, reads no file but our fonts and static files, and says nothing on its standard streams: what
it prints is personal.
"""

from __future__ import annotations

import re
import resource
import shutil
import socket
import string
import sys
from importlib import resources
from pathlib import Path
from typing import Any

from common.documents import wire
from common.documents.errors import PrintFromBrowser
from common.documents.fonts import font_files
from common.documents.rules.text import possible_characters
from common.documents.subset import Subsetter

_BASE = "https://paper.invalid/"
_STATIC = re.compile(re.escape(_BASE) + r"static/([a-z0-9][a-z0-9._-]*)(?:\?.*)?")
_FONT = re.compile(re.escape(_BASE) + r"font/(\d)")
_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}
# Page numbers, list marks and the like are made while the page is laid out.
_ALWAYS = string.printable.strip() + "〇一二三四五六七八九十百千万第页共、。，：；（）〔〕〓•◦▪–—…“”‘’"
# Fonts are cut anew for each paper and what the layout keeps of them adds up: a fresh process now and then.
_PAPERS_MAX = 200
_FILE_BYTES_MAX = 64 * 1024 * 1024


class Printer:
    """WeasyPrint with our fonts and nothing else to fetch."""

    def __init__(self) -> None:
        """Load the libraries.

        Raises:
            ImportError, OSError, PrintFromBrowser: something of them is not installed.
        """
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

        self._weasyprint = weasyprint
        self._fonts_of = FontConfiguration
        self.refusal: type[BaseException] = FatalURLFetchingError
        self._fetcher, self._response = URLFetcher, URLFetcherResponse
        self._files = font_files()
        self._refused = ""
        self._subsetter = Subsetter()
        self._sheet = resources.files("common.documents").joinpath("data/paper.css").read_text("utf-8")
        self._static = Path(str(resources.files("common.web"))) / "static"

    def pdf(self, html: str) -> bytes:
        """Return the page as PDF; the same page gives the same bytes."""
        characters = possible_characters(html) | set(_ALWAYS)
        self._refused = ""
        fetcher = self._make_fetcher([self._subsetter.cut(path, characters) for path in self._files.values()])
        fonts = self._fonts_of()
        faces = "".join(
            f'@font-face {{ font-family: "{family}"; src: url({_BASE}font/{number}) }}\n'
            for number, family in enumerate(self._files)
        )
        sheet = self._weasyprint.CSS(
            string=faces + self._sheet, base_url=_BASE, url_fetcher=fetcher, font_config=fonts
        )
        page = self._weasyprint.HTML(string=html, base_url=_BASE, url_fetcher=fetcher)
        made: bytes = page.write_pdf(stylesheets=[sheet], font_config=fonts)
        if self._refused:
            # Inside a drawing the engine passes over whatever goes wrong.
            raise self.refusal(self._refused)
        return made

    def _make_fetcher(self, fonts: list[bytes]) -> Any:
        outer = self

        class Fetcher(self._fetcher):  # type: ignore[name-defined]
            """Gives our fonts, our static files and what a page carries in itself; refuses the rest."""

            def fetch(self, url: str, headers: Any = None) -> Any:
                if url.startswith("data:"):
                    return super().fetch(url, headers)
                if font := _FONT.fullmatch(url):
                    return outer._response(url, fonts[int(font[1])], {"Content-Type": "font/otf"})
                if static := _STATIC.fullmatch(url):
                    return outer._static_file(url, static[1])
                raise outer._refuse(url)

        return Fetcher(allowed_protocols=["data"], allow_redirects=False)

    def _refuse(self, url: str) -> BaseException:
        self._refused = url
        return self.refusal(url)

    def _static_file(self, url: str, name: str) -> Any:
        path = self._static / name
        if path.suffix not in _TYPES or not path.is_file():
            raise self._refuse(url)
        return self._response(url, path.read_bytes(), {"Content-Type": _TYPES[path.suffix]})


def _answer(printer: Printer, page: bytes) -> tuple[bytes, bytes]:
    try:
        return wire.PDF, printer.pdf(page.decode())
    except printer.refusal:
        return wire.FOREIGN, b""
    except Exception as problem:
        # The class alone: a message may quote the page.
        return wire.FAILED, type(problem).__name__.encode()


def _bound(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES_MAX, _FILE_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def serve(line: socket.socket, idle_s: float) -> None:
    """Print what comes until the node hangs up, a minute passes without a paper, or there were many."""
    try:
        printer = Printer()
    except (ImportError, OSError, PrintFromBrowser):
        wire.send(line, wire.ABSENT)
        return
    wire.send(line, wire.READY)
    line.settimeout(idle_s)
    for _ in range(_PAPERS_MAX):
        try:
            _, page = wire.receive(line)
        except (EOFError, OSError):
            return
        wire.send(line, *_answer(printer, page))


if __name__ == "__main__":
    _bound(int(sys.argv[3]))
    try:
        serve(socket.socket(fileno=int(sys.argv[1])), float(sys.argv[2]))
    finally:
        # The node removes it, too; when the node was killed, nobody else does.
        shutil.rmtree(sys.argv[4], ignore_errors=True)
