"""A member of staff as pages and services see them, and what a new one must be. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from common.errors import Problem
from common.people.rules.roles import Actor, Role, acting_role


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person as pages see them."""

    login: str
    name: str
    roles: frozenset[Role]
    department: str
    is_active: bool
    must_change: bool

    def acting_as(self, wanted: Iterable[Role]) -> Actor | None:
        """Return this person in the first of the `wanted` posts they hold, None when they hold none."""
        role = acting_role(self.roles, wanted)
        return Actor(self.login, self.name, role.value, self.department) if role else None


@dataclass(frozen=True, slots=True)
class NewStaff:
    """What is needed to add a person. `must_change` asks for an own password at the first sign-in."""

    login: str
    name: str
    roles: frozenset[Role]
    department: str
    password: str
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A live session: who, and when it was last used."""

    staff: StaffMember
    seen_at: int


def person_problems(new: NewStaff) -> list[Problem]:
    """Return everything wrong with login, name or posts; the password has rules of its own."""
    found = []
    is_plain = new.login.isascii() and new.login.replace("_", "").replace(".", "").isalnum()
    if not (2 <= len(new.login) <= 32 and is_plain and new.login == new.login.lower()):
        found.append(Problem("login", "账号", "login", "账号应是 2 至 32 位小写字母、数字、点或下划线。"))
    if not 1 <= len(new.name.strip()) <= 40:
        found.append(Problem("name", "姓名", "name", "请填写姓名，最多 40 个字。"))
    if not new.roles:
        found.append(Problem("roles", "岗位", "roles", "请至少选择一个岗位。"))
    return found
