"""Looks over the papers of a node, a share at a time: one that rots is asked for while others have it."""

from __future__ import annotations

import logging

from common.node.node import Node
from common.node.watches import lost_papers
from sync.durable import put_file

log = logging.getLogger(__name__)

# Where the next share begins: the hash of the last paper looked at.
PLACE_FILE = "papers.looked"
# So long one share reads at most: at 50 MB/s, 10 GB in two days, and nobody waits for the disk.
SHARE_MS = 5_000
_PAGE = 50
_HASH_CHARS = 64


class PaperWatch:
    """Runs from time to time in the process that leads the jobs."""

    def __init__(self, node: Node, share_ms: int = SHARE_MS) -> None:
        self._node = node
        self._share_ms = share_ms
        self._place = node.config.path(PLACE_FILE)

    def look(self) -> int:
        """Look over one share, going on where the last one ended; return how many papers that were.

        After the last paper the next share begins anew, and so it does where the place was lost.
        """
        node, looked = self._node, 0
        after, until = self._after(), node.clock.mono_ms() + self._share_ms
        lost: list[str] = []
        while page := node.spool.blobs_after(after, _PAGE):
            for paper in page:
                if looked and node.clock.mono_ms() >= until:
                    break
                after, looked = paper.hash, looked + 1
                if not node.papers.is_intact(paper):
                    lost.append(paper.hash)
            if after != page[-1].hash:
                break
        else:
            after = ""
        self._ask(lost)
        self._keep(after)
        return looked

    def _ask(self, lost: list[str]) -> None:
        # What has left by rule since it was listed is no loss: it is not listed any more.
        found = sorted(self._node.spool.have_blobs(lost)) if lost else []
        asked = lost_papers.ask_back(self._node, found, lost_papers.WATCH)
        if found:
            log.warning("%d papers were damaged or gone, %d are asked for", len(found), len(asked))

    def _after(self) -> str:
        try:
            after = self._place.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return ""
        return after if len(after) == _HASH_CHARS else ""

    def _keep(self, after: str) -> None:
        try:
            put_file(self._place, after.encode())
        except OSError as problem:
            # The same share once more is no harm.
            log.warning("the place among the papers could not be kept: errno %s", problem.errno)
