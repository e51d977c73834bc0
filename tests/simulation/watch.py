"""What leaves one simulated node and what it says of what came, held against what is true of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sync.adapters.engine import Engine, Report, World
from sync.protocol.items import decode_want_blobs
from sync.protocol.offer import Budget, Plan
from sync.protocol.peer import Peer
from sync.protocol.pieces import PIECE_BYTES_MIN
from sync.protocol.records import WANT_BLOBS

if TYPE_CHECKING:
    from tests.simulation.site import Site


class WatchedEngine(Engine):
    """The engine, watched: 16 no more is acknowledged than a power cut leaves; 26 every refusal shows.

    And 22 cases wait for nothing but cases before them; 23 papers get on, whatever waits beside them.
    """

    def __init__(self, site: Site, peer: Peer, world: World) -> None:
        super().__init__(peer, site.book, world)
        self.site = site

    def receive(self, chunks: Iterable[bytes]) -> Report:
        """Take in one exchange; what was refused of it must have been told."""
        site = self.site
        told = site.told
        report = super().receive(chunks)
        if not report.complete and not (report.code and report.sentence):
            site.oracle.fail(26, site, f"an exchange of {report.sender} ended without a reason")
        if (report.refused or report.code) and site.told == told:
            site.oracle.fail(26, site, f"nobody was told of {report.refused} {report.code}")
        return report

    def make(self, address: str, budget: Budget) -> tuple[Plan, list[bytes]]:
        """Make an answer, and look at what of all that waits is in it."""
        before = self.site.papers_read
        decided, chunks = super().make(address, budget)
        self._look_at_shares(decided, chunks, self.site.papers_read - before)
        return decided, chunks

    def begin(self, address: str, budget: Budget) -> tuple[Plan, list[bytes]]:
        """Make a request, its papers too at once, and look at what of all that waits is in it."""
        before = self.site.papers_read
        decided, chunks = super().begin(address, budget)
        made = list(chunks)
        self._look_at_shares(decided, made, self.site.papers_read - before)
        return decided, made

    def _look_at_shares(self, decided: Plan, chunks: list[bytes], papers: int) -> None:
        site, room = self.site, decided.budget.bytes
        waiting = self._waiting(decided)
        share = room // 10 if decided.papers else 0
        if decided.papers and not decided.pieces and self._any_sound(decided):
            site.oracle.fail(
                23, site, f"{len(decided.papers)} papers for {decided.head.receiver} stand still"
            )
        if decided.frames >= waiting:
            return
        site.county.faults.count("cases_filled_an_exchange")
        if papers > max(share, PIECE_BYTES_MIN) + PIECE_BYTES_MIN:
            left = waiting - decided.frames
            site.oracle.fail(22, site, f"{papers} bytes of papers go before {left} frames")
        if sum(map(len, chunks)) < room - share:
            site.oracle.fail(22, site, f"{waiting - decided.frames} frames wait though there is room")
        if decided.pieces:
            site.county.faults.count("papers_beside_cases")

    def _any_sound(self, decided: Plan) -> bool:
        return any(self.site.blobs.is_sound(blob) for blob, _, _ in decided.papers)

    def _waiting(self, decided: Plan) -> int:
        """Return how many frames the other lacks, as far as its last word goes."""
        streams = ((self.site.spool.stream(stream), start) for stream, start in decided.starts.items())
        return sum(stream.upto - start for stream, start in streams if stream is not None)

    def _before_leaving(self, decided: Plan) -> None:
        for item in decided.state:
            if item.kind == WANT_BLOBS:
                for blob, offset in decode_want_blobs(item):
                    if offset > self.site.blobs.durable(blob):
                        self.site.oracle.fail(16, self.site, f"{offset} bytes of {blob[:12]} are not durable")
        super()._before_leaving(decided)
