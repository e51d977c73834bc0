"""Real papers from the real printing process: what stands on them, what they may not do, how it ends."""

from __future__ import annotations

import contextlib
import http.server
import io
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from common.documents.errors import (
    CharactersMissing,
    ForeignResource,
    PrintFailed,
)
from common.documents.service import Documents
from tests.documents.paper import RARE_NAMES, notice, text_of

PDF_BYTES_MAX = 150_000


@pytest.fixture(scope="module")
def documents() -> Iterator[Documents]:
    made = Documents()
    yield made
    made.close()


def test_a_notice_with_rare_names_is_printed_whole_and_small(documents: Documents):
    """The text is read back through the fonts in the file, so a character without a glyph cannot pass."""
    pdf = documents.render(notice())
    text = text_of(pdf)
    assert RARE_NAMES in text and "行政许可受理通知书" in text and "第 1 页 共 1 页" in text
    assert pdf.startswith(b"%PDF-") and len(pdf) <= PDF_BYTES_MAX


def test_another_reader_finds_the_same_names(documents: Documents, tmp_path: Path):
    """With poppler where the machine has it, else once more with our own reader."""
    pdf = documents.render(notice())
    if shutil.which("pdftotext"):
        found = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
        assert RARE_NAMES in found.stdout.decode()
    else:
        assert RARE_NAMES in text_of(pdf)


def test_all_fonts_are_in_the_file_and_paper_is_a4(documents: Documents):
    page = PdfFileReader(io.BytesIO(documents.render(notice()))).root["/Pages"]["/Kids"][0].get_object()
    assert [round(float(side)) for side in page["/MediaBox"]] == [0, 0, 595, 842]
    fonts = page["/Resources"]["/Font"]
    for name in fonts:
        assert "/FontFile3" in fonts[name]["/DescendantFonts"][0]["/FontDescriptor"]


def test_the_same_page_gives_the_same_bytes(documents: Documents):
    assert documents.render(notice()) == documents.render(notice())


def test_a_long_list_breaks_into_pages(documents: Documents):
    text = text_of(documents.render(notice(rows=120)))
    assert "第 4 页 共" in text


def test_characters_drawn_by_a_style_sheet_are_there_too(documents: Documents):
    page = '<style>p::before { content: "\\4DAE" } li { list-style: cjk-decimal }</style><p>x<ol><li>y</ol>'
    assert "䶮" in text_of(documents.render(page))


def test_a_character_no_font_has_stops_the_paper_and_is_named(documents: Documents):
    with pytest.raises(CharactersMissing) as refused:
        documents.render("<p>张\ue5d4\U0010abcd 䶮</p>")
    assert refused.value.characters == {"\ue5d4", "\U0010abcd"}
    assert "U+E5D4" in str(refused.value) and "2 个字" in str(refused.value)


def test_a_missing_character_can_be_left_for_the_hand(documents: Documents):
    name = documents.mark_missing("张\ue5d4䶮")
    assert name == "张〓䶮" and name in text_of(documents.render(f"<p>{name}</p>"))


def test_style_and_comments_need_no_glyphs(documents: Documents):
    assert "好" in text_of(documents.render("<style>/* \ue000 */</style><!-- \ue001 --><p>好"))


class _Ears:
    """A web server on this machine that counts who calls."""

    def __enter__(self) -> _Ears:
        self.calls = calls = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                calls.append(self.path)
                self.send_error(404)

            def log_message(self, *words: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/x.png"
        return self

    def __exit__(self, *what: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.mark.parametrize(
    "page",
    [
        '<img src="{url}">',
        '<link rel="stylesheet" href="{url}">',
        '<style>@import "{url}"; p {{ color: red }}</style><p>x',
        '<p style="background: url({url})">x',
        "<style>@font-face {{ font-family: f; src: url({url}) }} p {{ font-family: f }}</style><p>x",
        '<svg><image href="{url}" width="9" height="9"/></svg>',
        '<object data="{url}"></object>',
        '<link rel="attachment" href="{url}"><p>x',
    ],
)
@pytest.mark.parametrize("kind", ["net", "file", "file by name"])
def test_nothing_is_fetched_from_net_or_disk(documents: Documents, page: str, kind: str, tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim")
    with _Ears() as ears:
        url = {"net": ears.url, "file": secret.as_uri(), "file by name": "/etc/hostname"}[kind]
        with pytest.raises(ForeignResource):
            documents.render(page.format(url=url))
        assert ears.calls == []


@pytest.mark.parametrize(
    "name", ["../config.py", "..%2fconfig.py", ".hidden.css", "nothing.css", "a/b.css", "liandong.css/../x"]
)
def test_only_our_static_files_are_given(documents: Documents, name: str):
    with pytest.raises(ForeignResource):
        documents.render(f'<img src="/static/{name}">')


def test_static_files_and_inline_pictures_are_given(documents: Documents):
    dot = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/%3E"
    page = f'<link rel="stylesheet" href="/static/liandong.css?v=1"><img src="{dot}"><p>好'
    assert "好" in text_of(documents.render(page))


@pytest.mark.parametrize(
    "page", ["", "\x00", "<<<>>>&#xffffffff;", "<p>\ud800", "<svg><text x=", "<table><tr><td"]
)
def test_broken_pages_print_or_are_refused_by_name(documents: Documents, page: str):
    with contextlib.suppress(PrintFailed, CharactersMissing):
        assert documents.render(page).startswith(b"%PDF-")
    assert documents.render("<p>好").startswith(b"%PDF-")
