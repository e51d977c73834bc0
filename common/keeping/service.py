"""Deletes the signed bodies of cases that ended long ago, where others keep them, and counts them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from common.days import local_date
from common.keeping import records
from common.keeping.rules import may_purge, month_of, months_kept, rested_before
from common.store import audit
from common.store.database import require_unit
from sync.protocol.core import Core
from sync.protocol.stock import purging

BATCH = 200
# Nobody was at work before 2026 (UTC milliseconds): a clock that says so has lost the time.
EARLIEST_MS = 1_767_225_600_000

# Of some acts those whose case had ended before an instant (UTC ms).
DoneWith = Callable[[Sequence[str], int], list[str]]


@dataclass(frozen=True, slots=True)
class Left:
    """What left in one batch: how many bodies, their bytes, where to go on (0: all was looked through)."""

    bodies: int
    bytes: int
    after: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What has left this node so far; `day` is the last local day on which anything did, "" for never."""

    bodies: int
    bytes: int
    day: str


class Keeping:
    """The retention of one node. Each method needs an open unit of work.

    Args:
        months: the setting; see `rules.months_kept`.
        done_with: asks casework which acts belong to cases that ended long ago.
    """

    def __init__(self, core: Core, months: int, done_with: DoneWith) -> None:
        self._core = core
        self._months = months
        self._done_with = done_with

    def mark(self, now_ms: int) -> None:
        """Note how far each stream's end has signed this month; what was noted long enough ago becomes ripe.

        The caller believes its clock. Nothing is noted by one that has surely lost the time.
        """
        require_unit()
        if now_ms < EARLIEST_MS:
            return
        purging.mark_ends(self._core, month_of(local_date(now_ms)), months_kept(self._months))

    def forget_marks(self) -> None:
        """Begin anew to note months: the clock was in doubt, and what was noted by it may be of any time.

        What is ripe stays so. It costs a wait of some months more where the clock had been right.
        """
        require_unit()
        purging.forget_marks(self._core)

    def purge(self, after: int, now_ms: int) -> Left:
        """Delete the bodies of some acts, from a position on; a unit that fails has deleted nothing.

        The caller believes its clock.
        """
        require_unit()
        core = self._core
        if not may_purge(core.me, core.tree.top):
            return Left(0, 0, 0)
        found = purging.to_purge(core, after, BATCH)
        acts = self._done_with(found.acts, rested_before(now_ms, self._months))
        size = purging.purge(core, acts) if acts else 0
        if acts:
            day = local_date(now_ms).isoformat()
            records.add(day, len(acts), size)
            audit.record("", "node.purged", day, {"bodies": len(acts), "bytes": size}, now_ms)
        return Left(len(acts), size, found.after)

    def since(self, now_ms: int) -> int:
        """Return since when a case has to have changed for a replaced machine to get it back (UTC ms)."""
        return rested_before(now_ms, self._months)

    @staticmethod
    def totals() -> Totals:
        """Return what has left so far. It only reads, and needs no unit."""
        return Totals(*records.totals())
