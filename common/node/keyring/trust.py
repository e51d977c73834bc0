"""Keys and the roster: what a node does with its own key, and what the top alone does with everybody's.

Each method needs an open unit of work, and puts its audit row in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from common.errors import BadInput, Problem
from common.node.heart import Heart
from common.node.keyring import held_acts
from common.node.keyring.held_acts import Chosen, Counting, HeldBack, Place, Reported
from common.node.keyring.keys import KeyFile
from common.node.keyring.marks import REVOKED, marks_before, marks_now
from common.node.keyring.roster_office import NotAllowedInRoster as NotAllowedInRoster
from common.node.keyring.roster_office import RosterOffice, check_in_use
from common.node.keyring.vouched_keys import VouchedKeys
from common.node.reasons import NOTE_MAX as NOTE_MAX
from common.node.reasons import NoReason as NoReason
from common.node.reasons import noted, reason_in
from common.setting_values import is_url
from common.store import audit
from common.store.database import require_unit
from sync.protocol import rotation, signed
from sync.protocol.acts.deliver import Application
from sync.protocol.acts.quarantine import RELEASED, STRUCK
from sync.protocol.entries import LIVE, RELIEVED, RETIRED, URL_MAX, Entry
from sync.protocol.errors import BadRoster
from sync.protocol.frame import Frame, StreamId
from sync.protocol.spool import Spool
from sync.protocol.trust import registrar, revocation
from sync.protocol.trust.revocation import Line, Mark, Revocation, Said

# Of a change: its name in the audit trail, who and when, and what the row tells.
_Told = tuple[str, tuple[str, int], dict[str, str]]


class NothingChosen(BadInput):
    """No act was chosen that can be decided on so."""

    code = "E453"
    sentence = "请勾选要处理的报文。"


class BadUrl(BadInput):
    """An address on the net that no node could use."""

    code = "E454"
    sentence = "网址应以 https:// 或 http:// 开头，后面写电脑的地址，如 http://10.0.0.1:8600。"


class Trust:
    """Keys and roster of one node.

    Args:
        application: what the acts are for; it takes back what a revoked key made.

    `office` is what is done with the roster key itself, `vouched` what is done with keys a township let in.
    """

    def __init__(self, heart: Heart, keys: KeyFile, application: Application) -> None:
        self._heart = heart
        self._keys = keys
        self._application = application
        self.office = RosterOffice(heart, keys)
        self.vouched = VouchedKeys(heart, application)

    # --- looking
    def entries(self) -> list[Entry]:
        """Return the roster's entries, by address."""
        return [entry for _, entry in sorted(self._heart.peer.core.roster.entries.items())]

    def entry(self, address: str) -> Entry:
        """Return the entry of an address.

        Raises:
            NotAllowedInRoster: there is none.
        """
        found = self._heart.peer.core.roster.entries.get(address)
        if found is None:
            raise NotAllowedInRoster(sentence=f"名册里没有 {address} 这个站点。")
        return found

    def with_key(self, address: str) -> Entry:
        """Return the entry of an address that has a key to be revoked.

        Raises:
            NotAllowedInRoster: it has none, or is none.
        """
        entry = self.entry(address)
        if not entry.good_keys:
            raise NotAllowedInRoster(sentence=f"{entry.name}没有还有效的钥匙，不用再作废。")
        return entry

    def lines(self, address: str) -> list[Line]:
        """Return how far each stream of an address is known, with the receipts on it; see `revocation`."""
        return revocation.lines_of(self._heart.peer.core, address)

    def sent(self, stream: StreamId, upto: int, limit: int) -> Iterator[Frame]:
        """Yield the last frames of a stream up to a number, at most `limit`, the oldest first."""
        return held_acts.sent(self._heart.peer.core, stream, upto, limit)

    def key_of(self, stream: StreamId) -> str:
        """Return the id of the key with which the epoch of a stream was begun, "" where that is not known."""
        record = self._heart.peer.core.epoch(stream.src, stream.epoch)
        return record.key_id if record is not None else ""

    def marks_before(self, stream: StreamId) -> tuple[Mark, ...] | None:
        """Return the receipts on a stream of when the key of its epoch was revoked; see `marks`."""
        return marks_before(self._heart.peer.core, stream)

    def to_review(self, address: str, limit: int) -> list[Counting]:
        """Return the newest acts of an address to be looked through, at most `limit` of each kind."""
        return held_acts.counting(self._heart.peer.core, address, limit)

    def held_back(self, limit: int, fits: Callable[[Place | None], bool] | None = None) -> list[HeldBack]:
        """Return acts past a cut, those nobody has decided on first, oldest first; see `held_acts`."""
        return held_acts.held_back(self._heart.peer.core, limit, fits)

    def waiting(self) -> int:
        """Return how many acts past a cut nobody has decided on."""
        return held_acts.waiting(self._heart.peer.core)

    def reported(self) -> Reported:
        """Return how many acts of each address others report as a revoked key's that count."""
        return held_acts.reported(self._heart.peer.core)

    def to_strike(self, acts: Sequence[str]) -> Chosen:
        """Return which of these acts can be struck out: those held back, and those to be looked through."""
        return held_acts.chosen(self._heart.peer.core, STRUCK, acts)

    # --- the top: where nodes stand
    def move(self, address: str, parent: str, by: tuple[str, int], why: str = "") -> None:
        """Let a node stand below another one, "" for where arithmetic puts it; streams keep their names.

        Args:
            by: who does it (login, "" on the console) and when (UTC ms).
            why: kept in the audit row, "" for nothing.

        Raises:
            NotAllowedInRoster: see `registrar.change`; NoReason: too long; nothing was changed.
        """
        self._change(address, {"parent": parent}, ("node.moved", by, {"to": parent, **noted(why)}))

    def set_url(self, address: str, url: str, by: tuple[str, int], why: str = "") -> None:
        """Say where a node answers on the net; those below it go there. As to `by` and `why` see `move`.

        Raises:
            BadUrl, NotAllowedInRoster, NoReason: nothing was changed.
        """
        url = url.strip()
        if url and (not is_url(url) or len(url) > URL_MAX):
            raise BadUrl(problems=[Problem("url", "网址", BadUrl.code, BadUrl.sentence)])
        services = dict(self.entry(address).statement.fields().get("services", {}))
        services["url"] = url
        self._change(address, {"services": services}, ("node.url", by, {"to": url, **noted(why)}))

    def relieve(self, address: str, by: tuple[str, int], why: str) -> None:
        """Relieve a node of its work: who stood below it stands below the next one above, from now on.

        Raises:
            NoReason, NotAllowedInRoster: nothing was changed.
        """
        self._change(address, {"status": RELIEVED}, ("node.relieved", by, {"to": reason_in(why)}))

    def take_back_into_service(self, address: str, by: tuple[str, int], why: str) -> None:
        """Let a relieved node work again; raises as `relieve`."""
        self._change(address, {"status": LIVE}, ("node.in_service", by, {"to": reason_in(why)}))

    def retire(self, address: str, by: tuple[str, int], why: str) -> None:
        """Retire an address for ever: it is never used again. Raises as `relieve`."""
        self._change(address, {"status": RETIRED}, ("node.retired", by, {"to": reason_in(why)}))

    def _change(self, address: str, changed: dict[str, Any], told: _Told) -> None:
        require_unit()
        action, (login, now_ms), detail = told
        core, entry = self._heart.peer.core, self.entry(address)
        check_in_use(entry)
        if all(registrar.fields_of(entry).get(key) == value for key, value in changed.items()):
            # Done twice it would go to every site once more, and a move say that it left where it stands.
            raise NotAllowedInRoster(sentence=f"名册里{entry.name}已经是这样，没有改动。")
        try:
            registrar.change(core, revocation.roster_key_of(core), address, changed, now_ms)
        except BadRoster as problem:
            raise NotAllowedInRoster from problem
        audit.record(login, action, address, detail, now_ms)

    # --- the top: keys
    def revoke(self, wanted: Revocation, login: str, why: str = "") -> None:
        """Revoke keys of a node; what lies past the cut is held back from now on, everywhere.

        Args:
            why: more than the entry's own word for it, kept in the audit row; "" for nothing.

        Raises:
            NotAllowedInRoster, NoReason: nothing to revoke there; too long; nothing was changed.
        """
        require_unit()
        core, now = self._heart.peer.core, self._heart.clocks.evidence()
        marks = marks_now(core, wanted.address)
        try:
            entry = revocation.revoke(core, self._application, wanted, now)
        except BadRoster as problem:
            raise NotAllowedInRoster from problem
        keys = [one["key"] for one in entry.revoked]
        told: dict[str, Any] = {"keys": keys, "why": wanted.reason, **noted(why), **marks}
        audit.record(login, REVOKED, wanted.address, told, now.wall)

    def release(self, acts: Sequence[str], why: str, login: str) -> None:
        """Let acts held back count, everywhere.

        Raises:
            NothingChosen, NoReason: nothing was changed.
        """
        self._decide(RELEASED, acts, why, login)

    def strike(self, acts: Sequence[str], why: str, login: str) -> None:
        """Strike acts out, everywhere: what counted is undone, with what rests on it.

        They are held back or to be looked through (`to_review`); they stay kept with the reason. Raises as
        `release`.
        """
        self._decide(STRUCK, acts, why, login)

    def _decide(self, kind: str, acts: Sequence[str], why: str, login: str) -> None:
        require_unit()
        core, now, reason = self._heart.peer.core, self._heart.clocks.evidence(), reason_in(why)
        chosen = held_acts.chosen(core, kind, acts)
        if not chosen.acts:
            raise NothingChosen(problems=[Problem("act", "报文", NothingChosen.code, NothingChosen.sentence)])
        revocation.decide(core, self._application, kind, Said(chosen.acts, reason), now)
        for act in chosen.held:
            audit.record(login, kind, act, {"why": reason}, now.wall)
        for one in chosen.counting:
            audit.record(login, kind, one.frame.act, {"why": reason, "counted": 1}, now.wall)

    # --- own keys
    def rotate(self, random: bytes, login: str, why: str = "") -> str:
        """Go over to a new key of this node in a new epoch; return the new key's id.

        Args:
            random: 64 fresh random bytes.
            why: kept in the audit row, "" for nothing.

        Raises:
            NoReason: too long; nothing was changed.
        """
        require_unit()
        peer, now = self._heart.peer, self._heart.clocks.evidence()
        told = noted(why)
        # Durable before the commit that needs it; one that is never used does no harm.
        new = self._keys.add(random)
        peer.rotate(new, now.wall)
        audit.record(login, "node.key_rotated", peer.core.me, {"key": new.id, **told}, now.wall)
        return new.id

    def look_after_keys(self, random: bytes) -> str:
        """Forget keys that nothing needs, and take another when the newest was lost with an older copy.

        Args:
            random: 64 fresh random bytes.

        Returns:
            The id of a new key, "" when none was needed.
        """
        require_unit()
        core = self._heart.peer.core
        if not core.identity.epoch:
            return ""
        self.forget_keys()
        return self.rotate(random, "") if rotation.is_key_lost(core) else ""

    def forget_keys(self) -> list[str]:
        """Remove own keys from the key file that nothing needs any more; return their ids. See `rotation`."""
        require_unit()
        core, now_ms = self._heart.peer.core, self._heart.clocks.evidence().wall
        gone = rotation.keys_to_forget(core, now_ms)
        if gone:
            self._keys.forget(gone)
            audit.record("", "node.keys_forgotten", core.me, {"keys": gone}, now_ms)
        return gone


def roster_key_in_force(spool: Spool) -> str:
    """Return the id of the roster key that the appointment kept here names, "" before there is one."""
    held = spool.held(signed.APPOINTMENT, "newest")
    return str(held.statement.fields()["key"]["id"]) if held is not None else ""
