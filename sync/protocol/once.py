"""What a neighbour is shown once, in parts: frames that lost their place, and acts that it is owed.

They stand before all else in an exchange, and are shown again until they are acknowledged. Where they are
many, a line that is cut every so often would never come to what stands behind them. So an exchange shows a
part of them, and the next one follows when that is acknowledged; what the exchange tells besides counts as
acknowledged with the last part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol.frame_items import frame_weight
from sync.protocol.loose import OWED
from sync.protocol.memos import note_down

if TYPE_CHECKING:
    from sync.protocol.core import Core
    from sync.protocol.frame import Frame
    from sync.protocol.spool import Neighbour

# So much is shown at a time, more where an exchange carries more.
SHOWN_BYTES = 32 * 1024
_SHOWN, _LAST = "shown", b"."


class Part(NamedTuple):
    """What the next exchange shows; `is_last`: nothing is left to be shown after it."""

    evidence: Sequence[Frame]
    owed: Sequence[Frame]
    is_last: bool


def next_part(
    core: Core, neighbour: Neighbour, kept: Sequence[Frame], owed: Sequence[Frame], room: int
) -> Part:
    """Return which frames of these the next exchange shows, `room` bytes of them or a little more."""
    frames = [*kept, *owed]
    if not frames:
        return Part([], [], True)
    start = _shown_so_far(core, neighbour, frames)
    end, left = start, max(room, SHOWN_BYTES)
    while end < len(frames) and (left > 0 or end == start):
        left -= sum(frame_weight(frames[end]))
        end += 1
    is_last = end == len(frames)
    if start or not is_last:
        names = _names(core, neighbour, frames[:end]) + (_LAST if is_last else b"")
        note_down(core, _SHOWN, neighbour.address, names, (neighbour.mine + 1, start, end))
    return Part(kept[start:end], owed[max(0, start - len(kept)) : max(0, end - len(kept))], is_last)


def _shown_so_far(core: Core, neighbour: Neighbour, frames: Sequence[Frame]) -> int:
    """Return how many of these frames it has acknowledged: none when the ones shown were others."""
    held = core.spool.held(_SHOWN, neighbour.address)
    if held is None or not held.rank[1]:
        return 0
    is_so = held.content.removesuffix(_LAST) == _names(core, neighbour, frames[: held.rank[2]])
    return held.rank[1] if is_so and held.rank[1] < len(frames) else 0


def part_came(core: Core, address: str, ack: int) -> None:
    """A neighbour acknowledges an exchange: what that one showed it need not be shown again."""
    core.givers.acknowledged(address, ack)
    held = core.spool.held(_SHOWN, address)
    if held is None or held.rank[0] != ack:
        return
    if held.content.endswith(_LAST):
        core.spool.drop_held(_SHOWN, address)
    else:
        core.spool.put_held(held._replace(rank=(ack, held.rank[2], held.rank[2])))


def give_all_again(core: Core, address: str) -> None:
    """A neighbour acknowledges less than it did: it may lack what it was shown, and what it gave."""
    core.givers.lost(address)
    core.spool.drop_held(_SHOWN, address)


def _names(core: Core, neighbour: Neighbour, frames: Sequence[Frame]) -> bytes:
    since = core.spool.held(OWED, neighbour.address)
    stamp = b"%d" % (since.stamp if since else 0)
    return hashlib.sha256(b"".join((stamp, *(frame.hash for frame in frames)))).hexdigest().encode()
