"""A member of staff as pages and services see them, and what a new one must be. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from common.catalogue.rules.signs import seen
from common.errors import Problem
from common.people.rules.departments import LENGTH_MAX
from common.people.rules.roles import Actor, Role, acting_role

# What stands in an address where else a login does.
_PAGES = ("new",)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person as pages see them.

    `roles` are the posts they may act in today; of those, `lent` names the ones held in the stead of somebody
    who is away, with that person's login. `is_barred`: a node above put the login out of service.
    """

    login: str
    name: str
    roles: frozenset[Role]
    department: str
    is_active: bool
    must_change: bool
    is_barred: bool = False
    lent: tuple[tuple[Role, str], ...] = ()

    def acting_as(self, wanted: Iterable[Role]) -> Actor | None:
        """Return this person in the first of the `wanted` posts they hold, None when they hold none."""
        role = acting_role(self.roles, wanted)
        if role is None:
            return None
        absent = next((login for post, login in self.lent if post is role), "")
        return Actor(self.login, self.name, role.value, self.department, absent)


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
    """A live session: who, and how long ago it was last used by the monotonic clock."""

    staff: StaffMember
    idle_ms: int


def is_login(text: str) -> bool:
    """Say whether `text` has the form of a login: 2 to 32 small letters, digits, dots or underscores."""
    is_plain = text.isascii() and text.replace("_", "").replace(".", "").isalnum()
    return 2 <= len(text) <= 32 and is_plain and text == text.lower()


def person_problems(new: NewStaff) -> list[Problem]:
    """Return everything wrong with login, name, posts or department; the password has rules of its own."""
    found = []
    if not is_login(new.login):
        found.append(Problem("login", "账号", "login", "账号应是 2 至 32 位小写字母、数字、点或下划线。"))
    elif new.login in _PAGES:
        found.append(Problem("login", "账号", "page", "这个词不能用作账号，请换一个。"))
    if not 1 <= len(new.name.strip()) <= 40:
        found.append(Problem("name", "姓名", "name", "请填写姓名，最多 40 个字。"))
    elif seen(new.name) != new.name or "\n" in new.name:
        told = "姓名里有看不见或者会打乱顺序的字符，请重新输入。"
        found.append(Problem("name", "姓名", "bad_character", told))
    if not new.roles:
        found.append(Problem("roles", "岗位", "roles", "请至少选择一个岗位。"))
    if len(new.department) > LENGTH_MAX:
        found.append(Problem("department", "部门", "long", f"部门名称最多 {LENGTH_MAX} 个字。"))
    return found


def told_apart(people: Iterable[StaffMember]) -> list[tuple[str, str]]:
    """Return login and name of each, to choose from; of two who share a name the login stands with it."""
    everybody = list(people)
    bearers = Counter(one.name for one in everybody)
    return [
        (one.login, one.name if bearers[one.name] == 1 else f"{one.name}（{one.login}）") for one in everybody
    ]
