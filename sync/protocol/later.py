"""Acts that count by a later key, where there are more of them than the top keeps of whoever names them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sync.protocol import asked
from sync.protocol.memos import note_down

if TYPE_CHECKING:
    from sync.protocol.core import Core

_IN_PART = "named in part"


def shortened(core: Core, authors: Iterable[str], reason: str, acts: Sequence[str]) -> Sequence[str]:
    """Return as many of these acts as the top is named at a time: one more than it keeps, so that it tells.

    Of LATER remember by whose revocations: the rest is named as some of these are struck out.
    """
    for author in authors if reason == asked.LATER else ():
        if len(acts) > asked.OPEN_MAX:
            note_down(core, _IN_PART, author)
        else:
            core.spool.drop_held(_IN_PART, author)
    return acts[: asked.OPEN_MAX + 1]


def is_named_in_part(core: Core, author: str) -> bool:
    """Say whether this node has more to name of the acts of an author than it has named."""
    return core.spool.held(_IN_PART, author) is not None


def crowded(core: Core) -> list[str]:
    """At the top: return the nodes of whom as many acts LATER are kept as there is room for: more may be."""
    count = Counter(held.key.split("|")[1] for held in core.spool.all_held(asked.BY_LATER))
    return sorted(author for author, number in count.items() if number >= asked.OPEN_MAX)
