"""What a node does as its disk fills: tells people and other nodes, lets papers go that are at their end."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from common.casework import days
from common.config import NodeConfig
from common.days import local_date
from common.errors import LiandongError
from common.keeping.rules import month_of
from common.node.node import Node
from common.node.place import opened_lock
from common.node.profile import VILLAGE
from common.node.watches.disk import DiskState
from sync.protocol.core import Note
from sync.protocol.stock.ended import count_day, ended_for
from sync.protocol.stock.eviction import Evicted, still_struck, to_evict

EVICTED_AT_ONCE = 200
_CODES = {DiskState.LOW: "S140", DiskState.CRITICAL: "S141"}
log = logging.getLogger(__name__)

PAPERS_LOCK = "papers.lock"


@contextmanager
def papers_stay(config: NodeConfig) -> Iterator[None]:
    """Keep every paper here that the records list, whatever the disk's state; waits for a round under way.

    The kernel gives the lock up with the process, however that ends.
    """
    with opened_lock(config.path(PAPERS_LOCK)) as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


class RoomKeeper:
    """Runs from time to time in the process that leads the jobs."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._told = DiskState.NORMAL
        self._after = 0
        self._counted = 0

    def keep(self) -> DiskState:
        """Look at the disk and do what its state asks for; return the state."""
        node = self._node
        node.disk.keep_ballast()
        state = node.disk.state()
        node.peer.core.disk = int(state)
        # Each alone: a disk too full to count a day must not keep papers from leaving it.
        for step in (lambda: self._tell(state), self._count_day, lambda: self._let_go(state)):
            try:
                step()
            except (LiandongError, OSError) as problem:
                # Whoever runs this must live on, it looks after the line too; the next round tries again.
                why = problem.code if isinstance(problem, LiandongError) else f"errno {problem.errno}"
                log.warning("a round of the room keeper is put off: %s", why)
        return state

    def _tell(self, state: DiskState) -> None:
        node = self._node
        if state is self._told:
            return
        log.warning("disk %s, %d bytes free", state.name, node.disk.free())
        node.wake()
        if state in _CODES:
            node.journal([Note(_CODES[state], node.me, "")])
        self._told = state

    def _let_go(self, state: DiskState) -> None:
        node = self._node
        keep_days = node.config.paper_days if node.profile.tier == VILLAGE else 0
        if state > DiskState.NORMAL:
            # Never at once: the end may lose its disk, and its backup is younger than this.
            keep_days = min(keep_days or node.config.paper_days_low, node.config.paper_days_low)
        if keep_days:
            with opened_lock(node.config.path(PAPERS_LOCK)) as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    # Somebody copies the node: what leaves after its copy was listed would seem lost in it.
                    return
                self._evict(keep_days)

    def _count_day(self) -> None:
        """Note once a day what the ends have; while the date is in doubt no day counts."""
        node, now_ms = self._node, self._node.clock.now_ms()
        date, config = local_date(now_ms), node.config
        today, kept = date.toordinal(), max(config.paper_days, config.paper_days_low)
        if today == self._counted or node.tree().top in ("", node.me) or days.doubt(now_ms):
            return
        with node.unit():
            count_day(node.peer.core, today, kept, month_of(date))
        self._counted = today

    def _evict(self, keep_days: int) -> None:
        with self._node.unit():
            core = self._node.peer.core
            found: Evicted = to_evict(core, self._after, EVICTED_AT_ONCE, ended_for(core, keep_days))
        self._after = found.after
        if not found.papers:
            return
        # A draft may use a paper of an earlier case: its file stays, and the next round looks anew.
        # After the commit: a power cut between the two leaves a file that the next round finds again. In a
        # unit: whoever is to take a paper for held has either done so, or finds it gone.
        with self._node.unit():
            used = self._node.drafts.papers()
            leaving = [blob for blob in still_struck(core, found.papers) if blob not in used]
            gone = sum(self._node.blobs.evict(blob) for blob in leaving)
        if gone:
            log.info("%d papers left this node, the end of their way has them", gone)
