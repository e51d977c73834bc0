"""The letters of authority of one node: entered, found, revoked; which of them covers a filing.

Letters stay where they were entered. What goes out with a case is its claim: number, names, scope and term.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

from common.authority import records
from common.authority.errors import LetterEnded, NoSuchLetter, NotCovered
from common.authority.rules import Draft, Letter, claim, covers, is_sought, may_file, problems, why_not
from common.days import local_day
from common.errors import BadInput
from common.people.accounts import Accounts
from common.store import audit, counters
from common.store.database import require_unit
from sync.protocol.frame import BlobRef

_COUNTER = "letter"
_RANDOM_BYTES = 2


class Letters:
    """The letters of one node.

    Args:
        accounts: whose agents may be named.
        random: gives so many unpredictable bytes.
    """

    def __init__(self, accounts: Accounts, random: Callable[[int], bytes]) -> None:
        self._accounts = accounts
        self._random = random

    def enter(self, draft: Draft, photo: BlobRef | None, by: str, now_ms: int) -> Letter:
        """Store a letter and return it with its number.

        The same letter sent twice by one person, as a double click or a page sent anew does, is one letter
        while it stands: of two, one revoked would leave the other good.

        Args:
            photo: the photograph taken in before the unit, whose hash `draft.blob` is; None without one.

        Raises:
            BadInput: something is missing or wrong; all problems are listed.
            NoSuchStaff: nobody of this node has the agent's login.
        """
        require_unit()
        if found := problems(draft, local_day(now_ms)):
            raise BadInput(problems=found)
        made = Letter(
            "",
            draft.principal,
            *self._agent(draft),
            draft.scope,
            draft.from_day,
            draft.to_day,
            draft.proof,
            draft.blob,
            relative=draft.relative,
        )
        if (here := self._entered(made, by)) is not None:
            return here
        made = replace(made, id=self._number(now_ms))
        records.add(made, (photo.size, photo.type) if photo else (0, ""), (by, self._desk(by)), now_ms)
        told = {
            "agent": made.agent or "relative",
            "scope": made.scope,
            "from": made.from_day,
            "to": made.to_day,
        }
        audit.record(by, "authority.enter", made.id, told, now_ms)
        return made

    def revoke(self, letter: str, why: str, by: str, now_ms: int) -> None:
        """End a letter from today on; what was filed under it stands.

        Raises:
            NoSuchLetter, LetterEnded: there is none, or it was revoked already.
        """
        require_unit()
        if self.letter(letter).revoked_on:
            raise LetterEnded()
        records.revoke(letter, local_day(now_ms), why[:200])
        audit.record(by, "authority.revoke", letter, {}, now_ms)

    def is_here(self, letter: str) -> bool:
        """Say whether a letter was entered here."""
        return records.find(letter) is not None

    def letter(self, letter: str) -> Letter:
        """Return a letter.

        Raises:
            NoSuchLetter: none with this number was entered here.
        """
        found = records.find(letter)
        if found is None:
            raise NoSuchLetter(letter=letter[:32])
        return found

    def department_of(self, letter: str) -> str:
        """Return the department whose letter it is: that of whoever entered it, when they did.

        When nobody is in that any more, as after it got another name, it is the one they are in now.
        """
        then, people = records.department_of(letter), self._accounts.staff()
        if any(one.department == then for one in people if one.is_active):
            return then
        writer = records.made_by(letter)
        return next((one.department for one in people if one.login == writer and one.is_active), then)

    def newest(self, limit: int, agent: str = "") -> list[Letter]:
        """Return the newest letters, those of one agent when `agent` is given."""
        return records.newest(limit, agent)

    def found(self, typed: str, limit: int) -> list[Letter]:
        """Return the newest letters somebody looks for; see `rules.is_sought`."""
        return list(islice((one for one in records.all_newest_first() if is_sought(one, typed)), limit))

    def good_for(self, id_number: str, agent: str, item: str, now_ms: int) -> list[Letter]:
        """Return a resident's letters under which `agent` may file `item` today, the newest first."""
        day = local_day(now_ms)
        mine = (one for one in records.of_principal(id_number) if may_file(one, agent))
        return [one for one in mine if covers(one, item, day)]

    def authority(self, letter: str, agent: str, item: str, now_ms: int) -> dict[str, str]:
        """Return the claim a filing carries as `authority`: letter, principal, agent, scope, from, to; of a
        relative also paper and relation.

        Raises:
            NoSuchLetter: there is none.
            NotCovered: it is not good for this agent, item and day.
        """
        found = self.letter(letter)
        why = why_not(found, agent, item, local_day(now_ms))
        if why:
            raise NotCovered(why=why)
        return claim(found)

    def photograph(self, letter: str) -> BlobRef:
        """Return the reference of a letter's photograph.

        Raises:
            NoSuchLetter: there is no such letter, or it was not photographed.
        """
        found = records.photograph(letter)
        if found is None:
            raise NoSuchLetter(letter=letter[:32])
        return BlobRef(*found)

    def photographs(self) -> set[str]:
        """Return the hashes of all photographs: content that must be kept though no case names it."""
        return records.photographs()

    def _entered(self, made: Letter, by: str) -> Letter | None:
        """Return the letter of the same words that this person entered and that stands, None if none does."""
        known = records.of_principal(made.principal.id_number)
        same = (one for one in known if replace(one, id="") == made)
        return next((one for one in same if records.made_by(one.id) == by), None)

    def _desk(self, login: str) -> str:
        return next((one.department for one in self._accounts.staff() if one.login == login), "")

    def _agent(self, draft: Draft) -> tuple[str, str]:
        """Return login and name of the agent; a relative has no login."""
        if draft.relative is not None:
            return "", draft.relative.name
        agent = self._accounts.member(draft.agent)
        return agent.login, agent.name

    def _number(self, now_ms: int) -> str:
        """Return a number for paper: year, count, and four random digits, so that none can be guessed."""
        count = counters.next_number(_COUNTER)
        tail = int.from_bytes(self._random(_RANDOM_BYTES), "big")
        return f"W{local_day(now_ms)[:4]}-{count:05d}-{tail:04X}"
