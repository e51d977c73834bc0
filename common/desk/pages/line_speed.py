"""How quick the line upward is, what waits for it, and how long that will take, in sentences for people."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from common.places.rules import level
from sync.adapters.line import NotKnownThere
from sync.adapters.runner import LineState
from sync.adapters.waiting import Waiting
from sync.protocol.trust.refusal import barred

_KB, _MB = 1_000, 1_000_000
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400


def pace_said(node: Any) -> list[str]:
    """Return what is said of speed, queue and time left; nothing without a line upward."""
    uplinks = node.runner.uplinks() if node.runner is not None else ()
    if not uplinks:
        return []
    state = node.runner.state
    # What a node further up has got while the nearest is silent waits no more.
    is_past = not state.failures and any(one.address == state.uplink for one in uplinks)
    above = state.uplink if is_past else uplinks[0].address
    gauge = node.runner.gauges.get(above)
    per_s = gauge.up.per_s if gauge is not None else 0
    waiting = node.waiting_for(above)
    said = [_queue(waiting)]
    if per_s:
        said.append(_pace(per_s))
    # Who is heard by nobody is told so elsewhere on the page: no line and no stick carries it up.
    if (waiting.acts or waiting.papers) and not is_unheard(node):
        said.append(_when_sent(state) or _time_left(waiting.size, per_s))
    return said


def is_unheard(node: Any) -> bool:
    """Say whether those above take nothing from this node until it joins again: its key counts no more."""
    state = node.runner.state if node.runner is not None and node.runner.uplinks() else None
    return barred(node.peer.core) is not None or (state is not None and state.last_code == NotKnownThere.code)


def is_new(node: Any) -> bool:
    """Say whether a node below another has not got anything yet that is filed at it."""
    return len(node.tree().up(node.me)) > 1 and not node.catalogue.items_for(level(node.me))


def knows_no_way_up(node: Any) -> bool:
    """Say whether of nobody above this node it is known where it answers on the net: sticks alone go up."""
    is_below = len(node.tree().up(node.me)) > 1
    return is_below and (node.runner is None or not node.runner.uplinks())


def no_way_said(node: Any) -> str:
    """Return that no address of a node above is known and who can give one, "" where one is."""
    if not knows_no_way_up(node):
        return ""
    return str(
        _(
            "不知道上级站点的网址，本站没有联系任何站点：请管理员在 node.toml 里写 parent_url，"
            "过一两分钟就照它联系；"
            "或请县级管理员在“名册”里给上级设网址。没有线路的，用U盘交换。"
        )
    )


def coming_said(node: Any) -> list[str]:
    """Return what is said of that which still comes from the node above, nothing when all has come.

    A new node, or one put in a broken one's place, gets the catalogue and its cases first, papers after them.
    """
    above = node.tree().up(node.me)[1:2]
    if not above:
        return []
    coming = node.coming_from(above[0])
    if not (coming.acts or coming.papers or is_new(node)):
        return []
    if is_new(node) and knows_no_way_up(node):
        return [no_way_said(node)]
    got = len(node.catalogue.all_items())
    said = [str(_("第一次接收资料：已收到事项 %(n)s 个。", n=got))] if is_new(node) else []
    if coming.acts or coming.papers:
        figures = {"acts": coming.acts, "papers": coming.papers, "size": amount(coming.paper_bytes)}
        words = _(
            "还要收：报文 %(acts)s 份、材料 %(papers)s 份（约 %(size)s）。先收报文，材料随后。", **figures
        )
        said.append(str(words))
    elif coming.is_more:
        said.append(str(_("上级还有内容没有送完。")))
    gauge = node.runner.gauges.get(above[0]) if node.runner is not None else None
    if gauge is not None and gauge.down.per_s and coming.paper_bytes:
        needed = span(coming.paper_bytes // gauge.down.per_s)
        said.append(str(_("按现在的速度，大约需要%(span)s。", span=needed)))
    said.append(str(_("收的时候可以先办别的，断了线会接着收，不用从头来。")))
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
        return str(_("没有待发的报文和材料。"))
    figures = {"acts": waiting.acts, "papers": waiting.papers, "size": amount(waiting.size)}
    if not waiting.papers:
        return str(_("待发：报文 %(acts)s 份，共约 %(size)s。", **figures))
    return str(
        _("待发：报文 %(acts)s 份、材料 %(papers)s 份，共约 %(size)s。先发报文，材料随后。", **figures)
    )


def _pace(per_s: int) -> str:
    if per_s < _KB:
        return str(_("线路速度：每秒不到 1 KB，很慢。"))
    return str(_("线路速度：每秒约 %(size)s。", size=amount(per_s)))


def _when_sent(state: LineState) -> str:
    """Return what has to come before anything goes, "" while all goes well."""
    if state.is_busy:
        return str(_("上级站有空了自动发送，也可以用U盘送出。"))
    if state.is_down:
        return str(_("线路通了以后自动发送，也可以用U盘送出。"))
    return str(_("会自动再试，也可以用U盘送出。")) if state.failures else ""


def _time_left(size: int, per_s: int) -> str:
    if not per_s:
        return str(_("还没有测过线路速度，发送后显示大约需要多久。"))
    needed = span(size // per_s)
    if size // per_s < _HOUR_S:
        return str(_("按现在的速度，大约需要%(span)s。", span=needed))
    return str(_("按现在的速度，大约需要%(span)s。等不及的，用U盘送更快。", span=needed))
