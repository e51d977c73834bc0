"""How quick the line upward is, what waits for it, and how long that will take, in sentences for people."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from sync.adapters.waiting import Waiting

_KB, _MB = 1_000, 1_000_000
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400


def pace_said(node: Any) -> list[str]:
    """Return what is said of speed, queue and time left; nothing without a line upward."""
    uplinks = node.runner.uplinks() if node.runner is not None else ()
    if not uplinks:
        return []
    above = uplinks[0].address
    gauge = node.runner.gauges.get(above)
    per_s = gauge.up.per_s if gauge is not None else 0
    waiting = node.waiting_for(above)
    said = [_queue(waiting)]
    if per_s:
        said.append(str(_("线路速度：每秒约 %(size)s。", size=amount(per_s))))
    if waiting.acts or waiting.papers:
        said.append(_time_left(waiting.size, per_s, node.runner.state.failures > 0))
    return said


def amount(size: int) -> str:
    """Return a number of bytes as people say it: `3 KB`, `1.2 MB`; what is less counts as one KB."""
    if size < _MB:
        return f"{max(1, round(size / _KB))} KB"
    return f"{size / _MB:.1f} MB"


def span(seconds: int) -> str:
    """Return a span of time in the largest unit that fits, rounded up."""
    if seconds < _MINUTE_S:
        return str(_("不到 1 分钟"))
    if seconds < _HOUR_S:
        return str(ngettext("%(num)s 分钟", "%(num)s 分钟", -(-seconds // _MINUTE_S)))
    if seconds < _DAY_S:
        return str(ngettext("%(num)s 小时", "%(num)s 小时", -(-seconds // _HOUR_S)))
    return str(ngettext("%(num)s 天", "%(num)s 天", -(-seconds // _DAY_S)))


def _queue(waiting: Waiting) -> str:
    if not (waiting.acts or waiting.papers):
        return str(_("没有待发的内容。"))
    figures = {"acts": waiting.acts, "papers": waiting.papers, "size": amount(waiting.size)}
    if not waiting.papers:
        return str(_("待发：报文 %(acts)s 份，共约 %(size)s。", **figures))
    return str(
        _("待发：报文 %(acts)s 份、材料 %(papers)s 份，共约 %(size)s。先发报文，材料随后。", **figures)
    )


def _time_left(size: int, per_s: int, is_down: bool) -> str:
    if is_down:
        return str(_("线路通了以后自动发送，也可以用U盘送出。"))
    if not per_s:
        return str(_("还没有测过线路速度，发送后显示大约需要多久。"))
    return str(_("按现在的速度，大约需要%(span)s。", span=span(size // per_s)))
