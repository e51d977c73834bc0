"""Which papers may leave a node: those that the end of their way has receipted. They come back when asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sync.protocol.acts.anew import comes_on_demand
from sync.protocol.acts.audience import may_have_paper
from sync.protocol.core import Core
from sync.protocol.memos import note_down
from sync.protocol.spool import Neighbour
from sync.protocol.stock.blobs import take_if_whole
from sync.protocol.stock.ended import Old, days_counted
from sync.protocol.stock.ticks import END_STORED, tick_of

# A paper that more acts name than this stays: to look at all of them would take too long.
_NAMING_MAX = 40
# What somebody asked for stays for so many days at work from when it was seen here again.
STAYS_DAYS = 3
_WANTED = "wanted again"
_PAGE = 200
_PAGES_MAX = 10


class Evicted(NamedTuple):
    """Papers that the spool no longer lists, to be removed from the disk; where to look on the next time."""

    papers: list[str]
    after: int


def to_evict(core: Core, after: int, limit: int, is_old: Old) -> Evicted:
    """Strike up to `limit` papers from the spool that need not be here.

    The caller removes them in a unit of its own, once this one is committed: see `still_struck`.

    A paper may leave when every act that names it is end-stored, papers and all, and none of them ends here.
    The top keeps them all, and so does whoever holds what the top has not: a village's disk is no archive.
    `is_old` says which acts have been at their ends for long enough; see `ended`.
    Looks at some thousand frames at a time, from position `after` on, and begins anew at the end.
    """
    starts = {s.id: s.base for s in core.streams() if s.id.dst != core.me and s.upto > s.base}
    if core.me == core.tree.top:
        starts = {}
    papers: list[str] = []
    for _ in range(_PAGES_MAX if starts else 0):
        page = core.spool.frames_after(starts, after, _PAGE)
        if not page:
            return Evicted(papers, 0)
        for placed in page:
            after = placed.position
            for blob in placed.frame.header.blobs:
                if _may_leave(core, blob.hash, is_old) and not _is_wanted(core, blob.hash):
                    core.spool.drop_blob(blob.hash)
                    papers.append(blob.hash)
            if len(papers) >= limit:
                return Evicted(papers, after)
    return Evicted(papers, after if starts else 0)


def still_struck(core: Core, papers: Sequence[str]) -> list[str]:
    """Return those of struck papers that may be removed from the disk, in the unit that is open.

    Until then a paper is still here. Who needs it meanwhile takes it for held, or wants it: then it stays.
    """
    held = core.spool.have_blobs(set(papers)) if papers else set()
    return [blob for blob in papers if blob not in held and core.spool.missing_blob(blob) is None]


def _may_leave(core: Core, blob: str, is_old: Old) -> bool:
    if not core.means.blobs.has(blob):
        return False
    acts = core.spool.acts_of_paper(blob, _NAMING_MAX + 1)
    return 0 < len(acts) <= _NAMING_MAX and all(_is_at_its_end(core, act, is_old) for act in acts)


def _is_at_its_end(core: Core, act: str, is_old: Old) -> bool:
    places, frame = core.spool.places_of_act(act), core.spool.frame_of_act(act)
    if not places or frame is None or not is_old(places):
        return False
    ends_here = any(stream.dst == core.me for stream, _ in places)
    at_top = any(core.tree.holds(stream.src, stream.dst, core.tree.top) for stream, _ in places)
    return at_top and not ends_here and tick_of(core.spool, core.tree, act).stage == END_STORED


def keep_for_now(core: Core, blob: str) -> None:
    """Let a paper that somebody asked for stay for some days once it is here, though it might leave again."""
    note_down(core, _WANTED, blob)


def _is_wanted(core: Core, blob: str) -> bool:
    wanted, today = core.spool.held(_WANTED, blob), days_counted(core)
    if wanted is None:
        return False
    since = wanted.rank[0]
    if since and today - since >= STAYS_DAYS:
        core.spool.drop_held(_WANTED, blob)
        return False
    if not since:
        # However long the line was down: the days begin when it is here.
        note_down(core, _WANTED, blob, rank=(max(1, today), 0, 0))
    return True


def fetch_back(core: Core, blob: str) -> bool:
    """Ask for a paper in the name of the acts that name it; False when it is here, or unknown."""
    if core.means.blobs.has(blob) and core.spool.blob(blob) is not None:
        return False
    asked = False
    for act in core.spool.acts_of_paper(blob, _NAMING_MAX):
        frame = core.spool.frame_of_act(act)
        refs = [ref for ref in frame.header.blobs if ref.hash == blob] if frame is not None else []
        if refs:
            core.spool.add_loose_gaps(act, tuple(refs))
            asked = True
    # Struck, and not removed yet: it stays, for now it is listed again.
    return asked and not take_if_whole(core, blob)


def fetch_lost(core: Core, papers: Iterable[str], is_old: Old | None = None) -> list[str]:
    """Ask for papers that a check found damaged or gone; return those that are asked for now.

    A damaged one is put aside. One that might have left this node by rule is not asked for: it comes back
    when somebody wants to see it, and so does one that never came since the disk was empty.
    What is here whole, as it came since the check, stays.

    Args:
        is_old: says which acts have been at their ends for long enough, see `ended`; None where none leave.
    """
    asked: list[str] = []
    for blob in papers:
        is_listed = core.spool.blob(blob) is not None
        if core.means.blobs.is_sound(blob) and is_listed:
            continue
        core.spool.drop_blob(blob)
        acts = core.spool.acts_of_paper(blob, _NAMING_MAX)
        stays_away = is_old is not None and all(_is_at_its_end(core, act, is_old) for act in acts)
        if not is_listed:
            frames = [frame for act in acts if (frame := core.spool.frame_of_act(act)) is not None]
            stays_away = stays_away or all(comes_on_demand(core, frame) for frame in frames)
        if not stays_away and fetch_back(core, blob):
            core.note("S127", core.me, blob[:16])
            asked.append(blob)
    return asked


def fetch_for(core: Core, neighbour: Neighbour, limit: int) -> None:
    """A neighbour asks for papers that have left this node too: ask for them further on, to pass them on.

    For one below whatever it may have is asked for further up. One above has lost what it held: for it only
    what began or ended below this node is asked for, where it may lie still.
    """
    for blob, _ in neighbour.wanted_blobs[:limit]:
        is_known = core.spool.blob(blob) or core.spool.missing_blob(blob)
        if is_known or not may_have_paper(core, neighbour.address, blob):
            continue
        if core.tree.is_below(neighbour.address, core.me) or _may_lie_below(core, blob):
            fetch_back(core, blob)


def _may_lie_below(core: Core, blob: str) -> bool:
    return any(core.tree.is_below(end, core.me) for way in core.spool.ways_of_paper(blob) for end in way)
