"""Keys that somebody names beside those in the roster: a person at the top says whose they are.

To look needs an open reading, to decide an open unit of work, in which the audit row is put too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from common.errors import RuleError
from common.node.heart import Heart
from common.node.keyring.marks import REFUSED, marks_now
from common.node.keyring.roster_office import NotAllowedInRoster
from common.node.reasons import reason_in
from common.store import audit
from common.store.database import require_unit
from sync.protocol.acts.deliver import Application
from sync.protocol.errors import BadRoster, EntryFull
from sync.protocol.frame import Evidence
from sync.protocol.trust import vouched
from sync.protocol.trust.lost_keys import lost_keys
from sync.protocol.trust.revocation import NOT_OURS
from sync.protocol.trust.vouched import CURRENT, FORMER, REVOKED, Word

# The address, and the id of its key.
Name = tuple[str, str]
CONFIRMED = "node.key_confirmed"
# What became of a key → what whoever comes second is told.
_DECIDED = {
    CURRENT: "这把钥匙已确认是现用的。要停用，请在名册的站点页面只作废这一把。",
    FORMER: "这把钥匙已确认是以前用过的。要停用，请在名册的站点页面只作废这一把。",
    NOT_OURS: (
        "这把钥匙已判定不是这个站点的，不能再改。那台电脑要入网，请另发入网码；"
        "它签过的报文，可以在“暂扣的报文”里逐份放行。"
    ),
    REVOKED: "这把钥匙已经作废。那台电脑要入网，请另发入网码。",
}


class AlreadyDecided(RuleError):
    """Somebody has said before what the key is; what was said first stands."""

    code = "E465"
    sentence = "这把钥匙已经处理过了。"
    advice = ""


class NoRoomInEntry(RuleError):
    """The entry of the address names so many keys that one more does not fit."""

    code = "E466"
    sentence = "这个站点的钥匙太多，名册里写不下了。"
    advice = "担保它们的乡镇，钥匙多半已被盗：请作废乡镇的钥匙，它的担保随即全部失效。"


class Decision(NamedTuple):
    """What became of a key: CURRENT, FORMER, NOT_OURS or REVOKED; who said so, and when.

    `by` is a login, "" on the console or when no record tells; `at` UTC milliseconds, 0 when none tells.
    """

    what: str
    by: str
    at: int


class VouchedKeys:
    """What the top does with such keys.

    Args:
        application: what the acts are for that waited for a key.
    """

    def __init__(self, heart: Heart, application: Application) -> None:
        self._heart = heart
        self._application = application

    def undecided(self) -> list[Word]:
        """Return the words that nobody has decided on, by address; none but at the top."""
        core = self._heart.peer.core
        return vouched.undecided(core) if core.means.roster_key is not None else []

    def count(self) -> int:
        """Return how many `undecided` has, without reading what waits: a thief may have sent much."""
        core = self._heart.peer.core
        if core.means.roster_key is None:
            return 0
        known = core.roster.entries
        return sum(vouch.child in known for vouch in core.roster.vouches.values()) + len(lost_keys(core))

    def falling(self, address: str, keys: Collection[str]) -> list[Name]:
        """Return the keys that only keys of an address give their word for, when these of it are revoked.

        Whose computers they are is not heard any more from then on, unless a person says yes to them before.
        """
        roster, suite = self._heart.peer.core.roster, self._heart.peer.core.suite
        entry = roster.entries.get(address)
        left = [key for key in entry.good_keys if key.id not in keys] if entry is not None else []
        return sorted(
            (vouch.child, vouch.key.id)
            for vouch in roster.vouches.values()
            if vouch.parent == address and not any(vouch.statement.signed_by(key, suite) for key in left)
        )

    def decided(self, name: Name) -> Decision | None:
        """Return what became of a key that the roster names, None when it does not name it."""
        what = vouched.became_of(self._heart.peer.core, name)
        if not what:
            return None
        address, key = name
        said = [row for row in audit.rows(address) if row.action in (CONFIRMED, REFUSED)]
        told = [row for row in said if json.loads(row.detail)["key"] == key]
        return Decision(what, told[-1].actor, told[-1].at) if told else Decision(what, "", 0)

    def may_be_current(self, name: Name) -> bool:
        """Say whether `confirm_current` can be said of a key: not of one of the county's own that is gone."""
        return vouched.may_be_current(self._heart.peer.core, name)

    def confirm_current(self, name: Name, why: str, login: str) -> None:
        """Enter a key as the one of the machine that is there now; what waited for it counts at once.

        Raises:
            NoReason, AlreadyDecided: nothing was changed.
            NotAllowedInRoster: no such word, or the address is retired; nothing was changed.
        """
        with self._deciding(name, CURRENT, (why, login)) as now:
            vouched.confirm_current(self._heart.peer.core, self._application, name, now.wall)

    def confirm_former(self, name: Name, why: str, login: str) -> None:
        """Enter a key as one of a machine that was there before the one in use; else as `confirm_current`."""
        with self._deciding(name, FORMER, (why, login)) as now:
            vouched.confirm_former(self._heart.peer.core, self._application, name, now.wall)

    def refuse(self, name: Name, why: str, login: str) -> None:
        """Say that a key is none of the site's: nothing it signed counts anywhere, be it here or to come.

        Raises:
            NoReason, AlreadyDecided: nothing was changed.
            NotAllowedInRoster: no such word; nothing was changed.
            NoRoomInEntry: nothing was changed.
        """
        with self._deciding(name, NOT_OURS, (why, login)) as now:
            vouched.refuse(self._heart.peer.core, self._application, name, now)

    @contextmanager
    def _deciding(self, name: Name, what: str, by: tuple[str, str]) -> Iterator[Evidence]:
        """Refuse what cannot be decided, and write down who decided what, in the open unit."""
        require_unit()
        (address, key), (why, login) = name, by
        reason, now = reason_in(why), self._heart.clocks.evidence()
        before = self.decided(name)
        if before is not None:
            raise AlreadyDecided(sentence=_DECIDED[before.what])
        told: dict[str, Any] = {"key": key, "as": what, "why": reason}
        if what == NOT_OURS:
            told |= marks_now(self._heart.peer.core, address)
        try:
            yield now
        except EntryFull as problem:
            raise NoRoomInEntry from problem
        except BadRoster as problem:
            raise NotAllowedInRoster from problem
        action = REFUSED if what == NOT_OURS else CONFIRMED
        audit.record(login, action, address, told, now.wall)
