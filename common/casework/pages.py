"""The guard of pages that show a case or part of one: who has no need to know it is told so, not shown it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g

from common.casework import lists
from common.casework.rules.event import CaseState
from common.casework.rules.need_to_know import (
    Reach,
    Relation,
    is_of_villages,
    is_work_of,
    reach_of,
    relation_of,
)
from common.errors import NotAllowed
from common.people.rules.roles import Role
from common.web.ports import current_node

View = TypeVar("View", bound=Callable[..., Any])

_VILLAGE = "village"


class NotYourCase(NotAllowed):
    """The person's department has nothing to do with the case, so only its progress is shown."""

    code = "E260"
    sentence = "这件由其他部门办理，您只能看到申请人姓名和进度，看不到号码、电话、住址、填报内容和材料。"
    advice = "要看全部内容，请联系主办部门的经办人员；岗位或部门登记有误的，请联系本站管理员更正。"


def whole_case(of: str) -> Callable[[View], View]:
    """Let only those see a page who may see the whole case that the path argument `of` names.

    Write it below the guard. A case that is not here is left to the view to tell.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **named: Any) -> Any:
            check_whole(named[of])
            return view(*args, **named)

        guarded.needs_whole = of  # type: ignore[attr-defined]
        return cast(View, guarded)

    return mark


def check_whole(number: str) -> None:
    """Check that the person signed in may see all of a case.

    Raises:
        NotYourCase: only its progress.
        CaseNotFound: this node has no such case.
    """
    if not may_see_whole(number):
        raise NotYourCase()


def check_paper(blob: str) -> None:
    """Check that the person signed in may see all of some case that names this paper, of the newest of these.

    Raises:
        NotYourCase: they may see none of those whole.
    """
    if not sees_all_cases() and not any(map(may_see_whole, lists.cases_of_paper(blob))):
        raise NotYourCase()


def may_see_whole(number: str) -> bool:
    """Say whether the person signed in may see all of a case.

    Raises:
        CaseNotFound: this node has no such case.
    """
    return sees_all_cases() or reach_here(current_node().casework.case(number)) is Reach.WHOLE


def reach_here(state: CaseState) -> Reach:
    """Return how much of a case the person signed in sees at this node."""
    if sees_all_cases():
        return Reach.WHOLE
    me, posts, department = current_node().me, g.staff.roles, g.staff.department
    if is_work_of(state, me, posts) or is_of_villages(state, _stood_in()):
        return Reach.WHOLE
    return reach_of(posts, department, relation_of(state, me, department, _taken_in_by(state)))


def sees_all_cases() -> bool:
    """Say whether no case has to be read to know the answer, as for most at halls and all at villages."""
    is_village = current_node().profile.tier == _VILLAGE
    return is_village or reach_of(g.staff.roles, g.staff.department, Relation.NONE) is Reach.WHOLE


def _taken_in_by(state: CaseState) -> str:
    if state.parties["origin"] != current_node().me:
        return ""
    return lists.department_of_act(state.chain[0])


def _stood_in() -> list[str]:
    """Return the villages in whose agents' stead this person works today; read once for a page."""
    if g.staff.acting_as((Role.AGENT, Role.CLERK)) is None:
        return []
    if "stood_in" not in g:
        g.stood_in = current_node().stand_ins.villages(g.staff.login, g.now_ms)
    return list(g.stood_in)
