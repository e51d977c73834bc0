"""Acts beside the streams: those that came by id, and own ones that have lost their place."""

from __future__ import annotations

from collections.abc import Container, Sequence

from sync.protocol.acts.anew import comes_on_demand
from sync.protocol.acts.bodies import keep_body
from sync.protocol.acts.cuts import is_on_way_up
from sync.protocol.acts.deliver import body_is_back
from sync.protocol.acts.proofs import IDLE_ASIDE, note_idle
from sync.protocol.acts.proven import adds_nothing, leading, leads_on
from sync.protocol.core import Core
from sync.protocol.errors import BadSignature, TooLarge
from sync.protocol.found import lacked
from sync.protocol.frame import Act, Frame, StreamId
from sync.protocol.frame_items import check_fit
from sync.protocol.incoming.asides import keep_lost, note_refused, room_for
from sync.protocol.incoming.intake import admit, verify
from sync.protocol.spool import EVIDENCE, GAP, Aside, Placed
from sync.protocol.stock.papers import held_papers

# In one stream, with different places claimed for one act: only a stolen key makes more than one.
FRAMES_OF_ACT, _ALL_OF_ACT = 4, 1 << 31


def keep_loose(core: Core, placed: Placed) -> None:
    """Keep a frame beside the streams, by its act; the papers it names that are not here are missed."""
    frame = placed.frame
    keep_body(core, placed)
    held = held_papers(core, frame.header.blobs)
    if not comes_on_demand(core, frame):
        core.spool.add_loose_gaps(frame.act, [b for b in frame.header.blobs if b.hash not in held])


def keep_displaced(core: Core, frames: Sequence[Frame]) -> list[Act]:
    """Keep own acts whose place another one has here until they get a new one; return those to apply."""
    fresh = []
    for frame in frames:
        lacked(core, frame)
        if frame.body and not core.spool.known_acts([frame.act]):
            keep_loose(core, Placed(core.next_position(), frame))
            fresh.append(frame)
    return admit(core, fresh, {}) if fresh else []


def clear_gaps(core: Core, stream_id: StreamId) -> list[Act]:
    """What waits beyond a gap and goes on from evidence has lost its place too; return own acts to apply.

    Not while the stream is in doubt: then it may be the branch that wins. What finds no room waits on.
    """
    lost = _on_from_evidence(core, stream_id)
    for aside in lost[: room_for(core, EVIDENCE, stream_id.src)] if lost else ():
        core.spool.drop_aside(aside.frame)
        keep_lost(core, aside)
    return keep_displaced(core, [aside.frame for aside in lost if stream_id.src == core.me])


def keep_beyond_gaps(core: Core, stream_id: StreamId) -> list[Act]:
    """Keep own acts that wait so in a stream in doubt: who could say which branch wins may be gone for good.

    Returns:
        Those to apply.
    """
    return keep_displaced(core, [aside.frame for aside in _on_from_evidence(core, stream_id)])


def _on_from_evidence(core: Core, stream_id: StreamId) -> list[Aside]:
    before = {aside.frame.hash for aside in core.spool.asides(EVIDENCE, stream_id)}
    found: list[Aside] = []
    for aside in core.spool.asides(GAP, stream_id) if before else ():
        if aside.frame.header.prev in before:
            before.add(aside.frame.hash)
            found.append(aside)
    return found


def take_loose(core: Core, frames: Sequence[Frame], asked: Container[str] = ()) -> list[Act]:
    """Take in frames that were asked for by id, or lost here: verified and kept once, advancing no stream.

    Unasked an act is taken only where it would have come or gone by. Papers it names that are not here are
    remembered as missing, beside every stream.

    Args:
        asked: acts of which other frames came before these, in answer to one question.
    """
    good, idle = list[Frame](), dict[str, int]()
    acts, true = [frame.act for frame in frames], leading(core, frames)
    wanted, known = core.spool.wanted(acts), core.spool.known_acts(acts)
    for frame in frames:
        is_asked = frame.act in wanted or frame.act in asked
        is_due = is_asked or (frame.act not in known and _goes_by(core, frame))
        if not (frame.body and is_due and _is_good(core, frame)):
            continue
        if frame.act in known and adds_nothing(core, frame):
            # Once for all ways in which it came.
            if frame.act in wanted:
                idle[frame.act] = 1 if is_on_way_up(core, frame.header.stream) else IDLE_ASIDE
            continue
        placed = Placed(core.next_position(), frame)
        if frame.act in known:
            # Its body had left this node by rule, and somebody has asked for it.
            keep_body(core, placed)
            core.spool.unwant([frame.act])
        else:
            keep_loose(core, placed)
        if leads_on(core, frame):
            # Others that came first may claim places that are false; that to which a head leads is true.
            core.spool.add_loose(placed, _ALL_OF_ACT if frame.hash in true else FRAMES_OF_ACT)
        lacked(core, frame)
        if not is_asked:
            core.found.unasked.append(frame)
        good.append(frame)
    note_idle(core, idle)
    core.found.came |= dict.fromkeys(frame.act for frame in good)
    return admit(core, good, {}) + body_is_back(core, known)


def _is_good(core: Core, frame: Frame) -> bool:
    try:
        verify(core, frame)
        check_fit(frame, 0)
    except (BadSignature, TooLarge) as problem:
        note_refused(core, frame, problem.code, "loose")
        return False
    return True


def take_wanted(core: Core) -> list[Act]:
    """Take the acts that are asked for and are here as evidence alone; return those to apply.

    Their author may give them no new place, being past a cut, and who stands between has them no otherwise.
    """
    if not core.spool.wants(1):
        return []
    aside = [one.frame for one in core.spool.asides(EVIDENCE)]
    wanted = core.spool.wanted([frame.act for frame in aside])
    # What proves nothing would end the question, each time anew, before anybody was asked.
    return take_loose(core, [one for one in aside if one.act in wanted and not adds_nothing(core, one)])


def _goes_by(core: Core, frame: Frame) -> bool:
    src, _, dst = frame.header.stream
    return core.me in core.tree.up(src) or core.tree.holds(src, dst, core.me)
