"""The texts of an item in words: what each version changed, and where a number once stood on two texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _

from common.catalogue.named import Text
from common.catalogue.rules.differences import differences
from common.catalogue.rules.item import ServiceItem, second_parts
from common.catalogue.rules.versions import Standing, that_come
from common.catalogue.service import Issued, is_withdrawn
from common.days import local_day
from common.web.ports import current_node


def text_rows(texts: Sequence[Text], now: int) -> list[dict[str, Any]]:
    """Return what the list of versions shows, the newest first; `now` is the version in force, 0 for none."""
    known = [number.standing for text in texts for number in text.numbers]
    coming = {one.version for one in that_come(known, local_day(g.now_ms))}
    rows = [_row(text, before, now) for text, before in zip(texts, [None, *texts], strict=False)]
    for row in rows:
        row["is_replaced"] = row["is_waiting"] and row["number"] not in coming
    return rows[::-1]


def replaced_by(item: ServiceItem) -> list[ServiceItem]:
    """Return the versions that wait for their day and never take effect once `item` is published now."""
    today = local_day(g.now_ms)
    known = [one.standing for one in current_node().catalogue.history(item.code)]
    number = max((one.version for one in known), default=0) + 1
    then = that_come([*known, Standing(number, item.effective_from, today, False)], today)
    lost = {one.version for one in that_come(known, today)} - {one.version for one in then}
    return [one.item for one in current_node().catalogue.history(item.code) if one.item.version in lost]


def numbers_said(text: Text, now: int) -> str:
    """Return what there is to say of the numbers of a text, "" where it has one and that one is its alone."""
    newest = text.numbers[-1].item.version
    twice = {other.item.version for other in text.others}
    if not twice and len(text.numbers) == 1:
        return ""
    named = sorted(twice or {one.item.version for one in text.numbers[:-1]})
    words = {"n": "、".join(map(str, named)), "now": now or newest}
    if not twice:
        return str(_("文本和第 %(n)s 版一样，换了新号再发布一次，各站都以新号为准。", **words))
    if len(text.numbers) > 1:
        return str(
            _(
                "恢复备份前后，第 %(n)s 版这个号给过两个不同的文本，所以换新号再发布了一次。"
                "现在以第 %(now)s 版为准；已收的件，各按收件时的文本办。",
                **words,
            )
        )
    return str(
        _(
            "恢复备份前后，第 %(n)s 版这个号给过两个不同的文本。"
            "现在以第 %(now)s 版为准；已收的件，各按收件时的文本办。",
            **words,
        )
    )


def numbers_shortly(text: Text) -> str:
    """Return the same in a word for lists, of the text that is in force."""
    if text.others:
        return str(_("有过两个文本，以这一版为准"))
    return str(_("换过号，以这一版为准")) if len(text.numbers) > 1 else ""


def text_of(item: ServiceItem) -> Text | None:
    """Return the text that an item shows where it stands under several numbers, else None; cheap."""
    named = current_node().catalogue.named
    texts = named.texts(item.code) if item.code in named.repeated() else []
    return next((text for text in texts if text.numbers[-1].item.version == item.version), None)


def _row(text: Text, before: Text | None, now: int) -> dict[str, Any]:
    found = text.numbers[-1]
    item = found.item
    return {
        "number": item.version,
        "former": "、".join(str(one.item.version) for one in text.numbers[:-1]),
        "published_at": text.numbers[0].published_at,
        "effective_from": item.effective_from,
        "is_withdrawn": is_withdrawn(item),
        "is_now": item.version == now,
        "is_waiting": item.effective_from > local_day(g.now_ms),
        "statement": found.statement,
        "changes": _changes(before.numbers[-1], found) if before is not None else [],
        "is_first": before is None,
        "export": url_for("items.export", code=item.code, version=item.version),
        "said": numbers_said(text, now),
        "others": [_other(found, other) for other in text.others],
    }


def _other(found: Issued, other: Issued) -> dict[str, Any]:
    item = other.item
    return {
        "number": item.version,
        "published_at": other.published_at,
        "statement": other.statement,
        "changes": _changes(found, other),
        "export": url_for("items.export", code=item.code, version=item.version, doc=other.statement),
    }


def _changes(before: Issued, after: Issued) -> list[Any]:
    content = current_node().catalogue.content_of
    old, new = (
        second_parts(content(one.item.code, one.item.version, one.statement)) for one in (before, after)
    )
    return differences(old, new)
