"""Who stands back from a case: nobody says yes or no to what they ask for themselves. Pure.

Staff have no ID number here, so only names can be compared: whoever has the applicant's name is asked,
and what they say is signed with the step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.casework.errors import OwnCase
from common.casework.rules.sought import name_key
from common.casework.rules.words import Action
from common.errors import Problem

NOT_THE_APPLICANT = "not_the_applicant"
_RELATIVE = "relative"
_SAYS_YES_OR_NO = frozenset(
    {Action.ACCEPT, Action.NOT_ACCEPT, Action.REVIEW, Action.APPROVE, Action.REFUSE, Action.SETTLE}
)


def sides(applicant: Mapping[str, Any], authority: Mapping[str, Any]) -> dict[str, Any]:
    """Return who asks for something: the applicant, and the relative who acts for them under a letter.

    Staff whom a letter names file for others as their work, and are no side.
    """
    return {**applicant, _RELATIVE: authority.get("agent", "") if authority.get("relation") else ""}


def is_namesake(applicant: Mapping[str, Any], action: Action, name: str) -> bool:
    """Say whether somebody of this name has to say that they are not who applies, before they take a step.

    Args:
        applicant: with whoever acts for them, as `sides` gives it.
    """
    theirs = {name_key(str(applicant.get(part, ""))) for part in ("name", "representative", _RELATIVE)} - {""}
    return action in _SAYS_YES_OR_NO and name_key(name) in theirs


def check_not_own(applicant: Mapping[str, Any], action: Action, name: str, data: Mapping[str, Any]) -> None:
    """Check that whoever decides is not the applicant, nor acts for them, as far as names tell.

    Raises:
        OwnCase: they have the applicant's name, and have not said that they are somebody else.
    """
    if is_namesake(applicant, action, name) and data.get(NOT_THE_APPLICANT) != 1:
        raise OwnCase(problems=[Problem(NOT_THE_APPLICANT, "回避", "question", OwnCase.sentence)])
