"""What the header of every page says of the line upward, in a light and a few words. It only reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.node.watches.disk import DiskState
from common.web.ports import LineState
from sync.adapters.line import NotKnownThere, ProxyNotReached, PutOff, Refused
from sync.protocol.roster import RELIEVED, RETIRED

if TYPE_CHECKING:
    from common.node.node import Node

_STANDINGS = {RELIEVED: "县级已停用本站，请看线路页", RETIRED: "县级已撤销本站，请看线路页"}


def line_state(node: Node) -> LineState | None:
    """Return what the header says; None at the top. A disk nearly full comes first."""
    if node.disk.state() == DiskState.CRITICAL:
        return LineState("bad", "磁盘快满，暂停收新件")
    if (node.runner is None or not node.runner.state.last_ok_at) and not node.has_joined():
        return LineState("bad", "这台电脑还没有本站的钥匙，请看线路页")
    if node.runner is None:
        return None
    state = node.runner.state
    if state.last_code == NotKnownThere.code:
        return LineState("bad", "上级站不认本站的钥匙，请看线路页")
    if state.is_busy:
        return LineState("warn", "上级站正忙，已存本站，稍后自动发送")
    if state.last_code == PutOff.code:
        return LineState("bad", "线路中间的代理要求稍后再试，已存本站")
    if state.failures and state.last_code == ProxyNotReached.code:
        return LineState("bad", "连不上代理，已存本站，连上后自动发送")
    if state.is_down:
        return LineState("bad", "线路不通，已存本站，线路恢复后自动发送")
    if state.failures and state.last_code == Refused.code:
        return LineState("bad", "上级站拒绝了交换，已存本站，请看线路页")
    if state.failures:
        return LineState("bad", "还没有联系上上级站，已存本站，请看线路页")
    # Where the line holds, it is not the line that people have to know of.
    if standing := _STANDINGS.get(node.standing_here()):
        return LineState("warn", standing)
    return LineState("good", "线路正常") if state.last_ok_at else LineState("warn", "正在联系上级站")
