"""When this node was last backed up, by its own trail of actions, and whether that is too long ago."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from common.clock import BUILT_MS
from common.days import local_date
from common.node.checks.findings import GOOD, WARN, Finding
from common.node.profile import COUNTY
from common.store import audit

if TYPE_CHECKING:
    from common.node.node import Node

BEGUN, MADE, PUT_BACK = "node.backup_begun", "node.backup", "node.restored"
# Each night anew nothing is saved, until a person acts: that is told at once, not when the last one is old.
REFUSED = "node.backup_refused"
# A village makes one a day, and is closed for a week of holidays; the county makes one an hour.
_DAYS_MAX, _DAYS_MAX_COUNTY = 8, 2
_ONE_DAY_MS = 86_400_000
_IN_WAY = (
    "最近一次没有做成：文件夹里 {day} 的备份里可能有本站没有的内容，没有替换它。"
    "请先恢复它，或者把它留着、另选一个文件夹；在那以前不再有新的备份。"
)


class Overdue(NamedTuple):
    """That there is no backup, or an old one: the day of the last (YYYY-MM-DD), "" for none, and its age.

    `in_way` is the day of that in the folder which may hold more and was not replaced, "" where none is.
    """

    day: str = ""
    days: int = 0
    in_way: str = ""


def last_made(node: Node) -> date | None:
    """Return the local day of the newest backup, None where none was made. It only reads.

    One of a day to come was made by a clock that was wrong: nobody knows when.
    """
    row = audit.newest(node.me, (MADE, PUT_BACK), node.clock.now_ms() + _ONE_DAY_MS)
    if row is None:
        return None
    # A database that was put back knows of the backup it came from by that alone.
    at = json.loads(row.detail).get("made_at") if row.action == PUT_BACK else None
    return local_date(at if type(at) is int else row.at)


def refused(node: Node) -> str:
    """Return the day of the backup which the last attempt did not replace, "" where it was made."""
    row = audit.newest(node.me, (MADE, PUT_BACK, REFUSED), node.clock.now_ms() + _ONE_DAY_MS)
    return str(json.loads(row.detail)["day"]) if row is not None and row.action == REFUSED else ""


def keep_refused(node: Node, day: str) -> None:
    """Keep in the trail that a backup of another record is in the way, once for each such."""
    if refused(node) != day:
        with node.unit():
            audit.record("", REFUSED, node.me, {"day": day}, node.clock.now_ms())


def overdue(node: Node) -> Overdue | None:
    """Return what an administrator is told; None where all is well, and where nothing can be said.

    So it is at a node for practice, and where the clock has lost its battery.
    """
    if _is_silent(node):
        return None
    if in_way := refused(node):
        return Overdue(in_way=in_way)
    made = last_made(node)
    if made is None:
        return Overdue()
    age = (local_date(node.clock.now_ms()) - made).days
    most = _DAYS_MAX_COUNTY if node.profile.tier == COUNTY else _DAYS_MAX
    return Overdue(made.isoformat(), age) if age > most else None


def finding(node: Node) -> list[Finding]:
    """Return what `doctor` says of it; nothing where nothing can be said."""
    if _is_silent(node):
        return []
    late, subject = overdue(node), "备份"
    how = "请照手册“备份”马上做一次，并让它按时自动做（cron）。"
    if late is None:
        return [Finding(GOOD, subject, f"最近一次 {last_made(node)}。")]
    if late.in_way:
        return [Finding(WARN, subject, _IN_WAY.format(day=late.in_way))]
    if not late.day:
        return [Finding(WARN, subject, f"本站还没有做成过备份：{how}")]
    return [Finding(WARN, subject, f"最近一次是 {late.day}，已经 {late.days} 天：{how}")]


def _is_silent(node: Node) -> bool:
    return bool(node.config.practice) or not node.has_joined() or node.clock.now_ms() < BUILT_MS
