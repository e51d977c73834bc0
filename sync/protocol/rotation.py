"""A node goes over to a new key: the record of its next epoch is signed by the new key and by the former one.

The record carries the new key, so whoever believed the former one believes the
new one from then on; the top writes it into the roster by itself. Until a
neighbour is known to have that entry, exchanges with it are still signed with
a key it surely has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol import signed
from sync.protocol.entries import Entry, Rotation, read_key
from sync.protocol.errors import BadRoster, NotCanonical
from sync.protocol.found import Came
from sync.protocol.roster import Roster
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair, PublicKey
from sync.protocol.spool import Neighbour
from sync.protocol.streams import Epoch, make_epoch, read_epoch

if TYPE_CHECKING:
    from sync.protocol.core import Core

REASON = "rotation"
KEPT_MS = 730 * 86_400_000
# From key to key without a word of the roster, so many at most: no honest node needs more.
CHAIN_MAX = 8


class Step(NamedTuple):
    """A record that brings a key for its epoch, and which key it says to speak for that."""

    record: Epoch
    key: PublicKey
    by: str


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


def fallen_key(core: Core, record: Epoch) -> PublicKey | None:
    """Return the key of an epoch if it was gone over to from one that is revoked by now, or fallen like it.

    Some hear of the key before they hear of the revocation, some after. Both must keep what it signed and
    pass it on, and hold it past every cut: what only some take is offered to the others without end. So of a
    key more than CHAIN_MAX records away from the roster nobody takes anything. Later epochs of such a key are
    as fallen. That it signed the record is for the caller to check.
    """
    roster, src = core.roster, record.src
    if not roster.revoked(src):
        return None
    known, brought = _brought_by(core, src), _brought(record)
    if brought is not None and not _is_near(known, brought[0].id):
        step = Step(record, *brought)
        is_gone = step.by in roster.revoked(src) or roster.any_key(src, step.by) is None
        new = _came_by(core, _former(core, known, step), step) if is_gone else None
        if new is not None:
            known[new.key.id] = new
    return known[record.key_id].key if _is_near(known, record.key_id) else None


def _is_near(known: Mapping[str, Came], key_id: str) -> bool:
    """Say whether anybody would believe a key that was brought."""
    return key_id in known and bool(known[key_id].names)


def _former(core: Core, known: Mapping[str, Came], step: Step) -> Came | None:
    """Return the key that a record says to speak for its own, if that is near enough to bring one more."""
    named = core.roster.key(step.record.src, step.by)
    former = Came(named, ()) if named is not None else known[step.by] if _is_near(known, step.by) else None
    return former if former is not None and len(former.names) < CHAIN_MAX else None


def _came_by(core: Core, former: Came | None, step: Step) -> Came | None:
    """Return how a node came to the key that a record brings, if the one before signed it."""
    record = step.record
    is_said = former is not None and record.statement.signed_by(former.key, core.suite)
    return Came(step.key, (*former.names, f"{record.src}|{record.id}")) if former and is_said else None


def _brought(record: Epoch) -> tuple[PublicKey, str] | None:
    """Return the key that a record brings for its epoch, and which one it says to speak for it."""
    if b'"public":' not in record.statement.payload:
        return None
    try:
        fields = record.statement.fields()
        key, by = read_key(fields["public"]), fields["by"]
    except (BadRoster, KeyError, TypeError):
        return None
    return (key, by) if key.id == record.key_id and type(by) is str else None


def _brought_by(core: Core, src: str) -> dict[str, Came]:
    """Return the keys that the records kept of a node bring; read once in a unit: a thief makes many.

    Those too far away, which a program of before kept, came under no names: nobody believes them.
    """
    known = core.found.brought.get(src)
    if known is None:
        known, left = {}, (steps := steps_of(core, src))
        # Those of one step at a time, so that the shortest way is found, and of these the first.
        while left:
            new, further = dict[str, Came](), list[Step]()
            for step in left:
                former = _former(core, known, step)
                if former is None:
                    further.append(step)
                elif step.key.id not in new and (came := _came_by(core, former, step)) is not None:
                    new[step.key.id] = came
            known |= new
            left = [step for step in further if step.key.id not in known] if new else []
        known = core.found.brought[src] = {step.key.id: Came(step.key, ()) for step in steps} | known
    return known


def keys_to(core: Core, record: Epoch) -> list[str]:
    """Return by which keys a node came to that of an epoch, as its records here say: that one first."""
    former, found = {key.id: by for _, key, by in steps_of(core, record.src)}, [record.key_id]
    while found[-1] in former:
        found.append(former.pop(found[-1]))
    return found


def records_to(core: Core, record: Epoch) -> tuple[str, ...]:
    """Return under which names the records are held without which nobody can tell that a key spoke for it.

    The first to be believed first, one of each key: a thief makes many that say the same. None for a key that
    the roster names: whoever has that needs no more.
    """
    src, key_id = record.src, record.key_id
    came = _brought_by(core, src).get(key_id) if core.roster.key(src, key_id) is None else None
    return came.names if came is not None else ()


def steps_of(core: Core, src: str) -> list[Step]:
    """Return the records kept of a node that bring keys; who speaks for these is for the caller to ask."""
    kept = [h for h in core.spool.all_held(signed.EPOCH) if h.key.startswith(f"{src}|")]
    brought = [(record, _brought(record)) for record in (read_epoch(held.statement) for held in kept)]
    return [Step(record, *one) for record, one in brought if one is not None]


def has_fallen(core: Core, record: Epoch) -> bool:
    """Say whether only keys that are revoked by now spoke for the key of an epoch, from however far."""
    src, key_id = record.src, record.key_id
    is_known = key_id in core.means.keys or core.roster.any_key(src, key_id) is not None
    return not is_known and (is_key_gone(core, src, key_id) or fallen_key(core, record) is not None)


def is_key_gone(core: Core, src: str, key_id: str) -> bool:
    """Say whether a key is revoked or, as records kept here show, has fallen with one that is."""
    gone = core.roster.revoked(src)
    if key_id in gone or not gone:
        return key_id in gone
    return core.roster.any_key(src, key_id) is None and key_id in _brought_by(core, src)


def gone_key(core: Core, src: str, key_id: str) -> PublicKey | None:
    """Return a key that is gone, see `is_key_gone`, where it is known; else None."""
    if not is_key_gone(core, src, key_id):
        return None
    came = _brought_by(core, src).get(key_id)
    return core.roster.any_key(src, key_id) or (came.key if came is not None else None)


def is_gone(core: Core, record: Epoch) -> bool:
    """Say whether the key of an epoch is revoked, or has fallen with one that is."""
    return record.key_id in core.roster.revoked(record.src) or has_fallen(core, record)


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

    Which one that is can only be guessed by a node put back to before one of them was revoked, or before it
    was entered again by the newest. Those that the neighbour has said it knows not come last.

    Raises:
        NotEnrolled: there is no epoch yet.
    """
    own, me = core.own_key(), core.me
    held, entry = core.spool.held(signed.ENTRY, me), core.roster.entries.get(me)
    if held is None or entry is None:
        return own
    known = _named_keys(core, entry)
    if not known or (own in known and held.stamp <= neighbour.acked_stamp):
        return own
    if own not in known:
        known.append(own)
    return _turn_of(core, neighbour, known)


def introducing_key(core: Core, neighbour: Neighbour) -> KeyPair:
    """Return the key that this node introduces itself with: as `speaking_key`, but one that its entry names.

    By that entry the other can tell whose the key is. Of a key gone over to it shows nothing.
    """
    own, entry = speaking_key(core, neighbour), core.roster.entries.get(core.me)
    named = _named_keys(core, entry) if entry is not None else []
    return own if own in named or not named else _turn_of(core, neighbour, named)


def _turn_of(core: Core, neighbour: Neighbour, keys: list[KeyPair]) -> KeyPair:
    refused = core.refused.get(neighbour.address, [])
    return min(keys, key=lambda key: refused.index(key.id) if key.id in refused else -1)


def vouching_keys(core: Core) -> tuple[KeyPair, ...]:
    """Return the keys that a word for a child is signed with: the one in use, and one that the roster names.

    A key gone over to counts for a word only once the roster names it; the one before may fall meanwhile.

    Raises:
        NotEnrolled: there is no epoch yet.
    """
    own, entry = core.own_key(), core.roster.entries.get(core.me)
    named = _named_keys(core, entry) if entry is not None else []
    return (own,) if own in named or not named else (own, named[-1])


def _named_keys(core: Core, entry: Entry) -> list[KeyPair]:
    return [core.means.keys[key.id] for key in entry.good_keys if key.id in core.means.keys]


def next_key(core: Core) -> KeyPair | None:
    """Return this node's newest key by the roster, if it has it and the one in use is gone; else None."""
    record = core.epoch(core.me, core.identity.epoch)
    entry = core.roster.entries.get(core.me)
    if record is None or entry is None or not is_key_gone(core, core.me, record.key_id):
        return None
    named = _named_keys(core, entry)
    return named[-1] if named else None


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
