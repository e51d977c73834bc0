"""From whom acts of a node may still come back that it has lost: it was put back from an older copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.node import records
from common.node.heart import PUT_BACK as _PUT_BACK
from common.store.database import is_unit_open
from sync.protocol.found import DOUBT

if TYPE_CHECKING:
    from common.node.node import Node

# Every step of a case asks, and a county waits for hundreds of nodes: so often it is looked at anew.
_LOOK_MS = 10_000


class Unsure:
    """Who has not told yet what they hold of this node's acts: nobody at most times, or once all have told.

    What a node did since the copy was made is at its neighbours (see `line_back.fetching`), and who a stream
    leads to says which of two copies of it counts.
    """

    def __init__(self) -> None:
        self._note = 0
        self._looked_at = 0
        self._waits: frozenset[str] = frozenset()

    def of(self, node: Node) -> frozenset[str]:
        """Return these nodes: who waits as it was ten seconds ago at most, who is in doubt as it is."""
        if is_unit_open() and node.peer.core.found.begun:
            # In the unit in which it finds out nobody has told anything yet.
            return frozenset({node.me})
        number = records.newest_of(_PUT_BACK, node.me)
        if not number:
            return frozenset()
        now = node.clock.mono_ms()
        if number != self._note or (self._waits and now - self._looked_at >= _LOOK_MS):
            self._waits = _waits(node)
            self._note, self._looked_at = number, now
        doubted = (held.key.split("|") for held in node.spool.all_held(DOUBT))
        return self._waits | {parts[-1] for parts in doubted if parts[0] == node.me}

    def since(self, node: Node) -> int:
        """Return when the node was last found to be put back, UTC milliseconds; 0: never."""
        notes = node.notes(1, _PUT_BACK) if records.newest_of(_PUT_BACK, node.me) else ()
        return next((note.at_ms for note in notes), 0)


def _waits(node: Node) -> frozenset[str]:
    # Pages are loaded by who serves them, and by who was put back.
    from common.desk.pages.line_back import fetching

    found = fetching(node, node.notes(1, _PUT_BACK))
    return frozenset(found.waits) if found is not None else frozenset()
