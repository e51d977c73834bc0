"""Acts of cases that are parked here, judged anew: what is parked is in no case, and no page of it shows it.

Whoever takes a step out of a case by hand, and has its act parked, leaves nothing else that does not fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from common.casework.context import CaseContext
from common.casework.incoming import Batch
from common.casework.records import is_fault_of_disk
from common.casework.rules.shape import KINDS
from sync.protocol import canonical
from sync.protocol.acts.cuts import waits_for_word
from sync.protocol.acts.quarantine import is_past
from sync.protocol.core import Core
from sync.protocol.frame import PLAIN, Act, Frame, act_of
from sync.protocol.paging import UNREADABLE

_PUT_OFF = "case step put off"


def put_off(ctx: CaseContext, core: Core, now_ms: int) -> list[str]:
    """Return a line for each parked act that by all that is here belongs into its case; it only reads."""
    acts = list(_parked(core))
    # In the order in which they came: what was taken out with a step may have followed it.
    belong = _taken(ctx, acts, now_ms)
    if belong is None:
        # This program stumbles over one of them, or over its case: that keeps no other from being looked at.
        belong = [one for act in acts for one in _taken(ctx, [act], now_ms) or ()]
    return [f"{_PUT_OFF}: {canonical.loads(act.content)['case']} {act.id}" for act in belong]


def _taken(ctx: CaseContext, acts: Sequence[Act], now_ms: int) -> list[Act] | None:
    try:
        batch = Batch(ctx, acts, now_ms)
        for act in acts:
            batch.take(act)
    except Exception as fault:
        if is_fault_of_disk(fault):
            raise
        return None
    return [act for act in acts if act.id not in batch.result.parked]


def _parked(core: Core) -> Iterator[Act]:
    for row in core.spool.parked():
        try:
            frame = core.spool.frame_of_act(row.id)
        except UNREADABLE:
            continue  # It is told of as a frame.
        if frame is not None and frame.body and _is_step(frame) and not _is_held_back(core, frame):
            yield act_of(frame)


def _is_step(frame: Frame) -> bool:
    return frame.header.kind in KINDS and frame.header.enc == PLAIN


def _is_held_back(core: Core, frame: Frame) -> bool:
    """Say whether the key that signed it lets it count nowhere, or not here yet."""
    return is_past(core, frame) or waits_for_word(core, frame.header.stream.src, frame.act)
