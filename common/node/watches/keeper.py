"""What the leading process does, day by day, about how long things are kept and who has to be told again."""

from __future__ import annotations

import logging

from common.casework import days
from common.casework.jobs import brief_who_was_passed_by
from common.days import local_day
from common.node.node import Node
from sync.protocol.core import Note
from sync.protocol.errors import NotEnrolled
from sync.protocol.stock.purging import PURGED

log = logging.getLogger(__name__)

# Batches of one run: what is left over is looked through by the next one, an hour later.
BATCHES_MAX = 500


class Keeper:
    """Runs from time to time in the process that leads the jobs."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._tree = node.tree()
        self._after = 0
        self._done_on = ""

    def brief_if_moved(self) -> None:
        """At the top, see at once to who was passed by, when somebody stands elsewhere than a moment ago."""
        if self._node.tree() is not self._tree:
            self._tree = self._node.tree()
            self.brief()

    def brief(self) -> None:
        """At the top, tell of cases whoever a move has passed by, or came back with an empty disk."""
        node, now_ms = self._node, self._node.clock.now_ms()
        # By a wrong clock every ended case is old: then all of them are gone through.
        since_ms = 0 if days.doubt(now_ms) else node.keeping.since(now_ms)
        try:
            if brief_who_was_passed_by(node.casework, node.unit, since_ms, now_ms) > 1:
                node.wake()
        except NotEnrolled:
            return
        except Exception:
            # What was done stands; the next hour goes on there, and the line must not wait for it.
            log.exception("nobody can be briefed now")

    def keep(self) -> None:
        """Once a day, note what the ends of all streams have signed, and delete what nobody needs here.

        Nothing of it while the clock is in doubt: by a wrong one everything is old.
        """
        node, now_ms = self._node, self._node.clock.now_ms()
        today = local_day(now_ms)
        if days.doubt(now_ms) or (self._done_on == today and not self._after):
            return
        try:
            with node.unit():
                node.keeping.mark(now_ms)
            self._purge(now_ms)
            self._done_on = today
        except NotEnrolled:
            return
        except Exception:
            log.exception("what is kept how long could not be seen to now")

    def _purge(self, now_ms: int) -> None:
        node, bodies, size = self._node, 0, 0
        for _ in range(BATCHES_MAX):
            with node.unit():
                left = node.keeping.purge(self._after, now_ms)
            self._after = left.after
            bodies, size = bodies + left.bodies, size + left.bytes
            if not self._after:
                break
        if bodies:
            log.info("%d bodies of ended cases left this node, %d bytes", bodies, size)
            node.journal([Note(PURGED, node.me, f"{bodies} {size}")])
