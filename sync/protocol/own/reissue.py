"""Own acts that have no place in a stream of their `to` get one there: the same bytes, the same id."""

from __future__ import annotations

from sync.protocol import canonical
from sync.protocol.acts.quarantine import is_past
from sync.protocol.address import is_address
from sync.protocol.core import Core
from sync.protocol.errors import NotCanonical, NotEnrolled
from sync.protocol.frame import PLAIN, Frame
from sync.protocol.memos import note_down
from sync.protocol.own.issue import give_place

_NOBODY_YET = "addressee unknown"
# So many that an act is for are kept with it; of one for more, which a thief makes, the body is read again.
_NAMED_MAX = 16


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
        if frame is None or frame.header.stream.src != core.me:
            continue
        if is_past(core, frame):
            core.spool.drop_held(_NOBODY_YET, act)
        elif frame.body:
            _give_places(core, frame)
        elif core.spool.held(_NOBODY_YET, act) is not None:
            # Its body left by rule before they were entered. Once it is back the act comes here again.
            core.spool.want(act)


def _give_places(core: Core, frame: Frame) -> None:
    """Give an act the places it misses, and remember for whom there is none yet; the retired need none."""
    placed = {stream.dst for stream, _ in core.spool.places_of_act(frame.act)}
    lacking = [dst for dst in destinations(frame) if dst not in placed]
    for dst in lacking:
        if dst in core.tree:
            give_place(core, frame, dst)
    unknown = [dst for dst in lacking if dst not in core.roster.entries]
    if unknown:
        note_down(core, _NOBODY_YET, frame.act, canonical.dumps(unknown[:_NAMED_MAX]))
    else:
        core.spool.drop_held(_NOBODY_YET, frame.act)


def meet_addressees(core: Core) -> None:
    """Somebody new may be entered: own acts for them that had no place get it at the end of this unit.

    Nothing is given to what counts no more, and nobody is awaited for it.
    """
    is_robbed = bool(core.roster.revoked(core.me))
    for held in core.spool.all_held(_NOBODY_YET):
        act, _, alone = held.key.partition("|")
        named = canonical.loads(held.content) if not alone else [alone]
        if alone:
            # A program of before kept one for each address.
            core.spool.drop_held(_NOBODY_YET, held.key)
        is_met = len(named) == _NAMED_MAX or any(dst in core.roster.entries for dst in named)
        if alone or is_met or is_robbed:
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
