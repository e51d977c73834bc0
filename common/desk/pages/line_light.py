"""The light of the line upward and its words: what failed last, and whether the line did. It only reads."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from common.desk.pages import shown
from sync.adapters import line
from sync.adapters.line import AnswerRefused, BrokenOff
from sync.adapters.runner import LineState
from sync.adapters.ways import Uplink

# From so many tries on their number says nothing more.
_TRIES_TOLD = 10

# What answered, or was wrong here, when nothing came back: in each of these but one no line is down. Where
# the proxy cannot be reached it may be, and the one to look at is the proxy.
# fmt: off
_WORDS = {
    line.CaptivePortal.code:   ("bad",  "线路上有认证页面拦着，还没有联系上上级站"),
    line.Refused.code:         ("bad",  "线路是通的，上级站拒绝了交换"),
    AnswerRefused.code:        ("bad",  "线路是通的，上级站的回应无法识别"),
    BrokenOff.code:            ("bad",  "本站程序出错，没有交换成"),
    line.NotBelieved.code:     ("bad",  "有回答，但上级站的证书核对不过"),
    line.NotKnownThere.code:   ("bad",  "线路是通的，上级站不认本站的钥匙"),
    line.TooMuch.code:         ("warn", "线路中间的设备不让一次传这么多，已改为少传"),
    line.NotAParent.code:      ("bad",  "有回答，但回答的不是上级站"),
    line.PutOff.code:          ("bad",  "线路中间的代理要求稍后再试，还没有联系上上级站"),
    line.BadAddress.code:      ("bad",  "上级网址或代理写错了，没有联系上级站"),
    line.NotEvenTheLeast.code: ("bad",  "线路是通的，中间的设备不让上传"),
    line.WrongNode.code:       ("bad",  "线路是通的，但回答的站点不是上级站"),
    line.AuthorityUnread.code: ("bad",  "证书文件读不了，没有联系上级站"),
    line.ProxyNotReached.code: ("bad",  "连不上代理，没有联系上上级站"),
}
# fmt: on


def light_said(state: LineState | None) -> tuple[str, str]:
    """Return the light (good, warn, bad) and the words for a line upward, ("", "") without one."""
    if state is None:
        return "", ""
    if state.is_busy:
        return "warn", str(_("线路是通的，上级站正忙"))
    if state.is_down and state.last_code not in _WORDS:
        few = _("线路不通，已连续 %(n)s 次没有联系上", n=state.failures)
        return "bad", str(few if state.failures < _TRIES_TOLD else _("线路不通，试了多次没有联系上"))
    if state.failures:
        light, words = _WORDS.get(state.last_code, ("bad", "还没有联系上上级站"))
        return light, str(_(words))
    return ("good", str(_("线路正常"))) if state.last_ok_at else ("warn", str(_("正在联系上级")))


def astray_said(state: LineState, astray: Sequence[Uplink]) -> list[str]:
    """Return for each node above whose address leads to another one what is done meanwhile, and what to do.

    Where nobody was reached instead, the line itself says so already.
    """
    if state.failures:
        return []
    via = shown.place_words(state.uplink)
    return [
        str(
            _(
                "本站现有的%(place)s网址有站点回答，但不是%(place)s（S415），现在改与%(via)s联系。"
                "请打电话问县级管理员正确的网址，改数据文件夹里 node.toml 的 parent_url，再重新启动本站；"
                "或者请县级管理员在“名册”页设好。",
                place=shown.place_words(one.address),
                via=via,
            )
        )
        for one in astray
        if one.address != state.uplink
    ]


def via_said(state: LineState, uplinks: Sequence[Uplink], astray: Sequence[Uplink]) -> str:
    """Return that a node further up is spoken with while the nearest is silent, "" where that is not so.

    Of an address that leads to another node `astray_said` tells.
    """
    nearest = next((one.address for one in uplinks if not one.is_spare), "")
    is_past = bool(state.last_ok_at) and not state.failures and state.uplink not in ("", nearest)
    if not is_past or any(one.address == nearest for one in astray):
        return ""
    names = {"place": shown.place_words(nearest), "via": shown.place_words(state.uplink)}
    return str(_("%(place)s现在联系不上，已改与%(via)s联系：件照样送得到，通了自动换回来。", **names))
