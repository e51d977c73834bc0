"""Departments staff may belong to: those cases are given to, the centre's own window, those in use. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from common.people.rules.roles import Role

# The hall's own comprehensive window at the county and at a township (综合窗口).
CENTRES = ("县政务服务中心", "政务服务中心", "便民服务中心")
# It is no department of the catalogue; it takes in for those that keep none.
CENTRE = "政务服务中心"
LENGTH_MAX = 60
# Posts to which a hall gives cases by department. Who watches over all departments needs none.
_BY_DEPARTMENT = frozenset({Role.CLERK, Role.CHECKER, Role.REVIEWER, Role.APPROVER})


def departments(of_cases: Iterable[str], of_staff: Iterable[str]) -> tuple[str, ...]:
    """Return the names to choose from, the centre first, the rest in order; empty ones are left out.

    Args:
        of_cases: the departments that the catalogue's items put in charge or ask. A case is given out by this
            name; the organ that an item names to residents (通江县民政局) is written otherwise (县民政局).
        of_staff: what the accounts of this node say already.
    """
    found = {name.strip() for name in (*of_cases, *of_staff)} - {"", CENTRE}
    return (CENTRE, *sorted(found))


def is_out_of_reach(posts: Collection[Role], department: str, of_cases: Collection[str]) -> bool:
    """Say whether cases are given out to these posts by department, and none by this one's name.

    Whoever has no department works for all of them.
    """
    is_given_by_it = bool(department) and not _BY_DEPARTMENT.isdisjoint(posts)
    return is_given_by_it and department not in CENTRES and department not in of_cases
