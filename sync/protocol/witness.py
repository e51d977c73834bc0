"""What a node remembers of itself outside its database, so that a database put back from a copy shows.

It is written before bytes leave, and after the commit they speak of: it may
lag behind the database, never lead it. One that leads proves that the
database was rolled back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol import canonical
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import StreamId, is_epoch, is_hash

if TYPE_CHECKING:
    from sync.protocol.core import Core

SLOT_BYTES = 1 << 20
_MAGIC = b"LDW1"
PREFIX_BYTES = len(_MAGIC) + 4 + 32
# Beyond so many streams the counters alone must tell; they rise with every change.
_HEADS_MAX = 8_000

# A place, and the hash of the header there.
HeadAt = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Word:
    """What the witness says: the installation, its incarnation, epoch and change counter, and own heads.

    `heads` gives, for each destination of the epoch, the last place and the hash there.
    """

    instance: str
    incarnation: int
    epoch: str
    stamp: int
    heads: Mapping[str, HeadAt] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """The number of the epoch, 0 for none."""
        return number_of(self.epoch)


class Slot(NamedTuple):
    """One of the two slots as it is read: of two the one with the higher `turn` counts."""

    turn: int
    word: Word


def number_of(epoch: str) -> int:
    """Return the number of an epoch by its name, 0 when there is none."""
    number = epoch.partition("-")[0]
    return int(number) if number.isdigit() else 0


def encode_slot(slot: Slot) -> bytes:
    """Return the bytes of a slot, with their checksum."""
    word = slot.word
    heads = {dst: list(head) for dst, head in word.heads.items()} if len(word.heads) <= _HEADS_MAX else {}
    payload = canonical.dumps(
        {
            "epoch": word.epoch,
            "heads": heads,
            "inc": word.incarnation,
            "instance": word.instance,
            "stamp": word.stamp,
            "turn": slot.turn,
        }
    )
    return _MAGIC + len(payload).to_bytes(4, "big") + hashlib.sha256(payload).digest() + payload


def slot_size(prefix: bytes) -> int:
    """Return how many bytes a slot that begins so takes, its prefix included."""
    return PREFIX_BYTES + int.from_bytes(prefix[len(_MAGIC) : len(_MAGIC) + 4], "big")


def decode_slot(data: bytes) -> Slot | None:
    """Return the slot these bytes begin with, None when it was never written, or torn or damaged."""
    size = slot_size(data)
    payload = data[PREFIX_BYTES:size]
    if data[: len(_MAGIC)] != _MAGIC or len(data) < size:
        return None
    if hashlib.sha256(payload).digest() != data[len(_MAGIC) + 4 : PREFIX_BYTES]:
        return None
    try:
        said = canonical.loads(payload)
        heads = {dst: (seq, head) for dst, (seq, head) in said["heads"].items()}
        word = Word(said["instance"], said["inc"], said["epoch"], said["stamp"], heads)
        slot = Slot(said["turn"], word)
    except (NotCanonical, KeyError, TypeError, ValueError, AttributeError):
        return None
    return slot if _is_good(slot) else None


def _is_good(slot: Slot) -> bool:
    # The checksum shows damage by the disk; a slot of another program may fit it and still say nonsense.
    word = slot.word
    numbers = (slot.turn, word.incarnation, word.stamp, *(seq for seq, _ in word.heads.values()))
    return (
        all(type(number) is int and number >= 0 for number in numbers)
        and type(word.instance) is str
        and (word.epoch == "" or is_epoch(word.epoch))
        and all(is_hash(head) for _, head in word.heads.values())
    )


def newest(slots: Iterable[Slot | None]) -> Slot | None:
    """Return the slot that counts, None when none is readable."""
    return max((slot for slot in slots if slot is not None), key=lambda slot: slot.turn, default=None)


def joined(old: Word | None, new: Word) -> Word:
    """Return what both say together: two processes of one node may write in any order, and none goes back."""
    if old is None or (new.epoch != old.epoch and new.n > old.n):
        return new
    if new.epoch != old.epoch:
        return new if new.n == old.n and new.incarnation > old.incarnation else old
    late = new if (new.incarnation, new.stamp) >= (old.incarnation, old.stamp) else old
    if late is new and new.stamp >= old.stamp and new.heads == old.heads:
        return new
    heads = dict(old.heads)
    for dst, head in new.heads.items():
        heads[dst] = max(heads.get(dst, head), head)
    return Word(late.instance, late.incarnation, old.epoch, max(old.stamp, new.stamp), heads)


class OwnHeads:
    """The heads of this node's streams of one epoch, as far as its units have committed them."""

    def __init__(self) -> None:
        self.issued: dict[StreamId, None] = {}
        self._epoch = ""
        self._heads: dict[str, HeadAt] = {}

    def clear(self) -> None:
        """Forget everything: it will be read anew."""
        self.issued.clear()
        self._epoch, self._heads = "", {}

    def settle(self, core: Core) -> Word | None:
        """At the end of a unit: return what the witness should say when own acts got places in it.

        What a savepoint took back is read as it was before: a witness that leads would be a false alarm.
        """
        if not self.issued:
            return None
        if self._epoch == core.identity.epoch:
            for stream_id in self.issued:
                stream = core.reread(stream_id)
                if stream is not None and stream_id.epoch == self._epoch:
                    self._heads[stream_id.dst] = (stream.upto, stream.head.hex())
        self.issued.clear()
        return self.word(core)

    def word(self, core: Core) -> Word:
        """Return what the witness should say now; call it inside a unit, before nothing else changes."""
        identity = core.identity
        if self._epoch != identity.epoch:
            self._epoch = identity.epoch
            self._heads = {
                s.id.dst: (s.upto, s.head.hex())
                for s in core.streams()
                if s.id.src == core.me and s.id.epoch == identity.epoch
            }
        heads = dict(self._heads)
        return Word(identity.instance, identity.incarnation, identity.epoch, identity.stamp, heads)


def behind(core: Core, word: Word | None) -> str:
    """Return why this node's database must be an older copy, "" when nothing says so."""
    identity = core.identity
    if word is None:
        return "witness lost"
    if word.instance != identity.instance:
        return "other installation"
    if word.stamp > identity.stamp or word.incarnation > identity.incarnation:
        return "witness ahead"
    if word.epoch != identity.epoch:
        return "witness ahead" if word.n >= number_of(identity.epoch) else ""
    for dst, (seq, head) in word.heads.items():
        stream = core.stream(StreamId(core.me, word.epoch, dst))
        if (
            stream is None
            or stream.upto < seq
            or core.spool.hash_at(stream, seq)
            not in (
                None,
                bytes.fromhex(head),
            )
        ):
            return "witness ahead"
    return ""
