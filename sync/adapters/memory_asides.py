"""Frames without a place, in memory."""

from __future__ import annotations

from sync.adapters.memory_names import MemoryNames
from sync.protocol.frame import Frame, StreamId
from sync.protocol.spool import Aside


class MemoryAsides(MemoryNames):
    """The part of a memory spool that holds frames without a place."""

    def __init__(self) -> None:
        super().__init__()
        self._asides: dict[bytes, Aside] = {}
        self._asides_of: dict[tuple[str, StreamId], dict[bytes, Aside]] = {}

    def put_aside(self, aside: Aside) -> bool:
        """Keep a frame aside (once per header hash); False when it was there already."""
        name = aside.frame.hash
        if name in self._asides:
            return False
        self._set(self._asides, name, aside)
        self._set(self._asides_of.setdefault((aside.why, aside.frame.header.stream), {}), name, aside)
        return True

    def asides(self, why: str, stream: StreamId | None = None) -> list[Aside]:
        """Return frames kept aside for a reason, of one stream or of all, by seq."""
        if stream is not None:
            found = list(self._asides_of.get((why, stream), {}).values())
        else:
            found = [a for (w, _), group in self._asides_of.items() if w == why for a in group.values()]
        return sorted(found, key=lambda a: (a.frame.header.seq, a.frame.header.stream, a.frame.hash))

    def drop_aside(self, frame: Frame) -> None:
        """Forget one."""
        aside = self._asides.get(frame.hash)
        if aside is not None:
            self._drop(self._asides, frame.hash)
            self._drop(self._asides_of[aside.why, aside.frame.header.stream], frame.hash)

    def count_aside(self, why: str = "", share: str = "") -> int:
        """Return how many frames are kept aside, for one reason or for all, in one share or in all."""
        groups = [group for (reason, _), group in self._asides_of.items() if why in ("", reason)]
        if not share:
            return sum(map(len, groups))
        return sum(aside.share == share for group in groups for aside in group.values())

    def streams_aside(self, why: str) -> list[StreamId]:
        """Return the streams of which frames are kept aside for a reason, sorted."""
        return sorted(
            stream for (reason, stream), group in self._asides_of.items() if group and reason == why
        )

    def weigh_aside(self, why: str, share: str = "") -> int:
        """Return how many bytes the frames kept aside for a reason have, in one share or in all."""
        kept = [a for (reason, _), group in self._asides_of.items() if reason == why for a in group.values()]
        return sum(_weight(aside.frame) for aside in kept if share in ("", aside.share))


def _weight(frame: Frame) -> int:
    # Of a wrap the lengths of its two parts are kept too.
    wraps = sum(3 + len(wrap.key_id) + len(wrap.sealed) for wrap in frame.wraps)
    return len(frame.header_bytes) + len(frame.body) + wraps
