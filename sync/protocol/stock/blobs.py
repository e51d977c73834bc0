"""Papers by content: pieces go on where they stopped, and count only when the hash of the whole fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from sync.protocol import signed
from sync.protocol.acts.audience import may_have_act, may_have_paper
from sync.protocol.acts.cuts import is_closed
from sync.protocol.core import Core
from sync.protocol.errors import BadBlob
from sync.protocol.frame import Frame, StreamId
from sync.protocol.items import Piece
from sync.protocol.paging import pages_after
from sync.protocol.receipts import MISSING_MAX, read_receipt, receipt_key
from sync.protocol.spool import Neighbour
from sync.protocol.stock.papers import held_papers, papers_upto
from sync.protocol.streams import Stream
from sync.protocol.wants import WANTS_MAX, WANTS_READ, in_turn, shares, some_of_each

LOOSE_WANTS_MAX = WANTS_MAX // 2
_LOOSE_READ = 2_000
# So many of the papers missing in streams are asked for in each exchange until they come.
_OLDEST = WANTS_MAX // 4
# So much room is kept for each kind of which there is more than there is room.
_KEPT = WANTS_MAX // 16
# So many papers of streams that go by elsewhere are looked at for one exchange.
_ELSEWHERE_READ = 2 * WANTS_MAX
# A paper that is gone is asked for in the name of so many of the acts that name it.
_NAMING_MAX = 4


def take_piece(core: Core, piece: Piece) -> bool:
    """Add a piece to a paper that is missing here; return whether it helped.

    Nothing is kept of a paper nobody named, beyond the largest size announced
    (a frame may lie about it, the hash may not), or at another place than
    where the paper stops. The bytes are durable when the
    blob store is flushed, before the unit commits.

    Raises:
        BadBlob: the paper is complete and its hash or size is wrong; its bytes were dropped.
    """
    wanted = core.spool.missing_blob(piece.blob)
    blobs = core.means.blobs
    end = piece.offset + len(piece.data)
    if wanted is None or not piece.data or not end <= piece.size <= wanted.size:
        return False
    # Whole already though no row says so: the power went between the two. Any piece of it shows that.
    if not blobs.has(piece.blob) and blobs.offset(piece.blob) < piece.size:
        if not blobs.append(piece.blob, piece.offset, piece.data):
            return False
        if end < piece.size:
            return True
    if not blobs.finish(piece.blob, piece.size):
        raise BadBlob(piece.blob[:16])
    core.spool.put_blob(wanted._replace(size=piece.size))
    settle(core, piece.blob)
    return True


def settle(core: Core, blob: str) -> None:
    """A paper is held now: move on how far each stream's papers are complete."""
    for stream_id in core.spool.close_gap(blob):
        stream = core.stream(stream_id)
        if stream is not None:
            stream.papers = papers_upto(core, stream)
            core.touch(stream)


def papers_wanted(
    core: Core, neighbour: Neighbour, streams: list[Stream], left: list[Stream]
) -> list[tuple[str, int]]:
    """Return (hash, offset) of papers to ask for, with where each unfinished one goes on.

    Of those that loose acts miss up to half of the list, others each time;
    then the oldest missing in these streams, so that what was begun comes to
    its end, and of all others of them some, others each time. What the
    neighbour's own receipt says it lacks too comes last, and what nobody has
    never fills the list: for each kind some room is kept. Of the streams it
    was on the way of once (`left`) it is asked for what it got by then, and of
    all that go by elsewhere for what it was pointed to: it may have it alone.
    """
    had = _had_by(core, neighbour.address, left)
    loose = _loose_wanted(core, neighbour, had)
    perhaps_there, hardly_there = _stream_wanted(core, neighbour.address, streams)
    elsewhere = _wanted_elsewhere(core, neighbour)
    oldest = list(chain(*perhaps_there))[:_OLDEST]
    chosen = dict.fromkeys([*loose[:LOOSE_WANTS_MAX], *oldest, *elsewhere[:_KEPT]])
    room = WANTS_MAX - (_KEPT if hardly_there else 0)
    for groups, most in (([*perhaps_there, *_left_there(core, left, had)], room), (hardly_there, WANTS_MAX)):
        others = [[blob for blob in group if blob not in chosen] for group in groups]
        found = some_of_each(list(filter(None, others)), neighbour.mine, most - len(chosen))
        chosen |= dict.fromkeys(found)
    chosen |= dict.fromkeys([*elsewhere, *loose])
    return [(blob, core.means.blobs.offset(blob)) for blob in list(chosen)[:WANTS_MAX]]


def take_if_whole(core: Core, blob: str) -> bool:
    """Take a paper that is whole though no row says so: the power went between the two.

    Any piece of it would show that as well, but whoever had it may have lost it since.
    """
    wanted = core.spool.missing_blob(blob) if core.means.blobs.has(blob) else None
    if wanted is None or not held_papers(core, (wanted,)):
        return False
    settle(core, blob)
    return True


def _had_by(core: Core, address: str, left: list[Stream]) -> dict[StreamId, int]:
    """Return up to which place a neighbour has the streams it was on the way of, where its chain is ours."""
    theirs = core.spool.vector(address) if left else {}
    parts = [(stream, theirs[stream.id]) for stream in left if stream.id in theirs]
    return {
        stream.id: part.upto
        for stream, part in parts
        if part.upto <= stream.upto and core.spool.hash_at(stream, part.upto) == part.head
    }


def _loose_wanted(core: Core, neighbour: Neighbour, had: Mapping[StreamId, int]) -> list[str]:
    """Return papers of loose acts the neighbour may have or has: who may not is not even told of them."""
    by_act: dict[str, list[str]] = {}
    for act, blob in core.spool.loose_gaps(_LOOSE_READ):
        by_act.setdefault(act, []).append(blob)
    found: dict[str, None] = {}
    for act, blobs in by_act.items():
        frame = core.spool.frame_of_act(act)
        if frame is not None and (may_have_act(core, neighbour.address, frame) or _is_there(core, act, had)):
            found |= dict.fromkeys(blobs)
    return in_turn(list(found), neighbour.mine, LOOSE_WANTS_MAX)


def _is_there(core: Core, act: str, had: Mapping[StreamId, int]) -> bool:
    return bool(had) and any(seq <= had.get(stream, 0) for stream, seq in core.spool.places_of_act(act))


def _left_there(core: Core, left: list[Stream], had: Mapping[StreamId, int]) -> list[list[str]]:
    there = [(had[stream.id], core.spool.gaps(stream, WANTS_READ)) for stream in left if stream.id in had]
    return [[blob for seq, blob in gaps if seq <= upto] for upto, gaps in there]


def _stream_wanted(
    core: Core, address: str, streams: list[Stream]
) -> tuple[list[list[str]], list[list[str]]]:
    """Return by stream papers missing in these: what the neighbour may have, and what it says it lacks."""
    waiting = core.spool.gap_streams()
    known = {stream.id: stream for stream in streams} if waiting else {}
    relevant = {str(one): known[one] for one in waiting if one in known}

    def missing(name: str, limit: int) -> list[str]:
        return [blob for _, blob in core.spool.gaps(relevant[name], limit)]

    perhaps_there, hardly_there = list[list[str]](), list[list[str]]()
    found = shares(list(relevant), missing, WANTS_READ)
    for stream, blobs in zip(relevant.values(), found, strict=False):
        lacking = _lacking(core, address, stream)
        # A receipt names no more than so many: beyond the last it says nothing of what is there.
        named = [at for at, blob in enumerate(blobs) if blob in lacking]
        end = named[MISSING_MAX - 1] if len(named) >= MISSING_MAX else len(blobs)
        perhaps_there.append([blob for blob in blobs[:end] if blob not in lacking])
        hardly_there.append([*(blob for blob in blobs[:end] if blob in lacking), *blobs[end:]])
    return list(filter(None, perhaps_there)), list(filter(None, hardly_there))


def _wanted_elsewhere(core: Core, neighbour: Neighbour) -> list[str]:
    """Return papers missing in streams that do not pass a neighbour below, which it may have all the same.

    A brief has pointed it to an act that names them, or another act that names them passes it. Put back, it
    may say nothing any more of the stream in which it got them, while their bytes outlived that; and those on
    the way may have been put back as well. Who may not have them is not told of them.

    Another stream comes first each time, and once all have, a later part of each.
    """
    waiting = _gaps_elsewhere(core, neighbour.address)
    found, room = dict[str, None](), _ELSEWHERE_READ
    for stream_id in in_turn(waiting, neighbour.mine, 1):
        stream = core.stream(stream_id) if room else None
        gaps = core.spool.gaps(stream, WANTS_READ) if stream is not None else []
        looked_at = in_turn(gaps, neighbour.mine // len(waiting), _KEPT)[:room]
        room -= len(looked_at)
        found |= dict.fromkeys(blob for _, blob in looked_at if may_have_paper(core, neighbour.address, blob))
    return list(found)


def _gaps_elsewhere(core: Core, address: str) -> list[StreamId]:
    """Return the streams missing papers that do not pass an address below, without those that are closed."""
    waiting = core.spool.gap_streams() if core.tree.is_below(address, core.me) else []
    found = [one for one in waiting if not core.tree.holds(one.src, one.dst, address)]
    closed = core.roster.unusual.closed
    return [one for one in found if one.src not in closed or not is_closed(core, one)]


def _lacking(core: Core, address: str, stream: Stream) -> set[str]:
    held = core.spool.held(signed.RECEIPT, receipt_key(stream.id, address))
    return set(read_receipt(held.statement).missing) if held else set()


def papers_asked(core: Core, neighbour: Neighbour) -> list[tuple[str, int, int]]:
    """Return (hash, offset, size) of papers held here that the neighbour asked for and may have."""
    asked = [w for w in neighbour.wanted_blobs[:WANTS_MAX] if may_have_paper(core, neighbour.address, w[0])]
    return _held(core, asked)


def papers_unasked(
    core: Core, neighbour: Neighbour, streams: list[Stream], loose: Sequence[Frame]
) -> list[tuple[str, int, int]]:
    """Return (hash, offset, size) of papers the neighbour may lack, of these streams and loose acts.

    They go on a stick, where there is nobody to ask.
    """
    chosen: dict[str, None] = {}
    for stream in streams:
        held = core.spool.held(signed.RECEIPT, receipt_key(stream.id, neighbour.address))
        done = read_receipt(held.statement).papers if held else 0
        if stream.id.src != neighbour.address and done < stream.upto:
            chosen |= dict.fromkeys(_named_blobs(core, stream, done))
    for frame in loose:
        chosen |= dict.fromkeys(blob.hash for blob in frame.header.blobs)
    ask_back(core, chosen)
    asked = {blob for blob, _ in neighbour.wanted_blobs}
    return _held(core, [(blob, 0) for blob in chosen if blob not in asked])


def _held(core: Core, papers: Iterable[tuple[str, int]]) -> list[tuple[str, int, int]]:
    out = []
    for blob, offset in papers:
        ref = core.spool.blob(blob)
        if ref is not None and core.means.blobs.has(blob):
            # All bytes and yet not whole: the other was cut off before it looked. Any piece makes it look.
            out.append((blob, offset if offset < ref.size else 0, ref.size))
    return out


def ask_back(core: Core, blobs: Iterable[str]) -> None:
    """Of papers that were held here and are gone, or were put aside as damaged: say so, and want them again.

    What receipts have said of them stays: they were here whole.
    """
    for blob in blobs:
        ref = core.spool.blob(blob)
        if ref is None or core.means.blobs.has(blob):
            continue
        core.spool.drop_blob(blob)
        for act in core.spool.acts_of_paper(blob, _NAMING_MAX):
            core.spool.add_loose_gaps(act, (ref,))
        core.note("S127", core.me, blob[:16])


def _named_blobs(core: Core, stream: Stream, after: int) -> Iterator[str]:
    for page in pages_after(core.spool, {stream.id: max(after, stream.base)}):
        for placed in page:
            for blob in placed.frame.header.blobs:
                yield blob.hash
