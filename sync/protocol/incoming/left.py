"""Acts parked at a node whose author has moved away: what they wait for does not come this way any more.

They stay kept, and count at once should it come all the same, by a brief from above or because the author
stands here again. But nobody waits for them, and nothing is asked for on their account.

A brief from before may come after the news that somebody has left. The rest of what it is about, other briefs
too, goes by elsewhere then: so what was named here is looked at as it comes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from sync.protocol.acts import asked
from sync.protocol.acts.audience import is_pointed_to, may_have_unasked
from sync.protocol.acts.deliver import parked_under, release
from sync.protocol.core import Core
from sync.protocol.errors import UnknownSender
from sync.protocol.frame import Act
from sync.protocol.spool import PARKED, ActRow
from sync.protocol.wants import WANTS_READ

LEFT = "S134"
_ACT, _CASE, _ROSTER = "act:", "case:", "roster:"
_WAITS = (_ACT, _CASE, _ROSTER)
# What may open a case that is waited for may itself wait for such things.
_OF_OTHER_KINDS = ("doc:", "version")


def settle_left(core: Core) -> list[Act]:
    """Look who moved away, and who came back; return the acts to hand over once more.

    It is told once for each author, and how many acts it concerns.
    """
    asked.forget_retired(core)
    rows = parked_under(core, _WAITS)
    gone = _not_for_us(core, rows)
    _wait_no_more(core, [row for row in rows if row.id in gone])
    _ask_no_more(core, rows, gone)
    back = [row for row in rows if row.reason == LEFT and row.id not in gone]
    for row in back:
        core.spool.set_act(row._replace(reason=UnknownSender.code))
    return release(core, [row for row in back if not row.waits_for.startswith(_ROSTER)])


def settle_pointed_out(core: Core) -> None:
    """Where somebody has left, settle what a brief has named, came in this unit, and leads no further.

    Elsewhere the rest is on its way. What is lacking is asked for until trust changes next: it may be among
    what passed here before the first place that is held of its stream.
    """
    came, core.found.came = core.found.came, {}
    if not came or not _is_left(core):
        return
    named = [act for act in came if _is_named(core, act)]
    rows = [row for act in named if (row := core.spool.act(act)) is not None and row.state == PARKED]
    # Before all is here no case is given up, and those that are waited for need not be gone through.
    cases = parked_under(core, [_CASE]) if named and _is_all_here(core) else []
    by_brief = _by_brief(core, [*rows, *cases])
    gone = [*_in_vain(core, by_brief), *(row for row in by_brief if _waits_for_settled(core, row))]
    found = dict[str, ActRow]()
    while gone:
        found |= {row.id: row for row in gone}
        behind = core.spool.parked({f"{_ACT}{row.id}" for row in gone})
        gone = _by_brief(core, [row for row in behind if row.id not in found])
    _wait_no_more(core, found.values())


def _not_for_us(core: Core, rows: list[ActRow]) -> set[str]:
    """Return which acts come by here no more, or wait for something that does not."""
    others = [row for row in rows if _is_for_others(core, row)]
    by_brief = [row for row in others if _is_named(core, row.id)]
    found = {row.id for row in others} - {row.id for row in by_brief}
    found |= {row.id for row in _in_vain(core, by_brief)}
    gone, behind = list(found), defaultdict[str, list[str]](list)
    for row in by_brief:
        behind[row.waits_for.removeprefix(_ACT)].append(row.id)
    while gone:
        more = set(behind[gone.pop()]) - found
        found |= more
        gone += more
    return found


def _by_brief(core: Core, rows: Iterable[ActRow]) -> list[ActRow]:
    """Return those of parked acts that are here for a brief alone, and waited for."""
    waiting = [row for row in rows if row.reason != LEFT]
    return [row for row in waiting if _is_for_others(core, row) and _is_named(core, row.id)]


def _is_for_others(core: Core, row: ActRow) -> bool:
    """Say whether an act is not for this node by where that stands."""
    # Acts of those who stand below always are for us, so of most rows nothing is read.
    frame = core.spool.frame_of_act(row.id) if core.me not in core.tree.up(row.author) else None
    return frame is not None and not may_have_unasked(core, core.me, frame)


def _is_left(core: Core) -> bool:
    """Say whether somebody stood below this node once and does no more."""
    return any(not core.tree.is_below(one, core.me) for one in core.roster.formerly_below(core.me))


def _is_named(core: Core, act: str) -> bool:
    return is_pointed_to(core, core.me, core.spool.briefs_of_act(act))


def _in_vain(core: Core, by_brief: list[ActRow]) -> list[ActRow]:
    """Return those of acts named by briefs that wait for what no brief names: these lead no further.

    Where nobody has left what they lack is on its way, whatever else has changed in the roster. What would
    open a case cannot be told here: where somebody has left nothing does, once all that was named has come
    and none of it waits for something else.
    """
    if not by_brief or not _is_left(core):
        return []
    found = [row for row in by_brief if row.waits_for.startswith(_ACT) and _is_unnamed(core, row)]
    for_cases = [row for row in by_brief if row.waits_for.startswith(_CASE)]
    if for_cases:
        is_all_here = _is_all_here(core)
        found += [row for row in for_cases if is_all_here or row.reason == LEFT]
    return found


def _is_all_here(core: Core) -> bool:
    """Say whether all that briefs have named has come, and none of it waits for something else."""
    if any(_is_named(core, act) for act in core.spool.wants(WANTS_READ)):
        return False
    return not any(_is_named(core, row.id) for row in parked_under(core, _OF_OTHER_KINDS))


def _is_unnamed(core: Core, row: ActRow) -> bool:
    act = row.waits_for.removeprefix(_ACT)
    return core.spool.frame_of_act(act) is None and not _is_named(core, act)


def _waits_for_settled(core: Core, row: ActRow) -> bool:
    waited = core.spool.act(row.waits_for.removeprefix(_ACT))
    return waited is not None and waited.state == PARKED and waited.reason == LEFT


def _wait_no_more(core: Core, rows: Iterable[ActRow]) -> None:
    """Note of acts that nobody waits for what they lack, and tell it of those of which it is new."""
    new = [row for row in rows if row.reason != LEFT]
    for row in new:
        core.spool.set_act(row._replace(reason=LEFT))
    for author, count in sorted(Counter(row.author for row in new).items()):
        core.note(LEFT, author, f"{count} acts")


def _ask_no_more(core: Core, rows: list[ActRow], gone: set[str]) -> None:
    """Ask no more for what acts wait for in vain, unless it was named, or is lacking on its own account."""
    over = {row.waits_for.removeprefix(_ACT) for row in rows if row.id in gone}
    over -= {row.waits_for.removeprefix(_ACT) for row in rows if row.id not in gone}
    wanted = sorted(core.spool.wanted(over)) if over else []
    core.spool.unwant([act for act in wanted if not (_is_named(core, act) or _lacks_body(core, act))])


def _lacks_body(core: Core, act: str) -> bool:
    """Say whether an act that is for this node has a place here, and its body is asked for."""
    frame = core.spool.frame_of_act(act)
    return frame is not None and may_have_unasked(core, core.me, frame)
