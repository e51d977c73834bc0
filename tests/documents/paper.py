"""A notice as templates make one, and a reader of PDF text that goes by the embedded fonts' own maps."""

from __future__ import annotations

import io
import re

from pyhanko.pdf_utils.reader import PdfFileReader

from common.documents.rules.ring import seal_ring

RARE_NAMES = "张䶮、李𬱖、王㛃、赵𠅤、钱𬭚、孙㙓"
# A code with about 400 characters, drawn as the pages draw it: one path.
_QR = '<svg width="40mm" viewBox="0 0 77 77"><path d="{}"/></svg>'

_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")
_SHOWN = re.compile(rb"/([\w-]+) [\d.]+ Tf|\[((?:[^\]])*)\] ?TJ|(<[0-9A-Fa-f]*>) ?Tj")
_MAPPED = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]+)>")


def notice(name: str = RARE_NAMES, rows: int = 8) -> str:
    """Return a 受理通知书 with a table, a code and a seal ring."""
    cells = "".join(
        f"<tr><td>{n}</td><td>居民身份证复印件</td><td>原件</td><td>1</td></tr>" for n in range(rows)
    )
    path = "".join(f"M{n % 77} {n // 77 * 2}h1v1h-1z" for n in range(2_900))
    return (
        '<!doctype html><html lang="zh-CN"><head><title>受理通知书</title><style>table { width: 100% } '
        "td, th { border: 0.5pt solid; padding: 3pt }</style></head><body><h1>行政许可受理通知书</h1>"
        f"<p>编号：511921-D8K2-示例〔2026〕123号</p><p>申请人{name}：你提出的<b>最低生活保障</b>申请收悉，"
        "符合受理条件，予以受理。</p><table><tr><th>序号</th><th>材料</th><th>要求</th><th>份数</th></tr>"
        f"{cells}</table><p>本机关将于2026年3月9日前作出决定。</p>"
        f"{seal_ring('南江县民政局', '行政审批专用章')}{_QR.format(path)}</body></html>"
    )


def text_of(pdf: bytes) -> str:
    """Return the text of all pages in the order in which it is drawn.

    Raises:
        AssertionError: a glyph is the box for missing characters, or its font does not say what it is.
    """
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    pages = reader.root["/Pages"]["/Kids"]
    return "".join(_page_text(page.get_object()) for page in pages)


def longest_lines(pdf: bytes) -> list[int]:
    """Return for each page how many glyphs the longest piece has that is drawn without a new place."""
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    found = []
    for page in reader.root["/Pages"]["/Kids"]:
        drawn = _SHOWN.findall(page.get_object()["/Contents"].data)
        found.append(max(sum(map(len, _HEX.findall(many or one))) // 4 for _, many, one in drawn))
    return found


def _page_text(page: object) -> str:
    named = page["/Resources"]["/Font"]
    fonts = {name.lstrip("/"): _unicode(named[name]) for name in named}
    current: dict[int, str] = {}
    text = []
    for font, many, one in _SHOWN.findall(page["/Contents"].data):
        if font:
            current = fonts[font.decode()]
            continue
        for codes in _HEX.findall(many or one):
            for place in range(0, len(codes), 4):
                glyph = int(codes[place : place + 4], 16)
                assert glyph and glyph in current, f"glyph {glyph} stands for nothing"
                text.append(current[glyph])
    return "".join(text)


def _unicode(font: object) -> dict[int, str]:
    mapping = font["/ToUnicode"].data
    return {
        int(glyph, 16): bytes.fromhex(value.decode()).decode("utf-16-be")
        for glyph, value in _MAPPED.findall(mapping)
    }
