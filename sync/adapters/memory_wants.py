"""The acts a node lacks, in memory, every write with its inverse."""

from __future__ import annotations

from collections.abc import Iterable

from sync.adapters.memory_frames import MemoryFrames
from sync.protocol.wants import one_by_one, shares


class MemoryWants(MemoryFrames):
    """The part of a memory spool that says which acts are wanted."""

    def __init__(self) -> None:
        super().__init__()
        # Of each act: who is behind it, and as how many-eth that was noted.
        self._wants: dict[str, dict[str, int]] = {}
        self._wanted = 0

    def want(self, act: str, cause: str = "") -> None:
        """Remember that this node lacks an act it has heard of, or its body.

        `cause`: the author of what waits for it. Without one it is the act's own, if that is known here.
        """
        row = None if cause else self.act(act)
        cause, known = row.author if row else cause, self._wants.get(act, {})
        if cause not in known:
            self._wanted += 1
            self._set(self._wants, act, {**known, cause: self._wanted})

    def unwant(self, acts: Iterable[str]) -> None:
        """They came, or nothing waits for them any more, whoever was behind that."""
        for act in acts:
            self._drop(self._wants, act)

    def wanted(self, acts: Iterable[str]) -> set[str]:
        """Return which of these acts are wanted."""
        return {act for act in acts if act in self._wants}

    def wants(self, limit: int) -> list[str]:
        """Return acts wanted, of each who is behind some in turn, the oldest first."""
        return one_by_one(self.wants_by_cause(limit))

    def wants_by_cause(self, limit: int) -> list[list[str]]:
        """Return up to `limit` acts wanted, by who is behind them; of each the oldest first.

        Each has the same room; what some leave is for the others.
        """
        found: dict[str, list[str]] = {}
        noted = [(no, act, cause) for act, causes in self._wants.items() for cause, no in causes.items()]
        for _, act, cause in sorted(noted):
            found.setdefault(cause, []).append(act)
        return shares(list(found), lambda cause, most: found[cause][:most], limit)
