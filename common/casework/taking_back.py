"""Acts whose key turned out to be in false hands are taken back out of the cases they touched.

Nothing is lost by it: the sync layer keeps them, and gives them once more when a person has released them.
"""

from __future__ import annotations

from collections.abc import Sequence

from common.casework import ledger, records
from common.casework.context import CaseContext
from common.casework.errors import CaseNotFound, NotInOrder
from common.casework.records import undo
from common.casework.rules.event import CaseEvent
from common.casework.rules.shape import FILED
from common.store.database import require_unit
from sync.protocol.acts.deliver import Parked


def retract(ctx: CaseContext, acts: Sequence[str]) -> dict[str, Parked]:
    """Take acts back, in the open unit; each case stands as if they had never come.

    Acts not here are passed over.

    Returns:
        The acts of others that rested on them and are not here any more either, each with what it waits for.
    """
    require_unit()
    left: dict[str, Parked] = {}
    for name in undo.cases_of(acts):
        rows = records.events_of(name)
        fallen = resting_on([records.as_event(row) for row in rows], set(acts))
        left |= {act: why for act, why in fallen.items() if act not in acts}
        undo.drop_acts([row.act for row in rows if row.act in fallen])
        if len(fallen) == len(rows):
            undo.drop_case(name)
            continue
        case = ledger.load(name)
        ledger.write_case(case, ctx.calendar())
        undo.close_ranks(name, case.state.struck)
    return left


def resting_on(events: Sequence[CaseEvent], gone: set[str]) -> dict[str, Parked]:
    """Return the acts of one case that fall with those gone, these too: act → what it waits for."""
    fallen: dict[str, Parked] = {}
    filings = {event.id for event in events if event.kind == FILED}
    before = -1
    while len(fallen) != before:
        before = len(fallen)
        for event in events:
            needs = (event.body.get("follows", ""), *event.body.get("answers", ()))
            missing = next((act for act in needs if act in fallen), "")
            if event.id in gone or missing:
                fallen.setdefault(event.id, Parked(NotInOrder.code, f"act:{missing}"))
            elif filings <= fallen.keys():
                fallen.setdefault(event.id, Parked(CaseNotFound.code, f"case:{event.body['case']}"))
    return fallen
