"""Which departments a step may name. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from common.casework.rules.demands import owes_opinion
from common.casework.rules.event import CaseState
from common.casework.rules.words import Action


def departments_for(action: Action, state: CaseState, known: Sequence[str]) -> list[str]:
    """Return the departments a step may name: those that keep silent, or those a case may pass to."""
    if action is Action.RECORD_ABSENCE:
        return [asked.department for asked in state.facts.silent]
    return [name for name in known if name != state.facts.department and not owes_opinion(state, name)]
