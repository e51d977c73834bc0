"""At the top: keys that a former roster key gave out in a time the top has lost; people say whose they are.

Put back to before it entered a key, and with another roster key since, the top believes no entry of that
time: who stole the former roster key signs any. So no machine makes such a key good. But what the site signed
with it waits here, and only people know whether the machine was theirs. The first few of an address are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sync.protocol import canonical
from sync.protocol.entries import Entry, read_key
from sync.protocol.memos import note_down
from sync.protocol.signing import PublicKey
from sync.protocol.spool import UNKNOWN_KEY

if TYPE_CHECKING:
    from sync.protocol.core import Core

_LOST = "lost key"
# So many of an address are asked about at a time. More are kept: each is told seldom, and a thief of a lost
# roster key may be the first with false ones.
_ASKED_MAX, _KEPT_MAX = 8, 64
# What the lost entries say of a key: that it was good, or one of them that it was revoked.
GIVEN, TAKEN = 0, 1


class LostKey(NamedTuple):
    """A key that no entry in force names.

    `at`: since when it was the address's, UTC ms by the top's clock of that time; `state`: GIVEN or TAKEN.
    """

    address: str
    key: PublicKey
    at: int
    state: int


def keep_lost_keys(core: Core, other: Entry) -> None:
    """Remember the keys that an entry by a former roster key names and the roster does not know.

    One that was decided on leaves its place to the next: who holds the entry of one that found no room tells
    it again then, see `lives.meet_former`.
    """
    gone, address = {one["key"] for one in other.revoked}, other.address
    named = [
        one for one in other.statement.fields()["keys"] if core.roster.any_key(address, one["id"]) is None
    ]
    kept = _kept_of(core, address) if named else {}
    for fields in named:
        name, state = fields["id"], TAKEN if fields["id"] in gone else GIVEN
        if kept.get(name, GIVEN - 1) >= state or (name not in kept and len(kept) >= _KEPT_MAX):
            continue
        kept[name], key = state, f"{address}|{name}"
        content = canonical.dumps({"key": read_key(fields).as_fields(), "at": _since(fields)})
        before = core.spool.held(_LOST, key)
        if before is not None:
            # It keeps its place: a key that a person is looking at does not go from there for that.
            core.spool.put_held(before._replace(content=content, rank=(state, 0, 0)))
        else:
            note_down(core, _LOST, key, content, (state, 0, 0))


def lost_keys(core: Core) -> list[LostKey]:
    """Return the keys to decide on, by address and as they came; of each address some at a time."""
    found, count = list[LostKey](), Counter[str]()
    for held in sorted(core.spool.all_held(_LOST), key=lambda one: (one.key.split("|")[0], one.stamp)):
        address, name = held.key.split("|")
        if address in core.roster.entries and core.roster.any_key(address, name) is None:
            count[address] += 1
            if count[address] > _ASKED_MAX:
                continue
            fields = canonical.loads(held.content)
            found.append(LostKey(address, read_key(fields["key"]), fields["at"], held.rank[0]))
    return found


def waiting_for(core: Core, address: str) -> int:
    """Return how many frames of an address wait here whose keys nobody knows."""
    streams = [stream for stream in core.spool.streams_aside(UNKNOWN_KEY) if stream.src == address]
    return sum(len(core.spool.asides(UNKNOWN_KEY, stream)) for stream in streams)


def _kept_of(core: Core, address: str) -> dict[str, int]:
    """Return the ids of the keys that wait for a word, with their states; forget what the roster names."""
    kept = dict[str, int]()
    for held in core.spool.all_held(_LOST):
        of, name = held.key.split("|")
        if of == address and core.roster.key(address, name) is not None:
            core.spool.drop_held(_LOST, held.key)
        elif of == address:
            kept[name] = held.rank[0]
    return kept


def _since(fields: Mapping[str, Any]) -> int:
    at = fields.get("from", 0)
    return at if type(at) is int and at > 0 else 0
