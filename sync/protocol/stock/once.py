"""What a neighbour is shown once, in parts: frames that lost their place, and acts that it is owed.

They stand before all else in an exchange, and are shown again until they are acknowledged. Where they are
many, a line that is cut every so often would never come to what stands behind them. So an exchange shows a
part of them, and the next one follows when that is acknowledged; what the exchange tells besides counts as
acknowledged with the last part, as far as it was there when the first one was made. Which frames the parts
are made of is settled then, and what has been acknowledged is remembered frame by frame: whoever makes new
ones all the time keeps nobody from the others, and nothing else from being acknowledged. Of what is owed that
is remembered from the last part on too, while there is more: the next ones begin with that.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol.frame_items import frame_weight
from sync.protocol.memos import note_down

if TYPE_CHECKING:
    from sync.protocol.core import Core
    from sync.protocol.frame import Frame
    from sync.protocol.spool import Held, Neighbour

# So much is shown at a time, more where an exchange carries more: what lies between may let no more through.
SHOWN_BYTES = 2_048
_SHOWN = "shown"
# What is remembered begins with whether something is left after the part shown last, or all have come.
# Programs of before wrote "m" and "l", and not of which frames the parts are made: they begin anew.
_MORE, _LAST, _CAME = b"M", b"L", b"C"
_HEAD, _NAME_BYTES = Struct(">cQQQ"), 8


class Showing(NamedTuple):
    """What the next exchange shows.

    `covers`: the stamp up to which all that is told counts as acknowledged with it: none besides before the
    last part; of all at once, so far nothing was left out of, None: what is there when it is sent.
    """

    evidence: Sequence[Frame]
    owed: Sequence[Frame]
    covers: int | None


class _Noted(NamedTuple):
    """What a neighbour is being shown, as it is remembered.

    `state`: _MORE, _LAST or _CAME; `era`, `acked`: the neighbour's, which stay the same from the first part
    to the last unless it is put back; `began`: the stamp when the first part was made; `names`: of the
    frames, those acknowledged first.
    """

    state: bytes
    era: int
    acked: int
    began: int
    names: Sequence[bytes]

    def pack(self) -> bytes:
        """Return it as the content of a memo."""
        return b"".join((_HEAD.pack(self.state, self.era, self.acked, self.began), *self.names))

    @classmethod
    def unpack(cls, content: bytes) -> _Noted | None:
        """Return what a memo says; None where a program of before wrote it, or none at all."""
        if content[:1] not in (_MORE, _LAST, _CAME) or len(content) < _HEAD.size:
            return None
        state, era, acked, began = _HEAD.unpack_from(content)
        starts = range(_HEAD.size, len(content), _NAME_BYTES)
        return cls(state, era, acked, began, [content[at : at + _NAME_BYTES] for at in starts])


class _Series(NamedTuple):
    """The frames that parts are made of, by their names, and the stamp at which the first one was made.

    Without names none is being shown; `known` are those that came in the parts before.
    """

    began: int
    known: set[bytes]
    names: set[bytes]


def next_part(
    core: Core, neighbour: Neighbour, kept: Sequence[Frame], owed: Sequence[Frame], room: int
) -> Showing:
    """Return which frames of these the next exchange shows, `room` bytes of them or a little more."""
    frames, held = [*kept, *owed], core.spool.held(_SHOWN, neighbour.address)
    if not frames:
        if held is not None:
            core.spool.drop_held(_SHOWN, neighbour.address)
        return Showing([], [], None)
    named = _names(kept, owed)
    series = _series(held, neighbour)
    if not series.names:
        # Evidence is shown anew: who had no room for it may have some by now.
        series = _Series(core.identity.stamp, series.known.intersection(named[len(kept) :]), set(named))
    known, due = series.known, series.names - series.known
    left = [(name, frame) for name, frame in zip(named, frames, strict=True) if name in due]
    end, more = 0, max(room, SHOWN_BYTES)
    while end < len(left) and (more > 0 or end == 0):
        more -= sum(frame_weight(left[end][1]))
        end += 1
    part, is_last = [frame for _, frame in left[:end]], end == len(left)
    if known or not is_last or len(left) < len(named):
        before, names = [name for name in named if name in known], [name for name, _ in left]
        state, rank = _LAST if is_last else _MORE, (neighbour.mine + 1, len(before), end)
        noted = _Noted(state, neighbour.era, neighbour.acked_stamp, series.began, [*before, *names])
        note_down(core, _SHOWN, neighbour.address, noted.pack(), rank)
        covers = series.began if is_last else neighbour.acked_stamp
    else:
        covers = None
    lost = sum(name in due for name in named[: len(kept)])
    return Showing(part[:lost], part[lost:], covers)


def _names(kept: Sequence[Frame], owed: Sequence[Frame]) -> list[bytes]:
    """Return the names of evidence, from the front of the hash, and of acts owed, from its end.

    A frame may be among both, and who kept it as evidence has not taken its act: two names.
    """
    return [frame.hash[:_NAME_BYTES] for frame in kept] + [frame.hash[-_NAME_BYTES:] for frame in owed]


def _series(held: Held | None, neighbour: Neighbour) -> _Series:
    """Return what it is being shown and which frames of that it has acknowledged; none when it begins now."""
    noted = _Noted.unpack(held.content) if held is not None else None
    if held is None or noted is None or (noted.era, noted.acked) != (neighbour.era, neighbour.acked_stamp):
        return _Series(0, set(), set())
    is_over = noted.state == _CAME
    return _Series(noted.began, set(noted.names[: held.rank[1]]), set() if is_over else set(noted.names))


def part_came(core: Core, address: str, ack: int) -> None:
    """A neighbour acknowledges an exchange: what that one showed it need not be shown again."""
    held = core.spool.held(_SHOWN, address)
    if held is None or held.rank[0] != ack:
        return
    noted = _Noted.unpack(held.content)
    if noted is not None and noted.state == _LAST:
        # It acknowledges what there was when the first part was made.
        noted = noted._replace(state=_CAME, acked=noted.began)
    content = noted.pack() if noted is not None else held.content
    core.spool.put_held(held._replace(content=content, rank=(ack, held.rank[1] + held.rank[2], 0)))


def shown_so_far(core: Core, address: str) -> int:
    """Return how many frames a neighbour has acknowledged of more that it is being shown; 0 when of none."""
    held = core.spool.held(_SHOWN, address)
    return held.rank[1] if held is not None and not held.content.startswith(_CAME) else 0


def give_all_again(core: Core, address: str) -> None:
    """A neighbour acknowledges less than it did: it may lack what it was shown, and what it gave."""
    core.givers.lost(address)
    core.spool.drop_held(_SHOWN, address)
