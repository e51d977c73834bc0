"""The roster: which key speaks for which address, who is above whom. Stale trust never blocks intake.

Root keys (named by a fingerprint printed on the enrolment sheet) appoint the roster key; the roster key
signs one entry per address, each alone, and a head over all of them; a parent may vouch for a child's new
key until the roster confirms it. A new appointment takes the place of the one before: what a later roster
key signed stands above what any former one did, whatever their numbers, and the later key's first head ends
the word of the former ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sync.protocol import roots, signed
from sync.protocol.address import Tree
from sync.protocol.entries import (
    LIVE,
    NAME_MAX,
    RELIEVED,
    RETIRED,
    Appointed,
    Entry,
    Revoked,
    Rotation,
    Unusual,
    Vouch,
    digest_of,
    entry_fields,
    read_entry,
    read_key,
    read_vouch,
    tree_of,
)
from sync.protocol.errors import BadRoster, NotCanonical
from sync.protocol.signed import Statement
from sync.protocol.signing import PublicKey, Suite

__all__ = (
    "LIVE", "NAME_MAX", "RELIEVED", "RETIRED", "VOUCHED_KEYS_MAX", "Entry", "Roster", "Vouch", "digest_of",
    "entry_fields", "read_entry", "read_key", "read_vouch",
)  # fmt: skip
VOUCHED_KEYS_MAX = 4
_ROTATIONS_MAX = 8


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
    # All appointments that are believed, by number; those that name new root keys.
    given: tuple[Statement, ...] = ()
    renewals: tuple[Statement, ...] = ()
    head: Statement | None = None
    version: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    vouches: dict[str, Vouch] = field(default_factory=dict)
    rotations: dict[str, Rotation] = field(default_factory=dict)
    _appointed: tuple[Appointed, ...] = ()
    _by: dict[str, int] = field(default_factory=dict)
    _head_by: int = 0
    _tree: Tree | None = None
    _unusual: Unusual | None = None
    # Heads and entries taken in since the last appointment: what stands now is these or newer ones.
    _taken: set[Statement] = field(default_factory=set, init=False)

    @property
    def tree(self) -> Tree:
        """The tree of all addresses in service."""
        if self._tree is None:
            top = str(self.appointment.fields()["top"]) if self.appointment else ""
            self._tree = tree_of(self.entries, top)
        return self._tree

    @property
    def unusual(self) -> Unusual:
        """What few of its entries say; looked up for every exchange."""
        self._unusual = self._unusual or Unusual.of(self.entries)
        return self._unusual

    @property
    def appointments(self) -> tuple[Statement, ...]:
        """The appointment in force after those without which nobody could believe it, or what stands here."""
        standing, needed = {self._head_by, *self._by.values()}, {self.appointment, *self.renewals}
        both = zip(self.given, self._appointed, strict=True)
        return tuple(one for one, made in both if one in needed or made.version in standing)

    def formerly_below(self, address: str) -> set[str]:
        """Return who stood below an address once and does no more: it may still hold copies of theirs."""
        entry = self.entries.get(address)
        found = {*self.unusual.leavers.get(address, ())}
        if entry is not None and entry.status == RELIEVED:
            found |= {a for a, e in self.entries.items() if address in (e.parent, a[: len(address)])}
        return found - {address, *self.tree.up(address)} if found else found

    def copy(self) -> Roster:
        """Return a roster that says the same and goes its own way from here."""
        return replace(
            self,
            entries=dict(self.entries),
            vouches=dict(self.vouches),
            rotations=dict(self.rotations),
            _by=dict(self._by),
        )

    def key(self, address: str, key_id: str) -> PublicKey | None:
        """Return the key `key_id` if the roster says it is, or was, the address's."""
        entry = self.entries.get(address)
        return next((key for key in entry.keys if key.id == key_id), None) if entry is not None else None

    def good_key(self, address: str, key_id: str) -> PublicKey | None:
        """Return the key if it speaks for the address now: confirmed or rotated to, and not revoked."""
        entry = self.entries.get(address)
        for key in entry.good_keys if entry else ():
            if key.id == key_id:
                return key
        return self.rotated_key(address, key_id)

    def revoked(self, address: str) -> Mapping[str, Revoked]:
        """Return what still counts of each revoked key of an address, by key id; mostly nothing."""
        entry = self.entries.get(address)
        return entry.cuts if entry is not None and entry.revoked else {}

    def vouched_key(self, address: str, key_id: str, by: str = "") -> PublicKey | None:
        """Return the key if only a parent, or a former one, vouches for it; where `by` is named, that one."""
        vouch = self.vouches.get(f"{address}|{key_id}")
        return vouch.key if vouch and by in ("", vouch.parent) else None

    def rotated_key(self, address: str, key_id: str) -> PublicKey | None:
        """Return the key if the node went over to it from a good one and the roster does not name it yet."""
        entry, wanted = self.entries.get(address), key_id
        good = {key.id for key in entry.good_keys} if entry else set()
        for _ in range(_ROTATIONS_MAX):
            rotation = self.rotations.get(f"{address}|{wanted}")
            if rotation is None or self.key(address, wanted) is not None:
                return None
            if rotation.by in good:
                return self.rotations[f"{address}|{key_id}"].key
            wanted = rotation.by
        return None

    def any_key(self, address: str, key_id: str) -> PublicKey | None:
        """Return the key, confirmed (revoked or not), rotated to or vouched."""
        known = self.key(address, key_id) or self.rotated_key(address, key_id)
        return known or self.vouched_key(address, key_id)

    def current_key(self, address: str, voucher: str = "") -> PublicKey | None:
        """Return the newest good key of an address: what is sealed to it can be opened by it.

        At `voucher` its own word for a newer key counts already.
        """
        entry = self.entries.get(address)
        vouched = [v for v in self.vouches.values() if v.way == (self.tree.parent(address), address)]
        own = [v for v in vouched if v.parent == voucher]
        if entry is not None and entry.good_keys and not own:
            return entry.good_keys[-1]
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
        if statement in self._taken:
            return False
        try:
            is_newer = take(statement)
        except (KeyError, TypeError, ValueError, NotCanonical):
            raise BadRoster(statement.sort) from None
        if is_newer and statement.sort in (signed.HEAD, signed.ENTRY):
            self._taken.add(statement)
        return is_newer

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
        if statement in self.given:
            return False
        made = roots.read_appointment(statement, self.root)
        newest = max((one.fields()["version"] for one in self.renewals), default=0)
        # Whatever a renewal took the place of was signed again: the former keys have nothing more to say.
        if made.version < newest or made.version in {one.version for one in self._appointed}:
            return False
        roots.check_signed(statement, roots.in_force(self.root, self.renewals, made.version), self.suite)
        self.given = roots.in_order((*self.given, statement))
        if roots.read_new(statement) is not None:
            self.renewals = roots.in_order((*self.renewals, statement))
            # Heard late: what the former keys gave a higher number is believed no more.
            self.given = roots.good_of(self.given, self.root, self.renewals, self.suite)
        self.appointment, self._tree = self.given[-1], None
        self._appointed = tuple(roots.read_appointment(one, self.root) for one in self.given)
        believed = {one.version for one in self._appointed}
        # What the others signed stands until anything comes by one that is believed, whatever its number.
        self._by = {address: by if by in believed else 0 for address, by in self._by.items()}
        self._head_by = self._head_by if self._head_by in believed else 0
        self._taken.clear()
        return True

    def _offer_head(self, statement: Statement) -> bool:
        by, fields = self._signer(statement), statement.fields()
        if fields["network"] != self.network:
            raise BadRoster("another network")
        if (by, fields["version"]) <= (self._head_by, self.version):
            return False
        if type(fields["version"]) is not int or self._is_late(by, fields["version"]):
            raise BadRoster("head by a former roster key")
        # The root's word for a new key stands above any number the former one may have written.
        self.version, self.head, self._head_by = fields["version"], statement, by
        return True

    def _offer_entry(self, statement: Statement) -> bool:
        by, entry = self._signer(statement), read_entry(statement)
        if entry.network != self.network:
            raise BadRoster("another network")
        old, old_by = self.entries.get(entry.address), self._by.get(entry.address, 0)
        if old is not None and (by, entry.version) <= (old_by, old.version):
            return False
        # `prev` is for who audits. A top put back to a backup signs above what it finds: were the next number
        # refused for its `prev`, who has an entry of the top's other life would take any number but that one.
        if self._is_late(by, entry.roster):
            raise BadRoster(f"entry of {entry.address} by a former roster key")
        self.entries[entry.address], self._by[entry.address] = entry, by
        for name, vouch in list(self.vouches.items()):
            if (vouch.child == entry.address and vouch.key in entry.keys) or (
                vouch.parent == entry.address and not entry.has_signed(vouch.statement, self.suite)
            ):
                del self.vouches[name]
        self._tree = self._unusual = None
        return True

    def _is_late(self, by: int, version: object) -> bool:
        """Say whether a former roster key was not in force for this, or is not needed any more."""
        following = next((one for one in self._appointed if one.version > by), None)
        if following is None:
            return False
        return type(version) is not int or version > following.until or self._head_by > by

    def _offer_vouch(self, statement: Statement) -> bool:
        vouch = read_vouch(statement)
        name = f"{vouch.child}|{vouch.key.id}"
        parent, child = self.entries.get(vouch.parent), self.entries.get(vouch.child)
        above = self.tree.parent(vouch.child) if self.tree.top else ""
        is_above = vouch.parent == above and parent is not None and parent.status == LIVE
        is_known = name in self.vouches and (not is_above or self.vouches[name].parent == above)
        if is_known or self.key(vouch.child, vouch.key.id):
            return False
        # What was said by who stood above it once waits for a person all the same.
        is_above = is_above or vouch.child in self.formerly_below(vouch.parent)
        if parent is None or not is_above or (child is not None and child.status == RETIRED):
            raise BadRoster(f"{vouch.parent} may not vouch for {vouch.child}")
        if sum(v.way == vouch.way for v in self.vouches.values()) >= VOUCHED_KEYS_MAX:
            raise BadRoster(f"too many keys vouched for {vouch.child}")
        if not parent.has_signed(statement, self.suite):
            raise BadRoster("vouch signature")
        self.vouches[name] = vouch
        return True

    def _signer(self, statement: Statement) -> int:
        """Return the version of the appointment whose key signed a statement."""
        for one in reversed(self._appointed):
            if statement.signed_by(one.key, self.suite):
                return one.version
        raise BadRoster(f"{statement.sort} not by the roster key")

    def offer_rotation(self, src: str, rotation: Rotation) -> None:
        """Remember that a node went over to another key, as the record of its epoch says; see `rotation`."""
        if self.key(src, rotation.key.id) is not None:
            return
        open_ones = [n for n in self.rotations if n.startswith(f"{src}|") and not self.key(*n.split("|"))]
        if len(open_ones) < _ROTATIONS_MAX:
            self.rotations.setdefault(f"{src}|{rotation.key.id}", rotation)
