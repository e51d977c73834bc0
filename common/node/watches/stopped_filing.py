"""The filing of a case that is held back or struck out: the case is gone, the slip with its number is not."""

from __future__ import annotations

from common.casework.rules.number import origin_of
from common.casework.rules.shape import FILED
from common.node.verbs.act_words import case_in
from sync.protocol import signed
from sync.protocol.acts.struck import Stopped, stopped_frames, verdict_said
from sync.protocol.core import Core
from sync.protocol.entries import read_entry
from sync.protocol.spool import Spool


def may_be_stopped(spool: Spool, number: str) -> bool:
    """Say whether the site that a number names has ever lost a key; it only reads, in no unit."""
    held = spool.held(signed.ENTRY, origin_of(number))
    return held is not None and bool(read_entry(held.statement).revoked)


def stopped_filing(core: Core, number: str) -> Stopped | None:
    """Return why the filing of a case does not count; None when no such filing is held here.

    Only whoever the number names may have filed it, whatever others wrote into acts of theirs.
    """
    found = [
        Stopped(verdict_said(core, frame.act) if is_struck else None)
        for frame, is_struck in stopped_frames(core, origin_of(number), FILED)
        if case_in(frame) == number
    ]
    # Of two of one number, one is a thief's: as long as one is open, so is the case.
    return next((one for one in found if one.verdict is None), found[0] if found else None)
