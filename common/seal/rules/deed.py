"""What may be sealed: a stored decision, by an approver who did not review it, for the organ in charge.

Pure. The flow table already asks for two people; the seal asks again and by itself, since what it signs is
believed outside this program.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.shape import MOVED
from common.casework.rules.words import Action, Role, State
from common.errors import RuleError
from common.seal.errors import (
    DecidedElsewhere,
    DecisionRevoked,
    Disputed,
    NoOrgan,
    NotADecision,
    NotDecided,
    NotReviewed,
    OnePersonOnly,
)

# 许可法 38, 39: decisions for and against are sealed; a decision that corrects one is a decision, too.
DECIDING = (Action.APPROVE.value, Action.REFUSE.value, Action.CORRECT_DECISION.value)
DECIDED = (State.APPROVED, State.ISSUED, State.REFUSED, State.CLOSED, State.ARCHIVED)
_REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Deed:
    """What is sealed: the deciding act of a case, for an organ; `at`: when it was signed (UTC ms)."""

    case: str
    act: str
    organ: str
    at: int


def deed_of(state: CaseState, events: Iterable[CaseEvent], act: str, me: str) -> Deed:
    """Return what the seal would stand under.

    Args:
        state: the case, folded from `events`.
        act: the deciding act that the document is about.
        me: address of this node.

    Raises:
        NotDecided: the case is not decided, or the act does not stand in it.
        Disputed: the act, or one before it, has a rival that is not struck out.
        NotADecision: the act is no decision by an approver.
        DecidedElsewhere: another node decided.
        NotReviewed, OnePersonOnly: there were not two people.
        DecisionRevoked: it was revoked afterwards.
        NoOrgan: no department is in charge, or the approver is of another.
    """
    if act not in state.chain or state.state not in DECIDED:
        raise NotDecided
    if state.forks:
        raise Disputed
    event = next((one for one in events if one.id == act), None)
    if event is None or event.kind != MOVED or event.body["action"] not in DECIDING:
        raise NotADecision
    if event.author != me:
        raise DecidedElsewhere
    if state.facts.standing.get("word") == _REVOKED:
        raise DecisionRevoked
    actor = event.body["data"]["actor"]
    _check_people(state, actor)
    # The head of a township belongs to no office and approves for all of them, as in the flow table.
    if not state.facts.department or actor.get("department", "") not in ("", state.facts.department):
        raise NoOrgan
    return Deed(state.case, act, state.facts.department, int(event.body["data"]["at"]))


def _check_people(state: CaseState, actor: dict[str, str]) -> None:
    if actor["role"] != Role.APPROVER:
        raise NotADecision
    login, name = state.reviewer
    if not name:
        raise NotReviewed
    # One login is one person; one name under two logins is taken for one person with two accounts.
    if (login and login == actor.get("login", "")) or name == actor["name"]:
        raise OnePersonOnly


def decision_of(state: CaseState, events: Sequence[CaseEvent], act: str, organ: str) -> Deed | None:
    """Return the decision that a seal names, by whichever node it was made; None where none stands for it.

    It is one only where the seal might be set under it, and for that organ.
    """
    author = next((one.author for one in events if one.id == act), "")
    try:
        deed = deed_of(state, events, act, author)
    except RuleError:
        return None
    return deed if deed.organ == organ else None
