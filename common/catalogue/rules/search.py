"""Finds items by what a person types. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from common.catalogue.rules.initials import initials
from common.catalogue.rules.service_item import ServiceItem


def matching(items: Iterable[ServiceItem], text: str) -> list[ServiceItem]:
    """Return those of `items` that fit what was typed, the best first; see `Catalogue.search`."""
    wanted = text.strip().lower()
    found = [(place, item) for item in items if (place := _place(item, wanted)) is not None]
    return [item for _, item in sorted(found, key=lambda pair: (pair[0], pair[1].code))]


def _place(item: ServiceItem, wanted: str) -> int | None:
    """Return how well an item fits what was typed, 0 the best; None when it does not."""
    if item.name.startswith(wanted):
        return 0
    if wanted in item.name or wanted == item.code.lower():
        return 1
    if wanted.isascii() and wanted in initials(item.name):
        return 2
    if any(wanted in word for word in _everyday(item)):
        return 3
    return 4 if wanted in item.department or wanted in item.route.department else None


def _everyday(item: ServiceItem) -> list[str]:
    """Return what people say who look for an item (`more.keywords`, shown nowhere)."""
    words = item.more.get("keywords", ())
    return [word for word in words if type(word) is str] if isinstance(words, Sequence) else []
