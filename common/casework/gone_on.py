"""What is said to whoever would take a step on a case that has left this node: most often it was taken."""

from __future__ import annotations

from common.casework import ledger
from common.casework.errors import NotHolder, TakenAlready
from common.casework.ledger import OpenCase
from common.casework.rules.labels import label
from common.casework.rules.words import Action
from common.days import local_minute


def gone_on(case: OpenCase, action: Action, me: str) -> NotHolder:
    """Return the refusal: that this very step sent the case on, with who took it and when, if it did."""
    state = case.state
    sent = next((event for event in case.events if event.id == state.held_since), None)
    if sent is None or sent.author != me or sent.body.get("action") != action.value:
        return NotHolder(case=state.case, holder=state.holder)
    data = sent.body["data"]
    who = data["actor"].get("name") or data["actor"].get("login", "")
    return TakenAlready(step=label(action), who=who, at=local_minute(data["at"]), holder=state.holder)


def gone_on_now(case: str, action: Action, me: str) -> NotHolder:
    """Return the same for a case by its number.

    Raises:
        CaseNotFound: this node has no such case.
    """
    return gone_on(ledger.load(case), action, me)
