"""Acts that cannot be applied and whose wait people have ended at this node: they are told of no more.

That is all it does. They stay kept, are asked for on as before, and count at once should what they wait for
come after all; whatever they wait for then, or anew later, is told of again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from common.casework import records
from common.casework.context import Actor
from common.casework.errors import ReasonMissing
from common.errors import Problem
from common.store import audit
from common.store.database import require_unit
from sync.protocol.spool import ActRow

_ENDED = "waits_ended"
ACTION = "act.wait_no_longer"


def ended(rows: Iterable[ActRow]) -> set[str]:
    """Return those of these parked acts whose wait people have ended, and all behind them; it only reads."""
    said = _said()
    if not said:
        return set()
    behind, found = defaultdict[str, list[str]](list), set[str]()
    new = list[str]()
    for row in rows:
        behind[row.waits_for].append(row.id)
        if said.get(row.id) == row.waits_for:
            new.append(row.id)
    while new:
        act = new.pop()
        found.add(act)
        new += [one for one in behind[f"act:{act}"] if one not in found]
    return found


def reason_problems(why: str) -> list[Problem]:
    """Return what is wrong with the reason for which a wait is to end."""
    return [] if why.strip() else [Problem("why", "理由", "required", ReasonMissing.sentence)]


def end_wait(row: ActRow, parked: Iterable[ActRow], actor: Actor, why: str, now_ms: int) -> None:
    """End the wait of one parked act, in the open unit: lists and figures of this node leave it out, and
    what waits behind it.

    Args:
        parked: all that is parked here now; what is remembered of others is forgotten.

    Raises:
        ReasonMissing: nothing says why; nothing was changed.
        UnitMisuse: no unit of work is open.
    """
    require_unit()
    if problems := reason_problems(why):
        raise ReasonMissing(problems=problems)
    said = _said()
    left = {one.id: one.waits_for for one in parked if said.get(one.id) == one.waits_for}
    records.set_mark(_ENDED, json.dumps({**left, row.id: row.waits_for}, sort_keys=True))
    told = {"author": row.author, "kind": row.kind, "waits_for": row.waits_for, "why": why.strip()}
    audit.record(actor.login, ACTION, row.id, told, now_ms)


def _said() -> dict[str, Any]:
    return dict(json.loads(records.mark(_ENDED) or "{}"))
