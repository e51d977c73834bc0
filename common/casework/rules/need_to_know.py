"""Who of a hall's staff sees a case in full, and who sees no more than how far it is. Pure.

Personal data are for those who need them for their work (个人信息保护法 第六条: the smallest scope the
purpose needs). At a village everybody takes in and hands out, so this is asked at halls alone.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from common.casework.rules.event import CaseState
from common.casework.rules.waiting import Work, department_of, doers_of, is_at_a_window, waits_for
from common.casework.rules.words import Party
from common.people.rules.departments import CENTRES
from common.people.rules.roles import Role


class Relation(StrEnum):
    """What a department has to do with a case."""

    CHARGE = "charge"
    ASKED = "asked"
    TOOK_IN = "took_in"
    NONE = ""


class Reach(StrEnum):
    """How much of a case somebody sees: all of it, or item, number, name, state, due day, holder."""

    WHOLE = "whole"
    PROGRESS = "progress"


# Those who watch over the work of all departments.
_OVER_ALL = (Role.LEAD, Role.SUPERVISOR)
# At the centre's own window, which takes in, checks and hands out for every department.
_AT_THE_WINDOW = (Role.AGENT, Role.CLERK, Role.CHECKER)
_CASEWORK = (*_AT_THE_WINDOW, Role.REVIEWER, Role.APPROVER)


def relation_of(state: CaseState, me: str, department: str, taken_in_by: str) -> Relation:
    """Return what a department of the node `me` has to do with a case.

    One without a department in charge is everybody's where it is held, and nobody's elsewhere.

    Args:
        taken_in_by: the department of whoever took the case in at this node, "" when that was elsewhere.
    """
    facts = state.facts
    if me == state.holder if not facts.department else department == facts.department:
        return Relation.CHARGE
    asked = {*facts.joint, *facts.door, *(one.department for one in facts.asked)}
    if department in asked:
        return Relation.ASKED
    return Relation.TOOK_IN if department and department == taken_in_by else Relation.NONE


def reach_of(posts: Collection[str], department: str, relation: Relation) -> Reach:
    """Return how much of a case a person with these posts, of this department, sees.

    An account without a department works for all of them; who only administers the site works on no case.
    """
    if any(post.value in posts for post in _OVER_ALL):
        return Reach.WHOLE
    if not any(post.value in posts for post in _CASEWORK):
        return Reach.PROGRESS
    if not department or (department in CENTRES and any(post.value in posts for post in _AT_THE_WINDOW)):
        return Reach.WHOLE
    return Reach.WHOLE if relation is not Relation.NONE else Reach.PROGRESS


def is_work_of(state: CaseState, me: str, posts: Collection[str]) -> bool:
    """Say whether the case waits at the node `me` for whoever has one of these posts, of any department.

    So it is at the check and the hand-over. What the hall's own window does for a department is the window's:
    another department's clerk could not take the step.
    """
    work, where = waits_for(state)
    if work is Work.ANNOUNCED:
        # Who comes meanwhile is served where the result lies.
        work, where = Work.HAND_OUT, state.facts.collect_at or state.parties[Party.HAND_OVER]
    is_windows = bool(state.facts.department) and is_at_a_window(state, work)
    is_everybodys = where == me and not department_of(state, work) and not is_windows
    return is_everybodys and any(post.value in posts for post in doers_of(state, work))


def is_of_villages(state: CaseState, villages: Collection[str]) -> bool:
    """Say whether a case came from, or is handed over in, one of the villages somebody stands in for."""
    hand_over = state.facts.collect_at or state.parties.get(Party.HAND_OVER, "")
    return state.parties[Party.ORIGIN] in villages or hand_over in villages
