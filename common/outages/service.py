"""The outages of one node, and what it knows of those of nodes below.

A node can only tell of an outage when it is over, and only it knows that its power was off, or that a node
further up could be reached. That it cannot be heard at all is for those above to see.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.outages import records
from common.outages.rules import (
    DAY_MS,
    LOOK_MS,
    ROWS_AT_ONCE,
    Mark,
    Outage,
    Tally,
    as_believed,
    as_fields,
    is_time_to_tell,
    is_worth_keeping,
    over,
    seen_running,
    tally,
)
from common.store.database import require_unit
from common.store.outbox import Teller

OUTAGES = "node.outages"
SPAN_DAYS = 30
# Of one node: about a year of a village where something fails every day.
KEPT = 400
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Past:
    """What a node below told: its newest outages, and what those of the last days (`SPAN_DAYS`) come to."""

    newest: tuple[Outage, ...]
    tally: Tally


class Outages(Teller):
    """The outages of one node."""

    # --- this node
    def is_look_due(self, now: Mark) -> bool:
        """Say whether it is time to write down again that the node is running. It only reads."""
        last = records.running()
        if last is None or last.mark.boot != now.boot:
            return True
        return not 0 <= now.mono_ms - last.mark.mono_ms < LOOK_MS

    def look(self, now: Mark) -> Outage | None:
        """Write down that the node is running; return the standstill this shows, which is kept, if any."""
        require_unit()
        running, found = seen_running(records.running(), now)
        records.set_running(running)
        if found is not None:
            records.add(found, now, "")
            records.keep_newest(KEPT)
        return found

    def begin_anew(self) -> None:
        """Forget when the node was last seen running: a copy put back cannot tell what went on since.

        So of what lasted when the copy was made nobody knows any more how long it did. Those above are told
        nothing of it: they may know its end from before.
        """
        require_unit()
        records.forget_running()
        for kind, (number, began) in records.open_ones().items():
            records.close(number, Outage(kind, began.wall_ms, began.wall_ms, 1))
            records.set_told([number], records.told_at())

    def lasting(self) -> dict[str, Mark]:
        """Return the kinds of outage that last now, with when each began. It only reads."""
        return {kind: began for kind, (_, began) in records.open_ones().items()}

    def begin(self, kind: str, began: Mark, code: str) -> None:
        """Write down that an outage began, some readings ago; a second of its kind adds nothing.

        Args:
            code: why, a code of the sync layer.
        """
        require_unit()
        if kind not in records.open_ones():
            records.add(Outage(kind, max(0, began.wall_ms), 0), began, code)

    def end(self, kind: str, now: Mark) -> Outage | None:
        """Write down that an outage is over; return it, None when there was none of its kind."""
        require_unit()
        number, began = records.open_ones().get(kind, (0, now))
        if not number:
            return None
        found = over(kind, began, now)
        records.close(number, found)
        records.keep_newest(KEPT)
        return found if is_worth_keeping(found) else None

    def own(self, limit: int) -> list[Outage]:
        """Return the newest outages of this node; one that lasts has `ended_at` 0."""
        return records.own(limit)

    def report(self, now_ms: int) -> list[str]:
        """Tell the nodes above of outages that are over, when it is time to; return the act ids, at most one.

        Nothing is told by the top, nor before the node has joined a network.
        """
        require_unit()
        tree = self._tree()
        found = records.untold(ROWS_AT_ONCE)
        outages = [outage for _, outage in found]
        if self._me not in tree or tree.top in ("", self._me):
            return []
        if not is_time_to_tell(outages, records.told_at(), now_ms):
            return []
        records.set_told([number for number, _ in found], max(0, now_ms))
        return [self._tell(OUTAGES, as_fields(outages))]

    # --- nodes below
    def take(self, node: str, outages: list[Outage], heard_at: int) -> None:
        """Store what a node below told of itself; what it has told before changes nothing."""
        require_unit()
        records.add_below(node, outages, heard_at, KEPT)

    def past_of(self, node: str, now_ms: int) -> Past:
        """Return what is known of the outages of a node below."""
        told = [as_believed(outage, heard_at) for outage, heard_at in records.below(node)]
        return Past(tuple(told[:_SHOWN]), tally(told, now_ms - SPAN_DAYS * DAY_MS, now_ms))
