"""Taking in: what arrives is stored when its framing, key and place are good, and only then judged.

Nothing here decides what an act means; nothing that arrives can make this
raise beyond the record it stands in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync.protocol import asked
from sync.protocol.anew import comes_on_demand
from sync.protocol.audience import note_briefs
from sync.protocol.bodies import want_bodies
from sync.protocol.core import Core
from sync.protocol.deliver import parked_under, release
from sync.protocol.errors import BadFrame, BadSignature, Foreign, TooLarge
from sync.protocol.found import alike, doubt, lacked, unlike
from sync.protocol.frame import SIGNED_AS, Act, BlobRef, Frame, StreamId, act_of
from sync.protocol.frame_items import check_fit
from sync.protocol.loose import owe_beyond_gap
from sync.protocol.papers import held_papers, papers_upto
from sync.protocol.purging import may_lack_body
from sync.protocol.quarantine import PAST_CUT, is_past, met_again, note_cut_off, waits_for
from sync.protocol.receipts import DISAGREES, read_receipt
from sync.protocol.receipts_kept import end_receipt
from sync.protocol.sealed import can_read
from sync.protocol.spool import APPLIED, EVIDENCE, GAP, OWN, PARKED, UNKNOWN_KEY, ActRow, Aside, Placed
from sync.protocol.streams import Place, Stream, place_of

ASIDE_MAX = {GAP: 5_000, UNKNOWN_KEY: 5_000, EVIDENCE: 2_000}
EVIDENCE_OF_A_STREAM = 512
EVIDENCE_OF_A_PLACE = 8


class Batch:
    """The frames of one call, placed in memory and written together."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.placed: list[Placed] = []
        self.fresh: list[Frame] = []
        self.touched: dict[StreamId, Stream] = {}
        self._hashes: dict[tuple[StreamId, int], bytes] = {}

    def hash_at(self, stream: Stream, seq: int) -> bytes | None:
        """Return the header hash at a place, placed just now or before."""
        return self._hashes.get((stream.id, seq)) or self.core.spool.hash_at(stream, seq)

    def place(self, stream: Stream, frame: Frame) -> None:
        """Give a checked frame the next place of its stream."""
        stream.upto, stream.head = frame.header.seq, frame.hash
        self.touched[stream.id] = stream
        self._hashes[(stream.id, frame.header.seq)] = frame.hash
        self.placed.append(Placed(self.core.next_position(), frame))
        self.fresh.append(frame)

    def write(self) -> list[Act]:
        """Write streams, frames, gaps and acts; return the acts not known before, in order."""
        core = self.core
        for stream in self.touched.values():
            core.touch(stream)
        core.flush_streams()
        core.spool.add_frames(self.placed)
        note_briefs(core, self.fresh)
        self._find_gaps()
        self._hold_to_words_of_ends()
        # What comes without its body has a place and is no act here; its body may still come another way.
        whole = [frame for frame in self.fresh if frame.body]
        acts = admit(core, whole, {p.frame.act: p.position for p in reversed(self.placed)})
        want_bodies(core, self.fresh)
        self.placed, self.fresh, self.touched = [], [], {}
        return acts

    def _find_gaps(self) -> None:
        core = self.core
        held = held_papers(core, [blob for frame in self.fresh for blob in frame.header.blobs])
        lacking: dict[StreamId, list[tuple[int, BlobRef]]] = {}
        for frame in self.fresh:
            for blob in frame.header.blobs if frame.body and not comes_on_demand(core, frame) else ():
                if blob.hash not in held:
                    lacking.setdefault(frame.header.stream, []).append((frame.header.seq, blob))
        for stream_id, stream in self.touched.items():
            missing = lacking.get(stream_id, [])
            if missing:
                core.spool.add_gaps(stream, missing)
            stream.papers = papers_upto(core, stream)
            core.touch(stream)
        core.flush_streams()

    def _hold_to_words_of_ends(self) -> None:
        # A destination's word travels in state, so it may be here before the frames that it speaks of.
        core = self.core
        for stream_id in self.touched:
            held = end_receipt(core.spool, stream_id)
            here = self._hashes.get((stream_id, held.rank[1])) if held else None
            if held is None or here is None or stream_id.dst == core.me:
                continue
            if here.hex() != read_receipt(held.statement).head:
                core.spool.put_held(held._replace(content=DISAGREES))
                doubt(core, stream_id)


def admit(core: Core, frames: Iterable[Frame], positions: dict[str, int]) -> list[Act]:
    """Remember acts that were not known; return those the application should now get, in order.

    An act of a key that only its parent vouches for is kept and relayed but,
    except at that parent, applied only when the roster confirms the key.
    """
    frames = list(frames)
    known = core.spool.known_acts([frame.act for frame in frames]) if frames else set()
    rows: list[ActRow] = []
    acts: list[Act] = []
    for frame in frames:
        if frame.act in known:
            acts += met_again(core, frame)
            continue
        known.add(frame.act)
        header = frame.header
        src = header.stream.src
        state, reason, waits = APPLIED, "", ""
        if is_past(core, frame):
            state, reason, waits = PARKED, PAST_CUT, waits_for(src)
            note_cut_off(core, frame)
        elif src == core.me:
            state = OWN
        elif not _may_apply(core, header.stream):
            state, reason, waits = PARKED, "S107", f"roster:{src}"
        elif header.stream.dst == core.me and not can_read(frame, core.means.keys):
            # Our key wrap was left out on the way, or was for a key that is gone: a person must know.
            state, reason, waits = PARKED, "S108", "person"
            core.note(reason, src, f"{header.kind} sealed to another key")
        rows.append(ActRow(frame.act, header.kind, src, state, reason, waits, positions.get(frame.act, 0)))
        # An own act that was not known comes back after a loss: it is applied like anybody else's.
        if state != PARKED and can_read(frame, core.means.keys):
            acts.append(act_of(frame))
    if rows:
        core.spool.add_acts(rows)
        asked.note_arrived(core, rows)
        core.spool.unwant([row.id for row in rows])
    return acts


def _may_apply(core: Core, stream: StreamId) -> bool:
    record = core.epoch(stream.src, stream.epoch)
    if record is None:
        return False
    if core.roster.key(stream.src, record.key_id) or core.roster.rotated_key(stream.src, record.key_id):
        return True
    return (
        core.roster.vouched_key(stream.src, record.key_id) is not None
        and core.tree.parent(stream.src) == core.me
    )


def take_frames(core: Core, frames: Sequence[Frame], now_ms: int) -> list[Act]:
    """Place what has a place, keep aside what may get one, refuse the rest with a note; return acts to apply.

    Everything is written in the caller's unit. The same frames again change nothing.
    """
    batch = Batch(core)
    for frame in frames:
        try:
            _take_one(core, batch, frame, now_ms)
        except (Foreign, BadSignature, BadFrame, TooLarge) as problem:
            note_refused(core, frame, problem.code, f"{frame.header.kind} {frame.header.seq}")
    acts = batch.write()
    for stream in dict.fromkeys(f.header.stream for f in frames):
        acts += close_up(core, stream, now_ms)
    return acts


def _take_one(core: Core, batch: Batch, frame: Frame, now_ms: int) -> None:
    stream_id = frame.header.stream
    if not core.tree.holds(stream_id.src, stream_id.dst, core.me):
        raise Foreign(str(stream_id))
    record = core.epoch(stream_id.src, stream_id.epoch)
    if record is None or not _is_known(core, stream_id):
        # Nobody can say whose it is: it takes the room of whoever brings it.
        _put_aside(core, Aside(frame, UNKNOWN_KEY, now_ms, core.found.giver or stream_id.src))
        return
    stream = core.stream(stream_id) or Stream(stream_id, 0, record.root, 0, record.root)
    held = batch.hash_at(stream, frame.header.seq) if frame.header.seq <= stream.upto else None
    place = place_of(stream, frame, held)
    if place is Place.HELD:
        alike(core, frame)
        return
    verify(core, frame)
    is_mine = stream_id.src == core.me
    if place is Place.FORK:
        put_evidence(core, frame, now_ms)
        unlike(core, frame)
        if is_mine:
            core.found.lost.append(frame)
        return
    check_fit(frame, 0)
    if not frame.body:
        _check_purged(core, stream_id, frame.header.seq)
    if is_mine:
        lacked(core, frame)
    if place is Place.NEXT:
        batch.place(core.open_stream(stream_id, record.root), frame)
        return
    if _put_aside(core, Aside(frame, GAP, now_ms, stream_id.src)):
        owe_beyond_gap(core, frame)
        unlike(core, frame)
    if core.spool.count_aside(EVIDENCE):
        core.found.forked[stream_id] = None


def _is_known(core: Core, stream: StreamId) -> bool:
    """Say whether the author's key is known, and the destination too unless it lies below the author."""
    record = core.epoch(stream.src, stream.epoch)
    if record is None or core.key_of_epoch(stream.src, stream.epoch) is None:
        return False
    if stream.src == core.me and record.key_id not in core.means.keys:
        # Somebody vouches for another's key under our address: only the roster may say that it was ours.
        return core.roster.key(core.me, record.key_id) is not None
    return stream.dst in core.roster.entries or stream.src in core.tree.up(stream.dst)


def _check_purged(core: Core, stream: StreamId, seq: int) -> None:
    if not may_lack_body(core, stream, seq):
        raise BadFrame("body left out")
    if stream.dst == core.me:
        core.note("S123", core.me, f"without its body: {stream} {seq}")


def put_evidence(core: Core, frame: Frame, now_ms: int) -> None:
    """Keep a signed frame that has lost its place, a few of each place: two already prove the fork."""
    stream_id = frame.header.stream
    there = [aside.frame.header.seq for aside in core.spool.asides(EVIDENCE, stream_id)]
    has_room = len(there) < EVIDENCE_OF_A_STREAM and there.count(frame.header.seq) < EVIDENCE_OF_A_PLACE
    if has_room and _put_aside(core, Aside(frame, EVIDENCE, now_ms, stream_id.src)):
        doubt(core, stream_id)
        core.found.forked[stream_id] = None
        core.note("S120", stream_id.src, f"fork at {stream_id.epoch}|{stream_id.dst} {frame.header.seq}")
        stream = core.stream(stream_id)
        if stream is not None:
            # So that those who are on the other branch are shown ours.
            core.touch(stream)


def note_refused(core: Core, frame: Frame, code: str, what: str) -> None:
    """Tell of a frame that is not taken, as of whoever brings it: its author's name is anybody's to write."""
    core.note(code, core.found.giver or frame.header.stream.src, what)


def verify(core: Core, frame: Frame) -> None:
    """Refuse a frame its author's key did not sign.

    Raises:
        BadSignature: unknown key or altered bytes.
    """
    stream = frame.header.stream
    key = core.key_of_epoch(stream.src, stream.epoch)
    if key is None or not core.suite.verify(key, SIGNED_AS, frame.header_bytes, frame.signature):
        raise BadSignature(str(stream))


def _put_aside(core: Core, aside: Aside) -> bool:
    # Whoever comes to the bound leaves others as much room as it has. What is turned away is offered again.
    free = ASIDE_MAX[aside.why] - core.spool.count_aside(aside.why)
    if core.spool.count_aside(aside.why, aside.share) >= free:
        note_refused(core, aside.frame, "S121", f"too much aside: {aside.why}")
        return False
    return core.spool.put_aside(aside)


def close_up(core: Core, stream_id: StreamId, now_ms: int) -> list[Act]:
    """Give frames that waited beyond a gap their places, as far as they now reach."""
    stream = core.stream(stream_id)
    if stream is None:
        return []
    batch = Batch(core)
    for aside in core.spool.asides(GAP, stream_id):
        if aside.frame.header.seq > stream.upto + 1:
            break
        core.spool.drop_aside(aside.frame)
        try:
            _take_one(core, batch, aside.frame, now_ms)
        except (Foreign, BadSignature, BadFrame, TooLarge) as problem:
            note_refused(core, aside.frame, problem.code, "was aside")
    return batch.write()


def retry_unknown(core: Core, now_ms: int) -> list[Act]:
    """Trust has changed: look again at frames whose key was unknown and at acts parked for the roster."""
    waiting = core.spool.asides(UNKNOWN_KEY)
    frames = [aside.frame for aside in waiting if _is_known(core, aside.frame.header.stream)]
    for frame in frames:
        core.spool.drop_aside(frame)
    acts = take_frames(core, frames, now_ms) if frames else []
    parked = parked_under(core, ("roster:",))
    return acts + release(core, [row for row in parked if _confirmed(core, row.id)])


def _confirmed(core: Core, act: str) -> bool:
    frame = core.spool.frame_of_act(act)
    return frame is not None and _may_apply(core, frame.header.stream)
