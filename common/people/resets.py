"""An administrator's forgotten password: challenge here, signed answer from above, or this node's console.

An answer fits one challenge of one node, once. It lapses with the challenge, after seven days: of running
time, and after a restart of the machine also by its date. The date in it is for people. Either way is told to
the nodes above.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from common.clock import Moment
from common.people.accounts import Accounts, ReadyPassword, ReadyStaff
from common.people.below import Ports
from common.people.errors import NoChallenge, NotAdmin, NotBelow, WrongAnswer, WrongChallenge
from common.people.records import wider as records
from common.people.rules.below import ResetDone
from common.people.rules.challenge import (
    NONCE_BYTES,
    SIGNED_AS,
    VALID_MS,
    Answer,
    Mistyped,
    make_challenge,
    read_answer,
    read_challenge,
    statement,
    write_answer,
)
from common.people.rules.roles import Role
from common.people.rules.sessions import Stamp, least_age_ms
from common.people.rules.staff import is_login
from common.store import audit
from common.store.database import require_unit
from sync.protocol import canonical
from sync.protocol.address import is_address
from sync.protocol.typed import plain

RESET = "people.reset"
_SHOWN = 20


class Signer(Protocol):
    """The node's own signature, and who may be believed to have made another."""

    def sign(self, kind: str, payload: bytes) -> bytes:
        """Sign as this node; inside a unit of work.

        Raises:
            sync.protocol.errors.NotEnrolled: it has no key that others know.
        """
        ...

    def is_by(self, address: str, kind: str, payload: bytes, signature: bytes) -> bool:
        """Say whether a key that the roster says is the address's, and not revoked, made the signature."""
        ...


@dataclass(frozen=True, slots=True)
class Granted:
    """An answer found good: who may be given a first password, and by whose word."""

    login: str
    author: str
    challenge: str


class Resets:
    """Both sides of a reset at one node."""

    def __init__(
        self, ports: Ports, accounts: Accounts, signer: Signer, random: Callable[[int], bytes]
    ) -> None:
        self._ports = ports
        self._accounts = accounts
        self._signer = signer
        self._random = random

    # --- the node that forgot
    def challenge(self, moment: Moment) -> str:
        """Return the challenge to be answered; the same one until it is used or has lapsed.

        So whoever presses the button again does not make the answer under way worthless.
        """
        require_unit()
        waiting = self.waiting(moment)
        if waiting:
            return waiting
        made = make_challenge(self._ports.me, self._random(NONCE_BYTES))
        records.set_challenge(made, moment.wall_ms, Stamp(moment.boot, moment.mono_ms))
        audit.record("node", "people.reset_challenge", self._ports.me, {}, moment.wall_ms)
        return made

    def check(self, typed: str, moment: Moment) -> Granted:
        """Check a typed answer against the waiting challenge, in a unit of work of its own; changes nothing.

        Raises:
            NoChallenge: none waits: it was used, or lapsed.
            WrongAnswer: mistyped, for another node or challenge, or not signed by a node above.
            NotAdmin: the login it names is no administrator in service here.
        """
        require_unit()
        waiting = self.waiting(moment)
        if not waiting:
            raise NoChallenge()
        try:
            answer = read_answer(plain(typed))
        except Mistyped as fault:
            why = f"第 {fault.line} 行有误" if fault.line else "不是完整的批复"
            raise WrongAnswer(why=why) from None
        payload = canonical.dumps(statement(self._ports.me, waiting, answer))
        is_above = self._ports.tree().is_below(self._ports.me, answer.author)
        if not is_above or not self._signer.is_by(answer.author, SIGNED_AS, payload, answer.signature):
            raise WrongAnswer(why="不是上级站点对本站这个重置码的批复")
        self._check_admin(answer.login)
        return Granted(answer.login, answer.author, waiting)

    def redeem(self, granted: Granted, ready: ReadyPassword, moment: Moment) -> None:
        """Store the first password an answer grants; the answer is used up, the nodes above are told.

        Raises:
            NoChallenge: the answer was used, or the challenge lapsed, since it was checked.
        """
        require_unit()
        if self.waiting(moment) != granted.challenge or ready.login != granted.login:
            raise NoChallenge()
        records.drop_challenge()
        self._accounts.reset_password(ready, "", moment.wall_ms)
        self._tell(ResetDone(granted.login, "answer", granted.author), moment.wall_ms)

    def by_console(self, ready: ReadyPassword | ReadyStaff, now_ms: int) -> None:
        """Store a first password for an administrator, or a new administrator, from the node's own console.

        Raises:
            NotAdmin: the login is no administrator in service here.
            LoginTaken: the new administrator's login is somebody's.
        """
        require_unit()
        if isinstance(ready, ReadyStaff):
            self._accounts.add_staff(ready, "", now_ms)
        else:
            self._check_admin(ready.login)
            self._accounts.reset_password(ready, "", now_ms)
        self._tell(ResetDone(ready.login, "console", ""), now_ms)

    def meet_own(self, done: ResetDone, at: int) -> None:
        """Take in that this node told of a reset it has lost since: the answer it was by is used up.

        In a copy that was put back the challenge would wait for it once more; one made later stays.
        """
        require_unit()
        found = records.open_challenge()
        if found is not None and done.way == "answer" and found[1] <= at:
            records.drop_challenge()

    def waiting(self, moment: Moment) -> str:
        """Return the challenge that may be answered now, "" when there is none."""
        found = records.open_challenge()
        if found is None:
            return ""
        challenge, made_at, made = found
        now = Stamp(moment.boot, moment.mono_ms)
        return challenge if least_age_ms(made, now, moment.wall_ms - made_at) < VALID_MS else ""

    def _check_admin(self, login: str) -> None:
        found = next((one for one in self._accounts.staff() if one.login == login), None)
        if found is None or not found.is_active or found.is_barred or Role.ADMIN not in found.roles:
            raise NotAdmin(login=login)

    def _tell(self, done: ResetDone, now_ms: int) -> None:
        told = {"login": done.login, "way": done.way, "author": done.author}
        audit.record("node", "people.reset", done.login, told, now_ms)
        tree = self._ports.tree()
        if self._ports.me in tree and tree.top not in ("", self._ports.me):
            self._ports.outbox.announce(RESET, {**told, "at": max(0, now_ms)}, [tree.top])

    # --- a node above
    def answer(self, node: str, challenge: str, login: str, by: str, now_ms: int) -> str:
        """Return the signed answer to a challenge that an administrator of a node below read out.

        Raises:
            NotBelow: the node is not below this one.
            WrongChallenge: the challenge was mistyped or belongs to another node, or the login cannot be one.
        """
        require_unit()
        if not is_address(node) or not self._ports.tree().is_below(node, self._ports.me):
            raise NotBelow(node=node[:12])
        try:
            nonce = read_challenge(plain(challenge), node)
        except Mistyped:
            raise WrongChallenge() from None
        if not is_login(login):
            raise WrongChallenge(sentence="账号的写法不对。")
        until = max(0, now_ms + VALID_MS) // 1000 * 1000
        unsigned = Answer(self._ports.me, login, until, b"")
        payload = canonical.dumps(statement(node, nonce, unsigned))
        signature = self._signer.sign(SIGNED_AS, payload)
        audit.record(by, "people.reset_answered", f"{node}/{login}", {"challenge": nonce}, now_ms)
        return write_answer(Answer(self._ports.me, login, until, signature))

    def take_report(self, act: str, node: str, done: ResetDone, at: int) -> None:
        """Store that a password was set anew at a node below; the same act again changes nothing."""
        require_unit()
        records.add_reset((act, node, done.login, done.way, done.author, at))
        told = {"login": done.login, "way": done.way, "author": done.author}
        audit.record("node", "people.reset_below", node, told, at)

    def at(self, node: str) -> list[tuple[ResetDone, int]]:
        """Return resets at a node below and when they were, by its clock; the newest first."""
        found = records.resets_of(node, _SHOWN)
        return [(ResetDone(login, way, author), at) for login, way, author, at in found]
