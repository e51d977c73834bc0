"""Finds items by what a person types. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from common.catalogue.rules.initials import initials
from common.catalogue.rules.service_item import ServiceItem


def matching(items: Iterable[ServiceItem], text: str) -> list[ServiceItem]:
    """Return those of `items` that fit what was typed, the best first; see `Catalogue.search`."""
    wanted = _plain(text)
    found = [(place, item) for item in items if (place := _place(item, wanted)) is not None]
    return [item for _, item in sorted(found, key=lambda pair: (pair[0], pair[1].code))]


def _place(item: ServiceItem, wanted: str) -> int | None:
    """Return how well an item fits what was typed, 0 the best; None when it does not."""
    name = _plain(item.name)
    if name.startswith(wanted):
        return 0
    if wanted in name or wanted == _plain(item.code):
        return 1
    if wanted.isascii() and wanted in initials(item.name):
        return 2
    if any(wanted in _plain(word) for word in _everyday(item)):
        return 3
    return 4 if any(wanted in _plain(one) for one in (item.department, item.route.department)) else None


# A county's items have some thousand names and words, and every page that finds items asks for all.
@lru_cache(maxsize=16_384)
def _plain(text: str) -> str:
    """Return a text as it is compared: however wide its letters and brackets are typed, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def _everyday(item: ServiceItem) -> list[str]:
    """Return what people say who look for an item (`more.keywords`, shown nowhere)."""
    words = item.more.get("keywords", ())
    return [word for word in words if type(word) is str] if isinstance(words, Sequence) else []
