"""When this node was last backed up, by its own trail of actions, and whether that is too long ago."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from common.clock import BUILT_MS
from common.days import local_date
from common.node.findings import GOOD, WARN, Finding
from common.node.profile import COUNTY
from common.store import audit

if TYPE_CHECKING:
    from common.node.node import Node

BEGUN, MADE, PUT_BACK = "node.backup_begun", "node.backup", "node.restored"
# A village makes one a day, and is closed for a week of holidays; the county makes one an hour.
_DAYS_MAX, _DAYS_MAX_COUNTY = 8, 2
_ONE_DAY_MS = 86_400_000


class Overdue(NamedTuple):
    """That there is no backup, or an old one: the day of the last (YYYY-MM-DD), "" for none, and its age."""

    day: str = ""
    days: int = 0


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


def overdue(node: Node) -> Overdue | None:
    """Return what an administrator is told; None where all is well, and where nothing can be said.

    So it is at a node for practice, and where the clock has lost its battery.
    """
    if _is_silent(node):
        return None
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
    if not late.day:
        return [Finding(WARN, subject, f"本站还没有做成过备份：{how}")]
    return [Finding(WARN, subject, f"最近一次是 {late.day}，已经 {late.days} 天：{how}")]


def _is_silent(node: Node) -> bool:
    return bool(node.config.practice) or not node.has_joined() or node.clock.now_ms() < BUILT_MS
