"""Applies the case events that arrive from other nodes: in bulk, each judged by its author's own rules.

What cannot be applied is parked with the code of its reason and what it waits for. Nothing that arrives makes
this raise, not even by a fault of this program: an act that raised would come again with every exchange and
keep out all that comes with it. What it raises is a fault of the disk.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from common.casework.context import CaseContext
from common.casework.duties import do_duties
from common.casework.errors import AlreadyThere, CannotApply
from common.casework.incoming import Batch
from common.casework.records import IntegrityError, is_fault_of_disk
from common.store.database import require_unit, savepoint
from sync.protocol.acts.deliver import Applied, Parked
from sync.protocol.frame import Act

log = logging.getLogger(__name__)


def apply(ctx: CaseContext, acts: Sequence[Act], now_ms: int) -> Applied:
    """Apply acts in the order given, in the open unit, then do what this node owes the cases they touched.

    One pass over all of them; only if that fails are they taken one by one, so that one bad act costs no
    other its place.

    Args:
        acts: each is given until it was applied once; one that was applied already changes nothing.
        now_ms: wall time for events this node makes in answer, UTC milliseconds.
    """
    require_unit()
    try:
        result, owing = _take_all(ctx, acts, now_ms)
    except Exception as fault:
        if is_fault_of_disk(fault):
            raise
        log.warning(
            "bulk of %d case events failed (%s), taking them one by one", len(acts), type(fault).__name__
        )
        result, owing = Applied(), set()
        for act in acts:
            part, owed = _take_one(ctx, act, now_ms)
            result.parked |= part.parked
            result.woke |= part.woke
            owing |= owed
    _do_duties(ctx, owing, now_ms)
    return result


def _take_all(ctx: CaseContext, acts: Sequence[Act], now_ms: int) -> tuple[Applied, set[str]]:
    # Nothing is announced inside the savepoint: what the sync layer was told must not be undone alone.
    with savepoint():
        batch = Batch(ctx, acts, now_ms)
        for act in acts:
            batch.take(act)
        batch.write()
        return batch.result, batch.owing()


def _take_one(ctx: CaseContext, act: Act, now_ms: int) -> tuple[Applied, set[str]]:
    try:
        return _take_all(ctx, (act,), now_ms)
    except IntegrityError:
        log.exception("case event %s cannot be stored", act.id)
        return Applied(parked={act.id: Parked(AlreadyThere.code, "person")}), set()
    except Exception as fault:
        if is_fault_of_disk(fault):
            raise
        log.exception("case event %s cannot be applied by this program", act.id)
        return Applied(parked={act.id: Parked(CannotApply.code, "version")}), set()


def _do_duties(ctx: CaseContext, owing: set[str], now_ms: int) -> None:
    for case in sorted(owing):
        try:
            do_duties(ctx, [case], now_ms)
        except Exception as fault:
            if is_fault_of_disk(fault):
                raise
            # A duty that cannot be done must not undo what has arrived; it is still owed at the next event.
            log.exception("duty in case %s cannot be done now", case)
