"""Who works at the sites of the demonstration: invented people, one password for all of them."""

from __future__ import annotations

from dataclasses import dataclass

from common.node.demo_data.people import resident
from common.people.rules.roles import Role

PASSWORD = "Qing-yu2026"


@dataclass(frozen=True, slots=True)
class Account:
    """One member of staff of one site; the password is PASSWORD."""

    login: str
    name: str
    roles: tuple[Role, ...]
    department: str


@dataclass(frozen=True, slots=True)
class _Post:
    login: str
    roles: tuple[Role, ...]
    department: str


_HALL = "便民服务中心"
# fmt: off
_POSTS = {
    12: (
        _Post("agent",    (Role.AGENT, Role.ADMIN), "村便民服务室"),
    ),
    9: (
        _Post("clerk",    (Role.CLERK,),            _HALL),
        _Post("checker",  (Role.CHECKER,),          _HALL),
        # Whoever belongs to no office acts for all of them: a township's examiner and its head.
        _Post("reviewer", (Role.REVIEWER,),         ""),
        _Post("approver", (Role.APPROVER,),         ""),
        _Post("farming",  (Role.REVIEWER,),         "农业综合服务中心"),
        _Post("land",     (Role.REVIEWER,),         "自然资源所"),
        _Post("admin",    (Role.ADMIN,),            _HALL),
        _Post("housing",  (Role.REVIEWER,),         "村镇建设办公室"),
        _Post("welfare",  (Role.REVIEWER,),         "社会事务办公室"),
    ),
    6: (
        _Post("clerk",    (Role.CLERK,),            "县政务服务中心"),
        _Post("reviewer", (Role.REVIEWER,),         "县民政局"),
        _Post("approver", (Role.APPROVER,),         "县民政局"),
        _Post("forester", (Role.REVIEWER,),         "县林业局"),
        _Post("forestry", (Role.APPROVER,),         "县林业局"),
        _Post("admin",    (Role.ADMIN,),            "县政务服务中心"),
        _Post("lead",     (Role.LEAD,),             "县民政局"),
        _Post("watch",    (Role.SUPERVISOR,),       "县政务服务中心"),
    ),
}
# fmt: on


def accounts_of(address: str) -> tuple[Account, ...]:
    """Return the staff of a site, the same every time."""
    return tuple(
        Account(post.login, resident(9_000 + place, address).name, post.roles, post.department)
        for place, post in enumerate(_POSTS[len(address)])
    )
