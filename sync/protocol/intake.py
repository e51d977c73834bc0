"""Taking in: what arrives is stored when its framing, key and place are good, and only then judged.

Nothing here decides what an act means; nothing that arrives can make this
raise beyond the record it stands in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync.protocol.core import Core
from sync.protocol.deliver import release
from sync.protocol.errors import BadFrame, BadSignature, Foreign
from sync.protocol.frame import PLAIN, SIGNED_AS, Act, BlobRef, Frame, StreamId, act_of
from sync.protocol.spool import (
    APPLIED,
    EVIDENCE,
    GAP,
    OWN,
    PARKED,
    UNKNOWN_KEY,
    ActRow,
    Aside,
    Placed,
)
from sync.protocol.streams import Place, Stream, place_of

ASIDE_MAX = 5_000


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
        self.placed.append(Placed(self.core.position(), frame))
        self.fresh.append(frame)

    def write(self) -> list[Act]:
        """Write streams, frames, gaps and acts; return the acts not known before, in order."""
        core = self.core
        for stream in self.touched.values():
            core.touch(stream)
        core.flush_streams()
        core.spool.add_frames(self.placed)
        self._find_gaps()
        acts = admit(core, self.fresh, {p.frame.act: p.position for p in reversed(self.placed)})
        self.placed, self.fresh, self.touched = [], [], {}
        return acts

    def _find_gaps(self) -> None:
        core = self.core
        named = {blob.hash for frame in self.fresh for blob in frame.header.blobs}
        held = core.spool.have_blobs(named) if named else set()
        lacking: dict[StreamId, list[tuple[int, BlobRef]]] = {}
        for frame in self.fresh:
            for blob in frame.header.blobs:
                if blob.hash not in held:
                    lacking.setdefault(frame.header.stream, []).append((frame.header.seq, blob))
        for stream_id, stream in self.touched.items():
            missing = lacking.get(stream_id, [])
            if missing:
                core.spool.add_gaps(stream, missing)
            stream.papers = papers_upto(core, stream)
            core.touch(stream)
        core.flush_streams()


def papers_upto(core: Core, stream: Stream) -> int:
    """Return the last place up to which every paper of a stream is held."""
    first = core.spool.gaps(stream, 1)
    return first[0][0] - 1 if first else stream.upto


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
            continue
        known.add(frame.act)
        header = frame.header
        src = header.stream.src
        state, reason, waits = APPLIED, "", ""
        if src == core.me:
            state = OWN
        elif not _may_apply(core, header.stream):
            state, reason, waits = PARKED, "S107", f"roster:{src}"
        rows.append(ActRow(frame.act, header.kind, src, state, reason, waits, positions.get(frame.act, 0)))
        if state == APPLIED and _can_read(core, frame):
            acts.append(act_of(frame))
    if rows:
        core.spool.add_acts(rows)
        core.spool.unwant([row.id for row in rows])
    return acts


def _can_read(core: Core, frame: Frame) -> bool:
    """A sealed act that is not for this node is kept and relayed, and asks nothing of the application."""
    return frame.header.enc == PLAIN or any(wrap.key_id in core.means.keys for wrap in frame.wraps)


def _may_apply(core: Core, stream: StreamId) -> bool:
    record = core.epoch(stream.src, stream.epoch)
    if record is None:
        return False
    if core.roster.key(stream.src, record.key_id) is not None:
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
        except (Foreign, BadSignature, BadFrame) as problem:
            core.note(problem.code, frame.header.stream.src, f"{frame.header.kind} {frame.header.seq}")
    acts = batch.write()
    for stream in dict.fromkeys(f.header.stream for f in frames):
        acts += _close_up(core, stream, now_ms)
    return acts


def _take_one(core: Core, batch: Batch, frame: Frame, now_ms: int) -> None:
    stream_id = frame.header.stream
    if not core.tree.holds(stream_id.src, stream_id.dst, core.me):
        raise Foreign(str(stream_id))
    record = core.epoch(stream_id.src, stream_id.epoch)
    if record is None or core.roster.any_key(stream_id.src, record.key_id) is None:
        _put_aside(core, frame, UNKNOWN_KEY, now_ms)
        return
    stream = core.stream(stream_id) or Stream(stream_id, 0, record.root, 0, record.root)
    held = batch.hash_at(stream, frame.header.seq) if frame.header.seq <= stream.upto else None
    place = place_of(stream, frame, held)
    if place is Place.HELD:
        return
    verify(core, frame)
    if place is Place.NEXT:
        batch.place(core.open_stream(stream_id, record.root), frame)
    elif place is Place.BEYOND:
        _put_aside(core, frame, GAP, now_ms)
    else:
        _put_aside(core, frame, EVIDENCE, now_ms)
        core.note("S120", stream_id.src, f"fork at {stream_id.epoch}|{stream_id.dst} {frame.header.seq}")


def verify(core: Core, frame: Frame) -> None:
    """Refuse a frame its author's key did not sign.

    Raises:
        BadSignature: unknown key or altered bytes.
    """
    stream = frame.header.stream
    key = core.key_of_epoch(stream.src, stream.epoch)
    if key is None or not core.suite.verify(key, SIGNED_AS, frame.header_bytes, frame.signature):
        raise BadSignature(str(stream))


def _put_aside(core: Core, frame: Frame, why: str, now_ms: int) -> None:
    # The bound protects the disk. What is turned away here is offered again, for our vector does not claim it;
    # evidence is small in number and must not be crowded out.
    if why != EVIDENCE and core.spool.count_aside() >= ASIDE_MAX:
        core.note("S121", frame.header.stream.src, "too much aside")
        return
    core.spool.put_aside(Aside(frame, why, now_ms))


def _close_up(core: Core, stream_id: StreamId, now_ms: int) -> list[Act]:
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
        except (Foreign, BadSignature, BadFrame) as problem:
            core.note(problem.code, stream_id.src, "was aside")
    return batch.write()


def retry_unknown(core: Core, now_ms: int) -> list[Act]:
    """Trust has changed: look again at frames whose key was unknown and at acts parked for the roster."""
    waiting = core.spool.asides(UNKNOWN_KEY)
    frames = [
        a.frame for a in waiting if core.key_of_epoch(a.frame.header.stream.src, a.frame.header.stream.epoch)
    ]
    for frame in frames:
        core.spool.drop_aside(frame)
    acts = take_frames(core, frames, now_ms) if frames else []
    parked = [row for row in core.spool.parked() if row.waits_for.startswith("roster:")]
    return acts + release(core, [row for row in parked if _confirmed(core, row.id)])


def _confirmed(core: Core, act: str) -> bool:
    frame = core.spool.frame_of_act(act)
    return frame is not None and _may_apply(core, frame.header.stream)


def take_loose(core: Core, frames: Sequence[Frame]) -> list[Act]:
    """Take in frames that were asked for by id: verified and kept once, advancing no stream."""
    good = []
    wanted = set(core.spool.wants(10_000))
    for frame in frames:
        if frame.act not in wanted:
            continue
        try:
            verify(core, frame)
        except BadSignature as problem:
            core.note(problem.code, frame.header.stream.src, "loose")
            continue
        core.spool.add_loose(Placed(core.position(), frame))
        good.append(frame)
    return admit(core, good, {})
