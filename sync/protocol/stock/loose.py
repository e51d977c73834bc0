"""Acts held beside the streams: given to those who ask by id, and offered to those who may have lost them.

A node that was put back may have lost an act for good on its way, while others
still hold it who got it by a brief. So when a neighbour comes back in a later
era it is offered what is held loose here and it may have, until it has
acknowledged that; what is new to it goes on in the same way to its author.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Container, Iterable, Iterator
from functools import partial
from heapq import nsmallest
from operator import itemgetter
from typing import NamedTuple

from sync.protocol.acts.audience import is_spoken_for, may_have_act
from sync.protocol.address import Tree
from sync.protocol.core import Core
from sync.protocol.frame import Frame, StreamId
from sync.protocol.frame_items import frame_weight
from sync.protocol.memos import note_down
from sync.protocol.paging import pages_after
from sync.protocol.signed import EPOCH
from sync.protocol.spool import GAP, Neighbour, Placed
from sync.protocol.wants import WANTS_MAX, in_turn
from sync.protocol.witness import number_of

OWED = "loose"
# The newest ones: what a node put back has lost is younger than its backup. They are chosen among so many.
OFFERED_MAX, _CHOSEN_AMONG = 256, 8
# In so many frames an act is given to who may need any of them; in one, once this much is going.
_WAYS_MAX, _WAYS_BYTES = 32, 32 * 1024


class Loose(NamedTuple):
    """The acts a neighbour asked for by id, and those it is owed; `more`: some asked for are left out."""

    asked: list[Frame]
    owed: list[Frame]
    more: int


def loose_for(core: Core, neighbour: Neighbour, most: int) -> Loose:
    """Return the acts a neighbour is to have beside the streams, as far as it may have them.

    Of those asked for `most` bytes or one, in turn: what is left out it asks for again.
    """
    may_have = partial(_may_have, core, neighbour.address)
    found, owed = list[Frame](), _owed(core, neighbour, may_have)
    for frame in _asked(core, neighbour):
        if may_have(frame):
            most -= sum(frame_weight(frame))
            if found and most < 0:
                return Loose(found, owed, 1)
            found.append(frame)
    return Loose(found, owed, 0)


def _may_have(core: Core, address: str, frame: Frame) -> bool:
    """Say whether a frame is given: not without its body, nor of an author for whose key nobody speaks now.

    That would be refused, and the exchange with it.
    """
    is_good = bool(frame.body) and is_spoken_for(core, frame.header.stream)
    return is_good and may_have_act(core, address, frame)


def _asked(core: Core, neighbour: Neighbour) -> list[Frame]:
    found, left = list[Frame](), _WAYS_BYTES
    known = core.spool.known_acts(neighbour.wanted_acts[:WANTS_MAX])
    here = [act for act in neighbour.wanted_acts[:WANTS_MAX] if act in known]
    for act in in_turn(here, neighbour.mine, 1):
        # Each time that an act comes first another of its frames does.
        turn = neighbour.mine // len(here)
        frames = _frames_for(core, neighbour, act, (_WAYS_MAX if left > 0 else 1, turn))
        left -= sum(sum(frame_weight(frame)) for frame in frames)
        found += frames
    _fetch_bodies(core, neighbour, found)
    return found


def _owed(core: Core, neighbour: Neighbour, may_have: Callable[[Frame], bool]) -> list[Frame]:
    owed = core.spool.held(OWED, neighbour.address)
    if owed is None:
        return []
    if neighbour.acked_stamp >= owed.stamp:
        core.spool.drop_held(OWED, neighbour.address)
        return []
    among = core.spool.loose_frames(OFFERED_MAX * _CHOSEN_AMONG)
    loose = _newest_of_each(frame for frame in among if may_have(frame))
    return loose + [frame for frame in _its_own(core, neighbour.address) if may_have(frame)]


def _newest_of_each(frames: Iterable[Frame]) -> list[Frame]:
    """Return as many of these frames as are offered: those of each author in turn, the newest first.

    No more of them are in memory: a thief makes many large ones. Of all that there are the order stays.
    """
    count = Counter[str]()
    chosen = nsmallest(OFFERED_MAX, _turns(frames, count), key=itemgetter(0))
    if count.total() <= OFFERED_MAX:
        chosen.sort(key=itemgetter(1))
    return [frame for _, _, frame in chosen]


def _turns(frames: Iterable[Frame], count: Counter[str]) -> Iterator[tuple[int, int, Frame]]:
    for at, frame in enumerate(frames):
        count[frame.header.stream.src] += 1
        yield count[frame.header.stream.src], at, frame


def _its_own(core: Core, address: str) -> list[Frame]:
    """Return the newest acts of a neighbour in streams that passed here only while somebody stood elsewhere.

    In these it is offered nothing: of its own it is taken to have all.
    """
    own = [stream for stream in core.streams() if stream.id.src == address]
    past = [stream for stream in own if not core.tree.holds(address, stream.id.dst, core.me)]
    core.flush_streams()
    starts = {stream.id: max(stream.base, stream.upto - OFFERED_MAX) for stream in past}
    newest = deque[Placed](maxlen=OFFERED_MAX)
    for page in pages_after(core.spool, starts) if starts else ():
        newest.extend(page)
    return [placed.frame for placed in newest]


def _frames_for(core: Core, neighbour: Neighbour, act: str, some: tuple[int, int]) -> list[Frame]:
    """Return a frame that carries an act: those of a revoked key, and not on their way past who asks, if any.

    Who knows the act by another way may need one of them, to see that a chain leads through it; nobody here
    can tell which. A thin line may carry no more than one: they go in turn.

    Args:
        some: how many of them at most, and whose turn it is.
    """
    most, turn = some
    found = core.spool.frame_of_act(act)
    if found is None:
        return []
    gone, ways = core.roster.revoked(found.header.stream.src), list[Frame]()
    is_void = not is_spoken_for(core, found.header.stream)
    places = core.spool.places_of_act(act) if gone or is_void else []
    if is_void:
        # Another key may have given it a place since.
        places = [place for place in places if is_spoken_for(core, place[0])]
    else:
        places = [place for place in places if _may_lead(core, neighbour, place[0], gone)]
    for stream, seq in in_turn(places, turn, 1)[:most]:
        there = [placed.frame for placed in core.spool.frames_after({stream: seq - 1}, 0, 1)]
        ways += [frame for frame in there if frame.act == act and frame.body]
    return ways or [found]


def _may_lead(core: Core, neighbour: Neighbour, stream: StreamId, gone: Container[str]) -> bool:
    record = core.epoch(stream.src, stream.epoch)
    is_gone = record is not None and record.key_id in gone
    return is_gone and not core.tree.holds(stream.src, stream.dst, neighbour.address)


def _fetch_bodies(core: Core, neighbour: Neighbour, asked: list[Frame]) -> None:
    """Acts are asked for whose bodies have left this node by rule: ask those around for them, for others."""
    for frame in asked:
        if not frame.body and core.me != core.tree.top and may_have_act(core, neighbour.address, frame):
            core.spool.want(frame.act)


def owe_loose(core: Core, address: str) -> None:
    """A neighbour was put back, or there is something new for it: offer it again what is held loose here."""
    note_down(core, OWED, address)


def owe_beyond_gap(core: Core, *frames: Frame) -> None:
    """Frames wait beyond a gap: whoever brings them home and does not say that it has them is shown them.

    Their author may have been put back since they left it, and nobody may have what would close the gap.
    """
    owed = dict[str, None]()
    for frame in frames:
        ways = core.tree.path(core.me, frame.header.stream.src)[1:]
        homes = [address for address in ways if brings_home(core, address, frame)]
        owed |= dict.fromkeys(address for address in homes if _is_lacking(core, address, frame))
    for address in owed:
        owe_loose(core, address)


def _is_lacking(core: Core, address: str, frame: Frame) -> bool:
    """Say whether a neighbour does not say that it has a frame; what it says is read once in a unit."""
    known = core.found.vectors
    if address not in known:
        known[address] = core.spool.vector(address) if core.spool.neighbour(address) is not None else None
    theirs = known[address]
    part = theirs.get(frame.header.stream) if theirs is not None else None
    return theirs is not None and (part is None or part.upto < frame.header.seq)


def brings_home(core: Core, address: str, frame: Frame) -> bool:
    """Say whether a neighbour is to be shown a frame that waits beyond a gap here, unless it has it.

    That is its author, and, once that one has begun anew or its stream goes by here no more, who stands
    between: the author may speak with nobody else. What has come in the author's later epoch needs nobody.
    Nor is it shown to who stands neither above the author nor on the way: this node may stand elsewhere now.
    """
    stream, tree = frame.header.stream, core.tree
    if address == stream.src:
        return True
    may_have = address in tree.up(stream.src) or tree.holds(stream.src, stream.dst, address)
    is_between = may_have and address in tree.path(core.me, stream.src)[1:]
    is_left = is_between and (
        number_of(stream.epoch) < _newest_epoch(core, stream.src)
        or not tree.holds(stream.src, stream.dst, core.me)
    )
    return is_left and not core.spool.known_acts([frame.act])


def _newest_epoch(core: Core, src: str) -> int:
    """Return the number of the newest epoch known of a node; looked up once in a unit."""
    known = core.found.newest
    if src not in known:
        epochs = [held for held in core.spool.all_held(EPOCH) if held.key.startswith(f"{src}|")]
        known[src] = max((held.rank[0] for held in epochs), default=0)
    return known[src]


def owe_left_behind(core: Core) -> None:
    """Nodes have begun anew, as came in this unit: what waits beyond a gap of theirs may be in want now."""
    begun = {src for src in core.found.epochs if core.spool.count_aside(GAP, src)}
    core.found.newest.clear()
    core.found.vectors.clear()
    for stream in core.spool.streams_aside(GAP) if begun else ():
        if stream.src in begun:
            owe_beyond_gap(core, *(aside.frame for aside in core.spool.asides(GAP, stream)))


def owe_what_passed(core: Core, before: Tree) -> None:
    """Somebody stands elsewhere: what waits beyond a gap of streams that passed here may be here alone."""
    for stream in core.spool.streams_aside(GAP):
        way = stream.src, stream.dst, core.me
        if before.holds(*way) and not core.tree.holds(*way):
            owe_beyond_gap(core, *(aside.frame for aside in core.spool.asides(GAP, stream)))


def pass_on(core: Core, frames: list[Frame], giver: str) -> None:
    """Acts came unasked that were lost here: those nearer to their authors may have lost them too."""
    for neighbour in core.spool.neighbours():
        if neighbour.address != giver and any(may_have_act(core, neighbour.address, f) for f in frames):
            owe_loose(core, neighbour.address)
