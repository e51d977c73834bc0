"""What nodes below tell of their outages, applied at every node on the way up.

An act speaks of its own author alone. What cannot be read, or was not its author's to say, waits for a person
and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from common.outages.rules import read_outages
from common.outages.service import OUTAGES, Outages
from common.people.errors import NOT_ITS_TO_SAY, UNREADABLE
from common.store.outbox import TreeSource
from sync.protocol import canonical
from sync.protocol.deliver import Applied, Parked
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import Act

KINDS = (OUTAGES,)
_PERSON = "person"


class Desk:
    """Applies acts about outages at one node."""

    def __init__(self, me: str, tree: TreeSource, outages: Outages, now_ms: Callable[[], int]) -> None:
        self._me = me
        self._tree = tree
        self._outages = outages
        self._now_ms = now_ms

    def apply(self, acts: Sequence[Act]) -> Applied:
        """Apply acts in order, in the open unit; kinds other than `KINDS` must not be given."""
        result = Applied()
        for act in acts:
            if not self._tree().is_below(act.author, self._me):
                result.parked[act.id] = Parked(NOT_ITS_TO_SAY, _PERSON)
                continue
            try:
                told = read_outages(canonical.loads(act.content))
            except (ValueError, NotCanonical):
                result.parked[act.id] = Parked(UNREADABLE, _PERSON)
                continue
            self._outages.take(act.author, told, max(0, self._now_ms()))
        return result
