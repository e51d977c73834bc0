"""Frames a page at a time, for those who look through a whole stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sync.protocol.frame import StreamId
from sync.protocol.spool import Placed, Spool

# Frames are up to 64 KiB, and while a page is read the one before is there still: 6 MiB of the largest.
_PAGE = 50
# What is raised where the bytes of a kept header are not what this node wrote.
UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)


def pages_after(spool: Spool, starts: Mapping[StreamId, int]) -> Iterator[list[Placed]]:
    """Yield all frames above the start of each stream by position, a page at a time.

    Each page is read when it is asked for, so what is done with one may change those behind it.
    """
    after = 0
    while page := spool.frames_after(starts, after, _PAGE):
        after = page[-1].position
        yield page


def frames_upto(spool: Spool, stream: StreamId, end: int, most: int) -> Iterator[Placed]:
    """Yield the frames of a stream that end at a place, at most so many, a page of them in memory."""
    for page in pages_after(spool, {stream: max(0, end - most)}):
        for placed in page:
            if placed.frame.header.seq > end:
                return
            yield placed
