"""Which divisions below may get a node, found by what is typed and grouped by township; who has a code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from common.catalogue.rules.initials import readings
from common.desk.pages import shown
from common.places.rules import is_dissolved
from common.web.ports import current_node

# A township's code has nine digits; six more letters would be a village of another county.
_NEXT_DIGITS = {6: (9, 12), 9: (12,)}
TOWNSHIP_DIGITS = 9

# What a drop-down shows: groups with their label, in each the addresses and their words.
Groups = list[tuple[str, list[tuple[str, str]]]]


def places_below() -> list[str]:
    """Return the divisions that may get a node below this one, the next level first."""
    node = current_node()
    levels = _NEXT_DIGITS.get(len(node.me), ())
    tree = node.tree()
    here = {address for address in node.places if len(address) in levels and address.startswith(node.me)}
    # Who has moved away joins elsewhere, who has moved here joins here, and who was merged away nowhere.
    here = {one for one in here if one in tree or not is_dissolved(node.places, one)}
    found = {one for one in here if one not in tree or tree.is_below(one, node.me)} | {
        *tree.children(node.me)
    }
    return sorted(found, key=lambda address: (len(address), address))


def places_to_join() -> list[str]:
    """Return the divisions below that may get a node and have none, a township before its villages."""
    tree = current_node().tree()
    return sorted(address for address in places_below() if address not in tree)


def places_found(typed: str) -> list[str]:
    """Return those of the divisions below that fit what was typed: a part of the name with its township, its
    letters of the pinyin, or the first digits of the code. All of them where nothing was typed.
    """
    wanted = typed.strip().lower()
    return [address for address in places_below() if _fits(address, wanted)]


def _fits(address: str, wanted: str) -> bool:
    name = shown.place_words(address)
    if not wanted.isascii():
        return wanted in name
    return address.startswith(wanted) or any(wanted in letters for letters in readings(name))


def in_groups(places: Sequence[str]) -> Groups:
    """Return these divisions as a drop-down shows them, a township before its villages.

    The name stands whole in each: closed, a drop-down shows nothing of the group.
    """
    tree, groups = current_node().tree(), dict[str, list[tuple[str, str]]]()
    for address in sorted(places):
        words = shown.place_words(address)
        label = shown.place_words(address[:TOWNSHIP_DIGITS])
        groups.setdefault(label, []).append(
            (address, str(_("%(place)s（已登记）", place=words)) if address in tree else words)
        )
    # A group of its own says nothing where there is no other.
    return list(groups.items()) if len(groups) > 1 else [("", rows) for rows in groups.values()]


def with_good_codes(places: Sequence[str], now_ms: int) -> dict[str, Any]:
    """Return to which of these sites a code was given that is still good, each with the row of its code.

    Another code makes it void.
    """
    rows = {row.address: row for row in current_node().enrolment.issued() if row.is_good(now_ms)}
    return {one: rows[one] for one in places if one in rows}


def scopes(places: Sequence[str]) -> list[tuple[str, str]]:
    """Return for which part of them sheets can be asked for: all, or one township with its villages."""
    node = current_node()
    if not places:
        return []
    counts = Counter(address[:TOWNSHIP_DIGITS] for address in places)
    everywhere = (node.me, str(_("全部（%(n)s 张）", n=len(places))))
    if len(node.me) >= TOWNSHIP_DIGITS:
        return [everywhere]
    each = [
        (at, _("%(place)s（%(n)s 张）", place=shown.place_words(at), n=n)) for at, n in sorted(counts.items())
    ]
    return [everywhere, *((at, str(words)) for at, words in each)]
