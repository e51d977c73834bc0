"""What leaves one simulated node and what it says of what came, held against what is true of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sync.adapters.engine import Engine, Report, World
from sync.protocol.items import decode_want_blobs
from sync.protocol.offer import Plan
from sync.protocol.peer import Peer
from sync.protocol.records import WANT_BLOBS

if TYPE_CHECKING:
    from tests.simulation.site import Site


class WatchedEngine(Engine):
    """The engine, watched: 16 no more is acknowledged than a power cut leaves; 26 every refusal shows."""

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

    def _before_leaving(self, decided: Plan) -> None:
        for item in decided.state:
            if item.kind == WANT_BLOBS:
                for blob, offset in decode_want_blobs(item):
                    if offset > self.site.blobs.durable(blob):
                        self.site.oracle.fail(16, self.site, f"{offset} bytes of {blob[:12]} are not durable")
        super()._before_leaving(decided)
