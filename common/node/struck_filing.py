"""The filing of a case that the county has struck out: the case is gone, the slip with its number is not."""

from __future__ import annotations

from common.casework.rules.number import origin_of
from common.casework.rules.shape import FILED
from sync.protocol import canonical
from sync.protocol.core import Core
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import PLAIN, Frame
from sync.protocol.struck import Verdict, struck_frames, verdict_said


def struck_filing(core: Core, number: str) -> Verdict | None:
    """Return what was said when the filing of a case was struck out; None when none of it is held here.

    Only whoever the number names may have filed it, whatever others wrote into acts of theirs.
    """
    for frame in struck_frames(core, origin_of(number), FILED):
        if _case_in(frame) == number:
            return verdict_said(core, frame.act)
    return None


def _case_in(frame: Frame) -> object:
    try:
        body = canonical.loads(frame.content) if frame.header.enc == PLAIN and frame.body else {}
    except NotCanonical:
        return None
    return body.get("case") if type(body) is dict else None
