"""Which nodes may report about a case, now and when they did. It only reads."""

from __future__ import annotations

from common.casework.context import CaseContext
from common.casework.errors import NotInOrder, ReportNotAllowed
from common.casework.ledger import OpenCase
from common.casework.rules.applied import read_reported
from common.casework.rules.event import CaseEvent, CaseState


def may_report(ctx: CaseContext, state: CaseState, author: str) -> bool:
    """Say whether a node may send reports about a case: a party, or a node above one on its line."""
    tree = ctx.tree()
    return any(author in tree.up(party) for party in state.parties.values())


def awaited_by(ctx: CaseContext, case: OpenCase, event: CaseEvent) -> tuple[str, str] | None:
    """Return why a report that has come cannot be taken now and what it waits for, None when it can.

    A township from which a village has moved, or that was relieved, may have reported before: that counts
    as it would have counted then, or papers brought there in time were lost, and a step that answers the
    report waited for it for ever. But it speaks of no case that it has never had: it names an act of it.

    Raises:
        LiandongError: the report cannot be read.
    """
    if may_report(ctx, case.state, event.author):
        return None
    stood_above = ctx.neighbours.stood_above
    seen = read_reported(event).seen
    if not seen or not any(event.author in stood_above(party) for party in case.state.parties.values()):
        return ReportNotAllowed.code, f"case:{case.state.case}"
    return None if case.knows(seen) else (NotInOrder.code, f"act:{seen}")
