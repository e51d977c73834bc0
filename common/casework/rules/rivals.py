"""What a strike says to whoever lacks the move that stands: what is signed here now would be struck out, too.

Pure. The apex strikes a move because another that continues the same one stands. That other may not be at
the node whose move it was: signed by a second life of that node it is on its way, or waits for a program that
can read it. The node sees only its own move fall, and its cause open again. Were it to do by itself what
it had done, each act would call for a strike and each strike for an act, as fast as the line carries them.

| what the newest such strike names as standing | done by itself |
|---|---|
| is in the case here, is struck out too, or fell with a struck move | all that is owed |
| is not here, or may still come to stand | only answers to what was reported since: once for each strike |
| nothing (signed before strikes named it), and it struck what continues the last move here | the same |

So of a case there are never more such acts than reports, which people make. What was named and never comes
does not keep the case for ever: somebody takes a step, or reports again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.shape import REPORTED, STRUCK


def is_ahead(state: CaseState, act: str, events: Iterable[CaseEvent]) -> bool:
    """Say whether a move is not here (put back from an old copy, say), or may still come to stand.

    What fell with a struck move never does.
    """
    if not act or act in state.chain or act in state.struck:
        return False
    before = {event.id: str(event.body.get("follows", "")) for event in events}
    while act not in state.struck:
        if act in state.chain or act not in before:
            return True
        act = before.pop(act)
    return False


def has_rival_ahead(state: CaseState, events: Iterable[CaseEvent]) -> bool:
    """Say whether the apex has said that a move stands which the case here does not have."""
    return _since_rival(state, tuple(events)) is not None


def may_be_answered(state: CaseState, events: Iterable[CaseEvent]) -> frozenset[str]:
    """Return the reports that this node may answer by itself: all at most times, else those that came since.

    Args:
        events: all of the case that are here, in this node's order.
    """
    since = _since_rival(state, tuple(events))
    if since is None:
        return frozenset(state.reports)
    return frozenset(event.id for event in since if event.kind == REPORTED)


def _since_rival(state: CaseState, events: Sequence[CaseEvent]) -> Sequence[CaseEvent] | None:
    """Return what came after the newest strike that names a move which is ahead of the case here, if any."""
    if not state.struck:
        return None
    for place in range(len(events) - 1, -1, -1):
        event = events[place]
        if event.kind == STRUCK and event.author == state.apex and _names_rival(state, event, events):
            return events[place + 1 :]
    return None


def _names_rival(state: CaseState, strike: CaseEvent, events: Sequence[CaseEvent]) -> bool:
    stands = strike.body.get("stands")
    # Nothing of this is checked on arrival: how a case folds does not depend on it.
    named = [act for act in stands if type(act) is str] if type(stands) is list else []
    if named:
        return any(is_ahead(state, act, events) for act in named)
    ids = strike.body["ids"]
    return any(event.id in ids and event.body.get("follows") == state.last for event in events)
