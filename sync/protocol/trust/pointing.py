"""At the top: acts that count although their streams are closed are pointed out to those they are meant for.

Closed streams bring nothing more (see `crowds`). Whoever had not got such an act by then would never have it:
a brief names it, and who holds it gives it by its id.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sync.protocol import canonical
from sync.protocol.acts.deliver import BRIEF
from sync.protocol.acts.quarantine import IDS_MAX
from sync.protocol.frame import Evidence
from sync.protocol.own.issue import plain_body, submit
from sync.protocol.own.reissue import destinations

if TYPE_CHECKING:
    from sync.protocol.core import Core


def point_out(core: Core, acts: Iterable[str], now: Evidence) -> None:
    """Name those of these acts that are here, of authors with closed streams, to authors and destinations.

    Raises as `issue.submit`.
    """
    named: dict[str, list[str]] = {}
    for act in dict.fromkeys(acts):
        frame = core.spool.frame_of_act(act)
        src = frame.header.stream.src if frame is not None else ""
        if frame is None or not any(one.closed for one in core.roster.revoked(src).values()):
            continue
        for address in sorted({src, *destinations(frame)} - {core.me}):
            if address in core.tree:
                named.setdefault(address, []).append(act)
    for address, ids in named.items():
        for at in range(0, len(ids), IDS_MAX):
            content = canonical.dumps({"ids": ids[at : at + IDS_MAX], "to": [address]})
            submit(core, plain_body(core, (BRIEF, content)), (address,), (), now)
