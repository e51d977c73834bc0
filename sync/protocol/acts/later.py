"""What a node names to the top later than it could: acts for which that has no room yet.

What this node has named holds its room there until there is a word on it, and both keep the same account. So
it names as many as there is room for, of each author in turn, and the others as room is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sync.protocol.acts import asked
from sync.protocol.acts.asked import LATER, PAST
from sync.protocol.memos import note_down
from sync.protocol.verdicts import RELEASED, STRUCK, verdict_on
from sync.protocol.wants import one_by_one

if TYPE_CHECKING:
    from sync.protocol.core import Core
    from sync.protocol.frame import Act

_NAMED, _LEFT = "named above", "named in part"
# More are named as soon as that part of the room is free, or room for all.
_PART = 10
# Which word of the top ends it that an act holds room there.
_ENDED_BY = {PAST: (RELEASED, STRUCK), LATER: (STRUCK,)}


def in_turn(core: Core, reason: str, by_author: Mapping[str, Sequence[str]]) -> list[str]:
    """Return which acts of these authors are named to the top now, one of each in turn.

    Those that hold room there are not named once more. The first for which there is no room is named too, so
    that the top tells. Whose acts were left out is remembered.

    Args:
        reason: PAST or LATER; each has its own room.
    """
    if not by_author:
        return []
    held = named(core, reason)
    new = {author: [act for act in acts if act not in held] for author, acts in by_author.items()}
    acts, room = one_by_one(list(new.values())), max(0, asked.OPEN_MAX - len(held))
    key = core.own_key().id.encode() if acts else b""
    for act in acts[:room]:
        note_down(core, _NAMED, f"{act}|{reason}", key)
    is_told = bool(waiting(core, reason)) and not room
    lacking = set(acts[room:])
    for author, some in new.items():
        _note_left(core, author, reason, len(lacking.intersection(some)))
    return acts[: 0 if is_told else room + 1]


def _note_left(core: Core, author: str, reason: str, count: int) -> None:
    # A program of before kept those LATER under the address alone.
    core.spool.drop_held(_LEFT, author)
    if count:
        note_down(core, _LEFT, f"{author}|{reason}", rank=(count, 0, 0))
    else:
        core.spool.drop_held(_LEFT, f"{author}|{reason}")


def named(core: Core, reason: str) -> set[str]:
    """Return the acts that this node has named for a reason and that hold room at the top."""
    found = (held.key.split("|") for held in core.spool.all_held(_NAMED))
    return {act for act, why in found if why == reason}


def is_named(core: Core, act: str) -> bool:
    """Say whether this node has named an act as past a cut, and no word has come on it since."""
    return core.spool.held(_NAMED, f"{act}|{PAST}") is not None


def named_before(core: Core, naming: Act, acts: Iterable[str], reason: str) -> None:
    """A naming of this node's comes back, for it was put back: all have room at the top, but for a word."""
    words, key = _ENDED_BY.get(reason), asked.key_of(core, naming)
    if words is None or key in core.roster.revoked(core.me):
        return
    for act in acts:
        if verdict_on(core, act) not in words:
            note_down(core, _NAMED, f"{act}|{reason}", key.encode())


def waiting(core: Core, reason: str) -> dict[str, int]:
    """Return of whom acts were left out for want of room, and how many."""
    found = ((held.key.partition("|"), held.rank[0]) for held in core.spool.all_held(_LEFT))
    return {author: count for (author, _, why), count in found if (why or LATER) == reason}


def to_name_again(core: Core, kind: str, acts: Iterable[str]) -> list[str]:
    """The top has a word on these acts, RELEASED or STRUCK: return of whom more are to be named by that.

    Nobody while there is room for a few more only: to name them are acts that stay. What is LATER holds its
    room until it is struck out, as at the top.
    """
    for act in acts:
        for reason in [reason for reason, kinds in _ENDED_BY.items() if kind in kinds]:
            core.spool.drop_held(_NAMED, f"{act}|{reason}")
    found = list[str]()
    for reason in (PAST, LATER):
        left = waiting(core, reason)
        room = asked.OPEN_MAX - len(named(core, reason)) if left else 0
        # The last of a flood too: nobody may have any more to decide on.
        if left and room >= min(max(1, asked.OPEN_MAX // _PART), sum(left.values())):
            found += left
    return sorted(set(found))


def forget_gone(core: Core) -> None:
    """A key of this node was revoked: the top has forgotten what that one had named."""
    gone = core.roster.revoked(core.me)
    for held in core.spool.all_held(_NAMED):
        if held.content.decode() in gone:
            core.spool.drop_held(_NAMED, held.key)


def crowded(core: Core) -> list[str]:
    """At the top: return the nodes of whom as many acts LATER are kept as there is room for: more may be."""
    count = Counter(held.key.split("|")[1] for held in core.spool.all_held(asked.BY_LATER))
    return sorted(author for author, number in count.items() if number >= asked.OPEN_MAX)
