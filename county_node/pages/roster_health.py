"""The roster as a tree: who stands below whom, and whether each node is heard, by whoever is above it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import g

from common.desk.pages import nodes, shown
from common.desk.pages.outage_words import duration_words
from common.outages.rules import SILENT_MS
from common.web.ports import current_node
from sync.protocol.entries import LIVE, RETIRED, Entry


def in_tree_order(entries: Sequence[Entry]) -> Iterator[tuple[Entry, dict[str, Any]]]:
    """Yield each entry after the one above it, with its depth and what is known of its contact."""
    node = current_node()
    tree = node.tree()
    silent = node.silences.told_lasting()
    met = node.standing(entry.address for entry in entries)
    ways = {one.address: tuple(reversed(tree.up(one.address))) for one in entries if one.status != RETIRED}
    quiet: set[str] = set()
    for entry in sorted(entries, key=lambda one: (one.address not in ways, ways.get(one.address, ()))):
        way = ways.get(entry.address, ())
        above = way[-2] if len(way) > 1 else ""
        # Whoever is directly below is heard here; of others the one above them tells.
        is_next = above == node.me or not above
        contact_at = met[entry.address].contact_at
        since = contact_at if is_next else silent.get((entry.address, above), 0)
        is_silent = entry.status == LIVE and bool(since) and (not is_next or g.now_ms - since > SILENT_MS)
        if is_silent or above in quiet:
            quiet.add(entry.address)
        yield (
            entry,
            {
                "depth": max(0, len(way) - 1),
                "contact_at": contact_at,
                "via": "" if is_next else above,
                "via_name": "" if is_next else shown.place_words(above),
                # Of those below it a silent node says nothing, neither good nor bad.
                "is_via_silent": above in quiet,
                "is_silent": is_silent,
                "is_at_work": entry.status == LIVE and bool(entry.good_keys),
                "silent_for": duration_words(max(0, g.now_ms - since)),
                "contact_light": nodes.light_of(since),
            },
        )
