"""A case is the fold of its signed events: the same events give the same case at every node.

Pure. A move counts only if its author holds the case where the move continues it and the flow table has
the step with that outcome. Of two that continue the same one, the first in this node's order stands until
the apex strikes one out; then that one and whatever continues it are out, everywhere and for ever. A
take-over by the apex stands before every other move that continues the same one. Reports never move a case:
they are open until a move of the holder answers them, which happens once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from common.casework.errors import (
    NoFiling,
    NotInOrder,
    WrongApex,
)
from common.casework.rules.applied import begin, moved, read_reported, with_reports
from common.casework.rules.event import CaseEvent, CaseState, Fork, ReportState
from common.casework.rules.shape import (
    FILED,
    MOVED,
    REPORTED,
    STRUCK,
    TAKEN_OVER,
    check_struck,
)
from common.casework.rules.taking_over import taken_over
from common.errors import LiandongError

# What continues a case, and what it makes of it.
_CONTINUING: Mapping[str, Callable[[CaseState, CaseEvent], CaseState]] = {
    MOVED: moved,
    TAKEN_OVER: taken_over,
}
__all__ = ("advance", "begin", "fold", "read_reported", "read_struck")


def fold(events: Iterable[CaseEvent], *, apex: str) -> CaseState:
    """Return the case that these events make.

    Args:
        events: everything known of one case, in this node's order; an act given twice counts once.
        apex: address of the case's top, the only node whose `case.struck` counts.

    Raises:
        NoFiling: no valid filing is among them.
    """
    pile = _Pile(events, apex)
    state = pile.first()
    while True:
        following = pile.after(state)
        if following is None:
            return replace(state, forks=tuple(pile.forks), invalid=pile.invalid)
        state = following


def advance(state: CaseState, event: CaseEvent) -> CaseState:
    """Return the case after one more event that continues it; an act already in it changes nothing.

    Raises:
        NotInOrder: the event forks the case, or strikes out what stands: fold it again from all events.
        LiandongError: the event does not count; the class says why.
    """
    if event.kind == REPORTED:
        if event.id in state.reports:
            return state
        return with_reports(state, {event.id: read_reported(event)})
    if event.id in state.chain:
        return state
    if event.kind == STRUCK:
        return _after_strike(state, event)
    if event.kind not in _CONTINUING or event.body.get("follows") != state.last:
        raise NotInOrder()
    if event.id in state.struck:
        return state
    return _CONTINUING[event.kind](state, event)


class _Pile:
    """All events of one case, sorted by what they continue."""

    def __init__(self, events: Iterable[CaseEvent], apex: str) -> None:
        self.apex = apex
        self.forks: list[Fork] = []
        self.invalid: dict[str, str] = {}
        self._roots: list[CaseEvent] = []
        self._children: dict[str, list[CaseEvent]] = defaultdict(list)
        self._reports: dict[str, ReportState] = {}
        self._struck: set[str] = set()
        seen: set[str] = set()
        for event in events:
            if event.id not in seen:
                seen.add(event.id)
                self._sort(event)

    def _sort(self, event: CaseEvent) -> None:
        try:
            if event.kind == FILED:
                self._roots.append(event)
            elif event.kind in _CONTINUING:
                self._children[str(event.body.get("follows"))].append(event)
            elif event.kind == REPORTED:
                self._reports[event.id] = read_reported(event)
            elif event.kind == STRUCK:
                self._struck |= read_struck(event, self.apex)
        except LiandongError as fault:
            self.invalid[event.id] = fault.code

    def first(self) -> CaseState:
        """Return the case at its filing, with all reports, none answered yet."""
        begun: dict[str, CaseState] = {}
        for event in self._roots:
            try:
                begun[event.id] = begin(event, apex=self.apex)
            except LiandongError as fault:
                self.invalid[event.id] = fault.code
        if not begun:
            raise NoFiling()
        standing = [act for act in begun if act not in self._struck]
        # Striking out every filing would lose the case; then one of them, the same everywhere, stays.
        winner, *losers = standing or [min(begun)]
        if losers:
            self.forks.append(Fork(winner, tuple(losers)))
        state = replace(begun[winner], struck=frozenset(self._struck))
        return with_reports(state, self._reports)

    def after(self, state: CaseState) -> CaseState | None:
        """Return the case one move on, or None when nothing valid continues it."""
        found: list[CaseState] = []
        # The sort is stable: take-overs first, each kind in this node's order.
        for event in sorted(self._children.get(state.last, ()), key=lambda one: one.kind != TAKEN_OVER):
            if event.id in self._struck:
                continue
            try:
                found.append(_CONTINUING[event.kind](state, event))
            except LiandongError as fault:
                self.invalid[event.id] = fault.code
        if not found:
            return None
        if len(found) > 1:
            self.forks.append(Fork(found[0].last, tuple(loser.last for loser in found[1:])))
        return found[0]


def read_struck(event: CaseEvent, apex: str) -> frozenset[str]:
    """Return the acts that this event strikes out.

    Raises:
        BadShape: the body cannot be read.
        WrongApex: its author is not the case's apex.
    """
    check_struck(event.body)
    if event.author != apex:
        raise WrongApex(author=event.author)
    return frozenset(event.body["ids"])


def _after_strike(state: CaseState, event: CaseEvent) -> CaseState:
    ids = read_struck(event, state.apex)
    if not ids.isdisjoint(state.chain):
        raise NotInOrder()
    left = (Fork(f.winner, tuple(act for act in f.losers if act not in ids)) for f in state.forks)
    return replace(state, struck=state.struck | ids, forks=tuple(f for f in left if f.losers))
