"""What the top owes when nodes stand elsewhere now, or one came back with an empty disk.

An act that was on its way when a village moved passes by whom it leaves; a new machine under an old address
has nothing of what was sent to the former one. So the top goes through the cases of such nodes, batch by
batch, and points out to everybody with a part in one what never reached it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from common.casework import ledger, records
from common.casework.context import CaseContext
from common.casework.duties import brief
from common.casework.records import is_fault_of_disk, passing
from common.casework.rules.standing import changed, standing_of, with_those_below
from common.store.database import require_unit

log = logging.getLogger(__name__)

STANDING, PASS = "standing", "briefing"


@dataclass(frozen=True, slots=True)
class Pass:
    """A look through all cases in which one of these nodes has a part; it goes on after the case `after`."""

    of: tuple[str, ...]
    after: str = ""


def begin_pass(ctx: CaseContext) -> bool:
    """Note whose cases have to be looked through, in the open unit; say whether a pass is under way.

    Only the top owes anything. The first time there is nothing to compare with, and what stands is noted.
    """
    require_unit()
    tree = ctx.tree()
    if not tree.top or ctx.me != tree.top:
        return False
    now, before = standing_of(tree), records.mark(STANDING)
    found = with_those_below(tree, ctx.sync.note_anew())
    known: Mapping[str, str] = json.loads(before) if before else now
    found |= changed(known, now)
    if now != known or not before:
        records.set_mark(STANDING, json.dumps(now, sort_keys=True))
    under_way = _under_way()
    if found:
        # What was looked through for others is looked through once more: nothing is told twice by it.
        of = tuple(sorted(found | set(under_way.of if under_way else ())))
        _keep(Pass(of))
    return bool(found) or under_way is not None


def brief_some(ctx: CaseContext, since_ms: int, now_ms: int, limit: int) -> bool:
    """Look through the next `limit` cases of the pass under way, in the open unit; say whether it goes on.

    Args:
        since_ms: ended cases that have not changed since (UTC milliseconds) are left out.
    """
    require_unit()
    under_way = _under_way()
    if under_way is None or ctx.me != ctx.tree().top:
        return False
    names = passing.kept_since(under_way.after, since_ms, limit)
    for name in passing.that_name(names, under_way.of):
        _brief_one(ctx, name, now_ms)
    if len(names) < limit:
        records.set_mark(PASS, "")
        return False
    _keep(Pass(under_way.of, names[-1]))
    return True


def _brief_one(ctx: CaseContext, name: str, now_ms: int) -> None:
    try:
        brief(ctx, ledger.load(name), now_ms)
    except Exception as fault:
        if is_fault_of_disk(fault):
            raise
        # One case that cannot be read must not keep the others from being told of.
        log.exception("nobody can be briefed on case %s now", name)


def _under_way() -> Pass | None:
    text = records.mark(PASS)
    if not text:
        return None
    said = json.loads(text)
    return Pass(tuple(said["of"]), said["after"])


def _keep(under_way: Pass) -> None:
    records.set_mark(PASS, json.dumps({"of": list(under_way.of), "after": under_way.after}))
