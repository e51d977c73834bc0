"""Small words of notices: dates, amounts, lists of papers, what a notice rests on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from common.casework.rules.corrected import spec_of, value_of
from common.casework.rules.event import CaseEvent
from common.casework.rules.facts import AFTER_REVIEW
from common.casework.rules.labels import label
from common.casework.rules.number import is_address
from common.catalogue.rules.item import PaperSpec, ServiceItem
from common.days import is_date, local_date, local_day
from common.notices.rules.naming import Place
from common.notices.rules.notice import Pair, Table

_LICENCE = "01"
_LICENSING_LAW = "《中华人民共和国行政许可法》"
_MINUTE_MS = 60_000
_DIGITS = "零一二三四五六七八九"
_UNITS = {"十": 10, "百": 100, "千": 1000}
_ARTICLE = re.compile(r"第([零一二三四五六七八九十百千]+)条")
_NO_ARTICLE = 1_000_000
_LOCAL_MINUTES = 8 * 60
# What the law gives everybody, where the item's own words are not here: 60 days and 6 months. Who is not told
# to which organ to turn has a year (行政复议法 20); which it is says 24, of organs led from above 27.
REMEDIES = (
    "对本文书不服的，可以自知道之日起六十日内依法向县级人民政府申请行政复议"
    "（海关、金融、税务等由上级垂直领导的机关作出的，向其上一级主管部门申请），"
    "或者自知道之日起六个月内依法向人民法院提起行政诉讼。"
)


def day_words(day: str) -> str:
    """Return `2026年3月2日` for 2026-03-02; what is no date stays as it is."""
    if not is_date(day):
        return day
    found = date.fromisoformat(day)
    return f"{found.year}年{found.month}月{found.day}日"


def on_words(at_ms: int) -> str:
    """Return the local date of an instant (UTC milliseconds) in words."""
    return day_words(local_day(at_ms))


def time_words(at_ms: int) -> str:
    """Return local date and time of an instant (UTC milliseconds) in words."""
    minute = at_ms // _MINUTE_MS + _LOCAL_MINUTES
    found = local_date(at_ms)
    return f"{day_words(found.isoformat())}{minute // 60 % 24:02d}时{minute % 60:02d}分"


def yuan_words(fen: int) -> str:
    """Return an amount given in fen."""
    return f"{fen // 100:,}.{fen % 100:02d} 元"


def value_words(field: str, text: str, item: ServiceItem | None, place: Place) -> str:
    """Return a value of a correction as people write it; as it was signed where its field is not known here.

    An amount is signed in fen, yes and no as 1 and 0, a place by its address: nobody reads them so.
    """
    spec, value = spec_of(field, item), value_of(field, text, item)
    kind = spec.kind if spec else ""
    if kind == "money_fen" and type(value) is int and value >= 0:
        return yuan_words(value)
    if kind == "yesno" and value in (0, 1):
        return "是" if value else "否"
    if kind == "place" and is_address(text):
        return place(text)
    return day_words(text) if kind == "date" else text


def actor_words(actor: Mapping[str, Any]) -> str:
    """Return who acted and in which post, and that it is held for somebody who is away."""
    if actor.get("role") == "NODE":
        return "系统依规则自动办理"
    post = label(str(actor.get("role", ""))) + ("，代岗" if actor.get("stands_in_for") else "")
    return f"{actor.get('name', '')}（{post}）"


def result_facts(result: Mapping[str, Any]) -> tuple[Pair, ...]:
    """Return what a decision gives: its name, number and last day, as papers say them."""
    names = (("name", "结果名称"), ("number", "文号（证号）"), ("valid_until", "有效期至"))
    return tuple((name, day_words(str(result.get(key, "")))) for key, name in names)


def specs_of(item: ServiceItem | None) -> dict[str, PaperSpec]:
    """Return the papers of an item by key; none when its version is not here."""
    return {spec.key: spec for spec in item.papers} if item else {}


def wanted_words(spec: PaperSpec | None, item: ServiceItem | None = None) -> str:
    """Return in which form a paper is wanted, as its item says."""
    if spec is None:
        return ""
    # Where a copy is kept the original is only looked at; else the original is what is handed in.
    is_later = item is not None and item.originals == AFTER_REVIEW
    back = ("审查通过后核对" if is_later else "核对后退还") if spec.copies else ""
    parts = [f"原件 {spec.originals} 份{back}"] if spec.originals else []
    parts += [f"复印件 {spec.copies} 份"] if spec.copies else []
    return "，".join(parts)


def lacking_table(caption: str, lacking: Iterable[Mapping[str, Any]], item: ServiceItem | None) -> Table:
    """Return the list of papers that are missing, each with what it must be like."""
    specs = specs_of(item)
    rows = []
    for place, paper in enumerate(lacking, 1):
        spec = specs.get(str(paper.get("key", "")))
        standard = spec.standard if spec else ""
        said = [str(paper.get("how", "")), wanted_words(spec, item), standard]
        rows.append((str(place), str(paper.get("name", "")), "；".join(word for word in said if word) or "—"))
    return Table(caption, ("序号", "材料名称", "要求"), tuple(rows))


def received_table(caption: str, events: Iterable[CaseEvent], item: ServiceItem | None) -> Table:
    """Return the list of papers that these acts brought, each once, with how many pictures were taken."""
    counts: dict[tuple[str, str], int] = {}
    for event in events:
        for paper in event.body["data"].get("papers", ()):
            key = (str(paper["key"]), str(paper["name"]))
            counts[key] = counts.get(key, 0) + 1
    specs = specs_of(item)
    rows = (
        (str(place), name, wanted_words(specs.get(key), item) or "—", f"影像 {count} 份")
        for place, ((key, name), count) in enumerate(counts.items(), 1)
    )
    return Table(caption, ("序号", "材料名称", "形式", "收到"), tuple(rows))


def basis_of(item: ServiceItem | None, articles: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a notice rests on: the item's own basis, and the law its procedure follows.

    The licensing law binds licences; other items are handled after its pattern, and the paper says so.
    """
    own: dict[str, list[str]] = {}
    for one in item.basis if item else ():
        own.setdefault(_titled(one.document), []).append(one.article)
    found = [document + "、".join(_in_order(places)) for document, places in own.items()]
    if articles:
        verb = "依照" if item is not None and item.type_code == _LICENCE else "参照"
        found.append(f"办理程序{verb}{_LICENSING_LAW}{'、'.join(articles)}")
    return tuple(found)


def _in_order(places: Iterable[str]) -> list[str]:
    """Return the articles of one document, each once, as they stand in it."""
    parts = dict.fromkeys(part for place in places for part in place.split("、") if part)
    return sorted(parts, key=_article)


def _article(words: str) -> int:
    """Return the number of an article, as 132 for 第一百三十二条之一; a place that has none comes last."""
    found = _ARTICLE.search(words)
    if found is None:
        return _NO_ARTICLE
    total, digit = 0, 0
    for sign in found[1]:
        unit = _UNITS.get(sign, 0)
        if unit:
            total, digit = total + max(digit, 1) * unit, 0
        else:
            digit = _DIGITS.index(sign)
    return total + digit


def _titled(document: str) -> str:
    return document if "《" in document else f"《{document}》"
