"""Staff and their sign-in: works with no line, counts wrong passwords, ends sessions at once.

Roles and accounts are this node's own matter. A password is never stored, logged or put into an error, and
hashed before the unit of work: methods that take one (`prove`, `own_password`, and in `accounts` `ready` and
`first_password`) need none, and what they return is handed to the method that writes.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from common.clock import Moment
from common.errors import LiandongError, Problem
from common.people import hashing, standins
from common.people.accounts import Accounts, ReadyPassword, row_of
from common.people.errors import Barred, PasswordAgain, SignInPaused, WrongPassword
from common.people.preferring import Preferring
from common.people.records import accounts as records
from common.people.rules.passwords import LENGTH_MAX, password_problems
from common.people.rules.roles import read_roles
from common.people.rules.sessions import (
    SignInLimits,
    Stamp,
    address_pause_ms,
    age_ms,
    is_live,
    login_pause_ms,
    place_of,
)
from common.people.rules.staff import Session, StaffMember
from common.store import audit
from common.store.database import require_unit

TOKEN_BYTES = 32
_KEEP_SESSIONS_MS = 30 * 24 * 3_600_000
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Proof:
    """What checking a password came to; made before the unit of work, because it takes long on purpose.

    `stored` is what it was checked against, `better_hash` a stronger one of the same password, if due.
    """

    login: str
    ip: str
    is_right: bool
    stored: str
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
            Barred: a node above put the login out of service.
        """
        if self.refusal is not None:
            raise self.refusal
        return self.granted


class People(Accounts, Preferring):
    """The accounts of one node.

    Args:
        random: gives so many unpredictable bytes.
        limits: how long sessions last, how often one may err.
    """

    def __init__(self, random: Callable[[int], bytes], limits: SignInLimits) -> None:
        self._random = random
        self._limits = limits

    def start(self, moment: Moment) -> None:
        """Begin at a node that was just started: after a restart of the machine pauses begin anew."""
        require_unit()
        records.begin_anew(_stamp(moment))

    # --- signing in
    def prove(self, login: str, password: str, ip: str, moment: Moment) -> Proof:
        """Check a password; needs no unit of work and changes nothing.

        While signing in is paused the password is not looked at, so that guessing costs us nothing.
        """
        login = login.strip().lower()
        row = records.find_staff(login)
        name = login if row else _veiled(login)
        if self._pause_left(name, ip, _stamp(moment)) or len(password) > LENGTH_MAX:
            return Proof(name, ip, is_right=False, stored="", better_hash="")
        stored = row.password if row and row.active else hashing.NOBODY
        is_right = hashing.fits(stored, password) and row is not None and bool(row.active)
        better = hashing.hashed(password) if is_right and hashing.is_weak(stored) else ""
        return Proof(name, ip, is_right, stored, better)

    def sign_in(self, proof: Proof, moment: Moment, name_of: Callable[[str], str] = str) -> SignInOutcome:
        """Turn a proof into a session, or count a wrong attempt; commit the unit, then ask for the token.

        Args:
            name_of: gives the name of a site by its address, for whoever is barred to read.
        """
        require_unit()
        now, wall = _stamp(moment), moment.wall_ms
        records.begin_anew(now)
        left = self._pause_left(proof.login, proof.ip, now)
        if left:
            return SignInOutcome("", SignInPaused(minutes=-(-left // _MINUTE_MS)))
        row = records.find_staff(proof.login) if proof.is_right else None
        # The password may have been changed, or its owner taken out of service, since it was checked.
        if row is None or row.password != proof.stored or not row.active:
            records.add_attempt(proof.login, place_of(proof.ip), wall, now)
            audit.record(proof.login, "people.sign_in_wrong", proof.login, {"ip": proof.ip}, wall)
            return SignInOutcome("", WrongPassword())
        records.forget_wrongs_at(proof.login, place_of(proof.ip))
        barred_by = records.barred_by(proof.login)
        if barred_by:
            audit.record(proof.login, "people.sign_in_barred", proof.login, {"by": barred_by}, wall)
            return SignInOutcome("", Barred(login=proof.login, author="、".join(map(name_of, barred_by))))
        return SignInOutcome(self._open_session(proof, moment), None)

    def _open_session(self, proof: Proof, moment: Moment) -> str:
        token = base64.urlsafe_b64encode(self._random(TOKEN_BYTES)).rstrip(b"=").decode()
        now = _stamp(moment)
        if proof.better_hash:
            records.renew_hash(proof.login, proof.stored, proof.better_hash)
        records.forget_attempts(now, 10 * self._limits.pause_ms)
        records.drop_old_sessions(now, _KEEP_SESSIONS_MS)
        records.add_session(_hashed(token), proof.login, place_of(proof.ip), moment.wall_ms, now)
        audit.record(proof.login, "people.sign_in", proof.login, {"ip": proof.ip}, moment.wall_ms)
        return token

    def session_of(self, token: str, moment: Moment) -> Session | None:
        """Return the live session behind `token`; None when it is over, unknown or its person has left.

        The person comes with the posts they hold today in the stead of others.
        """
        row = records.session_row(_hashed(token)) if token else None
        now = _stamp(moment)
        if row is None or not row.active or row.barred or not is_live(row.times(), now, self._limits):
            return None
        lent = standins.lent_today(row.login, moment.wall_ms)
        roles = read_roles(row.roles)
        # Who holds the post needs nobody's; what they do for whoever is away is told by the case.
        more = tuple((post, absent) for post, absent in lent if roles and post not in roles)
        staff = StaffMember(
            row.login,
            row.name,
            roles | {post for post, _ in more},
            row.department,
            is_active=True,
            must_change=bool(row.must_change),
            lent=more,
        )
        return Session(staff, age_ms(Stamp(row.boot, row.seen_mono), now))

    def touch(self, token: str, moment: Moment) -> None:
        """Note that the session was used; asked for about once a minute, not at every page."""
        require_unit()
        records.mark_seen(_hashed(token), moment.wall_ms, _stamp(moment))

    def sign_out(self, token: str, moment: Moment) -> None:
        """End one session for good; an unknown token is no error."""
        require_unit()
        session = self.session_of(token, moment)
        records.revoke(_hashed(token), moment.wall_ms)
        if session:
            login = session.staff.login
            audit.record(login, "people.sign_out", login, {}, moment.wall_ms)

    def count_wrong(self, proof: Proof, moment: Moment) -> None:
        """Count a wrong password of somebody signed in who was asked for it once more.

        It counts as one at sign-in does: else a desk left open for a minute is where one may guess for ever.

        Raises:
            SignInPaused: too many wrong attempts; the password was not looked at.
        """
        require_unit()
        now = _stamp(moment)
        left = self._pause_left(proof.login, proof.ip, now)
        if left:
            raise SignInPaused(minutes=-(-left // _MINUTE_MS))
        records.add_attempt(proof.login, place_of(proof.ip), moment.wall_ms, now)
        audit.record(proof.login, "people.password_wrong", proof.login, {"ip": proof.ip}, moment.wall_ms)

    def own_password(self, proof: Proof, old: str, new: str) -> ReadyPassword:
        """Check the new password of somebody who was to prove the old one, before the unit of work.

        Raises:
            BadInput: the old one is wrong, or the new one will not do; all problems are listed.
        """
        row = row_of(proof.login)
        problems = password_problems(new, row.login, row.name)
        if not proof.is_right:
            problems.insert(0, Problem("old_password", "原密码", "wrong", "原密码不正确。"))
        if new and old == new:
            problems.append(Problem("new_password", "新密码", "same", "新密码不能和原密码相同。"))
        if problems:
            raise PasswordAgain(problems=problems)
        return ReadyPassword(row.login, hashing.hashed(new), proof.stored)

    def change_password(self, token: str, ready: ReadyPassword, now_ms: int) -> None:
        """Store the new password of the signed-in person; all their other sessions end.

        Raises:
            WrongPassword: the password was changed elsewhere since the old one was checked.
        """
        require_unit()
        if row_of(ready.login).password != ready.before:
            raise WrongPassword()
        records.set_password(ready.login, ready.hash, must_change=0)
        records.forget_wrongs(ready.login)
        records.revoke_all(ready.login, _hashed(token), now_ms)
        audit.record(ready.login, "people.change_password", ready.login, {}, now_ms)

    def _pause_left(self, login: str, ip: str, now: Stamp) -> int:
        # Where somebody works only what went wrong there counts: else anybody on the net could shut them out,
        # with one wrong password each quarter of an hour.
        place = place_of(ip)
        is_usual = records.has_been_at(login, place, now.boot)
        wrongs = records.wrongs_at(login, place) if is_usual else records.wrongs(login)
        return max(
            login_pause_ms(wrongs, now, self._limits),
            address_pause_ms(records.wrong_by_ip(place), now, self._limits),
        )


def _stamp(moment: Moment) -> Stamp:
    return Stamp(moment.boot, moment.mono_ms)


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _veiled(login: str) -> str:
    return "?" + sha256(login.encode()).hexdigest()[:16]
