"""From whom acts of a node may still come back that it has lost: it was put back from an older copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.node import records
from sync.protocol.found import DOUBT
from sync.protocol.returned import is_undecided

if TYPE_CHECKING:
    from common.node.node import Node

# Every step of a case asks, and a county waits for hundreds of nodes: so often it is looked at anew.
_LOOK_MS = 10_000
# The note by which a node tells that it was put back.
_PUT_BACK = "S128"


class Unsure:
    """Who has not told yet what they hold of this node's acts: nobody at most times, or once all have told.

    What a node did since the copy was made is at its neighbours (see `line_back.fetching`), and who a stream
    leads to says which of two copies of it counts.
    """

    def __init__(self) -> None:
        self._note = 0
        self._looked_at = 0
        self._is_over = 0
        self._found: frozenset[str] = frozenset()

    def of(self, node: Node) -> frozenset[str]:
        """Return these nodes, as they were ten seconds ago at most."""
        number = records.newest_of(_PUT_BACK, node.me)
        if not number:
            return frozenset()
        now = node.clock.mono_ms()
        if number != self._note or now - self._looked_at >= _LOOK_MS:
            # Once all is back, only a doubt about an own stream makes it worth a look at all neighbours.
            if number != self._note or not self._is_over or is_undecided(node.spool, node.me):
                self._look(node)
            self._note, self._looked_at = number, now
        return self._found

    def _look(self, node: Node) -> None:
        # Pages are loaded by who serves them, and by who was put back.
        from common.desk.pages.line_back import fetching

        found = fetching(node, node.notes(1, _PUT_BACK))
        self._is_over = int(found is None or found.is_all)
        if found is None or self._is_over:
            self._found = frozenset()
            return
        doubted = (held.key.split("|") for held in node.spool.all_held(DOUBT))
        self._found = frozenset(found.waits) | {parts[-1] for parts in doubted if parts[0] == node.me}
