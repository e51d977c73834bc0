"""Own acts that have no place in a stream of their `to` get one there: the same bytes, the same id."""

from __future__ import annotations

from sync.protocol import canonical
from sync.protocol.address import is_address
from sync.protocol.core import Core
from sync.protocol.errors import NotCanonical, NotEnrolled
from sync.protocol.frame import PLAIN, Frame
from sync.protocol.issue import give_place
from sync.protocol.memos import note_down
from sync.protocol.quarantine import is_past

_NOBODY_YET = "addressee unknown"


def reissue(core: Core) -> None:
    """Give places to the own acts that came back in this unit, wherever they miss one.

    An act that is on its way in another frame may get a second place; it is
    one act, and is applied once. What a revoked key signed gets none unless
    it counts, by its proven place or a person's word: a thief may claim any place within the cut.
    A node put back to before somebody was entered gives the place once it hears of them.
    """
    acts, core.found.fetched = core.found.fetched, {}
    if not acts:
        return
    try:
        core.own_key()
    except NotEnrolled:
        core.note("S128", core.me, f"{len(acts)} acts without a key to issue them again")
        return
    for act in acts:
        frame = core.spool.frame_of_act(act)
        is_mine = frame is not None and frame.header.stream.src == core.me
        if frame is not None and is_mine and frame.body and not is_past(core, frame):
            placed = {stream.dst for stream, _ in core.spool.places_of_act(act)}
            for dst in destinations(frame):
                mark = f"{act}|{dst}"
                if dst in placed:
                    core.spool.drop_held(_NOBODY_YET, mark)
                elif dst in core.tree:
                    give_place(core, frame, dst)
                    core.spool.drop_held(_NOBODY_YET, mark)
                else:
                    note_down(core, _NOBODY_YET, mark)


def meet_addressees(core: Core) -> None:
    """Somebody new may be entered: own acts for them that had no place get it at the end of this unit."""
    for mark in core.spool.all_held(_NOBODY_YET):
        act, _, dst = mark.key.partition("|")
        if dst in core.tree:
            core.found.fetched.setdefault(act)


def destinations(frame: Frame) -> tuple[str, ...]:
    """Return where an act belongs: what its body lists as `to`, where it can be read, and where this went."""
    found = {frame.header.stream.dst: None}
    if frame.header.enc == PLAIN:
        try:
            body = canonical.loads(frame.content)
            listed = body["to"] if type(body) is dict else []
            found |= dict.fromkeys(dst for dst in listed if type(dst) is str and is_address(dst))
        except (NotCanonical, KeyError, TypeError):
            pass
    return tuple(found)
