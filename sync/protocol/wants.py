"""How many things are asked for at a time, and which of them when there are more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, zip_longest
from typing import TypeVar

# Of each kind, in one exchange: the answer to more would not fit one either.
WANTS_MAX = 64
# So many of what is lacking are looked through; what lies beyond waits until some of those have come.
WANTS_READ = 10_000
_T = TypeVar("_T")


def in_turn(things: Sequence[_T], turn: int, step: int) -> list[_T]:
    """Return things so that others come first each turn: what nobody has must not block the rest for ever.

    Args:
        turn: a number that rises with every exchange.
        step: how many of them go at a time; where all do, the order stays.
    """
    start = turn * step % len(things) if len(things) > step else 0
    return [*things[start:], *things[:start]]


def shares(causes: Sequence[str], read: Callable[[str, int], list[str]], limit: int) -> list[list[str]]:
    """Return up to `limit` things by who is behind them; each has the same room, and what others leave.

    Args:
        read: returns the oldest things of one cause, at most so many.
    """
    share = max(1, limit // max(1, len(causes)))
    found = {cause: read(cause, share) for cause in causes[:limit]}
    full = [cause for cause, things in found.items() if len(things) == share]
    left = limit - sum(map(len, found.values()))
    if full and left >= len(full):
        found |= {cause: read(cause, share + left // len(full)) for cause in full}
    return list(found.values())


def one_by_one(groups: Sequence[Sequence[str]]) -> list[str]:
    """Return things once each, of every group in turn."""
    return list(dict.fromkeys(one for row in zip_longest(*groups) for one in row if one is not None))


def some_of_each(groups: Sequence[Sequence[str]], turn: int, most: int) -> list[str]:
    """Return up to `most` things, of every group in turn, others each time: as `in_turn`, within each group.

    Whoever is behind a great many that nobody has takes no turn from the others.
    """
    if sum(map(len, groups)) <= most:
        return list(dict.fromkeys(chain(*groups)))
    found, start = dict[str, None](), turn * most
    for step in range(start, start + most * len(groups)):
        rounds, at = divmod(step, len(groups))
        found.setdefault(groups[at][rounds % len(groups[at])])
        if len(found) == most:
            break
    return list(found)
