"""A node goes over to a new key: the record of its next epoch is signed by the new key and by the former one.

The record carries the new key, so whoever believed the former one believes the
new one from then on; the top writes it into the roster by itself. Until a
neighbour is known to have that entry, exchanges with it are still signed with
a key it surely has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.protocol import signed
from sync.protocol.entries import Rotation, read_key
from sync.protocol.errors import BadRoster, NotCanonical
from sync.protocol.roster import Roster
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair, PublicKey
from sync.protocol.spool import Neighbour
from sync.protocol.streams import Epoch, make_epoch, read_epoch

if TYPE_CHECKING:
    from sync.protocol.core import Core

REASON = "rotation"
KEPT_MS = 730 * 86_400_000


def learn_rotation(roster: Roster, statement: Statement) -> None:
    """Remember what an epoch record says of a new key, if a key believed till then says so too."""
    if b'"public":' not in statement.payload:
        return
    try:
        fields = statement.fields()
        key, src, by = read_key(fields["public"]), fields["src"], fields["by"]
        former = roster.good_key(src, by)
    except (BadRoster, NotCanonical, KeyError, TypeError):
        return
    if former is None or key.id != fields["key"]:
        return
    if all(statement.signed_by(one, roster.suite) for one in (key, former)):
        roster.offer_rotation(src, Rotation(key, former.id))


def fallen_key(core: Core, statement: Statement) -> PublicKey | None:
    """Return the key in an epoch record for which one spoke that is revoked by now, or has fallen so itself.

    Whoever hears of the revocation first takes what the key signed as those did who heard of the key first:
    it is kept and passed on, and past every cut. Else it would be offered without end.
    """
    if b'"public":' not in statement.payload:
        return None
    try:
        fields = statement.fields()
        key, src, by = read_key(fields["public"]), fields["src"], fields["by"]
        former = _gone_key(core, src, by)
    except (BadRoster, NotCanonical, KeyError, TypeError):
        return None
    if former is None or key.id != fields["key"]:
        return None
    return key if all(statement.signed_by(one, core.suite) for one in (key, former)) else None


def _gone_key(core: Core, src: str, key_id: str) -> PublicKey | None:
    roster = core.roster
    if key_id in roster.revoked(src):
        return roster.key(src, key_id)
    if not roster.revoked(src) or roster.any_key(src, key_id) is not None:
        return None
    named = b'"key":"%s"' % key_id.encode()
    records = [h.statement for h in core.spool.all_held(signed.EPOCH) if h.key.startswith(f"{src}|")]
    carried = [carried_key(roster, read_epoch(one)) for one in records if named in one.payload]
    return next((key for key in carried if key is not None), None)


def carried_key(roster: Roster, record: Epoch) -> PublicKey | None:
    """Return the key in an epoch record kept here, if its address has revoked keys; see `fallen_key`."""
    if not roster.revoked(record.src) or b'"public":' not in record.statement.payload:
        return None
    try:
        key = read_key(record.statement.fields()["public"])
    except (BadRoster, TypeError):
        return None
    return key if key.id == record.key_id else None


def has_fallen(core: Core, record: Epoch) -> bool:
    """Say whether only keys that are revoked by now spoke for the key of an epoch."""
    fallen = carried_key(core.roster, record) is not None and record.key_id not in core.means.keys
    return fallen and core.roster.any_key(record.src, record.key_id) is None


def rotate(core: Core, new: KeyPair, fields: dict[str, object]) -> Epoch:
    """Begin a new epoch under `new`, signed by the former key too; return its record.

    Args:
        new: a key pair that `Means.keys` holds already.
        fields: of the record, as `issue.epoch_fields` gives them.

    Raises:
        NotEnrolled: there is no key to rotate from.
    """
    former = core.own_key()
    whole = {**fields, "by": former.id, "public": new.public.as_fields()}
    record = make_epoch(whole, (new, former), core.suite)
    core.keep(record.statement, f"{core.me}|{record.id}", (record.n, 0, 0))
    learn_rotation(core.roster, record.statement)
    core.identity.epoch = record.id
    return record


def speaking_key(core: Core, neighbour: Neighbour) -> KeyPair:
    """Return the key that an exchange with a neighbour is signed with: one it surely knows.

    Raises:
        NotEnrolled: there is no epoch yet.
    """
    own, me = core.own_key(), core.me
    held, entry = core.spool.held(signed.ENTRY, me), core.roster.entries.get(me)
    if held is None or entry is None:
        return own
    known = [key.id for key in entry.good_keys if key.id in core.means.keys]
    if not known or (own.id in known and held.stamp <= neighbour.acked_stamp):
        return own
    return core.means.keys[known[0]]


def listening_key(core: Core, address: str) -> PublicKey | None:
    """Return the key to seal an exchange to: the one its receiver last spoke with, else the newest one.

    Put back from an older copy, a node may not have its newest key any more.
    """
    spoken = core.spoken.get(address, "")
    heard = core.believed_key(address, spoken) if spoken else None
    return heard or core.roster.current_key(address, core.me)


def is_key_lost(core: Core) -> bool:
    """Say whether the roster names as this node's newest key one that it does not have: it needs another."""
    entry = core.roster.entries.get(core.me)
    newest = entry.good_keys[-1].id if entry is not None and entry.good_keys else ""
    return bool(newest) and newest not in core.means.keys


def keys_to_forget(core: Core, now_ms: int) -> list[str]:
    """Return own keys that nothing needs any more: 24 months out of use, or stolen.

    The key of the epoch in use stays, and so does one the roster does not name.
    """
    entry = core.roster.entries.get(core.me)
    if entry is None:
        return []
    stolen = {one["key"] for one in entry.revoked if one.get("reason") == "stolen"}
    until = {key["id"]: key["until"] for key in entry.statement.fields()["keys"]}
    in_use = core.own_key().id
    return [
        key
        for key in core.means.keys
        if key != in_use and (key in stolen or 0 < until.get(key, 0) < now_ms - KEPT_MS)
    ]
