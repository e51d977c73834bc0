"""What is said of a stream in doubt, so that whoever has the destination's branch sends it, and nothing else.

A stream is *in doubt* at a node on its way as long as the destination's
newest word is not on this node's chain. Then the node says only how far it
surely agrees, or how far it has been sent the other branch.
"""

from __future__ import annotations

from collections.abc import Mapping

from sync.protocol.core import Core
from sync.protocol.found import DOUBT, Shown, doubt_shown
from sync.protocol.frame import Frame, StreamId
from sync.protocol.receipts import Receipt, read_receipt
from sync.protocol.receipts_kept import end_receipt, is_on_chain
from sync.protocol.spool import EVIDENCE, GAP, Held, Neighbour, Part
from sync.protocol.streams import Stream


def in_doubt(core: Core) -> set[str]:
    """Return the streams that are or may be in doubt here: few, and mostly none."""
    return {held.key for held in core.spool.all_held(DOUBT)}


def word_of_end(core: Core, stream: StreamId) -> Receipt | None:
    """Return the destination's newest word, None for none or where this node is the destination."""
    if stream.dst == core.me:
        return None
    held = end_receipt(core.spool, stream)
    return read_receipt(held.statement) if held else None


def meet_vector(
    core: Core, neighbour: Neighbour, before: Mapping[StreamId, Part], said: Mapping[StreamId, Part]
) -> None:
    """A neighbour says anew what it holds: where its head is off our chain it is shown our side once more.

    As long as it does not know where the branches part it steps back, and needs another frame at each step.
    And what it is told of a stream in doubt here depends on what it says.
    """
    doubtful = in_doubt(core)
    for stream_id, part in said.items():
        if not part.upto or part == before.get(stream_id):
            continue
        # Of other streams it is shown nothing, and what it says of them makes no work.
        is_shared = core.tree.holds(stream_id.src, stream_id.dst, neighbour.address)
        stream = core.stream(stream_id) if is_shared else None
        if stream is None:
            continue
        is_here = stream.base < part.upto <= stream.upto
        is_off = is_here and core.spool.hash_at(stream, part.upto) != part.head
        if is_off or str(stream_id) in doubtful:
            core.touch(stream)


def agreed(core: Core, stream: Stream, theirs: Part | None = None) -> Part:
    """Return how far this node's copy of a stream is surely the destination's: mostly all of it.

    To its author all branches are its own: it says how far it agrees with any on which no word of the
    destination is here, which may be gone for good, and so gets back what it has lost.

    Args:
        theirs: what whoever is told of it says to hold. Who says to hold what is here has nothing else to
            give, and would give that again and again, before all that is new: it is told that it is here.
    """
    said = word_of_end(core, stream.id)
    whole = Part(stream.base, stream.upto, stream.head)
    # How far the destination's word goes, and how far another branch is known to go: mostly as far as that.
    word = reach = said.upto if said is not None else 0
    if said is None or word <= stream.base or is_on_chain(core.spool, stream, said):
        own = core.spool.asides(EVIDENCE, stream.id) if stream.id.src == core.me else []
        reach = max((aside.frame.header.seq for aside in own), default=0)
        if reach <= word:
            return whole
    if theirs is not None and _is_here(core, stream, theirs):
        return whole
    lost = branch_to(core, stream, theirs.head) if theirs is not None else []
    if lost:
        # It is here, though it has no place.
        return Part(stream.base, lost[-1].header.seq, lost[-1].hash)
    shown = shown_branch(core, stream, reach)
    if shown:
        # So a thin line brings what lies behind that, and not the same frames each time.
        return Part(stream.base, shown[-1].header.seq, shown[-1].hash)
    return _surely_common(core, stream, reach)


def _surely_common(core: Core, stream: Stream, reach: int) -> Part:
    """Return the last place surely common with a branch that goes to `reach`; all where nothing shows it.

                base    alike       place   low              upto
        ours     o───o────o────o──────o──────o─────o─────o─────o
                                      │
        theirs                        └──────x─────x─────x
                                           fork        reach: the destination's word, mostly

    Up to `alike` the destination's side had what is here, as is noted. The fork is the lowest frame above
    that which is here as evidence. Where it names ours at `place` as the one before it the branches part
    there; else it is from further on in theirs, and they part somewhere between `alike` and it.
    """
    # What leaves before where the destination's side has what is here is another's branch.
    alike = max(stream.base, _alike(core, stream))
    forks = [aside.frame.header for aside in core.spool.asides(EVIDENCE, stream.id)]
    # Beyond the destination's word lie branches of others: they say nothing of where ours leaves its own.
    last = min(stream.upto + 1, reach)
    forks = [header for header in forks if alike < header.seq <= last]
    if reach > stream.upto and not forks:
        return Part(stream.base, stream.upto, stream.head)
    low = min((header.seq for header in forks), default=reach)
    place = low - 1
    if not any(h.seq == low and core.spool.hash_at(stream, place) == h.prev for h in forks):
        # Nobody knows where the branches part: twice as far back each time.
        place = max(min(alike, place), place - max(1, min(stream.upto, reach) - low))
    known = core.spool.hash_at(stream, place)
    if known is None:
        place, known = stream.base, stream.base_head
    return Part(stream.base, place, known)


def _is_here(core: Core, stream: Stream, part: Part) -> bool:
    is_within = stream.base < part.upto <= stream.upto
    return is_within and core.spool.hash_at(stream, part.upto) == part.head


def _alike(core: Core, stream: Stream) -> int:
    held = core.spool.held(DOUBT, str(stream.id))
    return held.rank[0] if held is not None else 0


# --- the branches that are here
def shown_branch(core: Core, stream: Stream, upto: int) -> list[Frame]:
    """Return what the destination's side has shown of its branch, from where it leaves ours up to a place."""
    held = core.spool.held(DOUBT, str(stream.id))
    branch = branch_to(core, stream, held.content) if held is not None and held.content else []
    if not branch or branch[0].header.seq <= _alike(core, stream):
        return []
    return [frame for frame in branch if frame.header.seq <= upto]


def branch_to(core: Core, stream: Stream, head: bytes) -> list[Frame]:
    """Return the frames from our chain to a head, in order; nothing when one of them is not here."""
    return _leading_to(core, stream, head, _waiting(core, stream))


def _waiting(core: Core, stream: Stream) -> dict[bytes, Frame]:
    asides = core.spool.asides(EVIDENCE, stream.id) + core.spool.asides(GAP, stream.id)
    return {aside.frame.hash: aside.frame for aside in asides}


def _leading_to(core: Core, stream: Stream, head: bytes, waiting: Mapping[bytes, Frame]) -> list[Frame]:
    branch: list[Frame] = []
    while head in waiting:
        branch.append(waiting[head])
        head = branch[-1].header.prev
    branch.reverse()
    if not branch or not stream.base < branch[0].header.seq <= stream.upto + 1:
        return []
    return branch if core.spool.hash_at(stream, branch[0].header.seq - 1) == head else []


# --- what the destination's side shows of its copy
def compare(core: Core, stream: Stream, shown: Shown) -> None:
    """Note of a stream in doubt up to where that is as here, and up to which frame another branch came."""
    held = doubt_shown(core, stream.id)
    if held is None:
        return
    (alike, at, _), tip = held.rank, held.content
    if shown.others:
        alike = alike if alike < min(frame.header.seq for frame in shown.others) else 0
    waiting = _waiting(core, stream) if shown.others else {}
    for frame in reversed(shown.others):
        if _leading_to(core, stream, frame.hash, waiting):
            at, tip = frame.header.seq, frame.hash
            break
    _note(core, stream, held._replace(rank=(max(alike, shown.alike), at, 0), content=tip))


def differs(core: Core, frame: Frame, here: bytes | None) -> None:
    """From there came another frame than is `here`, or than we said to have: we may agree no more."""
    stream, held = core.stream(frame.header.stream), doubt_shown(core, frame.header.stream)
    if stream is None or held is None:
        return
    (alike, at, _), tip, seq = held.rank, held.content, frame.header.seq
    if at == seq and tip != frame.hash:
        # What we said to have of the other branch is not on it.
        at, tip = 0, b""
    if frame.hash != here and alike >= seq:
        alike = 0
    _note(core, stream, held._replace(rank=(alike, at, 0), content=tip))


def _note(core: Core, stream: Stream, held: Held) -> None:
    if held != core.spool.held(DOUBT, held.key):
        core.spool.put_held(held)
        # What is said of it changes.
        core.touch(stream)
