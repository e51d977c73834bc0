"""Where the words of an item were read, for people: no page, repository or file is named. Pure."""

from __future__ import annotations

import re

from common.catalogue.rules.service_item import ServiceItem

_SITE = r"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|cn|org|net|cc)(?:/[\w./-]*)?"
_PAGE = re.compile(rf"https?://[^\s，；。）、]+|{_SITE}")
_STORE = re.compile(r"(?:公开仓库\s*)?[A-Za-z][\w-]*/[A-Za-z][\w-]*(?:（公开法规文本库）)?|公开仓库")
_FILE = re.compile(r"(?:[^\s：，；/]+/)*([^\s：，；/]+)\.(?:md|txt|json|html?)\b")
_LEFT = (
    (re.compile(r"（[\s，；、]+"), "（"),
    (re.compile(r"[\s，；、]+）"), "）"),
    (re.compile(r"（）"), ""),
)


def source_words(item: ServiceItem) -> list[str]:
    """Return where the bases of an item were read, each once, and what of the item is an example."""
    found = [
        *(f"{one.document}：{plain_source(one.source)}" for one in item.basis),
        plain_source(item.source),
    ]
    return list(dict.fromkeys(found))


def plain_source(text: str) -> str:
    """Return a note on a source without what only its authors can use."""
    text = _STORE.sub("公开法规文本", _PAGE.sub("", text))
    text = _FILE.sub(r"\1", text).replace("公开法规文本：公开法规文本", "公开法规文本")
    for pattern, words in _LEFT:
        text = pattern.sub(words, text)
    return " ".join(text.split())
