"""Which acts nodes have named to the top: held back there, or more a revoked key's than the top can see.

Who holds back hears what is decided, whenever that is.

Anybody may name ids that lead nowhere. So only so many of one node are kept open, fewer of them are asked for
at a time, and what a key has named that is revoked by now is forgotten, with what was asked for on its word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol.entries import RETIRED
from sync.protocol.memos import note_down
from sync.protocol.spool import ActRow, Held
from sync.protocol.verdicts import STRUCK, VERDICT, verdict_on
from sync.protocol.verdicts import WITHIN as WITHIN

if TYPE_CHECKING:
    from sync.protocol.core import Core
    from sync.protocol.frame import Act

# Why an act is named to the top. LATER: a revoked key signed it first, by another key's place it counts.
PAST, LATER = "past a cut", "by a later key"
# Acts of one node that wait for a word, as many that are asked for as proof, and as many LATER.
OPEN_MAX = 5_000
# What is told when a node has named more, and how many times as many are kept: a node put back, or one that
# named before it heard of a word, counts others as named than those that are here.
TOO_MANY, KEPT = "S133", 2
_ASKED, _PROOF, _TOLD, BY_LATER = "asked about", "proof asked for", "told of", "by a later key"
_RANK = {PAST: 0, WITHIN: 1, LATER: 2}
_SORTS = {PAST: _ASKED, WITHIN: _PROOF, LATER: BY_LATER}


class Open(NamedTuple):
    """An act that a node has named; while `reason` is PAST it waits for a word on it. LATER stays."""

    act: str
    author: str
    reason: str
    held: Held


def note_named(core: Core, act: Act, ids: Iterable[str], reason: str) -> None:
    """Remember for the end of the unit what an act names, unless its key is revoked or the reason unknown."""
    key = key_of(core, act)
    if reason not in _RANK or key in core.roster.revoked(act.author):
        return
    for one in ids:
        core.found.held_told[(one, act.author, reason)] = key


def key_of(core: Core, act: Act) -> str:
    """Return the key that signed an act as it stands here; "" when that is not known."""
    frame = core.spool.frame_of_act(act.id)
    record = core.epoch(act.author, frame.header.stream.epoch) if frame is not None else None
    return record.key_id if record is not None else ""


def remember(core: Core, named: Mapping[tuple[str, str, str], str]) -> None:
    """Keep which nodes have named which acts: (act, author, reason) → key of the author."""
    if not named:
        return
    # Each has its own room: what is LATER stays, and would leave none for what waits for a word.
    authors, over = {author for _, author, _ in named}, set()
    held = (
        row for row in open_at(core) if row.author in authors and not _is_answered(core, row.act, row.reason)
    )
    count = Counter((row.author, row.reason) for row in held)
    for (act, author, reason), key in named.items():
        if _has_its_place(core, act, author, reason, key):
            continue
        count[author, reason] += 1
        if count[author, reason] > OPEN_MAX:
            over.add(author)
        if count[author, reason] <= KEPT * OPEN_MAX:
            _note_open(core, f"{act}|{author}", reason, key)
    for author in sorted(over):
        core.note(TOO_MANY, author, "acts named to the top")


def _has_its_place(core: Core, act: str, author: str, reason: str, key: str) -> bool:
    """Keep an act where that takes none of its author's room; False when it is to be counted and kept."""
    name = f"{act}|{author}"
    before = core.spool.held(_SORTS[reason], name)
    if before is not None and before.rank[0] != _RANK[reason]:
        # A program of before kept what is to be proven under the sort of what waits for a word.
        note_down(core, _PROOF, name, before.content, before.rank)
        _note_open(core, name, reason, key)
    elif before is not None:
        # The order in which acts were named stays.
        rank = (_RANK[reason], before.rank[1], 0)
        core.spool.put_held(before._replace(rank=rank, content=key.encode()))
    elif reason == LATER and verdict_on(core, act) == STRUCK:
        # It needs no look, but may hear of the next word.
        _note_told(core, act, author)
    elif _is_answered(core, act, reason):
        _note_open(core, name, reason, key)
    else:
        return False
    return True


def _is_answered(core: Core, act: str, reason: str) -> bool:
    """Say whether a question needs no room: put back, the top has all once more, with its answers."""
    return reason == PAST and bool(verdict_on(core, act))


def _note_open(core: Core, name: str, reason: str, key: str) -> None:
    rank = (_RANK[reason], 0, 0)
    if reason == LATER:
        note_down(core, BY_LATER, name, key.encode(), rank)
    elif reason == WITHIN:
        note_down(core, _PROOF, name, key.encode(), rank)
    else:
        note_down(core, _ASKED, name, key.encode(), rank)


def acts_of(core: Core) -> list[str]:
    """Return the acts on which any node waits for a word, each once, in the order they were named."""
    return list(dict.fromkeys(row.act for row in open_at(core) if row.reason == PAST))


def named_here(core: Core) -> list[str]:
    """Return the acts that were ever named as past a cut, or as a revoked key's by another key's place.

    Those of each node in turn: who names very many hides nothing that others name.
    """
    count, named = Counter[str](), list[tuple[int, str]]()
    for row in open_at(core):
        if row.reason != WITHIN:
            count[row.author] += 1
            named.append((count[row.author], row.act))
    told = [held.key for held in core.spool.all_held(_TOLD)]
    return list(dict.fromkeys((*(act for _, act in sorted(named, key=lambda one: one[0])), *told)))


def by_act(core: Core) -> dict[str, list[Open]]:
    """Return what is kept of acts that nodes have named, by act; for who looks at many one by one."""
    found: dict[str, list[Open]] = {}
    for row in open_at(core):
        found.setdefault(row.act, []).append(row)
    return found


def askers_of(core: Core, acts: Iterable[str], known: Mapping[str, Sequence[Open]] | None = None) -> set[str]:
    """Return the nodes that have asked about one of these acts, those that were told of it before too.

    `known`: what `by_act` has returned.
    """
    wanted = set(acts)
    told = [core.spool.held(_TOLD, act) for act in wanted]
    before = {who for held in told if held is not None for who in held.content.decode().split()}
    rows = open_at(core) if known is None else [row for act in wanted for row in known.get(act, ())]
    return before | {row.author for row in rows if row.act in wanted and row.reason != WITHIN}


def is_told(core: Core, row: Open) -> bool:
    """Say whether the word on an act went to who waits for it: what came back to a top may be older."""
    held = core.spool.held(VERDICT, row.act)
    heard = core.spool.places_of_act(held.content.decode()) if held is not None else []
    return row.author in {stream.dst for stream, _ in heard}


def askers_now(core: Core, acts: Iterable[str]) -> list[str]:
    """Return the nodes of the tree that wait for a word on one of these acts."""
    wanted = set(acts)
    found = {row.author for row in open_at(core) if row.act in wanted and row.reason == PAST}
    return sorted(who for who in found if who in core.tree and who != core.me)


def told(core: Core, acts: Iterable[str]) -> None:
    """A word on these acts goes to all who asked: they wait no more, and hear of the next word too."""
    wanted = set(acts)
    put_away(core, [row for row in open_at(core) if row.act in wanted and row.reason == PAST])


def struck_out(core: Core, acts: Iterable[str]) -> None:
    """At the top: acts are struck out. What is LATER of them needs no look any more, and leaves its room."""
    wanted = set(acts)
    put_away(core, [row for row in open_at(core) if row.act in wanted and row.reason == LATER])
    end_wants(core, wanted)


def put_away(core: Core, rows: Iterable[Open]) -> None:
    """Who asked these questions waits no more, and hears of the next word too."""
    for row in rows:
        _note_told(core, row.act, row.author)
        core.spool.drop_held(row.held.sort, row.held.key)


def _note_told(core: Core, act: str, author: str) -> None:
    known = core.spool.held(_TOLD, act)
    who = {author, *(known.content.decode().split() if known else ())}
    note_down(core, _TOLD, act, " ".join(sorted(who)).encode())


def forget(core: Core, author: str, keys: Iterable[str]) -> None:
    """Keys of a node are revoked: forget what they have named, and ask no more for what nobody else needs."""
    gone = {"", *keys}
    _drop(core, [row for row in open_at(core) if row.author == author and row.held.content.decode() in gone])


def forget_retired(core: Core) -> None:
    """Who was retired hears of nothing any more, nor brings what it has named."""
    entries = core.roster.entries
    gone = {address for address, entry in entries.items() if entry.status == RETIRED}
    _drop(core, [row for row in open_at(core) if row.author in gone])


def _drop(core: Core, rows: list[Open]) -> None:
    for row in rows:
        core.spool.drop_held(row.held.sort, row.held.key)
    acts = {row.act for row in rows}
    known = core.spool.known_acts(acts) if acts else set()
    # Of an act that is known here the proof of its place was asked for.
    core.spool.unwant(_unneeded(core, known))
    end_wants(core, acts)


def end_wants(core: Core, acts: Iterable[str]) -> None:
    """The question is over on whose account acts were asked for: those not here are asked for no more.

    Unless an act is waited for, named by somebody else, or pointed out; one that has a place without its body
    is asked for on its own account.
    """
    wanted = set(acts)
    wanted -= core.spool.known_acts(wanted) if wanted else set()
    lacking = [act for act in _unneeded(core, wanted) if not core.spool.briefs_of_act(act)]
    core.spool.unwant([act for act in lacking if core.spool.frame_of_act(act) is None])


def waited_for(row: ActRow) -> list[str]:
    """Return the act that this one waits for, if any: those of a thief may wait for any that never were."""
    return [row.waits_for[4:]] if row.waits_for.startswith("act:") else []


def want_lacking(core: Core, acts: Sequence[str]) -> None:
    """Ask for those of these acts that are not here, whatever has ended that before."""
    for act in sorted(set(acts) - core.spool.known_acts(acts)) if acts else ():
        core.spool.want(act)


def _unneeded(core: Core, acts: set[str]) -> set[str]:
    """Return those of these acts that nobody has named who waits to hear of it, and no act waits for."""
    if not acts:
        return acts
    waited = {row.waits_for[4:] for row in core.spool.parked({f"act:{act}" for act in acts})}
    return acts - waited - {row.act for row in open_at(core)}


def note_arrived(core: Core, rows: Iterable[ActRow]) -> None:
    """Acts have come to the top: of those somebody named there may be something to say in this unit."""
    gone = [row.id for row in rows if core.roster.revoked(row.author)]
    if gone and core.me == core.tree.top:
        named = {row.act for row in open_at(core)}
        core.found.cut_off.update(dict.fromkeys(named.intersection(gone), ""))


def open_at(core: Core) -> list[Open]:
    """Return what is kept of acts that nodes have named, PAST, WITHIN, LATER, each in the order of naming.

    An act that one node has named for two reasons is two questions, and is there twice.
    """
    reasons = {rank: reason for reason, rank in _RANK.items()}
    found = []
    # A program of before kept those WITHIN under the sort of those PAST, with a rank of their own.
    for held in (one for sort in _SORTS.values() for one in core.spool.all_held(sort)):
        act, author = held.key.split("|")
        found.append(Open(act, author, reasons[held.rank[0]], held))
    return found
