"""Staff and their sign-in: works with no line, counts wrong passwords, ends sessions at once.

Roles and accounts are this node's own matter. A password is never stored, logged or put into an error.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from common.errors import BadInput, LiandongError, Problem
from common.people import records
from common.people.errors import LastAdmin, LoginTaken, NoSuchStaff, SignInPaused, WrongPassword
from common.people.rules.passwords import LENGTH_MAX, password_problems
from common.people.rules.roles import Role, read_roles, write_roles
from common.people.rules.sessions import ADDRESS_FACTOR, SessionTimes, SignInLimits, is_live, pause_left_ms
from common.people.rules.staff import NewStaff, Session, StaffMember, person_problems
from common.store import audit
from common.store.database import require_unit

TOKEN_BYTES = 32
_KEEP_SESSIONS_MS = 30 * 24 * 3_600_000
_MINUTE_MS = 60_000

# 19 MB and two passes: about 30 ms on a village PC, and four sign-ins at once still fit its memory.
_hasher = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)
# Checked against when nobody has the login, so that the answer takes as long either way.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$y13YZfivxns6TkxRJohThg$EwK6tbmC2x8rj1PSXur0Ek/KP3Z8jrGd3aDH4KWmKfs"


@dataclass(frozen=True, slots=True)
class Proof:
    """What checking a password came to; made before the unit of work, because it takes long on purpose."""

    login: str
    ip: str
    is_known: bool
    is_right: bool
    better_hash: str


@dataclass(frozen=True, slots=True)
class SignInOutcome:
    """A token, or why there is none. It is no exception, so that the wrong attempt is committed with it."""

    granted: str
    refusal: LiandongError | None

    def token(self) -> str:
        """Return the token; ask outside the unit of work.

        Raises:
            WrongPassword: login and password do not belong together.
            SignInPaused: too many wrong attempts.
        """
        if self.refusal is not None:
            raise self.refusal
        return self.granted


class People:
    """The accounts of one node.

    Args:
        random: gives so many unpredictable bytes.
        limits: how long sessions last, how often one may err.
    """

    def __init__(self, random: Callable[[int], bytes], limits: SignInLimits) -> None:
        self._random = random
        self._limits = limits

    def add_staff(self, new: NewStaff, by: str, now_ms: int) -> None:
        """Add a person to the node.

        Raises:
            BadInput: login, name, posts or password cannot be used; all problems are listed.
            LoginTaken: somebody has, or had, this login.
        """
        require_unit()
        problems = person_problems(new) + password_problems(new.password, new.login, new.name)
        if problems:
            raise BadInput(problems=problems)
        if records.find_staff(new.login):
            raise LoginTaken(login=new.login)
        records.Staff.insert(
            login=new.login,
            name=new.name,
            roles=write_roles(new.roles),
            department=new.department,
            password=_hasher.hash(new.password),
            active=1,
            must_change=int(new.must_change),
            added_at=now_ms,
        ).execute()
        audit.record(by, "people.add", new.login, {"roles": write_roles(new.roles)}, now_ms)

    def prove(self, login: str, password: str, ip: str, now_ms: int) -> Proof:
        """Check a password; needs no unit of work and changes nothing.

        While signing in is paused the password is not looked at, so that guessing costs us nothing.
        """
        login = login.strip().lower()
        row = records.find_staff(login)
        name = login if row else _veiled(login)
        if self._pause_left(name, ip, now_ms) or len(password) > LENGTH_MAX:
            return Proof(name, ip, row is not None, is_right=False, better_hash="")
        stored = row.password if row and row.active else _NOBODY
        is_right = _fits(stored, password) and row is not None and bool(row.active)
        is_old = is_right and _hasher.check_needs_rehash(stored)
        return Proof(name, ip, row is not None, is_right, _hasher.hash(password) if is_old else "")

    def sign_in(self, proof: Proof, now_ms: int) -> SignInOutcome:
        """Turn a proof into a session, or count a wrong attempt; commit the unit, then ask for the token."""
        require_unit()
        left = self._pause_left(proof.login, proof.ip, now_ms)
        if left:
            return SignInOutcome("", SignInPaused(minutes=-(-left // _MINUTE_MS)))
        if not proof.is_right:
            records.add_attempt(proof.login, proof.ip, now_ms)
            audit.record(proof.login, "people.sign_in_wrong", proof.login, {"ip": proof.ip}, now_ms)
            return SignInOutcome("", WrongPassword())
        token = base64.urlsafe_b64encode(self._random(TOKEN_BYTES)).rstrip(b"=").decode()
        if proof.better_hash:
            records.Staff.update(password=proof.better_hash).where(
                records.Staff.login == proof.login
            ).execute()
        records.forget_attempts(proof.login, now_ms - 10 * self._limits.pause_ms)
        records.drop_old_sessions(now_ms - _KEEP_SESSIONS_MS)
        records.add_session(_hashed(token), proof.login, proof.ip, now_ms)
        audit.record(proof.login, "people.sign_in", proof.login, {"ip": proof.ip}, now_ms)
        return SignInOutcome(token, None)

    def session_of(self, token: str, now_ms: int) -> Session | None:
        """Return the live session behind `token`; None when it is over, unknown or its person has left."""
        row = records.session_row(_hashed(token)) if token else None
        if row is None or not is_live(SessionTimes(*row[:3]), now_ms, self._limits):
            return None
        login, name, roles, department, active, must_change = row[3:]
        if not active:
            return None
        staff = StaffMember(login, name, read_roles(roles), department, bool(active), bool(must_change))
        return Session(staff, int(row[1]))

    def touch(self, token: str, now_ms: int) -> None:
        """Note that the session was used; asked for about once a minute, not at every page."""
        require_unit()
        records.mark_seen(_hashed(token), now_ms)

    def sign_out(self, token: str, now_ms: int) -> None:
        """End one session for good; an unknown token is no error."""
        require_unit()
        session = self.session_of(token, now_ms)
        records.revoke(_hashed(token), now_ms)
        if session:
            audit.record(session.staff.login, "people.sign_out", session.staff.login, {}, now_ms)

    def change_password(self, token: str, old: str, new: str, now_ms: int) -> None:
        """Give the signed-in person a new password; all their other sessions end.

        Raises:
            BadInput: the old one is wrong, or the new one will not do; nothing is changed.
        """
        require_unit()
        session = self.session_of(token, now_ms)
        if session is None:
            raise WrongPassword()
        row = self._row(session.staff.login)
        problems = password_problems(new, row.login, row.name)
        if not _fits(row.password, old):
            problems.insert(0, Problem("old_password", "原密码", "wrong", "原密码不正确。"))
        if old == new:
            problems.append(Problem("new_password", "新密码", "same", "新密码不能和原密码相同。"))
        if problems:
            raise BadInput(problems=problems)
        self._store_password(row.login, new, must_change=0)
        records.revoke_all(row.login, _hashed(token), now_ms)
        audit.record(row.login, "people.change_password", row.login, {}, now_ms)

    def reset_password(self, login: str, new: str, by: str, now_ms: int) -> None:
        """Give a person who forgot theirs a first password, to be changed at sign-in; their sessions end.

        Raises:
            NoSuchStaff: nobody has this login.
            BadInput: the password will not do.
        """
        require_unit()
        row = self._row(login)
        problems = password_problems(new, row.login, row.name)
        if problems:
            raise BadInput(problems=problems)
        self._store_password(login, new, must_change=1)
        records.revoke_all(login, "", now_ms)
        records.forget_attempts(login, 0)
        audit.record(by, "people.reset_password", login, {}, now_ms)

    def set_roles(self, login: str, roles: frozenset[Role], by: str, now_ms: int) -> None:
        """Give a person exactly these posts; none at all takes them out of service and ends their sessions.

        Raises:
            NoSuchStaff: nobody has this login.
            LastAdmin: nobody in service would be left to manage accounts.
        """
        require_unit()
        self._row(login)
        if Role.ADMIN not in roles and not self._has_other_admin(login):
            raise LastAdmin()
        records.Staff.update(roles=write_roles(roles), active=int(bool(roles))).where(
            records.Staff.login == login
        ).execute()
        if not roles:
            records.revoke_all(login, "", now_ms)
        audit.record(by, "people.set_roles", login, {"roles": write_roles(roles)}, now_ms)

    def staff(self) -> list[StaffMember]:
        """Return everybody of this node, those in service first."""
        return [_member(row) for row in records.all_staff()]

    def _has_other_admin(self, login: str) -> bool:
        return any(s.is_active and Role.ADMIN in s.roles for s in self.staff() if s.login != login)

    def _row(self, login: str) -> records.Staff:
        row = records.find_staff(login)
        if row is None:
            raise NoSuchStaff(login=login)
        return row

    def _store_password(self, login: str, password: str, must_change: int) -> None:
        records.Staff.update(password=_hasher.hash(password), must_change=must_change).where(
            records.Staff.login == login
        ).execute()

    def _pause_left(self, login: str, ip: str, now_ms: int) -> int:
        since, pause, allowed = now_ms - self._limits.pause_ms, self._limits.pause_ms, self._limits.attempts
        return max(
            pause_left_ms(records.wrong_by_login(login, since), now_ms, allowed, pause),
            pause_left_ms(records.wrong_by_ip(ip, since), now_ms, allowed * ADDRESS_FACTOR, pause),
        )


def _member(row: records.Staff) -> StaffMember:
    return StaffMember(
        row.login, row.name, read_roles(row.roles), row.department, bool(row.active), bool(row.must_change)
    )


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _veiled(login: str) -> str:
    return "?" + sha256(login.encode()).hexdigest()[:16]
