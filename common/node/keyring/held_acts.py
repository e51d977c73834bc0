"""Acts of revoked keys at the top: those held back, and those that count all the same until somebody looks.

To look needs an open reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sync.protocol.acts import asked, later, quarantine
from sync.protocol.acts.cuts import cut_of
from sync.protocol.acts.quarantine import STRUCK
from sync.protocol.core import Core
from sync.protocol.frame import Frame, StreamId
from sync.protocol.paging import frames_upto
from sync.protocol.spool import ActRow
from sync.protocol.trust import review

# Where an act stands: its stream, and its number there.
Place = tuple[StreamId, int]
# So many acts of each kind that count are looked through at most, the newest.
REVIEW_MAX = 5_000


@dataclass(frozen=True, slots=True)
class HeldBack:
    """An act past the cut of a revoked key: whose, what kind, which stream, and why it is held.

    `is_struck`: 1 when it was struck out; `place`: where it stands here, None when it came loose: then what
    its header says of a place is no more than its signer's word. `wall` is what its author's clock said, UTC
    milliseconds.
    """

    row: ActRow
    frame: Frame
    is_struck: int
    place: Place | None = None

    @property
    def wall(self) -> int:
        """What the author's clock said, which proves nothing."""
        return self.frame.header.clock.wall


class Counting(NamedTuple):
    """An act that has to do with a revoked key and counts.

    `is_beside`: 1 when it stands in no stream of such a key here. Then `is_signed` is 1 when such a key's
    signature is here, and 0 when another node has named the act: no more than its word.
    """

    frame: Frame
    is_beside: int
    is_signed: int


class Reported(NamedTuple):
    """What nodes say that a revoked key signed first and that counts: how many acts of each address.

    `crowded`: who has reported as many as are kept of a node at a time, `most`; there may be more.
    """

    counts: Mapping[str, int]
    crowded: Sequence[str]
    most: int


class Chosen(NamedTuple):
    """Which of the acts that a person chose can be decided on: those held back, and those that count.

    `struck`: which of those held back have been struck out before.
    """

    held: tuple[str, ...]
    counting: tuple[Counting, ...]
    struck: frozenset[str] = frozenset()

    @property
    def acts(self) -> list[str]:
        """The ids of all."""
        return [*self.held, *(one.frame.act for one in self.counting)]


def held_back(core: Core, limit: int, fits: Callable[[Place | None], bool] | None) -> list[HeldBack]:
    """Return acts past a cut, those nobody has decided on first, oldest first.

    Args:
        fits: asked where an act stands, None when it came loose; only those it wants are undecided ones.
            The limit counts what is left.
    """
    rows = sorted(quarantine.quarantined(core), key=lambda r: (_is_struck(r), r.position))
    places = core.spool.places_of_acts(row.id for row in (rows if fits else rows[:limit]))
    at = {row.id: next(iter(places.get(row.id, ())), None) for row in rows}
    kept = [row for row in rows if fits is None or _is_struck(row) or fits(at[row.id])][:limit]
    found = [(row, core.spool.frame_of_act(row.id)) for row in kept]
    return [
        HeldBack(row, frame, int(_is_struck(row)), at[row.id]) for row, frame in found if frame is not None
    ]


def sent(core: Core, stream: StreamId, upto: int, limit: int) -> Iterator[Frame]:
    """Yield the last frames of a stream up to a number, at most `limit`, the oldest first; few in memory."""
    here = core.stream(stream)
    if here is None:
        return
    core.flush_streams()
    end = min(upto, here.upto)
    for placed in frames_upto(core.spool, stream, end, min(limit, end - here.base)):
        yield placed.frame


def waiting(core: Core) -> int:
    """Return how many acts past a cut nobody has decided on."""
    return sum(not _is_struck(row) for row in quarantine.quarantined(core))


def counting(core: Core, address: str, limit: int) -> list[Counting]:
    """Return the acts of an address that are to be looked through; see `review.within_cut`.

    Those that stand in no stream of a revoked key first; of each kind at most `limit`, and REVIEW_MAX.
    """
    return [
        Counting(frame, is_beside, int(cut_of(core, frame.header.stream) is not None))
        for frame, is_beside in review.within_cut(core, address, min(limit, REVIEW_MAX))
    ]


def reported(core: Core) -> Reported:
    """Return what nodes have reported that still counts; reads no more than they have named."""
    return Reported(review.named_counting(core), later.crowded(core), asked.OPEN_MAX)


def chosen(core: Core, kind: str, acts: Sequence[str]) -> Chosen:
    """Return which of these acts can be released, or struck out: what counts can only be struck out."""
    held = {row.id: _is_struck(row) for row in quarantine.quarantined(core)}
    names = list(dict.fromkeys(acts))
    others = [act for act in names if act not in held] if kind == STRUCK else []
    listed = _listed(core, others)
    return Chosen(
        tuple(act for act in names if act in held),
        tuple(listed[act] for act in others if act in listed),
        frozenset(act for act in names if held.get(act)),
    )


def _listed(core: Core, acts: Iterable[str]) -> dict[str, Counting]:
    rows = [core.spool.act(act) for act in acts]
    authors = {row.author for row in rows if row is not None}
    return {one.frame.act: one for author in sorted(authors) for one in counting(core, author, REVIEW_MAX)}


def _is_struck(row: ActRow) -> bool:
    return row.reason == quarantine.STRUCK_OUT
