"""The page on which an item is chosen: by name, initials, everyday words, theme, or among the most used."""

from __future__ import annotations

from typing import Any

from flask import g, request

from common.desk import earlier
from common.desk.pages.line_speed import coming_said, no_way_said
from common.desk.pages.open_draft import draft_rows
from common.desk.rules import finding
from common.places.rules import level
from common.web.ports import current_node

_YEAR_MS = 365 * 24 * 3_600_000


def choices() -> dict[str, Any]:
    """Return what the page shows for what was typed or chosen."""
    node = current_node()
    typed, theme = request.args.get("q", "").strip(), request.args.get("theme", "").strip()
    here = level(node.me)
    all_here = node.catalogue.items_for(here)
    found = [item for item in node.catalogue.search(typed) if item.may_be_filed_at(here)]
    found = finding.of_theme(found, theme)
    is_plain = not typed and not theme
    no_way = "" if all_here else no_way_said(node)
    return {
        "items": found,
        "typed_search": typed,
        "theme": theme,
        "themes": finding.themes(all_here),
        "most": used_most() if is_plain else [],
        "is_empty": not all_here,
        "no_way_said": no_way,
        "coming": [] if all_here or no_way else coming_said(node),
        "drafts": draft_rows() if is_plain else [],
        "source": request.args.get("from", ""),
    }


def used_most() -> list[Any]:
    """Return the items filed most at this site within a year."""
    node = current_node()
    counts = earlier.filed_counts(node.me, g.now_ms - _YEAR_MS)
    return finding.most_used(node.catalogue.items_for(level(node.me)), counts)
