"""Digests and rows of logs of views, applied at every node they pass; demands, at the node they are for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from common.journal.rules import read_digest, read_rows, read_span
from common.journal.service import ROWS, VIEWS, WANTED, ViewLog
from common.people.errors import NOT_ITS_TO_SAY, UNREADABLE
from sync.protocol import canonical
from sync.protocol.acts.deliver import Applied, Parked
from sync.protocol.address import Tree
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import Act

KINDS = (VIEWS, WANTED, ROWS)
_PERSON = "person"


class Desk:
    """Applies acts about views at one node."""

    def __init__(self, me: str, tree: Callable[[], Tree], views: ViewLog) -> None:
        self._me = me
        self._tree = tree
        self._views = views

    def apply(self, acts: Sequence[Act]) -> Applied:
        """Apply acts in order, in the open unit; kinds other than `KINDS` must not be given."""
        result = Applied()
        for act in acts:
            try:
                is_theirs_to_say = self._take(act, canonical.loads(act.content))
            except (ValueError, NotCanonical):
                result.parked[act.id] = Parked(UNREADABLE, _PERSON)
                continue
            if not is_theirs_to_say:
                result.parked[act.id] = Parked(NOT_ITS_TO_SAY, _PERSON)
        return result

    def _take(self, act: Act, body: Any) -> bool:
        """Apply one act; return False when its author may not say so."""
        tree = self._tree()
        if act.kind == WANTED:
            node, first, upto = read_span(body)
            if not tree.is_below(node, act.author):
                return False
            # Nodes on the way only pass it on.
            if node == self._me:
                self._views.answer_demand(first, upto)
            return True
        if act.author == self._me:
            # It came back after a loss: what it tells is for those above.
            return True
        if not tree.is_below(act.author, self._me):
            return False
        if act.kind == VIEWS:
            self._views.take_digest(act.author, read_digest(body))
        else:
            self._views.take_rows(act.author, read_rows(body))
        return True
