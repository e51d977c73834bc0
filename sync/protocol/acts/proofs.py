"""What the top asks for of the acts that nodes have named: those it lacks, and proofs of where they stand.

Of a revoked author's act within a cut it needs the frame in which it went to the node that named it, though
it knows the act by another: in that stream the frame proves its own place, and those of what stands below
it. Each way from the author to a node is a question of its own, for each has a chain of its own.

A proof changes something only for what is held back at the top. While nothing of an author is, its questions
rest: they are kept, for more may come to be held back, and nothing is asked for on their account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol.acts import asked, proven
from sync.protocol.acts.asked import LATER, PAST, WITHIN, Open, open_at, remember
from sync.protocol.acts.cuts import is_only_vouched, loose_of
from sync.protocol.acts.quarantine import PAST_CUT, waits_for

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

    Of a revoked author's acts the frames are needed that are on no way past here, known acts or not: they
    prove the places of others. Those past a cut lead to what lies below, whatever is decided on them.
    """
    rows = open_at(core)
    known = core.spool.known_acts({row.act for row in rows})
    leading = [row for row in rows if row.act in known and _may_lead(row)]
    proofs = _without_proof(core, leading, _quiet(core, rows))
    at_rest, count = _at_rest(rows, proofs.resting), Counter[tuple[str, str]]()
    wanted = core.spool.wanted([row.act for row in rows])
    # Each who names an act is behind its being asked for: who names many is no hindrance to others.
    shared = {act for act, number in Counter(row.act for row in rows).items() if number > 1}
    for row in rows:
        is_proof = row.reason == WITHIN
        if row.act not in known or (row.held.key in proofs.lacking and _may_lead(row)):
            count[row.author, row.reason] += 1
            is_new = row.act not in wanted or row.act in shared
            if count[row.author, row.reason] <= FETCHED_MAX and is_new:
                core.spool.want(row.act, row.author)
        elif row.held.key in proofs.doubtful and _may_lead(row):
            if row.held.key in proofs.stuck and row.act not in wanted:
                _ask_again(core, row)
        elif is_proof and row.held.key not in at_rest:
            core.spool.drop_held(row.held.sort, row.held.key)


def _at_rest(rows: Iterable[Open], resting: Container[str]) -> set[str]:
    """Return by what questions at rest are kept: the newest of each node, so that there is room for more."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.reason == WITHIN and row.held.key in resting:
            found.setdefault(row.author, []).append(row.held.key)
    return {key for keys in found.values() for key in keys[-asked.OPEN_MAX :]}


def ask_on(core: Core, acts: Sequence[str]) -> None:
    """A word on these acts ends the wait for it, not the question for frames of them, while none leads on."""
    known = core.spool.known_acts(set(acts)) if acts else set()
    rows = [row for row in open_at(core) if row.act in known and row.reason == PAST] if known else []
    proofs = _without_proof(core, filter(_may_lead, rows), ())
    left = [row for row in rows if row.held.key in proofs.lacking | proofs.doubtful]
    remember(core, {(row.act, row.author, WITHIN): row.held.content.decode() for row in left})


def _may_lead(row: Open) -> bool:
    """Say whether a chain may lead through an act: past a cut or not, unless asked for in vain."""
    return row.reason != LATER and row.held.rank[2] < IDLE_MAX


def rest(core: Core) -> None:
    """A word was said on acts: what nothing hangs on any more is asked for as proof no more."""
    _quiet(core, open_at(core))


def _quiet(core: Core, rows: Sequence[Open]) -> set[str]:
    """Return by what questions are kept on which nothing hangs now; ask for nothing on their account.

    Of their authors nothing is held back here, and who asks has named nothing that is lacking here.
    """
    within = [row for row in rows if row.reason == WITHIN]
    found = [act for row in within if (act := core.spool.act(row.act)) is not None]
    acts = {act.id: act.author for act in found}
    lacking = {row.author for row in within if row.act not in acts}
    # What stands past a cut here, and counts for who asks, counts here too once that is proven.
    authors = {*acts.values()} - {act.author for act in found if act.reason == PAST_CUT}
    gone = {src for src in authors if core.roster.revoked(src) and not _holds_back(core, src)}
    quiet = {
        row.held.key: row.act for row in within if acts.get(row.act) in gone and row.author not in lacking
    }
    needed = {row.act for row in rows if _may_lead(row) and row.held.key not in quiet}
    # One whose body has left by rule is asked for to have that again.
    frames = map(core.spool.frame_of_act, core.spool.wanted({*quiet.values()} - needed))
    core.spool.unwant([frame.act for frame in frames if frame is not None and frame.body])
    return {*quiet}


def _holds_back(core: Core, src: str) -> bool:
    """Say whether an act of a revoked author is held back here for want of a proven place.

    What a person has struck out is held back whatever is proven; what stands past a cut here, until somebody
    names it for whom it counts.
    """
    held = {row.id for row in core.spool.parked([waits_for(src)]) if row.reason == PAST_CUT}
    placed = core.spool.places_of_acts(held)
    return any(all(is_only_vouched(core, way) for way, _ in placed.get(act, ())) for act in held)


def _ask_again(core: Core, row: Open) -> None:
    """Ask once more for an act that is here in a frame no chain leads through; after some times leave it."""
    if not _is_given_up(core, row, _AGAIN):
        core.spool.want(row.act, row.author)


def _is_given_up(core: Core, row: Open, count: int) -> bool:
    """Count that a question has been asked in vain so often; say whether it has ended.

    What waits for a word waits on: only its frame is asked for no more.
    """
    idle = min(row.held.rank[2] + count, IDLE_MAX)
    if idle == IDLE_MAX and row.reason == WITHIN:
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
    for row in [row for row in open_at(core) if row.reason != LATER and row.act in counts]:
        act = core.spool.act(row.act)
        if act is not None and proven.is_between(core, act.author, row.author):
            # Who waits for a word may have it in no other frame.
            _is_given_up(core, row, counts[row.act] if row.reason == WITHIN else _AGAIN)
    core.spool.unwant(counts)
    # Whether they are asked for once more is seen with what is named in this unit.
    core.found.cut_off.update(dict.fromkeys(counts, ""))


def note_moved(core: Core, src: str) -> None:
    """At the top: chains of an author have led further down, so asking is not in vain; it counts anew."""
    for row in [row for row in open_at(core) if row.held.rank[2]]:
        act = core.spool.act(row.act)
        if act is not None and act.author == src:
            core.spool.put_held(row.held._replace(rank=(*row.held.rank[:2], 0)))


class _Proofs(NamedTuple):
    """Questions, by what they are kept under: whose frames are lacking, or here and prove nothing yet.

    `stuck`: those of the latter where no frame is lacking; `resting`: not proven, and none is needed.
    """

    lacking: set[str]
    doubtful: set[str]
    stuck: set[str]
    resting: set[str]


def _without_proof(core: Core, rows: Iterable[Open], quiet: Container[str]) -> _Proofs:
    """Return which acts of revoked authors are still lacking, or in doubt, on their way to who named them.

    Only where the head is kept of a stream that led there, and the act has no place in such a one: then all
    that leads there is here. A frame that came first may claim a false place: then the chain stops although
    nothing is lacking.
    """
    # What stands beside the streams is gone through once for all ways of an author.
    here_of = cache(lambda src: _beside(core, src))
    has_heads = cache(lambda src, dst: proven.has_heads(core, src, dst))
    lacking: dict[tuple[str, str], set[str]] = {}
    doubtful: dict[tuple[str, str], set[str]] = {}
    resting = set[str]()
    for named in rows:
        row = core.spool.act(named.act)
        if row is None or not core.roster.revoked(row.author):
            continue
        way = (row.author, named.author)
        is_placed = any((stream.src, stream.dst) == way for stream, _ in core.spool.places_of_act(named.act))
        if is_placed or not has_heads(*way):
            continue
        is_quiet = named.held.key in quiet
        if not is_quiet and named.act not in here_of(row.author).get(named.author, ()):
            lacking.setdefault(way, set()).add(named.held.key)
        elif not proven.is_proven(core, named.act, named.author):
            found = resting if is_quiet else doubtful.setdefault(way, set())
            found.add(named.held.key)
    stuck = [keys for way, keys in doubtful.items() if way not in lacking]
    every = set[str]().union
    return _Proofs(every(*lacking.values()), every(*doubtful.values()), every(*stuck), resting)


def _beside(core: Core, src: str) -> dict[str, set[str]]:
    """Return dst → the acts of an author that are here beside the streams in frames of a stream to it."""
    found: dict[str, set[str]] = {}
    for frame in loose_of(core, src):
        found.setdefault(frame.header.stream.dst, set()).add(frame.act)
    return found
