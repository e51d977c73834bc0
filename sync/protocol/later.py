"""Acts that count by a later key, where there are more of them than the top keeps of whoever names them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from sync.protocol import asked
from sync.protocol.cuts import cut_of
from sync.protocol.memos import note_down

if TYPE_CHECKING:
    from sync.protocol.core import Core

_NAMED, _STRUCK = "named in part", "struck since"
# They are named once more when so many were struck out as make that part of the room free, or room for all.
_PART = 10


def in_turn(core: Core, by_author: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the acts LATER of these authors, one of each in turn: of a flood by one only the end is cut off.

    How many they are is remembered: the top has room for so many of all that this node names.
    """
    for author, acts in by_author.items():
        if acts:
            note_down(core, _NAMED, author, rank=(len(acts), 0, 0))
        else:
            core.spool.drop_held(_NAMED, author)
    return [act for turn in zip_longest(*by_author.values()) for act in turn if act is not None]


def leaves_room(core: Core, act: str) -> bool:
    """Say whether an act that was struck out is one of those named as LATER: it has a place by a good key."""
    return any(cut_of(core, stream) is None for stream, _ in core.spool.places_of_act(act))


def to_name_again(core: Core, struck: int) -> list[str]:
    """Return whose acts are named once more as so many are struck out; nobody's while there is room for all.

    To name them is an act that stays: it is done for some hundred that were struck, not for each.
    """
    named = core.spool.all_held(_NAMED)
    # A program of before noted only where there was no room for all, and not how many they are.
    count = sum(held.rank[0] or asked.OPEN_MAX + 1 for held in named)
    if not struck or count <= asked.OPEN_MAX:
        return []
    held = core.spool.held(_STRUCK, core.me)
    since = struck + (held.rank[0] if held is not None else 0)
    # The last of a flood too: nobody may have any more to strike. With them there is room for all.
    is_due = since >= min(max(1, asked.OPEN_MAX // _PART), count - asked.OPEN_MAX)
    note_down(core, _STRUCK, core.me, rank=(0 if is_due else since, 0, 0))
    return sorted(held.key for held in named) if is_due else []


def crowded(core: Core) -> list[str]:
    """At the top: return the nodes of whom as many acts LATER are kept as there is room for: more may be."""
    count = Counter(held.key.split("|")[1] for held in core.spool.all_held(asked.BY_LATER))
    return sorted(author for author, number in count.items() if number >= asked.OPEN_MAX)
