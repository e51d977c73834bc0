"""What the top asks for of the acts that nodes have named: those it lacks, and proofs of where they stand.

Of a revoked author's act within a cut it needs the frame in which it went to the node that named it, though
it knows the act by another: in that stream the frame proves its own place, and those of what stands below
it. Each way from the author to a node is a question of its own, for each has a chain of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol import proven
from sync.protocol.asked import WITHIN, Open, open_at
from sync.protocol.cuts import loose_of

if TYPE_CHECKING:
    from sync.protocol.core import Core

# How many acts of those one node has named for one reason are asked for at a time.
FETCHED_MAX = 1_000
# How often an act is asked for once more whose frame here no chain leads through.
AGAIN_MAX = 2
# How often one may come in a frame that proves nothing, and for how many of those counts one of a stream that
# does not go up: others are all that a new machine has at first.
IDLE_MAX, IDLE_ASIDE = 1_024, 32


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
    for row in rows:
        is_proof = row.reason == WITHIN
        if row.act not in known or (is_proof and row.held.key in proofs.lacking):
            count[row.author, row.reason] += 1
            if count[row.author, row.reason] <= FETCHED_MAX and row.act not in wanted:
                core.spool.want(row.act, row.author)
        elif is_proof and row.held.key in proofs.doubtful:
            if row.held.key in proofs.stuck and row.act not in wanted:
                _ask_again(core, row)
        elif is_proof:
            core.spool.drop_held(row.held.sort, row.held.key)


def _ask_again(core: Core, row: Open) -> None:
    """Ask once more for an act that is here in a frame no chain leads through; after some times leave it."""
    if row.held.rank[1] >= AGAIN_MAX:
        core.spool.drop_held(row.held.sort, row.held.key)
        return
    core.spool.put_held(row.held._replace(rank=(row.held.rank[0], row.held.rank[1] + 1, row.held.rank[2])))
    core.spool.want(row.act, row.author)


def note_idle(core: Core, counts: Mapping[str, int]) -> None:
    """At the top: acts known here were asked for as proof and came so often without; in time leave them.

    A top put back has lost heads. Only who stands, or stood, between author and namer is heeded: others have
    no others. What has been taken in before, from a stick that is read once more, counts for nothing.
    """
    if not counts or core.found.is_again:
        return
    for row in [row for row in open_at(core) if row.reason == WITHIN and row.act in counts]:
        act, (reason, again, idle) = core.spool.act(row.act), row.held.rank
        if act is not None and proven.is_between(core, act.author, row.author):
            core.spool.put_held(row.held._replace(rank=(reason, again, idle + counts[row.act])))
            if idle + counts[row.act] >= IDLE_MAX:
                core.spool.drop_held(row.held.sort, row.held.key)
    core.spool.unwant(counts)
    # Whether they are asked for once more is seen with what is named in this unit.
    core.found.cut_off.update(dict.fromkeys(counts, ""))


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
            beside[way] = _beside(core, *way) if proven.has_heads(core, *way) else None
        here = beside[way]
        if here is None:
            continue
        if named.act not in here:
            lacking.setdefault(way, set()).add(named.held.key)
        elif not proven.is_proven(core, named.act, named.author):
            doubtful.setdefault(way, set()).add(named.held.key)
    stuck = [keys for way, keys in doubtful.items() if way not in lacking]
    return _Proofs(set().union(*lacking.values()), set().union(*doubtful.values()), set().union(*stuck))


def _beside(core: Core, src: str, dst: str) -> set[str]:
    """Return the acts of an author that are here beside the streams in frames of a stream to a node."""
    return {frame.act for frame in loose_of(core, src) if frame.header.stream.dst == dst}
