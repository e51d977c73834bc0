"""For how long the end of a stream has held what is here: counted in days on which this node was at work.

No author's clock says when an act came to its end, and this node's own may leap: the year 2099 would make
everything old at once. So each local day on which the node believes its clock counts once, however far it is
from the one before, and on each the newest end receipts are noted. What was noted so many such days ago has
been at its end for at least so long. A machine that is off on some days only keeps things longer.

Once its end was put back, what was noted before counts only where those days were over by then: of younger
notes it has to get the papers again, and a backup made before they came is younger than the days. And who
hears from nobody above does not hear that: only days up to the last of which it did make anything old.

A node that counts its first day may have end marks of months past (`purging`): they prove the same, so what
was noted there need not wait anew. Only then is the calendar asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.frame import StreamId
from sync.protocol.memos import note_down
from sync.protocol.receipts import read_receipt
from sync.protocol.receipts_kept import end_receipt, is_on_chain
from sync.protocol.spool import Held
from sync.protocol.stock.purging import MARK, RIPE, newest_end

# Asked of all places (stream, number) of an act: whether it has been at its ends for long enough.
Old = Callable[[Sequence[tuple[StreamId, int]]], bool]
_DAYS, _NOTED = "days at work", "end noted"
# The day of which a word from above is waited for: a stick may be under way for more than one.
_ASKED = "day to be heard of"
# A month between two others makes them at least so many days apart.
_MONTH_DAYS_LEAST = 28


def count_day(core: Core, day: int, kept: int, month: int = 0) -> int:
    """Count a day if it is not the one counted last, and note how far each stream's end has signed.

    Args:
        day: the local day as a number, by a clock that is believed.
        kept: for how many days notes are needed, up to the last of which somebody above was heard; of those
            before them the newest of a stream is kept.
        month: the month of that day as end marks have it; 0 for not to look at them.

    Returns:
        How many days were counted so far; what marks prove counts as days before the first.
    """
    held = core.spool.held(_DAYS, core.me)
    if held is not None and held.rank[1] == day:
        return held.rank[0]
    number = held.rank[0] + 1 if held is not None else 1 + _from_marks(core, kept, month)
    heard = _heard_until(core)
    note_down(core, _DAYS, core.me, rank=(number, day, heard))
    asked = core.spool.held(_ASKED, core.me)
    if asked is None or _is_answered(core, asked):
        note_down(core, _ASKED, core.me, rank=(number, 0, 0))
    noted = _noted(core)
    for stream in core.streams():
        receipt = newest_end(core, stream) if stream.id.dst != core.me else None
        known = _of_this_life(core, stream.id, noted.get(str(stream.id), []), heard - kept)
        before = known[-1].rank[1] if known else 0
        if receipt is not None and min(receipt.papers, receipt.upto) > before:
            upto = min(receipt.papers, receipt.upto)
            head = core.spool.hash_at(stream, upto) or b""
            note_down(core, _NOTED, f"{stream.id}|{number}", head, (number, upto, receipt.incarnation))
        for old, younger in pairwise(known):
            if heard - younger.rank[0] >= kept:
                core.spool.drop_held(_NOTED, old.key)
    return number


def _from_marks(core: Core, kept: int, month: int) -> int:
    """Note what marks of whole months past prove; return how many days these notes reach back, 0 for none."""
    streams = {str(stream.id): stream for stream in core.streams() if stream.id.dst != core.me}
    marks = core.spool.all_held(MARK) + core.spool.all_held(RIPE) if month else []
    found = 0
    for held in sorted(marks, key=lambda held: held.rank):
        days = min(kept, (month - held.rank[0] - 1) * _MONTH_DAYS_LEAST)
        receipt = read_receipt(held.statement._replace(sort=signed.RECEIPT))
        stream = streams.get(str(receipt.stream))
        if days > 0 and stream is not None and is_on_chain(core.spool, stream, receipt):
            upto, number = min(receipt.papers, receipt.upto), 1 + kept - days
            head = core.spool.hash_at(stream, upto) or b""
            note_down(core, _NOTED, f"{stream.id}|{number}", head, (number, upto, receipt.incarnation))
            found = kept
    return found


def _of_this_life(core: Core, stream: StreamId, notes: Sequence[Held], over: int) -> list[Held]:
    """Return the notes of a stream that go on counting, oldest first; others are dropped, as by `purging`.

    Args:
        over: before this day they were noted of which all days had passed by the day before.
    """
    newest = end_receipt(core.spool, stream)
    # Whatever chain its newest word is about; a program of before did not note of which life it was.
    least = newest.rank[0] if newest is not None else 0
    gone = [held for held in notes if held.rank[0] >= over and (held.rank[2] or 1) < least]
    for held in gone:
        core.spool.drop_held(_NOTED, held.key)
    return [held for held in notes if held not in gone]


def days_counted(core: Core) -> int:
    """Return how many days were counted so far."""
    held = core.spool.held(_DAYS, core.me)
    return held.rank[0] if held is not None else 0


def _heard_until(core: Core) -> int:
    """Return the last counted day after whose beginning anybody above said something; 0 for none.

    No clock says when what comes was said, and a stick may have lain for months. But whoever acknowledges
    what this node sent after it had counted a day has said so on that day or later.
    """
    held, asked = core.spool.held(_DAYS, core.me), core.spool.held(_ASKED, core.me)
    before = held.rank[2] if held is not None else 0
    answered = [one.rank[0] for one in (held, asked) if one is not None and _is_answered(core, one)]
    return max([before, *answered])


def _is_answered(core: Core, asked: Held) -> bool:
    above = [core.spool.neighbour(address) for address in core.tree.up(core.me)[1:]]
    return any(one is not None and one.acked_stamp >= asked.stamp for one in above)


def ended_for(core: Core, days: int) -> Old:
    """Return what says whether an act has been at all its ends for so many counted days, papers and all.

    Counted up to the last one on which somebody above was heard, who would have told of an end put back.
    """
    today = _heard_until(core)
    upto: dict[StreamId, int] = {}
    noted = _noted(core)
    for stream in core.streams():
        for one in noted.get(str(stream.id), ()):
            # A note of a branch that was left since says nothing of the acts that stand here now.
            if today - one.rank[0] >= days and core.spool.hash_at(stream, one.rank[1]) == one.content:
                upto[stream.id] = max(upto.get(stream.id, 0), one.rank[1])

    def is_old(places: Sequence[tuple[StreamId, int]]) -> bool:
        return all(seq <= upto.get(stream, 0) for stream, seq in places)

    return is_old


def _noted(core: Core) -> dict[str, list[Held]]:
    """Return the notes of each stream, oldest first."""
    found: dict[str, list[Held]] = {}
    for held in sorted(core.spool.all_held(_NOTED), key=lambda held: held.rank):
        found.setdefault(held.key.rsplit("|", 1)[0], []).append(held)
    return found
