"""What a revoked key has signed and counts all the same: a person at the top looks through it.

Most of it stands within the cut. Some counts by another place: before anybody knew of the theft the robbed
node took for its own what came back to it, and gave it a place by its next key. If the top has it in that
frame alone, nothing there shows that the revoked key signed it first: whoever holds the first frame names it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol.acts import asked, later
from sync.protocol.acts.cuts import cut_of, is_on_way_up, loose_of, may_be_unknown
from sync.protocol.acts.quarantine import IDS_MAX, PAST_CUT, is_past, quarantined
from sync.protocol.frame import Frame
from sync.protocol.paging import frames_upto, pages_after
from sync.protocol.spool import EVIDENCE, Placed
from sync.protocol.verdicts import STRUCK, verdict_on

if TYPE_CHECKING:
    from sync.protocol.core import Core


# --- who holds the first frame
def unseen(core: Core, authors: Iterable[str]) -> list[str]:
    """Return acts of revoked keys of these authors that count by another key's place, as the top cannot tell.

    Of streams that do not go up to the top the newest within the cut are looked at, and all past it.
    """
    core.flush_streams()
    found = dict.fromkeys(f.act for author in sorted(authors) for f in _aside(core, author))
    return list(found)


def unnamed(core: Core, author: str) -> list[str]:
    """Return acts of an author that are held back here, that the top may not know, and not named to it.

    No more than it has room for, and one: a thief makes more than memory holds.
    """
    named = later.named(core, asked.PAST)
    held = (row.id for row in quarantined(core, author) if row.reason == PAST_CUT and row.id not in named)
    frames = (frame for frame in map(core.spool.frame_of_act, held) if frame is not None)
    unknown = (frame.act for frame in frames if may_be_unknown(core, frame))
    return list(islice(unknown, asked.OPEN_MAX + 1))


def _aside(core: Core, author: str) -> Iterator[Frame]:
    starts = {}
    for stream in core.streams():
        cut = cut_of(core, stream.id) if stream.id.src == author else None
        if cut is not None and not is_on_way_up(core, stream.id):
            starts[stream.id] = max(stream.base, cut.cut.get(str(stream.id), 0) - IDS_MAX)
    for frame in _without_place(core, author):
        if _counts_by_other(core, frame):
            yield frame
    for page in pages_after(core.spool, starts):
        yield from (placed.frame for placed in page if _counts_by_other(core, placed.frame))


def _without_place(core: Core, author: str) -> Iterator[Frame]:
    """Yield frames by revoked keys of an author that came loose, or lost their place to others."""
    for frame in loose_of(core, author):
        if cut_of(core, frame.header.stream) is not None:
            yield frame
    for frame in (aside.frame for aside in core.spool.asides(EVIDENCE)):
        if frame.header.stream.src == author and cut_of(core, frame.header.stream) is not None:
            yield frame


def _counts_by_other(core: Core, frame: Frame) -> bool:
    """Say whether an act counts by a good key's place while no revoked one shows it to the top."""
    places = core.spool.places_of_act(frame.act)
    good = [stream for stream, _ in places if cut_of(core, stream) is None]
    shown = [stream for stream, _ in places if stream not in good and is_on_way_up(core, stream)]
    return bool(good) and not shown and not is_past(core, frame)


# --- at the top
class Reviewed(NamedTuple):
    """An act that counts; `is_beside`: it stands in no stream of a revoked key here."""

    frame: Frame
    is_beside: int


def within_cut(core: Core, address: str, limit: int) -> list[Reviewed]:
    """Return the acts of revoked keys of an address that still count, at most `limit` of each kind.

    First those that stand in no stream of such a key here: they came loose, or somebody has named them. The
    node itself may have given them a place since by another key. Then the newest of the others, newest first.
    """
    if not core.roster.revoked(address):
        return []
    core.flush_streams()
    beside = [Reviewed(frame, 1) for frame in islice(_beside(core, address), limit)]
    return beside + [Reviewed(placed.frame, 0) for placed in _placed(core, address, limit)]


def named_counting(core: Core) -> Counter[str]:
    """Return of how many acts of each author that count a node says that a revoked key signed them first.

    Of those that `within_cut` shows as beside the streams; no more is read than nodes have named.
    """
    named = core.spool.known_acts({held.key.split("|")[0] for held in core.spool.all_held(asked.BY_LATER)})
    places, count = core.spool.places_of_acts(named), Counter[str]()
    for act in named:
        frame = None if act in places else core.spool.frame_of_act(act)
        stands = [stream for stream, _ in places.get(act, ())] or ([frame.header.stream] if frame else [])
        is_shown = any(cut_of(core, stream) is not None for stream in stands)
        if stands and not is_shown and verdict_on(core, act) != STRUCK:
            count[stands[0].src] += bool(core.roster.revoked(stands[0].src))
    return +count


def _placed(core: Core, address: str, limit: int) -> list[Placed]:
    """Return what counts of the newest frames of each stream of a revoked key, of each act one.

    The newest within the cut besides: whatever a thief piles up past it, nothing is hidden by that. Nor does
    the memory fill with it.
    """
    held = {row.id for row in quarantined(core, address)}
    found: dict[str, Placed] = {}
    for stream in core.streams():
        cut = cut_of(core, stream.id) if stream.id.src == address else None
        for end in {stream.upto, min(stream.upto, cut.cut.get(str(stream.id), 0))} if cut is not None else ():
            for placed in frames_upto(core.spool, stream.id, end, min(limit, end - stream.base)):
                if placed.frame.body and placed.frame.act not in held and not is_past(core, placed.frame):
                    found[placed.frame.act] = placed
    return sorted(found.values(), key=lambda placed: -placed.position)[:limit]


def _beside(core: Core, address: str) -> Iterator[Frame]:
    """Yield what counts beside the streams, of each act one frame: a thief makes more than memory holds."""
    seen = set[str]()
    for frame in _without_place(core, address):
        if frame.act not in seen and core.spool.known_acts([frame.act]) and _counts_beside(core, frame):
            seen.add(frame.act)
            yield frame
    # Each of these is named once.
    for named in map(core.spool.frame_of_act, asked.named_here(core)):
        is_theirs = named is not None and named.header.stream.src == address and named.body
        if named is not None and is_theirs and named.act not in seen and _counts_beside(core, named):
            yield named


def _counts_beside(core: Core, frame: Frame) -> bool:
    return not _is_placed_by_revoked(core, frame) and not is_past(core, frame)


def _is_placed_by_revoked(core: Core, frame: Frame) -> bool:
    places = core.spool.places_of_act(frame.act)
    return any(cut_of(core, stream) is not None for stream, _ in places)
