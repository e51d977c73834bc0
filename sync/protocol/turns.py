"""What waits for the next exchange where one carries no more than the least.

Something between two nodes may let so little through that an act asked for and one of a stream, each of which
passes by itself, are refused together, and would be for ever: neither can be halved.
"""

from __future__ import annotations

from collections.abc import Sequence

# No exchange is planned for less.
LEAST_BYTES = 2_048
# The kinds of what goes: acts asked for by id, what is shown once, documents asked for, streams and papers.
ASKED, SHOWN, DOCS, STREAMS = "asked", "shown", "docs", "streams"


def waiting(turn: int, room: int, kinds: Sequence[str]) -> set[str]:
    """Return which of these kinds wait: none while there is room, else all but one, another each time.

    Args:
        turn: a number that rises with every exchange.
        room: how many bytes this one may carry.
    """
    if room > LEAST_BYTES or len(kinds) < 2:
        return set()
    # Not by the number itself: what goes in turn within a kind goes by that, and the two would keep step.
    return {*kinds} - {kinds[turn.bit_count() % len(kinds)]}
