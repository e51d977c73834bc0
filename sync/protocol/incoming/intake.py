"""Taking in: what arrives is stored when its framing, key and place are good, and only then judged.

Nothing here decides what an act means; nothing that arrives can make this
raise beyond the record it stands in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync.protocol.acts import asked
from sync.protocol.acts.anew import comes_on_demand
from sync.protocol.acts.audience import note_briefs
from sync.protocol.acts.bodies import want_bodies
from sync.protocol.acts.cuts import NO_KEY, counts_by_id, is_confirmed, may_apply, waits_for_key
from sync.protocol.acts.deliver import parked_under, release
from sync.protocol.acts.placed_again import met_again
from sync.protocol.acts.quarantine import PAST_CUT, is_past, note_cut_off, note_within, waits_for
from sync.protocol.core import Core
from sync.protocol.errors import BadFrame, BadSignature, CannotOpen, Foreign, TooLarge
from sync.protocol.found import Shown, doubt, lacked
from sync.protocol.frame import SIGNED_AS, Act, BlobRef, Frame, StreamId, act_of
from sync.protocol.frame_items import check_fit
from sync.protocol.incoming.asides import note_refused, put_aside, put_evidence
from sync.protocol.receipts import DISAGREES, read_receipt
from sync.protocol.receipts_kept import end_receipt
from sync.protocol.sealed import can_read
from sync.protocol.spool import APPLIED, EVIDENCE, GAP, OWN, PARKED, UNKNOWN_KEY, ActRow, Aside, Placed
from sync.protocol.stock.loose import owe_beyond_gap
from sync.protocol.stock.papers import held_papers, papers_upto
from sync.protocol.stock.purging import may_lack_body
from sync.protocol.streams import Place, Stream, place_of

_UNREADABLE = CannotOpen.code


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
        kind, src = frame.header.kind, frame.header.stream.src
        state, reason, waits = _standing(core, frame)
        if reason == PAST_CUT:
            note_cut_off(core, frame)
        elif core.roster.revoked(src):
            note_within(core, frame)
        if reason == _UNREADABLE:
            core.note(reason, src, f"{kind} sealed to another key")
        rows.append(ActRow(frame.act, kind, src, state, reason, waits, positions.get(frame.act, 0)))
        # An own act that was not known comes back after a loss: it is applied like anybody else's.
        if state != PARKED and can_read(frame, core.means.keys):
            acts.append(act_of(frame))
    if rows:
        core.spool.add_acts(rows)
        asked.note_arrived(core, rows)
        core.spool.unwant([row.id for row in rows])
    return acts + (_confirmed_anew(core, frames) if len(rows) < len(frames) else [])


def _standing(core: Core, frame: Frame) -> tuple[str, str, str]:
    """Return in which state an act that was not known is kept, why, and what it waits for."""
    stream = frame.header.stream
    if is_past(core, frame):
        return PARKED, PAST_CUT, waits_for(stream.src)
    if stream.src == core.me:
        return OWN, "", ""
    if not may_apply(core, stream) and not counts_by_id(core, stream.src, frame.act):
        return PARKED, NO_KEY, waits_for_key(stream.src)
    if stream.dst == core.me and not can_read(frame, core.means.keys):
        # Our key wrap was left out on the way, or was for a key that is gone: a person must know.
        return PARKED, _UNREADABLE, "person"
    return APPLIED, "", ""


def _confirmed_anew(core: Core, frames: Iterable[Frame]) -> list[Act]:
    """Return acts that were parked for the roster and have come once more by a key that it knows."""
    came = {frame.act for frame in frames}
    rows = core.spool.parked({waits_for_key(frame.header.stream.src) for frame in frames})
    return release(core, [row for row in rows if row.id in came and is_confirmed(core, row.id)])


def take_frames(core: Core, frames: Sequence[Frame], now_ms: int) -> list[Act]:
    """Place what has a place, keep aside what may get one, refuse the rest with a note; return acts to apply.

    Everything is written in the caller's unit. The same frames again change nothing.
    """
    batch, shown = Batch(core), core.found.shown
    for frame in frames:
        try:
            place = _take_one(core, batch, frame, now_ms)
        except (Foreign, BadSignature, BadFrame, TooLarge) as problem:
            note_refused(core, frame, problem.code, f"{frame.header.kind} {frame.header.seq}")
            continue
        if place is Place.HELD:
            shown.setdefault(frame.header.stream, Shown()).same(frame.header.seq)
        elif place in (Place.FORK, Place.BEYOND):
            shown.setdefault(frame.header.stream, Shown()).differs(frame)
    acts = batch.write()
    for stream in dict.fromkeys(f.header.stream for f in frames):
        acts += close_up(core, stream, now_ms)
    return acts


def _take_one(core: Core, batch: Batch, frame: Frame, now_ms: int) -> Place | None:
    """Return what the frame is to its stream; None when nobody knows, or it is not kept."""
    stream_id = frame.header.stream
    if not core.tree.holds(stream_id.src, stream_id.dst, core.me):
        raise Foreign(str(stream_id))
    record = core.epoch(stream_id.src, stream_id.epoch)
    if record is None or not _is_known(core, stream_id):
        # Nobody can say whose it is: it takes the room of whoever brings it.
        put_aside(core, Aside(frame, UNKNOWN_KEY, now_ms, core.found.giver or stream_id.src))
        return None
    stream = core.stream(stream_id) or Stream(stream_id, 0, record.root, 0, record.root)
    held = batch.hash_at(stream, frame.header.seq) if frame.header.seq <= stream.upto else None
    place = place_of(stream, frame, held)
    if place is Place.HELD:
        return place
    verify(core, frame)
    is_mine = stream_id.src == core.me
    if place is Place.FORK:
        is_kept = put_evidence(core, frame, now_ms)
        if is_mine:
            core.found.lost.append(frame)
        return place if is_kept else None
    check_fit(frame, 0)
    if not frame.body:
        _check_purged(core, stream_id, frame.header.seq)
    if is_mine:
        lacked(core, frame)
    if place is Place.NEXT:
        batch.place(core.open_stream(stream_id, record.root), frame)
        return place
    if put_aside(core, Aside(frame, GAP, now_ms, stream_id.src)):
        owe_beyond_gap(core, frame)
    if core.spool.count_aside(EVIDENCE):
        core.found.forked[stream_id] = None
    return place


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


def verify(core: Core, frame: Frame) -> None:
    """Refuse a frame its author's key did not sign.

    Raises:
        BadSignature: unknown key or altered bytes.
    """
    stream = frame.header.stream
    key = core.key_of_epoch(stream.src, stream.epoch)
    if key is None or not core.suite.verify(key, SIGNED_AS, frame.header_bytes, frame.signature):
        raise BadSignature(str(stream))


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
    # Trust changes often, and at each start it is new: what nobody knows yet is not read for that.
    known = [stream for stream in core.spool.streams_aside(UNKNOWN_KEY) if _is_known(core, stream)]
    frames = [aside.frame for stream in known for aside in core.spool.asides(UNKNOWN_KEY, stream)]
    for frame in frames:
        core.spool.drop_aside(frame)
    acts = take_frames(core, frames, now_ms) if frames else []
    parked = parked_under(core, (waits_for_key(""),))
    return acts + release(core, [row for row in parked if is_confirmed(core, row.id)])
