"""What may wait at a node for ever: it came, or was named, while somebody stood below who has left since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.casework.rules.shape import FILED
from sync.protocol.acts.audience import may_have_act
from sync.protocol.incoming.left import LEFT
from sync.protocol.spool import PARKED, ActRow
from tests.simulation.intended import event_of

if TYPE_CHECKING:
    from tests.simulation.site import Site


def is_for_others(site: Site, act: str) -> bool:
    """Say whether an act is for others now: it came, or was named, while somebody stood below who has left.

    Of what waits for it that is for this node the parked act tells.
    """
    top = next(iter(site.oracle.sites.values()))
    frame = top.spool.frame_of_act(act)
    return frame is not None and not may_have_act(top.peer.core, site.address, frame)


def leads_to_others(site: Site, row: ActRow) -> bool:
    """Say whether an act that was named here by a brief waits in the end for one that is for others now.

    Or for a case, and what opens that is not here and for others now.
    """
    while row.reason == LEFT and row.waits_for.startswith("act:"):
        waited = row.waits_for.removeprefix("act:")
        held = site.spool.act(waited)
        if held is None or held.state != PARKED:
            return held is None and is_for_others(site, waited)
        row = held
    return row.reason == LEFT and row.waits_for.startswith("case:") and _is_case_of_others(site, row)


def _is_case_of_others(site: Site, row: ActRow) -> bool:
    case = row.waits_for.removeprefix("case:")
    filed = [event_of(act, one) for act, one in site.oracle.acts.items() if one.kind == FILED]
    opening = [event.id for event in filed if event.body["case"] == case]
    lacking = [act for act in opening if site.spool.act(act) is None and is_for_others(site, act)]
    return bool(opening) and lacking == opening
