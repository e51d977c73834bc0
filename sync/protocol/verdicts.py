"""What the top has said on acts of revoked keys, each by its id: they count, or they are struck out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.protocol.memos import note_down

if TYPE_CHECKING:
    from sync.protocol.core import Core

RELEASED, STRUCK = "sync.released", "sync.struck"
VERDICT = "verdict"
_RANK = {STRUCK: 1, RELEASED: 2}


def keep_verdict(core: Core, kind: str, act: str, by: str) -> None:
    """Remember a verdict, RELEASED or STRUCK, on an act here or to come; `by` is the act that says so."""
    note_down(core, VERDICT, act, by.encode(), (_RANK[kind], 0, 0))


def verdict_on(core: Core, act: str) -> str:
    """Return what the top has decided on an act, RELEASED or STRUCK; "" for nothing."""
    held = core.spool.held(VERDICT, act)
    return next((kind for kind, rank in _RANK.items() if held.rank[0] == rank), "") if held else ""


def acts_under(core: Core, kind: str) -> list[str]:
    """Return the acts that a verdict of this kind is in force on, here or not, oldest first."""
    return [held.key for held in core.spool.all_held(VERDICT) if held.rank[0] == _RANK[kind]]
