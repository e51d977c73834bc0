"""Two frames for one place: the destination's copy wins, the other is evidence, and nobody is kept busy.

A node on the way takes the destination's branch as soon as that is whole; see
`doubts` for how it comes. What had a place in the other branch stays here as
evidence and is offered to its author, who gives it a new place.
"""

from __future__ import annotations

from collections.abc import Sequence

from sync.protocol import signed
from sync.protocol.acts.quarantine import settle_anew
from sync.protocol.core import Core
from sync.protocol.errors import BadSignature
from sync.protocol.found import DOUBT, lacked
from sync.protocol.frame import Act, Frame, StreamId
from sync.protocol.incoming.asides import (
    EVIDENCE_OF_A_STREAM,
    HAD_PLACE,
    evidence_of,
    keep_lost,
    note_refused,
    put_evidence,
    room_taken,
)
from sync.protocol.incoming.beside import clear_gaps, keep_beyond_gaps, keep_displaced, keep_loose, take_loose
from sync.protocol.incoming.doubts import branch_to, compare, differs, shown_branch, word_of_end
from sync.protocol.incoming.intake import Batch, close_up, verify
from sync.protocol.own.rollback import meet_own_receipt
from sync.protocol.receipts import DISAGREES, Receipt, read_receipt
from sync.protocol.receipts_kept import is_off_chain, is_on_chain
from sync.protocol.spool import EVIDENCE, Aside, Placed
from sync.protocol.stock.loose import pass_on
from sync.protocol.streams import Place, Stream, place_of


def take_evidence(core: Core, frames: Sequence[Frame], now_ms: int) -> list[Act]:
    """Keep signed frames that disagree with ours, once each; they are never placed from here.

    What disagrees with nothing here, or finds no room, is taken as what comes loose: it is shown once, and
    its author, to whom it has to come, may stand behind this node. So is what is asked for.

    Returns:
        Acts among them to be applied that this node does not have.
    """
    own, loose = list[Frame](), list[Frame]()
    wanted = core.spool.wanted([frame.act for frame in frames]) if frames else set()
    for frame in frames:
        header = frame.header
        stream, is_mine = core.stream(header.stream), header.stream.src == core.me
        held = core.spool.hash_at(stream, header.seq) if stream else None
        if held == frame.hash:
            differs(core, frame, held)
            continue
        if not is_mine and not (stream and _disagrees(core, stream, frame, held)):
            loose.append(frame)
            continue
        try:
            verify(core, frame)
        except BadSignature as problem:
            note_refused(core, frame, problem.code, "evidence")
            continue
        is_kept = stream is not None and put_evidence(core, frame, now_ms)
        differs(core, frame, held)
        if is_mine:
            own.append(frame)
        elif not is_kept or frame.act in wanted:
            loose.append(frame)
    return keep_displaced(core, own) + take_loose(core, loose)


def _disagrees(core: Core, stream: Stream, frame: Frame, held: bytes | None) -> bool:
    place = place_of(stream, frame, held)
    if place is Place.BEYOND:
        # It goes on from what was shown to disagree.
        return frame.header.prev in evidence_of(core, stream.id)
    return place is Place.FORK


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
    shown, core.found.shown = core.found.shown, {}
    for held in core.spool.all_held(DOUBT):
        stream = core.stream(StreamId(*held.key.split("|")))
        if stream is not None and stream.id in shown:
            compare(core, stream, shown[stream.id])
        if stream is None or stream.id.dst == core.me:
            core.spool.drop_held(DOUBT, held.key)
        else:
            acts += _settle_doubt(core, stream, now_ms)
    forked, core.found.forked = core.found.forked, {}
    for stream_id in forked:
        if core.spool.held(DOUBT, str(stream_id)) is None:
            acts += clear_gaps(core, stream_id)
        elif stream_id.src == core.me:
            acts += keep_beyond_gaps(core, stream_id)
    return acts


def _settle_doubt(core: Core, stream: Stream, now_ms: int) -> list[Act]:
    """Go by the destination's newest word on a stream in doubt, if it says anything of what is here."""
    said = word_of_end(core, stream.id)
    if said is None or said.upto <= stream.base:
        return []
    if not is_on_chain(core.spool, stream, said):
        return _switch(core, stream, said, now_ms)
    if said.upto >= _last_fork(core, stream):
        core.spool.drop_held(DOUBT, str(stream.id))
        core.found.forked[stream.id] = None
    return []


def _switch(core: Core, stream: Stream, said: Receipt, now_ms: int) -> list[Act]:
    """Take the branch that leads to the destination's head, if all of it is here."""
    branch = branch_to(core, stream, bytes.fromhex(said.head))
    if not branch and room_taken(core, stream.id) >= EVIDENCE_OF_A_STREAM:
        # Or as much as there is room for: it would never be whole.
        branch = shown_branch(core, stream, said.upto)
        branch = branch if 2 * len(branch) >= EVIDENCE_OF_A_STREAM else []
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
    core.found.evidence.pop(stream.id, None)
    core.found.forked[stream.id] = None
    core.note("S120", stream.id.src, f"branch left at {stream.id.epoch}|{stream.id.dst} {place + 1}")
    return acts + close_up(core, stream.id, now_ms)


def _put_by(core: Core, dropped: Sequence[Placed], now_ms: int) -> None:
    """What lost its place is kept: as evidence, and its act by its id until it has a new place."""
    for placed in dropped:
        frame = placed.frame
        if frame.body and not core.spool.places_of_act(frame.act):
            keep_loose(core, placed)
        keep_lost(core, Aside(frame, EVIDENCE, now_ms, HAD_PLACE))
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
