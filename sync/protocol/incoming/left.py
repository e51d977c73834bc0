"""Acts parked at a node whose author has moved away: what they wait for does not come this way any more.

They stay kept, and count at once should it come all the same, by a brief from above or because the author
stands here again. But nobody waits for them, and nothing is asked for on their account.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from sync.protocol.acts import asked
from sync.protocol.acts.audience import is_pointed_to, may_have_unasked
from sync.protocol.acts.deliver import parked_under, release
from sync.protocol.core import Core
from sync.protocol.errors import UnknownSender
from sync.protocol.frame import Act
from sync.protocol.spool import ActRow

LEFT = "S134"
_ACT, _ROSTER = "act:", "roster:"
_WAITS = (_ACT, "case:", _ROSTER)


def settle_left(core: Core) -> list[Act]:
    """Look who moved away, and who came back; return the acts to hand over once more.

    It is told once for each author, and how many acts it concerns.
    """
    asked.forget_retired(core)
    rows = parked_under(core, _WAITS)
    gone = _not_for_us(core, rows)
    told = Counter(row.author for row in rows if row.id in gone and row.reason != LEFT)
    for row in rows:
        if row.id in gone and row.reason != LEFT:
            core.spool.set_act(row._replace(reason=LEFT))
    _ask_no_more(core, rows, gone)
    for author, count in sorted(told.items()):
        core.note(LEFT, author, f"{count} acts")
    back = [row for row in rows if row.reason == LEFT and row.id not in gone]
    for row in back:
        core.spool.set_act(row._replace(reason=UnknownSender.code))
    return release(core, [row for row in back if not row.waits_for.startswith(_ROSTER)])


def _not_for_us(core: Core, rows: list[ActRow]) -> set[str]:
    """Return which acts come by here no more, or wait for something that does not."""
    gone, by_brief = list[str](), list[ActRow]()
    for row in rows:
        # Acts of those who stand below always are for us, so of most rows nothing is read.
        frame = core.spool.frame_of_act(row.id) if core.me not in core.tree.up(row.author) else None
        if frame is None or may_have_unasked(core, core.me, frame):
            continue
        if is_pointed_to(core, core.me, core.spool.briefs_of_act(row.id)):
            by_brief.append(row)
        else:
            gone.append(row.id)
    gone += [row.id for row in by_brief if _is_in_vain(core, row)]
    found, behind = set(gone), defaultdict[str, list[str]](list)
    for row in by_brief:
        behind[row.waits_for.removeprefix(_ACT)].append(row.id)
    while gone:
        more = set(behind[gone.pop()]) - found
        found |= more
        gone += more
    return found


def _is_in_vain(core: Core, row: ActRow) -> bool:
    """Say whether a brief that names an act leads no further: it does not name what that waits for."""
    act = row.waits_for.removeprefix(_ACT)
    if not row.waits_for.startswith(_ACT) or core.spool.frame_of_act(act) is not None:
        return False
    return not is_pointed_to(core, core.me, core.spool.briefs_of_act(act))


def _ask_no_more(core: Core, rows: list[ActRow], gone: set[str]) -> None:
    over = {row.waits_for.removeprefix(_ACT) for row in rows if row.id in gone}
    over -= {row.waits_for.removeprefix(_ACT) for row in rows if row.id not in gone}
    wanted = sorted(core.spool.wanted(over)) if over else []
    core.spool.unwant([a for a in wanted if not is_pointed_to(core, core.me, core.spool.briefs_of_act(a))])
