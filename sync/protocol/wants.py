"""How many things are asked for at a time, and which of them when there are more."""

from __future__ import annotations

from collections.abc import Sequence
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
