"""What the top asks for of the acts that nodes have named: those it lacks, and proofs of where they stand.

Of a revoked author's act within a cut it needs the frame in which it went to the node that named it, though
it knows the act by another: in that stream the frame proves its own place, and those of what stands below
it. Each way from the author to a node is a question of its own, for each has a chain of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol import proven
from sync.protocol.asked import WITHIN, Open, open_at
from sync.protocol.cuts import loose_of

if TYPE_CHECKING:
    from sync.protocol.core import Core

# How many acts of those one node has named for one reason are asked for at a time.
FETCHED_MAX = 1_000
# How often an act may come in a frame that proves nothing; for how many of those counts one of a stream that
# does not go up, for others are all that a new machine has at first; and for how many that it is asked for
# once more, though a frame is here through which no chain leads, and none is lacking.
IDLE_MAX, IDLE_ASIDE, _AGAIN = 1_024, 32, 96


def fetch(core: Core) -> None:
    """Ask for the acts named that are lacking here, the oldest of each node first; forget what is not needed.

    Of a revoked author's acts within a cut the frames are needed that are on no way past here, known acts or
    not: they prove the places of others.
    """
    rows = open_at(core)
    known = core.spool.known_acts({row.act for row in rows})
    proofs = _without_proof(core, [row for row in rows if row.reason == WITHIN and row.act in known])
    count = Counter[tuple[str, str]]()
    wanted = core.spool.wanted([row.act for row in rows])
    # Each who names an act is behind its being asked for: who names many is no hindrance to others.
    shared = {act for act, number in Counter(row.act for row in rows).items() if number > 1}
    for row in rows:
        is_proof = row.reason == WITHIN
        if row.act not in known or (is_proof and row.held.key in proofs.lacking):
            count[row.author, row.reason] += 1
            is_new = row.act not in wanted or row.act in shared
            if count[row.author, row.reason] <= FETCHED_MAX and is_new:
                core.spool.want(row.act, row.author)
        elif is_proof and row.held.key in proofs.doubtful:
            if row.held.key in proofs.stuck and row.act not in wanted:
                _ask_again(core, row)
        elif is_proof:
            core.spool.drop_held(row.held.sort, row.held.key)


def _ask_again(core: Core, row: Open) -> None:
    """Ask once more for an act that is here in a frame no chain leads through; after some times leave it."""
    if not _is_given_up(core, row, _AGAIN):
        core.spool.want(row.act, row.author)


def _is_given_up(core: Core, row: Open, count: int) -> bool:
    """Count that a question has been asked in vain so often; say whether it has ended."""
    idle = row.held.rank[2] + count
    if idle >= IDLE_MAX:
        core.spool.drop_held(row.held.sort, row.held.key)
        return True
    core.spool.put_held(row.held._replace(rank=(*row.held.rank[:2], idle)))
    return False


def note_idle(core: Core, counts: Mapping[str, int]) -> None:
    """At the top: acts known here were asked for as proof and came so often without; in time leave them.

    A top put back has lost heads. Only who stands, or stood, between author and namer is heeded: others have
    no others. What has been taken in before, from a stick that is read once more, counts for nothing.
    """
    if not counts or core.found.is_again:
        return
    for row in [row for row in open_at(core) if row.reason == WITHIN and row.act in counts]:
        act = core.spool.act(row.act)
        if act is not None and proven.is_between(core, act.author, row.author):
            _is_given_up(core, row, counts[row.act])
    core.spool.unwant(counts)
    # Whether they are asked for once more is seen with what is named in this unit.
    core.found.cut_off.update(dict.fromkeys(counts, ""))


def note_moved(core: Core, src: str) -> None:
    """At the top: chains of an author have led further down, so asking is not in vain; it counts anew."""
    for row in [row for row in open_at(core) if row.reason == WITHIN and row.held.rank[2]]:
        act = core.spool.act(row.act)
        if act is not None and act.author == src:
            core.spool.put_held(row.held._replace(rank=(*row.held.rank[:2], 0)))


class _Proofs(NamedTuple):
    """Questions, by what they are kept under: whose frames are lacking, or here and prove nothing yet.

    `stuck`: those of the latter where no frame is lacking.
    """

    lacking: set[str]
    doubtful: set[str]
    stuck: set[str]


def _without_proof(core: Core, rows: Iterable[Open]) -> _Proofs:
    """Return which acts of revoked authors are still lacking, or in doubt, on their way to who named them.

    Only where the head is kept of a stream that led there, and the act has no place in such a one: then all
    that leads there is here. A frame that came first may claim a false place: then the chain stops although
    nothing is lacking.
    """
    # What stands beside the streams is gone through once for all ways of an author.
    here_of = cache(lambda src: _beside(core, src))
    beside: dict[tuple[str, str], set[str] | None] = {}
    lacking: dict[tuple[str, str], set[str]] = {}
    doubtful: dict[tuple[str, str], set[str]] = {}
    for named in rows:
        row = core.spool.act(named.act)
        if row is None or not core.roster.revoked(row.author):
            continue
        way = (row.author, named.author)
        if any((stream.src, stream.dst) == way for stream, _ in core.spool.places_of_act(named.act)):
            continue
        if way not in beside:
            has_heads = proven.has_heads(core, *way)
            beside[way] = here_of(row.author).get(named.author, set()) if has_heads else None
        here = beside[way]
        if here is None:
            continue
        if named.act not in here:
            lacking.setdefault(way, set()).add(named.held.key)
        elif not proven.is_proven(core, named.act, named.author):
            doubtful.setdefault(way, set()).add(named.held.key)
    stuck = [keys for way, keys in doubtful.items() if way not in lacking]
    return _Proofs(set().union(*lacking.values()), set().union(*doubtful.values()), set().union(*stuck))


def _beside(core: Core, src: str) -> dict[str, set[str]]:
    """Return dst → the acts of an author that are here beside the streams in frames of a stream to it."""
    found: dict[str, set[str]] = {}
    for frame in loose_of(core, src):
        found.setdefault(frame.header.stream.dst, set()).add(frame.act)
    return found
