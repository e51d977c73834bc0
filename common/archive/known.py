"""What the node at which a package is checked knows besides: its roster, the county's verdicts, its records.

Who packs chooses which entries lie in a package. Whoever has a stolen key packs those from before its
revocation, and away from every node nothing shows that. A node that has heard of it goes by what it knows.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.archive.findings import Ruling
from common.archive.rulings import Rank, frames_of
from sync.protocol import verdicts
from sync.protocol.core import Core
from sync.protocol.frame import Frame
from sync.protocol.roster import Roster


@dataclass(frozen=True, slots=True)
class Known:
    """A node's knowledge; what is asked here needs no unit of work.

    Args:
        roster: a copy of the node's own, which the check goes on from.
    """

    roster: Roster
    core: Core

    def ruling_on(self, act: str) -> tuple[Rank, Ruling] | None:
        """Return what the county's verdict on an act is here, None where there is none."""
        kind, held = verdicts.verdict_on(self.core, act), self.core.spool.held(verdicts.VERDICT, act)
        if not kind or held is None:
            return None
        said = next((one for one in frames_of(self.core, held.content.decode()) if one.body), None)
        at, why = (said.header.clock.wall, verdicts.read_body(said.content)[1]) if said else (0, "")
        is_struck = kind == verdicts.STRUCK
        return (held.rank[1], True, is_struck), Ruling(act, is_struck, at, why)

    def has_another(self, frame: Frame) -> bool:
        """Say whether the node holds another frame at the place that this one claims."""
        stream, seq = frame.header.stream, frame.header.seq
        placed = self.core.spool.frames_after({stream: seq - 1}, 0, 1)
        return any(one.frame.header.seq == seq and one.frame.hash != frame.hash for one in placed)
