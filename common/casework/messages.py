"""Applies the case events that arrive from other nodes: in bulk, each judged by its author's own rules.

What cannot be applied is parked with the code of its reason and what it waits for. Nothing that arrives makes
this raise; what it raises is a fault of the disk or of the program.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from common.casework.context import CaseContext
from common.casework.duties import do_duties
from common.casework.incoming import Batch
from common.casework.records import IntegrityError
from common.store.database import require_unit, savepoint
from sync.protocol.deliver import Applied, Parked
from sync.protocol.frame import Act

log = logging.getLogger(__name__)


def apply(ctx: CaseContext, acts: Sequence[Act], now_ms: int) -> Applied:
    """Apply acts in the order given, in the open unit, then do what this node owes the cases they touched.

    One pass over all of them; only if that fails in the database are they taken one by one, so that one bad
    act costs no other its place.

    Args:
        acts: each is given until it was applied once; one that was applied already changes nothing.
        now_ms: wall time for events this node makes in answer, UTC milliseconds.
    """
    require_unit()
    try:
        with savepoint():
            return _apply_all(ctx, acts, now_ms)
    except IntegrityError:
        log.warning("bulk of %d case events refused by the database, taking them one by one", len(acts))
    whole = Applied()
    for act in acts:
        part = _apply_one(ctx, act, now_ms)
        whole.parked |= part.parked
        whole.woke |= part.woke
    return whole


def _apply_one(ctx: CaseContext, act: Act, now_ms: int) -> Applied:
    try:
        with savepoint():
            return _apply_all(ctx, (act,), now_ms)
    except IntegrityError:
        log.exception("case event %s cannot be stored", act.id)
        return Applied(parked={act.id: Parked("E126", "person")})


def _apply_all(ctx: CaseContext, acts: Sequence[Act], now_ms: int) -> Applied:
    batch = Batch(ctx, acts)
    for act in acts:
        batch.take(act)
    batch.write()
    do_duties(ctx, batch.owing(), now_ms)
    return batch.result
