"""What the roster says of one address, and a parent's word for a child's key: read from their statements."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sync.protocol.address import Tree, is_address
from sync.protocol.errors import BadRoster, NotCanonical
from sync.protocol.frame import is_act_id, is_hash
from sync.protocol.signed import Statement, remembering
from sync.protocol.signing import PublicKey, Suite

LIVE = "live"
RELIEVED = "relieved"
RETIRED = "retired"
STATUSES = (LIVE, RELIEVED, RETIRED)
NAME_MAX = 64
URL_MAX = 200


class Appointed(NamedTuple):
    """A roster key and the roster version after which the one before it may sign nothing more."""

    version: int
    key: PublicKey
    until: int


class Rotation(NamedTuple):
    """A node's new key on the word of its former one, good until the roster says more."""

    key: PublicKey
    by: str


@dataclass(frozen=True, slots=True)
class Revoked:
    """What still counts of a key that was revoked: places up to `cut` of each stream, and acts by id.

    A stream that the cut does not name is cut at 0; `closed`: 1 when nobody is told of such streams.
    """

    key: str
    cut: Mapping[str, int]
    ids: frozenset[str]
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One address as the roster names it.

    `keys` holds former keys too; `revoked` lists {key, cut, ids}: acts of that
    key count within the cut (stream → seq) and, in any stream, by id. `left`
    names who stood above it before it was moved. `network` and `roster` say for
    which network and from which roster version on it was signed.
    """

    address: str
    version: int
    prev: str
    parent: str
    name: str
    keys: tuple[PublicKey, ...]
    status: str
    revoked: tuple[dict[str, Any], ...]
    left: tuple[str, ...]
    network: object
    roster: object
    statement: Statement

    @property
    def cuts(self) -> Mapping[str, Revoked]:
        """What still counts of each revoked key, by key id."""
        return _cuts_of(self.statement)

    @property
    def good_keys(self) -> tuple[PublicKey, ...]:
        """The keys of the address that are not revoked, oldest first."""
        gone = {one["key"] for one in self.revoked}
        return tuple([key for key in self.keys if key.id not in gone]) if gone else self.keys

    def has_signed(self, statement: Statement, suite: Suite) -> bool:
        """Say whether a key of the address that is not revoked signed a statement."""
        return any(statement.signed_by(key, suite) for key in self.good_keys)

    @property
    def url(self) -> str:
        """Where the node answers on the net, "" when nobody has said."""
        return str(self.statement.fields().get("services", {}).get("url", ""))


# Asked for every act of an author with a revoked key.
@lru_cache(maxsize=64)
def _cuts_of(statement: Statement) -> Mapping[str, Revoked]:
    return {
        one["key"]: Revoked(
            one["key"], one.get("cut", {}), frozenset(one.get("ids", ())), int(one.get("closed") == 1)
        )
        for one in statement.fields()["revoked"]
    }


class Unusual(NamedTuple):
    """What few entries of a roster say: whose streams are closed, and by each address who has left it."""

    closed: frozenset[str]
    leavers: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, entries: Mapping[str, Entry]) -> Unusual:
        """Return what these entries say of it."""
        closed = [a for a, e in entries.items() if e.revoked and any(cut.closed for cut in e.cuts.values())]
        left = {a: e.left for a, e in entries.items() if e.left}
        places = {place for former in left.values() for place in former}
        return cls(frozenset(closed), {at: frozenset(a for a in left if at in left[a]) for at in places})


def tree_of(entries: Mapping[str, Entry], top: str) -> Tree:
    """Return who is above whom by these entries; `top` counts where it is in service.

    What is retired is in service no more, and stays below whom its entry named: that one worked with it.
    """
    live = {a: e.parent for a, e in entries.items() if e.status != RETIRED}
    gone = {a: e.parent for a, e in entries.items() if e.status == RETIRED}
    relieved = {a for a, e in entries.items() if e.status == RELIEVED}
    return Tree(live, top if top in live else "", relieved, gone)


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


# Every start reads all of them anew, in each process of a node.
@remembering
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
            left=tuple(fields.get("left", ())),
            network=fields.get("network", ""),
            roster=fields.get("roster"),
            statement=statement,
        )
        good = (
            is_address(entry.address)
            and (entry.parent == "" or is_address(entry.parent))
            and type(entry.version) is int
            and entry.version >= 1
            and entry.status in STATUSES
            and type(entry.name) is str
            and _is_services(fields.get("services", {}))
            and all(is_address(one) for one in entry.left)
            and all(_is_revocation(one) for one in entry.revoked)
        )
    except (KeyError, TypeError, ValueError, NotCanonical):
        raise BadRoster("entry") from None
    if not good:
        raise BadRoster("entry")
    return entry


def _is_services(services: object) -> bool:
    if type(services) is not dict:
        return False
    url = services.get("url", "")
    return type(url) is str and len(url) <= URL_MAX


def _is_revocation(fields: object) -> bool:
    if type(fields) is not dict:
        return False
    cut, ids = fields.get("cut", {}), fields.get("ids", [])
    return (
        type(fields["key"]) is str
        and type(cut) is dict
        and all(type(seq) is int and seq >= 0 for seq in cut.values())
        and type(ids) is list
        and all(is_act_id(one) for one in ids)
    )


@dataclass(frozen=True, slots=True)
class Vouch:
    """A parent's word for a child's new key, good until the roster confirms or denies it."""

    parent: str
    child: str
    epoch_hash: str
    key: PublicKey
    statement: Statement

    @property
    def way(self) -> tuple[str, str]:
        """Whose word it is, and for whom."""
        return (self.parent, self.child)


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


def digest_of(entries: dict[str, Entry]) -> str:
    """Return the hash a roster head carries: over every address, version and entry hash, sorted."""
    lines = [f"{a}:{e.version}:{e.statement.hash}" for a, e in sorted(entries.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
