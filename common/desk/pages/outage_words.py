"""What the pages say of outages: of one, of many, how long something lasted."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from common.outages.rules import BUSY, LINE, OFF, PARENT, SILENT, Outage, Tally
from common.web.words import local_time

_MINUTES_OF_HOUR, _MINUTES_OF_DAY = 60, 24 * 60
_NAMES = {
    # Also where something answered that was not the node above: the record keeps what came of it, not why.
    LINE: "联系不上上级站（线路不通等）",
    BUSY: "上级站忙，暂不接收（线路是通的）",
    PARENT: "直接上级不通，经更上级往来",
    OFF: "停机（停电、关机或程序停了）",
    SILENT: "无联系",
}


def outage_line(one: Outage) -> dict[str, Any]:
    """Return what is said of one outage."""
    lasts, began, ended = not one.ended_at, local_time(one.began_at), local_time(one.ended_at)
    return {
        "what": str(_(_NAMES.get(one.kind, one.kind))),
        "began": began,
        # Of the same day the time alone.
        "ended": ended[len("2026-01-05 ") :] if began[:10] == ended[:10] else ended,
        "lasts": lasts,
        "is_doubtful": one.is_doubtful,
        "lasted": "" if lasts or one.is_doubtful else duration_words(one.lasted_ms),
    }


def tally_words(found: Tally) -> str:
    """Return what many come to, "" for none."""
    if not found.times:
        return ""
    words = str(_("%(n)s 次，合计 %(time)s", n=found.times, time=duration_words(found.total_ms)))
    return words + (str(_("（其中 %(n)s 次时长不明）", n=found.doubtful)) if found.doubtful else "")


def duration_words(ms: int) -> str:
    """Return how long something lasted, to the minute; from a day on to the hour."""
    minutes = ms // 60_000
    if minutes < _MINUTES_OF_HOUR:
        return str(_("%(n)s 分钟", n=minutes))
    hours, days = minutes // _MINUTES_OF_HOUR, minutes // _MINUTES_OF_DAY
    if not days:
        left = minutes % _MINUTES_OF_HOUR
        return str(_("%(h)s 小时 %(m)s 分", h=hours, m=left) if left else _("%(h)s 小时", h=hours))
    left = hours % 24
    return str(_("%(d)s 天 %(h)s 小时", d=days, h=left) if left else _("%(d)s 天", d=days))
