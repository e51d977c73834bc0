"""What a strike says to whoever lacks the move that stands: what is signed here now would be struck out, too.

Pure. The apex strikes a move because another that continues the same one stands. That other may not be at
the node whose move it was: signed by a second life of that node it is on its way, or waits for a program that
can read it. The node sees only its own move fall, and its cause open again. Were it to do by itself what
it had done, each act would call for a strike and each strike for an act, as fast as the line carries them.

Of strikes of what continues the last move here (with others the case has gone on, or they are of elsewhere):

| where | what the strike names as standing | done by itself |
|---|---|---|
| elsewhere | is struck out too, or fell with a struck move | all that is owed |
| elsewhere | is not here, or may still come to stand | what was reported since, once for each strike |
| elsewhere | nothing (as before strikes named it) | what was reported since |
| at the top | whatever it is: what is not there was taken back or lost | all that is owed |
| anywhere | twelve such strikes: two tops are at work | what was reported since |

So of a case there are never many more such acts than reports, which people make. What was named and never
comes does not keep the case for ever: somebody takes a step, or reports again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.shape import REPORTED, STRUCK

# More than put back copies bring about, where each is struck once.
STRIKES_MAX = 12


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


def has_rival_ahead(state: CaseState, me: str, events: Sequence[CaseEvent]) -> bool:
    """Say whether the apex has said that a move stands which the case at this node does not have."""
    return _since_rival(state, me, events) is not None


def may_be_answered(state: CaseState, me: str, events: Sequence[CaseEvent]) -> frozenset[str]:
    """Return the reports that this node may answer by itself: all at most times, else those that came since.

    Args:
        events: all of the case that are here, in this node's order.
    """
    since = _since_rival(state, me, events)
    if since is None:
        return frozenset(state.reports)
    return frozenset(event.id for event in since if event.kind == REPORTED)


def _since_rival(state: CaseState, me: str, events: Sequence[CaseEvent]) -> Sequence[CaseEvent] | None:
    """Return what came after the newest strike that leaves the case here waiting, None when none does."""
    if not state.struck:
        return None
    next_here = {event.id for event in events if event.body.get("follows") == state.last}
    strikes = [(at, one) for at, one in enumerate(events) if one.kind == STRUCK and one.author == state.apex]
    here = [(at, _named(one)) for at, one in strikes if not next_here.isdisjoint(one.body["ids"])]
    waiting = [at for at, _ in here[STRIKES_MAX - 1 :]]
    for at, named in here if me != state.apex else ():
        if not named or any(is_ahead(state, act, events) for act in named):
            waiting.append(at)
    return events[max(waiting) + 1 :] if waiting else None


def _named(strike: CaseEvent) -> list[str]:
    # Nothing of this is checked on arrival: how a case folds does not depend on it.
    stands = strike.body.get("stands")
    return [act for act in stands if type(act) is str] if type(stands) is list else []
