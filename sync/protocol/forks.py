"""Two frames for one place: the destination's copy wins, the other is evidence, and nobody is kept busy.

A stream is *in doubt* at a node on its way as long as the destination's
newest word is not on this node's chain. Then the node says only how far it
surely agrees, or how far it has been sent the other branch, so that it is sent
what lies beyond, and takes the destination's branch as soon as that is whole.
What had a place in the other branch stays here as evidence and is offered to
its author, who gives it a new place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sync.protocol import signed
from sync.protocol.beside import clear_gaps, keep_beyond_gaps, keep_displaced, keep_loose
from sync.protocol.core import Core
from sync.protocol.errors import BadSignature
from sync.protocol.found import DOUBT, differs, lacked
from sync.protocol.frame import Act, Frame, StreamId
from sync.protocol.intake import Batch, close_up, note_refused, put_evidence, verify
from sync.protocol.loose import pass_on
from sync.protocol.quarantine import settle_anew
from sync.protocol.receipts import DISAGREES, Receipt, read_receipt
from sync.protocol.receipts_kept import end_receipt, is_off_chain, is_on_chain
from sync.protocol.rollback import meet_own_receipt
from sync.protocol.spool import EVIDENCE, GAP, Aside, Neighbour, Part, Placed
from sync.protocol.streams import Place, Stream, place_of


def take_evidence(core: Core, frames: Sequence[Frame], now_ms: int) -> list[Act]:
    """Keep signed frames that disagree with ours, once each; they are never placed from here.

    Returns:
        Own acts among them that this node does not have, to be applied.
    """
    own: list[Frame] = []
    for frame in frames:
        header = frame.header
        stream = core.stream(header.stream)
        is_mine = header.stream.src == core.me
        if stream is None and not is_mine:
            continue
        held = core.spool.hash_at(stream, header.seq) if stream else None
        if held == frame.hash or not (is_mine or (stream and _disagrees(core, stream, frame, held))):
            continue
        try:
            verify(core, frame)
        except BadSignature as problem:
            note_refused(core, frame, problem.code, "evidence")
            continue
        if stream is not None:
            put_evidence(core, frame, now_ms)
            differs(core, frame)
        if is_mine:
            own.append(frame)
    return keep_displaced(core, own)


def _disagrees(core: Core, stream: Stream, frame: Frame, held: bytes | None) -> bool:
    place = place_of(stream, frame, held)
    if place is Place.BEYOND:
        # It goes on from what was shown to disagree.
        kept = core.spool.asides(EVIDENCE, stream.id)
        return any(aside.frame.hash == frame.header.prev for aside in kept)
    return place is Place.FORK


def meet_vector(
    core: Core, neighbour: Neighbour, before: Mapping[StreamId, Part], said: Mapping[StreamId, Part]
) -> None:
    """A neighbour says anew what it holds: where its head is off our chain it is shown our side once more.

    As long as it does not know where the branches part it steps back, and needs another frame at each step.
    """
    for stream_id, part in said.items():
        if not part.upto or part == before.get(stream_id):
            continue
        # Of other streams it is shown nothing, and what it says of them makes no work.
        is_shared = core.tree.holds(stream_id.src, stream_id.dst, neighbour.address)
        stream = core.stream(stream_id) if is_shared else None
        if stream is None or not stream.base < part.upto <= stream.upto:
            continue
        if core.spool.hash_at(stream, part.upto) != part.head:
            core.touch(stream)


# --- what is said of a stream in doubt
def in_doubt(core: Core) -> set[str]:
    """Return the streams that are or may be in doubt here: few, and mostly none."""
    return {held.key for held in core.spool.all_held(DOUBT)}


def agreed(core: Core, stream: Stream) -> Part:
    """Return how far this node's copy of a stream is surely the destination's: mostly all of it.

    To its author all branches are its own: it says how far it agrees with any on which no word of the
    destination is here, which may be gone for good, and so gets back what it has lost.
    """
    said = _word_of_end(core, stream.id)
    whole = Part(stream.base, stream.upto, stream.head)
    forks = [aside.frame.header for aside in core.spool.asides(EVIDENCE, stream.id)]
    upto = said.upto if said is not None else 0
    if said is None or said.upto <= stream.base or is_on_chain(core.spool, stream, said):
        open_ = [header for header in forks if stream.id.src == core.me and header.seq > upto]
        if not open_:
            return whole
        upto = max(header.seq for header in forks)
    # Beyond the destination's word lie branches of others: they say nothing of where ours leaves its own.
    last = min(stream.upto + 1, upto)
    doubt = core.spool.held(DOUBT, str(stream.id))
    # Up to the one the destination's side has what is here: what leaves before is another's branch. Up to
    # the other it has sent what has no place here.
    alike, unlike, _ = doubt.rank if doubt is not None else (0, 0, 0)
    alike = max(stream.base, alike)
    forks = [header for header in forks if alike < header.seq <= last]
    if upto > stream.upto and not forks:
        return whole
    low = min((header.seq for header in forks), default=upto)
    place = low - 1
    if any(h.seq == low and core.spool.hash_at(stream, place) == h.prev for h in forks):
        tip = _tip_of_other(core, stream, place, min(unlike, upto))
        if tip is not None:
            return tip
    else:
        # Nobody knows where the branches part: twice as far back each time.
        place = max(min(alike, place), place - max(1, min(stream.upto, upto) - low))
    known = core.spool.hash_at(stream, place)
    if known is None:
        place, known = stream.base, stream.base_head
    return Part(stream.base, place, known)


def _tip_of_other(core: Core, stream: Stream, place: int, upto: int) -> Part | None:
    """Return how far the other branch is here without a gap from where it leaves ours, up to a place.

    So that a thin line brings what is behind that, and not the same frames each time. None when there are
    several: which of them is the destination's is not known.
    """
    asides = core.spool.asides(EVIDENCE, stream.id) + core.spool.asides(GAP, stream.id)
    after: dict[bytes, list[Frame]] = {}
    for frame in (aside.frame for aside in asides if place < aside.frame.header.seq <= upto):
        after.setdefault(frame.header.prev, []).append(frame)
    tip, head, count = None, core.spool.hash_at(stream, place) or b"", 0
    while len(after.get(head, ())) == 1:
        tip = after.pop(head)[0]
        head, count = tip.hash, count + 1
    kept = [aside.frame.header.seq for aside in core.spool.asides(EVIDENCE, stream.id)]
    is_all = tip is not None and sum(place < seq <= tip.header.seq for seq in kept) <= count
    return Part(stream.base, tip.header.seq, tip.hash) if tip is not None and is_all else None


def _word_of_end(core: Core, stream: StreamId) -> Receipt | None:
    if stream.dst == core.me:
        return None
    held = end_receipt(core.spool, stream)
    return read_receipt(held.statement) if held else None


def _last_fork(core: Core, stream: Stream) -> int:
    """Return the last place at which another branch may leave our chain, 0 when none does.

    Where a branch leaves it whose beginning is not here is not known: at latest just before what is here.
    """
    kept = {aside.frame.hash: aside.frame.header for aside in core.spool.asides(EVIDENCE, stream.id)}
    last = 0
    for header in kept.values():
        if core.spool.hash_at(stream, header.seq - 1) == header.prev:
            # What goes on from the end of our chain leaves it nowhere.
            last = max(last, header.seq if header.seq <= stream.upto else 0)
        elif header.prev not in kept:
            last = max(last, min(header.seq - 1, stream.upto))
    return last


# --- taking the destination's branch
def settle_forks(core: Core, now_ms: int) -> list[Act]:
    """Look at every stream in doubt once more; return acts that came with a branch taken over."""
    acts: list[Act] = []
    for held in core.spool.all_held(DOUBT):
        stream = core.stream(StreamId(*held.key.split("|")))
        said = _word_of_end(core, stream.id) if stream else None
        if stream is None or stream.id.dst == core.me:
            core.spool.drop_held(DOUBT, held.key)
        elif said is not None and said.upto > stream.base:
            if is_on_chain(core.spool, stream, said):
                if said.upto >= _last_fork(core, stream):
                    core.spool.drop_held(DOUBT, held.key)
                    core.found.forked[stream.id] = None
            else:
                acts += _switch(core, stream, said, now_ms)
    forked, core.found.forked = core.found.forked, {}
    for stream_id in forked:
        if core.spool.held(DOUBT, str(stream_id)) is None:
            acts += clear_gaps(core, stream_id)
        elif stream_id.src == core.me:
            acts += keep_beyond_gaps(core, stream_id)
    return acts


def _switch(core: Core, stream: Stream, said: Receipt, now_ms: int) -> list[Act]:
    """Take the branch that leads to the destination's head, if all of it is here."""
    branch = _branch_to(core, stream, bytes.fromhex(said.head))
    if not branch:
        return []
    place = branch[0].header.seq - 1
    dropped = core.spool.drop_frames(stream, place)
    stream.upto, stream.head = place, branch[0].header.prev
    stream.papers, stream.receipted = min(stream.papers, place), (0, 0)
    core.touch(stream)
    core.flush_streams()
    batch = Batch(core)
    for frame in branch:
        core.spool.drop_aside(frame)
        batch.place(stream, frame)
        if stream.id.src == core.me:
            # What waited beyond a gap was not here yet when it came.
            lacked(core, frame)
    acts = batch.write()
    _put_by(core, dropped, now_ms)
    settle_anew(core, stream.id.src)
    _weigh_receipts(core, stream)
    core.spool.drop_held(DOUBT, str(stream.id))
    core.found.forked[stream.id] = None
    core.note("S120", stream.id.src, f"branch left at {stream.id.epoch}|{stream.id.dst} {place + 1}")
    return acts + close_up(core, stream.id, now_ms)


def _branch_to(core: Core, stream: Stream, head: bytes) -> list[Frame]:
    """Return the frames from our chain to a head, in order; nothing when one of them is not here."""
    asides = core.spool.asides(EVIDENCE, stream.id) + core.spool.asides(GAP, stream.id)
    known = {aside.frame.hash: aside.frame for aside in asides}
    branch: list[Frame] = []
    while head in known:
        branch.append(known.pop(head))
        head = branch[-1].header.prev
    branch.reverse()
    if not branch or not stream.base < branch[0].header.seq <= stream.upto + 1:
        return []
    return branch if core.spool.hash_at(stream, branch[0].header.seq - 1) == head else []


def _put_by(core: Core, dropped: Sequence[Placed], now_ms: int) -> None:
    """What lost its place is kept: as evidence, and its act by its id until it has a new place."""
    for placed in dropped:
        frame = placed.frame
        if frame.body and not core.spool.places_of_act(frame.act):
            keep_loose(core, placed)
        core.spool.put_aside(Aside(frame, EVIDENCE, now_ms, frame.header.stream.src))
        if frame.header.stream.src == core.me:
            lacked(core, frame)
    if core.roster.revoked(core.me):
        # Past a cut nothing gets a new place by itself: it goes up beside the streams, to be decided on.
        own = [placed.frame for placed in dropped if placed.frame.header.stream.src == core.me]
        pass_on(core, [frame for frame in own if not core.spool.places_of_act(frame.act)], "")


def _weigh_receipts(core: Core, stream: Stream) -> None:
    """The chain has changed: receipts that spoke of the other branch count no more, those of ours do."""
    for held in core.spool.all_held(signed.RECEIPT):
        if not held.key.startswith(f"{stream.id}|"):
            continue
        receipt = read_receipt(held.statement)
        if receipt.signer == core.me:
            meet_own_receipt(core, receipt)
            continue
        told = DISAGREES if is_off_chain(core.spool, stream, receipt) else b""
        if told != held.content:
            core.spool.put_held(held._replace(content=told))
