"""What is kept here and told to nobody.

A parent's word for a child's key ends with the key that signed it. Where the top had not heard it by then,
what the child has signed would be refused wherever it went, and brought there again without end: it waits
until somebody speaks for that key again. And where a thief has made so many streams that the top has *closed*
them (see `crowds`), those that stand in no cut are left out of vectors and offers, with what is signed of
them, by everybody alike: who told of one that another leaves out would be offered it without end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync.protocol import signed
from sync.protocol.acts.cuts import cut_of, is_closed
from sync.protocol.core import Core
from sync.protocol.frame import StreamId
from sync.protocol.memos import note_down
from sync.protocol.receipts import read_receipt, receipt_key
from sync.protocol.spool import Held, Neighbour, Part
from sync.protocol.streams import Stream

_UNTOLD = "not told"
# A word that ended with the key it was given with: by it alone can be told who signed what is kept here.
VOID = "void word"


# --- by a key for which nobody speaks
def to_tell(core: Core, said: Sequence[Held]) -> list[Held]:
    """Return those of these statements that a neighbour is told.

    What is not believed here any more is told once it is again.
    """
    found, closed = list[Held](), core.roster.unusual.closed
    for held in said:
        if held.sort not in (signed.EPOCH, signed.RECEIPT):
            found.append(held)
        elif held.key.split("|")[0] in closed and _is_of_closed(core, held):
            continue
        elif _is_believed(core, held):
            found.append(held)
        elif core.spool.held(_UNTOLD, f"{held.sort}|{held.key}") is None:
            note_down(core, _UNTOLD, f"{held.sort}|{held.key}")
    return found


def settle_words(core: Core) -> None:
    """Trust has changed: put away a revoked key's word for a child; tell anew what is believed again."""
    for held in core.spool.all_held(signed.VOUCH):
        parent = core.roster.entries.get(held.statement.fields()["parent"])
        if parent is not None and parent.revoked and not parent.has_signed(held.statement, core.suite):
            core.spool.drop_held(signed.VOUCH, held.key)
            core.spool.put_held(held._replace(sort=VOID, stamp=core.next_stamp()))
    for mark in core.spool.all_held(_UNTOLD):
        kept = core.spool.held(*mark.key.split("|", 1))
        if kept is None or _is_believed(core, kept):
            core.spool.drop_held(_UNTOLD, mark.key)
        if kept is not None and _is_believed(core, kept):
            core.keep(kept.statement, kept.key, kept.rank, kept.content)


def _is_believed(core: Core, held: Held) -> bool:
    src, epoch, *rest = held.key.split("|")
    if held.sort == signed.EPOCH:
        return src == core.me or core.key_of_epoch(src, epoch) is not None
    signer = rest[1]
    return signer == core.me or core.believed_key(signer, held.statement.key_id) is not None


# --- in streams that pass elsewhere by now
def parts_signed(core: Core, neighbour: Neighbour, streams: Sequence[Stream]) -> dict[StreamId, Part]:
    """Return how far a neighbour has, by its receipts, the streams of which it tells this node nothing.

    This node keeps its copy of what passed here while somebody stood elsewhere. Who is on the way now says
    nothing of that in its vector, and would be offered all of it without end, before anything else. An author
    is taken to have its own. Put back, a neighbour signs again what it still has; what it signed before says
    nothing any more.
    """
    me, holds = core.me, core.tree.holds
    past = [one for one in streams if not holds(one.id.src, one.id.dst, me)]
    left = core.roster.formerly_below(me) if past else set()
    past = [one for one in past if not left & {one.id.src, one.id.dst}]
    return {one.id: _part_signed(core, neighbour, one) for one in past}


def came_round(core: Core, streams: Sequence[Stream], address: str) -> list[Stream]:
    """Return those of all streams here to be signed anew of which a node above may hold a copy off their way.

    It was on the way when somebody stood elsewhere. Then it goes by this node's receipts, and their author
    may never come to fetch one. Nothing here says who stood where: a township is relieved, and comes back, by
    a word in its own entry.
    """
    me, holds = core.me, core.tree.holds
    if not core.tree.is_below(me, address):
        return []
    # Most are signed as they are: looked at first, for this is asked before every exchange.
    found = [one for one in streams if one.receipted != (one.upto, one.papers) and one.id.src != me]
    found = [s for s in found if holds(s.id.src, s.id.dst, me) and not holds(s.id.src, s.id.dst, address)]
    gone = closed_among(core, (one.id for one in found))
    return [one for one in found if one.id not in gone]


def _part_signed(core: Core, neighbour: Neighbour, stream: Stream) -> Part:
    if stream.id.src == neighbour.address:
        return Part(stream.base, stream.upto, stream.head)
    held = core.spool.held(signed.RECEIPT, receipt_key(stream.id, neighbour.address))
    said = read_receipt(held.statement) if held is not None else None
    if said is None or said.incarnation < neighbour.incarnation:
        return Part(0, 0, b"")
    return Part(0, said.upto, bytes.fromhex(said.head))


# --- in streams without number
def streams_told(core: Core, streams: Sequence[Stream], address: str) -> list[Stream]:
    """Return those of all streams here on whose path a neighbour stands, without those that are closed."""
    holds = core.tree.holds
    told = [one for one in streams if holds(one.id.src, one.id.dst, address)]
    gone = closed_among(core, (one.id for one in told))
    return [one for one in told if one.id not in gone] if gone else told


def closed_among(core: Core, streams: Iterable[StreamId]) -> set[StreamId]:
    """Return which of these streams are closed; mostly none."""
    closed = core.roster.unusual.closed
    return {one for one in streams if one.src in closed and is_closed(core, one)} if closed else set()


def _is_of_closed(core: Core, held: Held) -> bool:
    src, epoch, *rest = held.key.split("|")
    if held.sort == signed.RECEIPT:
        return is_closed(core, StreamId(src, epoch, rest[0]))
    cut = cut_of(core, StreamId(src, epoch, ""))
    return cut is not None and not any(name.split("|")[1] == epoch for name in cut.cut)
