"""The key that signs the roster changes hands, by the word of the root keys: here, or by files.

Each method needs an open unit of work but where it says otherwise, and puts its audit row in it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import LiandongError
from common.node.heart import Heart
from common.node.keyring.keys import ROOT, ROSTER, ROSTER_NEXT, KeyFile
from common.store import audit
from common.store.database import require_unit
from sync.protocol.entries import RETIRED, Entry
from sync.protocol.errors import BadRoster
from sync.protocol.roots import RootKeys, naming, read_founding
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair
from sync.protocol.trust import registrar

if TYPE_CHECKING:
    from common.node.keyring.ceremony import Paper

# So many changes of the roster may pass while an appointment is away to be signed.
AHEAD = 10_000
# So many appointments may have been signed and lost.
NUMBERS_AHEAD = 1_000
_ASKED, _RENEWAL_ASKED = "roster.key_asked", "root.renewal_asked"
ONLY_COUNTY = "只有县级站点管名册：请县级的管理员在县级站点的网页“名册”里办，或者在那台电脑上执行同一条命令。"


class NotAllowedInRoster(LiandongError):
    """The roster does not allow this change: no such node, retired, or it would stand below itself."""

    code = "E451"
    status = 409
    sentence = "名册不允许这样改：请核对站点、上级和现在的状态。"


def check_in_use(entry: Entry) -> None:
    """Refuse what cannot be done with an address that is retired, and say what to do instead.

    Raises:
        NotAllowedInRoster: it is.
    """
    if entry.status == RETIRED:
        raise NotAllowedInRoster(
            sentence=f"{entry.name}（{entry.address}）已经撤销，代码不再使用，不能恢复，也不能再改。"
            "它手里的办件请在“接管”页接管；那里再设站点的，请用另一个代码登记。"
        )


class RosterOffice:
    """What the top does with the roster key and with the root key, while it lies here."""

    def __init__(self, heart: Heart, keys: KeyFile) -> None:
        self._heart = heart
        self._keys = keys

    def rotate(self, random: bytes, login: str) -> str:
        """Appoint a new roster key by the root key kept here, sign the roster again; return its id.

        The new key is in the key file first, and is used from the next start of the program.

        Raises:
            NotAllowedInRoster: no root key here, or it is not enough alone; nothing was changed.
        """
        require_unit()
        root_key = self._root_key()
        if root_key is None:
            raise NotAllowedInRoster(sentence="根钥匙不在本机，请先执行 trust roster-key request。")
        new = self._keys.add_special(ROSTER_NEXT, random)
        self._take(registrar.appoint_next(self._heart.peer.core, new.public, (root_key,)), new, login)
        return new.id

    def ask(self, random: bytes, login: str, number: int = 0) -> Paper:
        """Return the appointment of a new roster key, for the root keys to sign elsewhere.

        Asked again before it was taken up, it is the same text; its number is above that of every renewal
        of the root keys that was ever asked for here.

        Args:
            random: 64 fresh random bytes.
            number: which appointment it is, at most NUMBERS_AHEAD above the one in force; 0 for the next one.
                Never may two of one number be signed: nodes follow the first that comes.

        Raises:
            NotAllowedInRoster: this node is not the top, or the number is another; nothing was changed.
        """
        return self._ask(random, login, (number, self._asked(_RENEWAL_ASKED)))

    def _ask(self, random: bytes, login: str, numbers: tuple[int, int]) -> Paper:
        require_unit()
        core, now_ms = self._heart.peer.core, self._heart.clocks.evidence().wall
        if core.roster.root is None or core.me != core.tree.top:
            raise NotAllowedInRoster(sentence=ONLY_COUNTY)
        number, asked = numbers
        reached = core.roster.appointment.fields()["version"] if core.roster.appointment else 0
        least = max(asked, reached)
        if number and not least < number <= least + NUMBERS_AHEAD:
            sentence = f"第几次任命须大于 {least}，不大于 {least + NUMBERS_AHEAD}。"
            raise NotAllowedInRoster(sentence=sentence)
        new = self._keys.special(ROSTER_NEXT) or self._keys.add_special(ROSTER_NEXT, random)
        told = {"key": new.id, "number": number or least + 1}
        until = self._until(told) or core.roster.version + AHEAD
        ahead = until - core.roster.version
        appointment = registrar.appoint_next(core, new.public, (), ahead, int(told["number"]))
        audit.record(login, _ASKED, core.me, {**told, "until": until}, now_ms)
        # Only the county's console comes here: no node that serves loads it.
        from common.node.keyring.ceremony import Paper

        return Paper(core.roster.root, appointment, core.roster.renewals)

    def _asked(self, action: str) -> int:
        """Return the highest number of an appointment that was ever asked for so, 0 when none is known."""
        return max((detail.get("number", 0) for detail in self._details(action)), default=0)

    def _until(self, told: dict[str, object]) -> int:
        """Return up to which roster version the same was asked for before, 0 for never or none to come.

        The roster grows meanwhile: two keepers would sign two texts of one number.
        """
        same = (detail for detail in self._details(_ASKED) if told.items() <= detail.items())
        until = next((int(detail.get("until", 0)) for detail in same), 0)
        return until if until > self._heart.peer.core.roster.version else 0

    def _details(self, action: str) -> list[dict[str, Any]]:
        rows = audit.rows(self._heart.peer.core.me)
        return [json.loads(row.detail) for row in rows if row.action == action]

    def ask_renewal(self, random: bytes, login: str, new: RootKeys, number: int = 0) -> Paper:
        """Return the appointment of a new roster key that names new root keys besides; else as `ask`.

        Its number is above every one that was ever asked for here.

        Raises:
            NotAllowedInRoster: also where more would have to sign than one statement bears.
        """
        # Of two of one number nodes follow the first that comes, and one of them would not know the new keys.
        paper = self._ask(random, login, (number, self._asked(_ASKED)))
        core, now_ms = self._heart.peer.core, self._heart.clocks.evidence().wall
        # Programs that know nothing of new root keys go by those of the founding for good.
        former = [paper.judges, *([read_founding(paper.root)] if paper.renewals else [])]
        try:
            made = naming(paper.appointment, new, former, core.suite)
        except BadRoster as problem:
            sentence = "原根钥匙和新根钥匙须签的合计不能超过 8 把。"
            raise NotAllowedInRoster(sentence=sentence) from problem
        told = {"keys": [key.id for key in new.keys], "number": made.fields()["version"]}
        audit.record(login, _RENEWAL_ASKED, core.me, told, now_ms)
        return paper._replace(appointment=made)

    def take(self, paper: Paper, login: str) -> str:
        """Take up an appointment that the root keys have signed, sign the roster again; return the key's id.

        One that was taken up before can be once more where the database was put back to before it.

        Raises:
            NotAllowedInRoster: not for the key asked for, too few root keys have signed, altered, or another
                one was taken up since; nothing was changed.
        """
        require_unit()
        known = [self._keys.special(name) for name in (ROSTER_NEXT, ROSTER)]
        named = paper.appointment.fields()["key"]
        new = next((pair for pair in known if pair is not None and pair.public.as_fields() == named), None)
        if new is None:
            raise NotAllowedInRoster(sentence="任命书里的钥匙不是本机申请的那一把，请重新申请。")
        self._take(paper.appointment, new, login)
        return new.id

    def _take(self, appointment: Statement, new: KeyPair, login: str) -> None:
        core, now_ms = self._heart.peer.core, self._heart.clocks.evidence().wall
        try:
            registrar.take_office(core, appointment, new, now_ms)
        except BadRoster as problem:
            sentence = "任命书不能用：签的根钥匙不够、内容被改动，或者已有更新的任命。"
            raise NotAllowedInRoster(sentence=sentence) from problem
        audit.record(login, "roster.key_rotated", core.me, {"key": new.id}, now_ms)

    def move_root_out(self, path: Path, login: str) -> str:
        """Write the root key to a file of its own and remove it from the key file; return its id.

        Raises:
            NotAllowedInRoster: it is not here.
            RootKeyFileExists, NotAsWritten: nothing was changed.
        """
        require_unit()
        root_key = self._root_key()
        if root_key is None:
            raise NotAllowedInRoster(sentence="根钥匙不在本机。")
        from common.node.keyring.ceremony import write_root_key

        write_root_key(path, root_key)
        self._keys.forget_special(ROOT)
        me, now_ms = self._heart.peer.core.me, self._heart.clocks.evidence().wall
        audit.record(login, "root.key_moved", me, {"key": root_key.id}, now_ms)
        return root_key.id

    def _root_key(self) -> KeyPair | None:
        return self._keys.special(ROOT)
