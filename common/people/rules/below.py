"""What nodes tell each other of their staff: the list sent up, the logins put out of service from above.

Read from strangers' bytes: everything is checked, nothing is believed that is not of the right form. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.people.rules.roles import Role, read_roles, write_roles
from common.people.rules.staff import StaffMember, is_login
from common.people.rules.standing import StandIn, read_arrangement

# So many fit one act whatever their names; a larger staff is told in several.
STAFF_AT_ONCE = 80
# A node that says more of itself, part upon part, wants to fill our disk.
STAFF_MAX = 2_000
ARRANGED_MAX = 60
NAME_MAX = 64
LOGINS_MAX = 400
WAYS = ("answer", "console")


@dataclass(frozen=True, slots=True)
class Listed:
    """A member of staff of a node below, as that node last said."""

    login: str
    name: str
    roles: frozenset[Role]
    department: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class ResetDone:
    """An administrator's password was set anew: whose, in which way, by whose answer (empty: the console)."""

    login: str
    way: str
    author: str


def roster_fields(staff: Iterable[StaffMember]) -> list[dict[str, Any]]:
    """Return the staff of a node as it is sent up: no passwords, no times; in order of login."""
    return [
        as_roster_row(Listed(one.login, one.name, one.roles, one.department, one.is_active))
        for one in sorted(staff, key=lambda one: one.login)
    ]


def read_roster(body: Any) -> tuple[int, list[Listed]]:
    """Return which part of a roster (from 1) the body of a `people.roster` is, and the staff in it.

    Raises:
        ValueError: a field is missing or malformed, or there are too many.
    """
    fields: Mapping[str, Any] = body if type(body) is dict else {}
    rows, part = fields.get("staff"), fields.get("part")
    if type(rows) is not list or len(rows) > STAFF_AT_ONCE or type(part) is not int or not 1 <= part <= 99:
        raise ValueError("a roster")
    return part, [_read_person(row) for row in rows]


def read_arranged(body: Any, author: str) -> list[StandIn]:
    """Return the stand-ins in the body of a `people.stand_in` of `author`.

    Raises:
        ValueError: a field is missing or malformed, there are too many, or two have one id.
    """
    rows = body.get("arranged") if type(body) is dict else None
    if type(rows) is not list or len(rows) > ARRANGED_MAX or not all(type(row) is dict for row in rows):
        raise ValueError("stand-ins")
    found = [read_arrangement(row, author) for row in rows]
    if len({one.id for one in found}) < len(found):
        raise ValueError("stand-ins")
    return found


def _read_person(row: Any) -> Listed:
    fields: Mapping[str, Any] = row if type(row) is dict else {}
    texts = [fields.get(key) for key in ("login", "name", "roles", "department")]
    if not all(type(text) is str and len(text) <= NAME_MAX for text in texts[:2] + texts[3:]):
        raise ValueError("a person")
    if type(texts[2]) is not str or len(texts[2]) > 256 or not is_login(str(texts[0])):
        raise ValueError("a person")
    if fields.get("active") not in (0, 1):
        raise ValueError("a person")
    return Listed(str(texts[0]), str(texts[1]), read_roles(texts[2]), str(texts[3]), fields["active"] == 1)


def as_roster_row(person: Listed) -> dict[str, Any]:
    """Return one of a roster as it is stored; the inverse of reading it."""
    return {
        "login": person.login,
        "name": person.name,
        "roles": write_roles(person.roles),
        "department": person.department,
        "active": int(person.is_active),
    }


def read_rows(rows: Iterable[Any]) -> list[Listed]:
    """Return the people of stored rows.

    Raises:
        ValueError: a row is none.
    """
    return [_read_person(row) for row in rows]


def is_agent(person: Listed) -> bool:
    """Say whether somebody at a node below works there as an agent."""
    return person.is_active and Role.AGENT in person.roles


def barred_fields(node: str, logins: Iterable[str]) -> dict[str, Any]:
    """Return the content of a `people.disabled`: all logins of a node that are out of service from now on."""
    return {"node": node, "logins": sorted(set(logins))}


def read_barred(content: Any, node: str) -> tuple[str, ...]:
    """Return the logins a `people.disabled` puts out of service.

    Raises:
        ValueError: malformed, too many, or the content speaks of another node than its key.
    """
    logins: Sequence[Any] | None = content.get("logins") if type(content) is dict else None
    if type(logins) is not list or len(logins) > LOGINS_MAX or content.get("node") != node:
        raise ValueError("a list of logins")
    if not all(type(login) is str and is_login(login) for login in logins):
        raise ValueError("a login")
    return tuple(sorted(set(logins)))


def read_reset(body: Any) -> ResetDone:
    """Return what the body of a `people.reset` says.

    Raises:
        ValueError: a field is missing or malformed.
    """
    fields: Mapping[str, Any] = body if type(body) is dict else {}
    login, way, author = (fields.get(key) for key in ("login", "way", "author"))
    if type(login) is not str or not is_login(login) or way not in WAYS:
        raise ValueError("a reset")
    if type(author) is not str or len(author) > 12:
        raise ValueError("a reset")
    return ResetDone(login, str(way), author)
