"""What is held back or struck out, for those who ask after it: which acts of an author, and what was said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol import canonical
from sync.protocol.acts.quarantine import STRUCK_OUT, quarantined
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import Frame
from sync.protocol.verdicts import VERDICT

if TYPE_CHECKING:
    from sync.protocol.core import Core


class Verdict(NamedTuple):
    """When the top struck an act out, by its clock (UTC ms), and why; 0 and "" where that is not known."""

    at: int
    reason: str


class Stopped(NamedTuple):
    """Why an act does not count: what was said when it was struck out, None while nobody has decided."""

    verdict: Verdict | None


def stopped_frames(core: Core, src: str, kind: str) -> Iterator[tuple[Frame, bool]]:
    """Yield the acts of a kind by one author that do not count, oldest first.

    Each with whether it is struck out; of the others nobody has decided yet.
    """
    if not core.roster.revoked(src):
        return
    for row in quarantined(core, src):
        frame = core.spool.frame_of_act(row.id) if row.kind == kind else None
        if frame is not None:
            yield frame, row.reason == STRUCK_OUT


def verdict_said(core: Core, act: str) -> Verdict:
    """Return what the top said when it struck an act out."""
    held = core.spool.held(VERDICT, act)
    frame = core.spool.frame_of_act(held.content.decode()) if held and held.content else None
    if frame is None:
        return Verdict(0, "")
    at = frame.header.clock.wall
    try:
        body = canonical.loads(frame.content) if frame.body else {}
    except NotCanonical:
        return Verdict(at, "")
    reason = body.get("reason") if type(body) is dict else ""
    return Verdict(at, reason if type(reason) is str else "")
