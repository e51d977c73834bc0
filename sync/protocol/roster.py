"""The roster: which key speaks for which address, who is above whom. Stale trust never blocks intake.

Root keys (named by a fingerprint printed on the enrolment sheet) appoint the
roster key; the roster key signs one entry per address, each alone, and a head
over all of them; a parent may vouch for a child's new key until the roster
confirms it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from sync.protocol import signed
from sync.protocol.address import Tree, is_address
from sync.protocol.errors import BadRoster, NotCanonical
from sync.protocol.frame import is_hash
from sync.protocol.signed import Statement
from sync.protocol.signing import PublicKey, Suite

LIVE = "live"
RELIEVED = "relieved"
RETIRED = "retired"
STATUSES = (LIVE, RELIEVED, RETIRED)
NAME_MAX = 64
VOUCHED_KEYS_MAX = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One address as the roster names it.

    `keys` holds former keys too; `revoked` lists {key, cut, ids}: acts of that
    key count within the cut (stream → seq) and, in any stream, by id.
    """

    address: str
    version: int
    prev: str
    parent: str
    name: str
    keys: tuple[PublicKey, ...]
    status: str
    revoked: tuple[dict[str, Any], ...]
    statement: Statement


def entry_fields(address: str, parent: str, name: str, keys: tuple[PublicKey, ...]) -> dict[str, Any]:
    """Return the fields of an address's first entry; the caller sets version, prev, roster and since."""
    return {
        "address": address,
        "parent": parent,
        "name": name,
        "keys": [{**key.as_fields(), "from": 0, "until": 0} for key in keys],
        "next": "",
        "services": {},
        "status": LIVE,
        "revoked": [],
    }


def read_key(fields: dict[str, Any]) -> PublicKey:
    """Return the public key of its signed form.

    Raises:
        BadRoster: a half is malformed or the id does not fit.
    """
    try:
        key = PublicKey(bytes.fromhex(fields["sign"]), bytes.fromhex(fields["seal"]))
    except (KeyError, TypeError, ValueError):
        raise BadRoster("key") from None
    if len(key.sign) != 32 or len(key.seal) != 32 or key.id != fields.get("id"):
        raise BadRoster("key id")
    return key


def read_entry(statement: Statement) -> Entry:
    """Return the entry a statement holds; `Roster.offer` checks who signed it.

    Raises:
        BadRoster: a field is missing or malformed.
    """
    try:
        fields = statement.fields()
        entry = Entry(
            address=fields["address"],
            version=fields["version"],
            prev=fields["prev"],
            parent=fields["parent"],
            name=fields["name"],
            keys=tuple(read_key(k) for k in fields["keys"]),
            status=fields["status"],
            revoked=tuple(fields["revoked"]),
            statement=statement,
        )
        good = (
            is_address(entry.address)
            and (entry.parent == "" or is_address(entry.parent))
            and type(entry.version) is int
            and entry.version >= 1
            and entry.status in STATUSES
            and type(entry.name) is str
        )
    except (KeyError, TypeError, ValueError, NotCanonical):
        raise BadRoster("entry") from None
    if not good:
        raise BadRoster("entry")
    return entry


@dataclass(frozen=True, slots=True)
class Vouch:
    """A parent's word for a child's new key, good until the roster confirms or denies it."""

    parent: str
    child: str
    epoch_hash: str
    key: PublicKey
    statement: Statement


def read_vouch(statement: Statement) -> Vouch:
    """Return the vouch a statement holds.

    Raises:
        BadRoster: a field is missing or malformed.
    """
    try:
        fields = statement.fields()
        vouch = Vouch(fields["parent"], fields["child"], fields["epoch"], read_key(fields["key"]), statement)
        name = fields["name"]
    except (KeyError, TypeError, ValueError, NotCanonical):
        raise BadRoster("vouch") from None
    if not (is_address(vouch.parent) and is_address(vouch.child) and is_hash(vouch.epoch_hash)):
        raise BadRoster("vouch")
    if type(name) is not str or not 1 <= len(name) <= NAME_MAX:
        raise BadRoster("vouch name")
    return vouch


@dataclass(slots=True)
class Roster:
    """All a node knows of trust, built from statements it has checked. Its version never falls.

    Args:
        fingerprint: SHA-256 hex of the root statement this node was enrolled
            under, "" at a node that knows none yet (nothing is then adopted).
    """

    fingerprint: str
    suite: Suite
    network: str = ""
    root: Statement | None = None
    appointment: Statement | None = None
    head: Statement | None = None
    version: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    vouches: dict[str, Vouch] = field(default_factory=dict)
    _roster_key: PublicKey | None = None
    _tree: Tree | None = None

    @property
    def tree(self) -> Tree:
        """The tree of all addresses in service."""
        if self._tree is None:
            live = {a: e.parent for a, e in self.entries.items() if e.status != RETIRED}
            top = str(self.appointment.fields()["top"]) if self.appointment else ""
            self._tree = Tree(live, top if top in live else "")
        return self._tree

    def key(self, address: str, key_id: str) -> PublicKey | None:
        """Return the key `key_id` if the roster says it is, or was, the address's."""
        entry = self.entries.get(address)
        if entry is None:
            return None
        return next((key for key in entry.keys if key.id == key_id), None)

    def vouched_key(self, address: str, key_id: str) -> PublicKey | None:
        """Return the key if only a live parent vouches for it."""
        vouch = self.vouches.get(f"{address}|{key_id}")
        return vouch.key if vouch else None

    def any_key(self, address: str, key_id: str) -> PublicKey | None:
        """Return the key, confirmed or vouched."""
        return self.key(address, key_id) or self.vouched_key(address, key_id)

    def current_key(self, address: str, voucher: str = "") -> PublicKey | None:
        """Return the newest key of an address: what is sealed to it can be opened by it.

        At `voucher` its own word for a newer key counts already.
        """
        entry = self.entries.get(address)
        vouched = [v for v in self.vouches.values() if v.child == address]
        own = [v for v in vouched if v.parent == voucher]
        if entry is not None and entry.keys and not own:
            return entry.keys[-1]
        return (own or vouched)[-1].key if vouched else None

    def offer(self, statement: Statement) -> bool:
        """Take in a trust statement; return whether anything became newer.

        Raises:
            BadRoster: malformed, or signed by someone who may not; nothing changed.
        """
        take = {
            signed.ROOT: self._offer_root,
            signed.APPOINTMENT: self._offer_appointment,
            signed.HEAD: self._offer_head,
            signed.ENTRY: self._offer_entry,
            signed.VOUCH: self._offer_vouch,
        }.get(statement.sort)
        if take is None:
            raise BadRoster(statement.sort)
        try:
            return take(statement)
        except (KeyError, TypeError, ValueError, NotCanonical):
            raise BadRoster(statement.sort) from None

    def _offer_root(self, statement: Statement) -> bool:
        if not self.fingerprint or statement.hash != self.fingerprint:
            raise BadRoster("another root")
        if self.root is not None:
            return False
        self.network = str(statement.fields()["network"])
        self.root = statement
        return True

    def _offer_appointment(self, statement: Statement) -> bool:
        if self.root is None:
            raise BadRoster("no root yet")
        root, fields = self.root.fields(), statement.fields()
        if fields["network"] != self.network:
            raise BadRoster("another network")
        old = self.appointment.fields()["version"] if self.appointment else 0
        if fields["version"] <= old:
            return False
        signers = {key["id"] for key in root["keys"] if statement.signed_by(read_key(key), self.suite)}
        if len(signers) < max(1, root["threshold"]):
            raise BadRoster("appointment below threshold")
        if not is_address(fields["top"]):
            raise BadRoster("appointment without a top")
        self._roster_key = read_key(fields["key"])
        self.appointment, self._tree = statement, None
        return True

    def _offer_head(self, statement: Statement) -> bool:
        fields = self._by_roster_key(statement)
        if fields["version"] <= self.version:
            return False
        self.version, self.head = fields["version"], statement
        return True

    def _offer_entry(self, statement: Statement) -> bool:
        self._by_roster_key(statement)
        entry = read_entry(statement)
        old = self.entries.get(entry.address)
        if old is not None and entry.version <= old.version:
            return False
        if old is not None and entry.version == old.version + 1 and entry.prev != old.statement.hash:
            raise BadRoster(f"entry chain of {entry.address}")
        self.entries[entry.address] = entry
        for name in [n for n, v in self.vouches.items() if v.child == entry.address]:
            if self.vouches[name].key in entry.keys:
                del self.vouches[name]
        self._tree = None
        return True

    def _offer_vouch(self, statement: Statement) -> bool:
        vouch = read_vouch(statement)
        name = f"{vouch.child}|{vouch.key.id}"
        if name in self.vouches or self.key(vouch.child, vouch.key.id):
            return False
        parent = self.entries.get(vouch.parent)
        above = self.tree.parent(vouch.child) if self.tree.top else ""
        if parent is None or parent.status != LIVE or vouch.parent != above:
            raise BadRoster(f"{vouch.parent} may not vouch for {vouch.child}")
        if sum(v.child == vouch.child for v in self.vouches.values()) >= VOUCHED_KEYS_MAX:
            raise BadRoster(f"too many keys vouched for {vouch.child}")
        if not any(statement.signed_by(key, self.suite) for key in parent.keys):
            raise BadRoster("vouch signature")
        self.vouches[name] = vouch
        return True

    def _by_roster_key(self, statement: Statement) -> dict[str, Any]:
        if self._roster_key is None or not statement.signed_by(self._roster_key, self.suite):
            raise BadRoster(f"{statement.sort} not by the roster key")
        fields = statement.fields()
        if fields["network"] != self.network:
            raise BadRoster("another network")
        return fields


def digest_of(entries: dict[str, Entry]) -> str:
    """Return the hash a roster head carries: over every address, version and entry hash, sorted."""
    lines = [f"{a}:{e.version}:{e.statement.hash}" for a, e in sorted(entries.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
