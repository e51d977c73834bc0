"""Frames without a place, kept within bounds: nobody fills a node with what may never count.

They are counted and weighed: large ones that compress to nothing cost a thief no line, and those of a kind
are read at once by who looks through them. Whoever comes to a bound leaves others as much room as it has.
What is turned away is offered again.
"""

from __future__ import annotations

from collections.abc import Sequence

from sync.protocol.core import Core
from sync.protocol.found import doubt, doubt_shown
from sync.protocol.frame import Frame, StreamId
from sync.protocol.frame_items import frame_weight
from sync.protocol.memos import note_down
from sync.protocol.spool import EVIDENCE, GAP, UNKNOWN_KEY, Aside

ASIDE_MAX = {GAP: 5_000, UNKNOWN_KEY: 5_000, EVIDENCE: 2_000}
# Of each kind: what so many of usual size have, and a small node's memory holds besides the rest.
ASIDE_BYTES_MAX = 8 * 1024 * 1024
EVIDENCE_OF_A_STREAM = 512
EVIDENCE_OF_A_PLACE = 8
# The share of what had a place here: however long a branch was, it takes no room from what comes without.
HAD_PLACE = "had a place"
# When something of a stream lost its place here that neighbours are shown.
LOST = "lost"


def room_for(core: Core, why: str, share: str) -> int:
    """Return for how many more there is room in a share: it leaves others as much as it then has.

    None when it has the bytes that it may have.
    """
    if not _left(ASIDE_BYTES_MAX, [_weight(core, why, one) for one in ("", HAD_PLACE, share)]):
        return 0
    return _left(ASIDE_MAX[why], [core.spool.count_aside(why, one) for one in ("", HAD_PLACE, share)])


def _left(most: int, taken: Sequence[int]) -> int:
    """Return what is left for a share, of what all have, what had a place has, and what is in the share."""
    whole, had_place, own = taken
    return max(0, (most - whole + had_place - own + 1) // 2)


def _weight(core: Core, why: str, share: str) -> int:
    """Return how many bytes are aside; read once in a unit, in which what is dropped still counts."""
    known = core.found.weights
    if (why, share) not in known:
        known[why, share] = core.spool.weigh_aside(why, share)
    return known[why, share]


def put_aside(core: Core, aside: Aside) -> bool:
    """Keep a frame aside; False when it was there already or there is no room, which is noted."""
    frame = aside.frame
    if not room_for(core, aside.why, aside.share):
        note_refused(core, frame, "S121", f"too much aside: {aside.why}")
        return False
    is_new = core.spool.put_aside(aside)
    if is_new:
        for share in {"", aside.share}:
            core.found.weights[aside.why, share] += len(frame.header_bytes) + sum(frame_weight(frame))
    return is_new


def put_evidence(core: Core, frame: Frame, now_ms: int) -> bool:
    """Keep a signed frame that has lost its place, a few of each place: two already prove the fork.

    What the destination's side brings of a stream in doubt may be the branch that counts. It has as much room
    again: whoever has the author's key could fill all of that before.

    Returns:
        Whether it is here.
    """
    stream_id, seq = frame.header.stream, frame.header.seq
    there = evidence_of(core, stream_id)
    if frame.hash in there:
        return True
    share, times = stream_id.src, 1
    if doubt_shown(core, stream_id):
        times = 2
        # Only then the giver's: what it brings of an author without number takes no room from others.
        share = share if room_for(core, EVIDENCE, share) else core.found.giver
    has_room = room_taken(core, stream_id) < times * EVIDENCE_OF_A_STREAM
    has_room = has_room and list(there.values()).count(seq) < times * EVIDENCE_OF_A_PLACE
    if not has_room or not put_aside(core, Aside(frame, EVIDENCE, now_ms, share)):
        return False
    there[frame.hash] = seq
    doubt(core, stream_id)
    _note_lost(core, stream_id)
    core.found.forked[stream_id] = None
    core.note("S120", stream_id.src, f"fork at {stream_id.epoch}|{stream_id.dst} {seq}")
    return True


def _note_lost(core: Core, stream_id: StreamId) -> None:
    note_down(core, LOST, str(stream_id))
    stream = core.stream(stream_id)
    if stream is not None:
        # So that those who are on the other branch are shown ours, and its author what has no place.
        core.touch(stream)


def keep_lost(core: Core, aside: Aside) -> None:
    """Keep what had a place here, or waited for one, as evidence: whatever there is of it."""
    stream = aside.frame.header.stream
    core.spool.put_aside(aside._replace(why=EVIDENCE))
    core.found.evidence.pop(stream, None)
    _note_lost(core, stream)


def evidence_of(core: Core, stream: StreamId) -> dict[bytes, int]:
    """Return the evidence of a stream, hash → place, 0 for what had one here; read once in a unit."""
    there = core.found.evidence.get(stream)
    if there is None:
        kept = core.spool.asides(EVIDENCE, stream)
        there = {one.frame.hash: one.frame.header.seq * (one.share != HAD_PLACE) for one in kept}
        core.found.evidence[stream] = there
    return there


def room_taken(core: Core, stream: StreamId) -> int:
    """Return how much of the room for the evidence of a stream is taken; what had a place here takes none."""
    return sum(map(bool, evidence_of(core, stream).values()))


def note_refused(core: Core, frame: Frame, code: str, what: str) -> None:
    """Tell of a frame that is not taken, as of whoever brings it: its author's name is anybody's to write."""
    core.note(code, core.found.giver or frame.header.stream.src, what)
