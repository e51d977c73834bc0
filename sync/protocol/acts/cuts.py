"""What speaks for the key of a stream, and where the streams of a revoked one are cut.

| standing of the key | what it signed, where no id lets it count |
|---|---|
| NAMED | counts |
| VOUCHED_HERE | counts, at this node alone |
| VOUCHED | waits until the roster names the key |
| UNNAMED | the same; what counted is taken back, see `unnamed` |
| CUT | counts up to the cut of its stream; past it a person decides, see `quarantine` |
| FALLEN | lies past the cut, all of it |
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from enum import Enum
from typing import TYPE_CHECKING

from sync.protocol.entries import Revoked
from sync.protocol.frame import Frame, StreamId
from sync.protocol.verdicts import RELEASED, verdict_on

if TYPE_CHECKING:
    from sync.protocol.core import Core
    from sync.protocol.streams import Stream

# More by one author is not looked at beside the streams, whatever a thief piles up there.
_LOOSE_READ = 100_000
# Why an act waits until the roster has the key that signed it.
NO_KEY = "S107"


class Standing(Enum):
    """What speaks for a key of an address, by the trust known here."""

    # Its entry names it, or the node went over to it from one that is named and not revoked.
    NAMED = "named"
    # This node alone gave its word for it, right above.
    VOUCHED_HERE = "vouched here"
    # Another node did, or this one before the address moved away.
    VOUCHED = "vouched"
    # Its entry names it, and has revoked it.
    CUT = "cut"
    # Nobody does, and another key of the address is revoked: only that one spoke for it.
    FALLEN = "fallen"
    UNNAMED = "unnamed"


# What such a key has signed waits for no word of the roster; whether it lies past a cut is asked besides.
_KNOWN = (Standing.NAMED, Standing.VOUCHED_HERE, Standing.CUT)


def standing(core: Core, address: str, key_id: str) -> Standing:
    """Return what speaks for a key of an address."""
    roster, revoked = core.roster, core.roster.revoked(address)
    if key_id in revoked:
        return Standing.CUT
    if roster.key(address, key_id) or roster.rotated_key(address, key_id):
        return Standing.NAMED
    if roster.vouched_key(address, key_id):
        is_here = core.tree.parent(address) == core.me and roster.vouched_key(address, key_id, core.me)
        return Standing.VOUCHED_HERE if is_here else Standing.VOUCHED
    return Standing.FALLEN if revoked else Standing.UNNAMED


def cut_of(core: Core, stream: StreamId) -> Revoked | None:
    """Return what still counts in a stream whose key is revoked; None when its key is good."""
    revoked = core.roster.revoked(stream.src)
    record = core.epoch(stream.src, stream.epoch) if revoked else None
    if record is None:
        return None
    stands = standing(core, stream.src, record.key_id)
    if stands is Standing.CUT:
        return revoked[record.key_id]
    return Revoked(record.key_id, {}, frozenset()) if stands is Standing.FALLEN else None


def is_closed(core: Core, stream: StreamId) -> bool:
    """Say whether a stream is in no cut of an address of which such streams are told to nobody any more."""
    is_so = any(one.closed for one in core.roster.revoked(stream.src).values())
    cut = cut_of(core, stream) if is_so else None
    return cut is not None and str(stream) not in cut.cut


def is_on_way_up(core: Core, stream: StreamId) -> bool:
    """Say whether what stands in a stream comes to the top by it."""
    return core.tree.holds(stream.src, stream.dst, core.tree.top) and not is_closed(core, stream)


def goes_by_no_more(core: Core, stream: StreamId) -> bool:
    """Say whether no word on what stands in a stream comes by here: its ends have moved, or it is closed."""
    return is_closed(core, stream) or not core.tree.holds(stream.src, stream.dst, core.me)


def may_be_unknown(core: Core, frame: Frame) -> bool:
    """Say whether the top may not get an act by the stream of this frame: it came loose, or stands aside."""
    stream, top = frame.header.stream, core.tree.top
    # What was asked for by its id may have been decided on before it came here.
    is_apart = core.me != top and (goes_by_no_more(core, stream) or not is_on_way_up(core, stream))
    return is_apart or not core.spool.places_of_act(frame.act)


def streams_of(core: Core, authors: Collection[str]) -> dict[str, list[Stream]]:
    """Return the streams here of each of these authors; all are read once for it."""
    found: dict[str, list[Stream]] = {author: [] for author in authors}
    for one in core.streams() if found else ():
        if one.id.src in found:
            found[one.id.src].append(one)
    return found


def ways_of(core: Core, author: str, streams: Iterable[Stream]) -> bytes:
    """Return bytes that are others as soon as other streams of an author go by here no more.

    Or as soon as a key of this node is revoked: the top forgets what that one had named. Or as a key of the
    author is cut elsewhere: then other acts count.
    """
    revoked = core.roster.revoked(author)
    cuts = [f"{key}:{at}={upto}" for key, one in revoked.items() for at, upto in one.cut.items()]
    gone = [str(one.id) for one in streams if goes_by_no_more(core, one.id)]
    told = " ".join(sorted((*gone, *cuts, *core.roster.revoked(core.me))))
    return hashlib.sha256(told.encode()).digest()[:8]


def loose_of(core: Core, author: str) -> Iterator[Frame]:
    """Yield the frames of an author that stand beside the streams here, the newest first, few in memory."""
    return core.spool.loose_frames(_LOOSE_READ, author)


def may_apply(core: Core, stream: StreamId) -> bool:
    """Say whether the roster has the key of a stream; right above its author this node's vouch is enough."""
    record = core.epoch(stream.src, stream.epoch)
    return record is not None and standing(core, stream.src, record.key_id) in _KNOWN


def is_only_vouched(core: Core, stream: StreamId) -> bool:
    """Say whether a place in a stream lets nothing through that lies past a cut elsewhere."""
    return stream.src != core.me and cut_of(core, stream) is None and not may_apply(core, stream)


def is_confirmed(core: Core, act: str) -> bool:
    """Say whether an act that is here came, or has a place, by a key of which `may_apply` is true."""
    frame = core.spool.frame_of_act(act)
    ways = [stream for stream, _ in core.spool.places_of_act(act)]
    return frame is not None and any(may_apply(core, way) for way in (frame.header.stream, *ways))


def counts_by_id(core: Core, src: str, act: str) -> bool:
    """Say whether the top lets an act count by its id, whichever key gives it a place."""
    gone = core.roster.revoked(src)
    return any(act in one.ids for one in gone.values()) or (bool(gone) and verdict_on(core, act) == RELEASED)


def waits_for_word(core: Core, src: str, act: str) -> bool:
    """Say whether an act that is not past a cut waits until the roster has a key that signed it."""
    return src != core.me and not counts_by_id(core, src, act) and not is_confirmed(core, act)


def waits_for_key(src: str) -> str:
    """Return what an act of `src` waits for that `NO_KEY` keeps back."""
    return f"roster:{src}"
