"""The page of a package for people: one file without script, style sheet of another host, or frame. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_STYLE = (
    "body{font:16px/1.7 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;width:100%}td,th{overflow-wrap:anywhere}"
    "th{background:#f2f2f2;white-space:nowrap}"
    "th,td{border:1px solid #999;padding:.3rem .5rem;text-align:left;vertical-align:top}"
    "code{font-size:.8rem;word-break:break-all}"
    "@media(max-width:40rem){body{margin:1rem auto;padding:0 .5rem}th{white-space:normal}"
    ".events tr,.events td,.papers tr,.papers td{display:block;border-width:0}"
    ".events th,.papers th{display:none}"
    ".events tr,.papers tr{border:1px solid #999;margin:.5rem 0}}"
    ".out{color:#777;text-decoration:line-through}@media print{a{color:#000}}"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One event for people: local time, what, by whom, the node, the note, why it does not count, the act."""

    at: str
    what: str
    who: str
    node: str
    note: str
    counts: str
    act: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All the page shows: facts as (label, text), events, papers as (name, part's name, bytes)."""

    title: str
    facts: Sequence[tuple[str, str]]
    events: Sequence[Line]
    papers: Sequence[tuple[str, str, int]]


def page_of(sheet: Sheet) -> str:
    """Return the page as HTML; the same sheet gives the same text."""
    return "".join(
        [
            '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">',
            f"<title>{escape(sheet.title)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{escape(sheet.title)}</h1><table>",
            *(_row(("th", label), ("td", text)) for label, text in sheet.facts),
            '</table><h2>办理经过</h2><table class="events">',
            _row(*(("th", word) for word in ("时间", "事项", "经办人", "站点", "说明", "签名记录"))),
            *(_event(line) for line in sheet.events),
            '</table><h2>材料</h2><table class="papers">',
            _row(*(("th", word) for word in ("名称", "文件", "字节"))),
            *(_paper(*paper) for paper in sheet.papers),
            "</table><h2>怎样核验</h2><p>本页只供阅读，以签名记录为准。核验整个归档包不需要网络：用本系统的 ",
            "<code>verify-package</code> 命令，或随系统发布的独立脚本 <code>verify_package.py</code>，",
            "并与登记单上印的网络指纹对照。改动任何一个字节都会被发现。</p></body></html>\n",
        ]
    )


def _row(*cells: tuple[str, str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in cells) + "</tr>"


def _event(line: Line) -> str:
    shown = [escape(text) for text in (line.at, line.what, line.who, line.node, line.note)]
    out = ' class="out"' if line.counts else ""
    cells = "".join(f"<td>{text}</td>" for text in shown)
    return f"<tr{out}>{cells}<td><code>{escape(line.act)}</code> {escape(line.counts)}</td></tr>"


def _paper(name: str, part: str, size: int) -> str:
    link = f'<a href="{escape(part)}"><code>{escape(part)}</code></a>'
    return f"<tr><td>{escape(name)}</td><td>{link}</td><td>{size}</td></tr>"
