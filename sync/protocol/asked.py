"""Which acts nodes have named to the top as held back there: each hears what is decided, whenever that is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sync.protocol.signed import Statement
from sync.protocol.spool import ActRow, Held

if TYPE_CHECKING:
    from sync.protocol.core import Core

_ASKED = "asked about"


def remember(core: Core, act: str, author: str) -> None:
    """Remember that a node holds an act back and waits for a word on it."""
    core.spool.put_held(
        Held(_ASKED, f"{act}|{author}", (0, 0, 0), Statement(_ASKED, b"", ()), b"", core.stamp())
    )


def acts_of(core: Core) -> list[str]:
    """Return the acts that any node has asked about, each once, in the order it was first asked about."""
    return list(dict.fromkeys(act for act, _ in _all(core)))


def askers_of(core: Core, acts: Iterable[str]) -> set[str]:
    """Return the nodes that have asked about one of these acts."""
    wanted = set(acts)
    return {author for act, author in _all(core) if act in wanted}


def note_arrived(core: Core, rows: Iterable[ActRow]) -> None:
    """Acts have come to the top: of those somebody asked about there may be something to say in this unit."""
    gone = [row.id for row in rows if core.roster.revoked(row.author)]
    if gone and core.me == core.tree.top:
        core.cut_off.update(dict.fromkeys(set(acts_of(core)).intersection(gone), ""))


def _all(core: Core) -> list[tuple[str, str]]:
    pairs = [held.key.split("|") for held in core.spool.all_held(_ASKED)]
    return [(act, author) for act, author in pairs]
