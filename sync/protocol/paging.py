"""Frames a page at a time, for those who look through a whole stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sync.protocol.frame import StreamId
from sync.protocol.spool import Placed, Spool

# Frames are up to 64 KiB: a page of the largest fits the memory of an old PC.
_PAGE = 500


def pages_after(spool: Spool, starts: Mapping[StreamId, int]) -> Iterator[list[Placed]]:
    """Yield all frames above the start of each stream by position, a page at a time.

    Each page is read when it is asked for, so what is done with one may change those behind it.
    """
    after = 0
    while page := spool.frames_after(starts, after, _PAGE):
        after = page[-1].position
        yield page
