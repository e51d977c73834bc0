"""What nodes below tell of their outages, and of silences below them, applied at every node on the way up.

An act about outages speaks of its own author alone, one about silences of nodes below its author. What cannot
be read, or was not its author's to say, waits for a person and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from common.outages.rules import read_outages, read_silences
from common.outages.service import OUTAGES, Outages
from common.outages.silences import SILENCES, Silences
from common.people.errors import NOT_ITS_TO_SAY, UNREADABLE
from common.store.outbox import TreeSource
from sync.protocol import canonical
from sync.protocol.acts.deliver import Applied, Parked
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import Act

KINDS = (OUTAGES, SILENCES)
_PERSON = "person"


class Desk:
    """Applies acts about outages at one node.

    Args:
        behind: returns who stood below an address once and does no more.
    """

    def __init__(
        self,
        me: str,
        tree: TreeSource,
        told: tuple[Outages, Silences],
        now_ms: Callable[[], int],
        behind: Callable[[str], set[str]],
    ) -> None:
        self._me = me
        self._behind = behind
        self._tree = tree
        self._outages, self._silences = told
        self._now_ms = now_ms

    def apply(self, acts: Sequence[Act]) -> Applied:
        """Apply acts in order, in the open unit; kinds other than `KINDS` must not be given."""
        result = Applied()
        for act in acts:
            try:
                is_its_to_say = self._take(act)
            except (ValueError, NotCanonical):
                result.parked[act.id] = Parked(UNREADABLE, _PERSON)
                continue
            if not is_its_to_say:
                result.parked[act.id] = Parked(NOT_ITS_TO_SAY, _PERSON)
        return result

    def _take(self, act: Act) -> bool:
        """Store what an act tells; return False, and store nothing, when that is not its author's to say."""
        if act.author == self._me:
            # It came back after a loss: what it tells is for those above.
            return True
        tree = self._tree()
        if not tree.is_below(act.author, self._me):
            return False
        body = canonical.loads(act.content)
        now_ms = max(0, self._now_ms())
        if act.kind == OUTAGES:
            self._outages.take(act.author, read_outages(body), now_ms)
            return True
        rows = read_silences(body)
        told = [row for row in rows if row[0] in tree and tree.is_below(row[0], act.author)]
        # A node that has moved meanwhile is not its author's any more; but what it told of has its end.
        moved = self._behind(act.author) if len(told) < len(rows) else set()
        left = [row for row in rows if row[0] in moved]
        self._silences.take(
            act.author, told + [r for r in left if self._silences.ends(act.author, *r)], now_ms
        )
        return bool(told or left)
