"""The accounts of a node: who works here, in which posts, and first passwords.

Passwords are checked and hashed before the unit of work (`ready`, `first_password`): hashing is slow on
purpose, and inside the unit all other writers would wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from common.catalogue.rules.applicant import tidy_name
from common.errors import BadInput, Problem
from common.people import hashing
from common.people.errors import LastAdmin, LoginTaken, NoSuchStaff, PasswordAgain
from common.people.records import accounts as records
from common.people.records import wider
from common.people.rules.departments import LENGTH_MAX
from common.people.rules.passwords import password_problems
from common.people.rules.roles import Role, read_roles, write_roles
from common.people.rules.staff import NewStaff, StaffMember, person_problems
from common.store import audit
from common.store.database import require_unit


@dataclass(frozen=True, slots=True)
class ReadyStaff:
    """A person found good, with the password hashed: what `add_staff` stores."""

    login: str
    name: str
    roles: frozenset[Role]
    department: str
    must_change: bool
    hash: str


@dataclass(frozen=True, slots=True)
class ReadyPassword:
    """A password found good for `login`, hashed; `before` is the string it replaces, empty if any."""

    login: str
    hash: str
    before: str = ""


class Accounts:
    """The accounts of one node."""

    def ready(self, new: NewStaff) -> ReadyStaff:
        """Check a new person and hash the password, before the unit of work.

        The name is kept as those of applicants are: by it two accounts are told for one person's.

        Raises:
            BadInput: login, name, posts or password cannot be used; all problems are listed.
        """
        new = replace(new, name=tidy_name(new.name), department=new.department.strip())
        problems = person_problems(new) + password_problems(new.password, new.login, new.name)
        if problems:
            raise PasswordAgain(problems=problems)
        hashed = hashing.hashed(new.password)
        return ReadyStaff(new.login, new.name, new.roles, new.department, new.must_change, hashed)

    def add_staff(self, new: ReadyStaff, by: str, now_ms: int) -> None:
        """Add a person to the node.

        Raises:
            LoginTaken: somebody has, or had, this login.
        """
        require_unit()
        if records.find_staff(new.login):
            raise LoginTaken(login=new.login)
        roles = write_roles(new.roles)
        records.add_staff(
            (new.login, new.name, roles, new.department, new.hash, int(new.must_change), now_ms)
        )
        audit.record(by, "people.add", new.login, {"roles": roles}, now_ms)

    def first_password(self, login: str, new: str) -> ReadyPassword:
        """Check and hash a first password for somebody who forgot theirs, before the unit of work.

        Raises:
            NoSuchStaff: nobody has this login.
            BadInput: the password will not do.
        """
        row = row_of(login)
        problems = password_problems(new, row.login, row.name)
        if problems:
            raise PasswordAgain(problems=problems)
        return ReadyPassword(row.login, hashing.hashed(new))

    def reset_password(self, ready: ReadyPassword, by: str, now_ms: int) -> None:
        """Store a first password, to be changed at sign-in; sessions end, wrong attempts are forgotten.

        Raises:
            NoSuchStaff: nobody has this login any more.
        """
        require_unit()
        row_of(ready.login)
        records.set_password(ready.login, ready.hash, must_change=1)
        records.revoke_all(ready.login, "", now_ms)
        records.forget_wrongs(ready.login)
        audit.record(by, "people.reset_password", ready.login, {}, now_ms)

    def set_roles(self, login: str, roles: frozenset[Role], by: str, now_ms: int) -> None:
        """Give a person exactly these posts; none at all takes them out of service and ends their sessions.

        Nobody stands in any more for who is no agent, nor does who is out of service for anybody. Were they
        to come back, another absence is another arrangement.

        Raises:
            NoSuchStaff: nobody has this login.
            LastAdmin: nobody in service would be left to manage accounts.
        """
        require_unit()
        row_of(login)
        if Role.ADMIN not in roles and not self._has_other_admin(login):
            raise LastAdmin()
        records.set_roles(login, write_roles(roles))
        if not roles:
            records.revoke_all(login, "", now_ms)
        audit.record(by, "people.set_roles", login, {"roles": write_roles(roles)}, now_ms)
        ended = [] if Role.AGENT in roles else wider.end_of_agent("", login, max(1, now_ms))
        ended += [] if roles else wider.end_of_acting(login, max(1, now_ms))
        if ended:
            audit.record(by, "people.stand_in_off", login, {"ids": ended}, now_ms)

    def set_department(self, login: str, department: str, by: str, now_ms: int) -> None:
        """Move a person to another department; it counts from their next page on.

        Raises:
            NoSuchStaff: nobody has this login.
            BadInput: the name is too long.
        """
        require_unit()
        row_of(login)
        if len(department) > LENGTH_MAX:
            told = f"部门名称最多 {LENGTH_MAX} 个字。"
            raise BadInput(problems=[Problem("department", "部门", "long", told)])
        records.set_department(login, department)
        audit.record(by, "people.set_department", login, {"department": department}, now_ms)

    def staff(self) -> list[StaffMember]:
        """Return everybody of this node with their own posts, those in service first."""
        barred = records.all_barred()
        return [member_of(row, barred) for row in records.all_staff()]

    def member(self, login: str) -> StaffMember:
        """Return one person of this node.

        Raises:
            NoSuchStaff: nobody has this login.
        """
        row = row_of(login)
        return member_of(row, records.all_barred())

    def barring(self) -> set[str]:
        """Return the addresses by whose word some login is out of service here."""
        return records.barring()

    def bar(self, author: str, logins: tuple[str, ...], now_ms: int) -> None:
        """Take a list of a node above into force: exactly these logins are out of service by its word.

        Their sessions end. Logins nobody has here are kept, too: they count when somebody gets one.
        """
        require_unit()
        records.set_bars(author, logins)
        for login in logins:
            records.revoke_all(login, "", now_ms)
        audit.record("node", "people.barred", author, {"logins": list(logins)}, now_ms)

    def _has_other_admin(self, login: str) -> bool:
        others = (s for s in self.staff() if s.login != login and s.is_active and not s.is_barred)
        return any(Role.ADMIN in s.roles for s in others)


def row_of(login: str) -> records.Staff:
    """Return the row of a login.

    Raises:
        NoSuchStaff: nobody has it.
    """
    row = records.find_staff(login)
    if row is None:
        raise NoSuchStaff(login=login)
    return row


def member_of(row: records.Staff, barred: set[str]) -> StaffMember:
    """Return a person with their own posts; `barred` are the logins put out of service from above."""
    return StaffMember(
        row.login,
        row.name,
        read_roles(row.roles),
        row.department,
        bool(row.active),
        bool(row.must_change),
        row.login in barred,
    )
