"""The posts staff hold, and the person as whom something is done.

The words are signed into cases and never change; what each post may do in a case is the flow table's matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A post at a node. One person may hold several."""

    AGENT = "AGENT"
    CLERK = "CLERK"
    CHECKER = "CHECKER"
    REVIEWER = "REVIEWER"
    APPROVER = "APPROVER"
    LEAD = "LEAD"
    SUPERVISOR = "SUPERVISOR"
    ADMIN = "ADMIN"


ROLE_NAMES = {
    Role.AGENT: "代办员",
    Role.CLERK: "窗口人员",
    Role.CHECKER: "初审员",
    Role.REVIEWER: "审查员",
    Role.APPROVER: "批准人",
    Role.LEAD: "牵头人",
    Role.SUPERVISOR: "监察员",
    Role.ADMIN: "管理员",
}
assert set(ROLE_NAMES) == set(Role), "every post needs its Chinese name"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which one of their posts; this is what a signed act says about its author.

    `stands_in_for` is the login of an absent colleague in whose stead they hold the post today, else empty.
    """

    login: str
    name: str
    role: str
    department: str
    stands_in_for: str = ""


def read_roles(text: str) -> frozenset[Role]:
    """Return the posts in a stored, comma separated list; words of a newer program are passed over."""
    known = {role.value for role in Role}
    return frozenset(Role(word) for word in text.split(",") if word in known)


def write_roles(roles: Iterable[Role]) -> str:
    """Return the stored form of `roles`: comma separated, in the order of the table."""
    held = set(roles)
    return ",".join(role.value for role in Role if role in held)


def acting_role(held: Iterable[Role], wanted: Iterable[Role]) -> Role | None:
    """Return the first of `wanted` among those held, None when there is none: then it may not be done."""
    own = set(held)
    return next((role for role in wanted if role in own), None)
