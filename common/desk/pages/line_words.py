"""What the line page says of neighbours, notes and frames put aside, in words for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _

from common.desk.pages import shown
from common.desk.pages.line_speed import is_unheard, span
from common.places.rules import level
from common.web.words import ago, local_date, local_time
from sync.adapters.line import ProxyNotReached, PutOff
from sync.adapters.runner import LineState
from sync.protocol import signed
from sync.protocol.address import is_address
from sync.protocol.entries import RELIEVED, RETIRED, read_entry
from sync.protocol.spool import GAP, UNKNOWN_KEY
from sync.protocol.trust.refusal import barred
from sync.protocol.trust.revocation import NOT_OURS, STOLEN

# Beyond it a person has to see what became of the frames before.
OLD_MS = 86_400_000
# Such a note says that an act waits: as long as it does, it stands among those that wait.
_PARKED_FOR = " parked for "


def head_row(row: list[Any]) -> dict[str, Any]:
    """Return what the day's sheet says of one stream."""
    src, epoch, dst, upto, head, end_upto, _head = row
    return {
        "from": shown.place_words(src),
        "to": shown.place_words(dst),
        "epoch": epoch.split("-")[0],
        "upto": upto,
        "head": head[:16],
        "end": end_upto,
    }


def who(address: str) -> str:
    """Return whom a note of the line is about; of what was not believed or not read nobody is known."""
    return shown.place_words(address) if is_address(address) else str(_("来源不明的内容"))


def line_said(node: Any, now_ms: int) -> str:
    """Return when the node above was last reached, in one sentence; "" without a line upward.

    What the line did since the program started and what is on record are told as one.
    """
    if node.runner is None:
        return ""
    state, above = node.runner.state, node.tree().up(node.me)[1:2]
    met = max([state.last_ok_at, *(at.contact_at for at in node.standing(above).values())])
    if not met:
        return str(_("还没有联系上过上级。"))
    when = {"at": local_time(met), "ago": ago(met, now_ms)}
    if state.failures and met > state.last_ok_at:
        return str(_("上次联系（线路或U盘）：%(at)s（%(ago)s）。", **when))
    if state.last_ok_at or state.failures:
        return str(_("上次联系成功：%(at)s（%(ago)s）。", **when))
    return str(_("程序刚启动，正在联系；上次联系成功：%(at)s（%(ago)s）。", **when))


def patience_said(state: LineState | None, now_ms: int) -> str:
    """Return when the line is tried again after patience was asked for; "" when the last try was no such."""
    if state is None or not state.is_put_off:
        return ""
    left_s = -(-(state.next_try_at - now_ms) // 1_000)
    if left_s <= 0:
        return str(_("马上自动再试。"))
    when = {"span": span(left_s), "at": local_time(state.next_try_at)}
    return str(_("还有%(span)s自动再试（%(at)s）。", **when))


def unsent_said(node: Any) -> str:
    """Return why what was filed here has not gone up the line yet, and what becomes of it."""
    state = node.runner.state if node.runner is not None and node.runner.uplinks() else None
    if not node.has_joined():
        return str(_("这台电脑还没有本站的钥匙，登记以后自动发送。"))
    if is_unheard(node):
        return str(_("上级站不认本站的钥匙，重新入网以前送不出去。"))
    if state is None:
        return str(_("本站没有上级线路，请用U盘送出。"))
    if state.is_busy:
        return str(_("上级站正忙，有空了自动发送，也可以用U盘送出。"))
    if state.last_code == PutOff.code:
        return str(_("线路中间的代理要求稍后再试，通了自动发送，也可以用U盘送出。"))
    if state.last_code == ProxyNotReached.code:
        return str(_("连不上代理，连上了自动发送，也可以用U盘送出。"))
    if state.is_down:
        return str(_("线路不通，通了自动发送，也可以用U盘送出。"))
    if state.failures:
        return str(_("还没有和上级站交换成，原因见“上级线路”，会自动再试，也可以用U盘送出。"))
    if not state.last_ok_at:
        return str(_("正在联系上级，联系上了自动发送。"))
    return str(_("线路是通的，正在排队发送，先收的先发。"))


def bundled_said(at: int) -> str:
    """Return what becomes of what is in the bundle that was made at an instant."""
    when = local_time(at)
    return str(_("已装进 %(at)s 做的U盘数据包，送到并带回回执后自动更新。没有带走的，请再做一个。", at=when))


def barred_said(node: Any) -> str:
    """Return why no other node hears this one any more, and what to do; "" while its key counts."""
    why = barred(node.peer.core)
    if why is None:
        return ""
    day = {"on": local_time(why.since)}
    if why.reason == NOT_OURS:
        return str(
            _(
                "县级已于 %(on)s 判定这台电脑的钥匙不是本站的，上级站不再收它的报文。"
                "收件照常，内容都存在本机。电脑确是本站的，请先打电话问县级管理员，再向上级站要新的入网码，在这台电脑上重新入网"
                "（enrol join）；以前办的，由县级管理员核对后放行。",
                **day,
            )
        )
    stolen = _("县级已于 %(on)s 作废本站的钥匙（被盗或泄露），上级站不再收本站的报文。", **day)
    lost = _("县级已于 %(on)s 作废本站的钥匙（遗失或损坏），上级站不再收本站的报文。", **day)
    do = _(
        "收件照常，内容都存在本站。请向上级站要新的入网码，在这台电脑上重新入网（enrol join）；"
        "作废以后办的，由县级管理员核对后放行。不知道为什么作废的，先打电话问县级管理员。"
    )
    return f"{stolen if why.reason == STOLEN else lost}{do}"


def partners(node: Any) -> tuple[str, ...]:
    """Return the nodes with which this one may exchange: those above, nearest first, then all below."""
    tree = node.tree()
    below = [address for address in tree.addresses() if tree.is_below(address, node.me)]
    return (*tree.up(node.me)[1:], *below)


def neighbours(node: Any) -> tuple[str, ...]:
    """Return the nodes above, nearest first, then those directly below."""
    tree = node.tree()
    return (*tree.up(node.me)[1:], *tree.children(node.me))


def sites_of(node: Any) -> list[dict[str, Any]]:
    """Return what is known of the nodes above, nearest first, and of those directly below.

    `via` names the nearest node above where it answers for one further up: that one is reached through it,
    and nothing is amiss though there was never a word with it.
    """
    above = node.tree().up(node.me)[1:]
    standing = node.standing(neighbours(node))
    # Of who never said a word it is known by what they signed for alone, which others brought.
    unmet = [address for address in above if not standing[address].contact_at]
    is_down = node.runner is not None and node.runner.state.failures > 0
    nearest = standing[above[0]].contact_at if above and not is_down else 0
    return [
        {
            "address": address,
            "name": shown.place_words(address),
            "is_above": address in above,
            "via": shown.place_words(above[0]) if address in above[1:] and at.contact_at < nearest else "",
            "contact_at": at.contact_at,
            "waits": at.waits and (address not in unmet or int(any(node.waiting_for(address)))),
            "papers_wanted": at.papers_wanted,
            "is_cut_off": is_cut_off(node, address),
            "disk": node.engine.disks.get(address, 0),
        }
        for address, at in standing.items()
    ]


def twins_said(node: Any, now_ms: int) -> list[str]:
    """Return for each site that two computers speak for what to do, as far as this node has noticed."""
    own = _(
        "有两台电脑在用本站的身份，或同一份备份恢复过两次（S122）："
        "请只留一台，另一台关机，并打电话报县级管理员。县里核对过的不用再报：7 天没有再发现，就不再提醒。"
    )
    return [
        str(own)
        if address == node.me
        else str(
            _(
                "%(place)s：有两台电脑在用同一个站点身份（S122）。请打电话报县级管理员，核对后只留一台。"
                "县里核对过的不用再报：7 天没有再发现，就不再提醒。",
                place=shown.place_words(address),
            )
        )
        for address, _at in node.twins(now_ms)
    ]


def standing_said(node: Any) -> str:
    """Return what the county has decided on this node as a whole, "" while it is in service."""
    status = node.standing_here()
    if status == RETIRED:
        return str(
            _(
                "县级已撤销本站，代码不再使用。请不要再收新件；手里的件和材料请打电话问县级管理员怎样移交。"
                "以前的记录都在，仍可查看。"
            )
        )
    if status == RELIEVED and level(node.me) == "village":
        return str(_("县级已停用本站，不收新件；在办的件可能已由县级接管。请打电话问县级管理员。"))
    if status == RELIEVED:
        return str(
            _("县级已停用本站：下级站点改由再上一级联系，在办的件可能已由县级接管。请打电话问县级管理员。")
        )
    return ""


def is_cut_off(node: Any, address: str) -> bool:
    """Say whether keys of another node were revoked and none counts, by the roster or by this node's word."""
    held = node.spool.held(signed.ENTRY, address)
    entry = read_entry(held.statement) if held is not None else None
    if entry is None or entry.good_keys or not entry.revoked:
        return False
    with node.heart.reading():
        return node.peer.core.roster.current_key(address, node.me) is None


def aside_said(node: Any, now_ms: int) -> list[dict[str, Any]]:
    """Return, for each author, the frames that wait for those before them or for their author's key."""
    words = {
        GAP: _("等前面的报文到达，到了自动办理"),
        UNKNOWN_KEY: _("等县级名册里有发送站点的钥匙，有了自动办理"),
    }
    return [
        {
            "from": shown.place_words(src),
            "count": count,
            "why": str(words[why]),
            "since": ago(since, now_ms),
            "is_old": now_ms - since > OLD_MS,
        }
        for why in words
        for src, count, since in node.aside(why)
    ]


def notes_said(notes: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the notes, newest first, those of one kind, day and node as one; what only waits is left out."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for note in notes:
        if _PARKED_FOR in note.detail and not note.detail.endswith(f"{_PARKED_FOR}person"):
            continue
        key = (note.code, note.address, local_date(note.at_ms))
        if key in found:
            found[key]["count"] += 1
            continue
        told = {"at": note.at_ms, "code": note.code, "sentence": note.sentence, "count": 1}
        found[key] = {**told, "who": who(note.address)}
    return list(found.values())
