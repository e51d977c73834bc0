"""How the items taken in here are put before the agent: those used most first, then by theme. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from common.catalogue.rules.item import ServiceItem

MOST_USED = 6


def most_used(items: Sequence[ServiceItem], counts: Mapping[str, int]) -> list[ServiceItem]:
    """Return the items filed most at this site, the most used first; none that nobody filed."""
    used = [item for item in items if counts.get(item.code, 0)]
    return sorted(used, key=lambda item: (-counts[item.code], item.code))[:MOST_USED]


def themes(items: Sequence[ServiceItem]) -> list[tuple[str, int]]:
    """Return the themes (主题) of these items with how many each has, the fullest first."""
    counts: dict[str, int] = {}
    for item in items:
        for theme in item.themes:
            counts[theme] = counts.get(theme, 0) + 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def of_theme(items: Sequence[ServiceItem], theme: str) -> list[ServiceItem]:
    """Return the items of one theme, all for ""."""
    return [item for item in items if not theme or theme in item.themes]
