"""The verb `trust` of the command line: the own key at every node; all about the roster at the top."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable
from typing import Any

from common.node.keyring.roster_office import ONLY_COUNTY, NotAllowedInRoster
from common.node.node import Node
from common.node.profile import COUNTY, TierProfile
from common.node.verbs.ceremony import add_files, root_step, roster_key_step
from common.node.verbs.grave import (
    HELD_MAX,
    add_grave,
    decide_step,
    held_line,
    relieve_step,
    retire_step,
    review_step,
    written_reason,
)
from common.node.verbs.revoke import revoke_step
from common.node.verbs.sent import sent_step
from sync.protocol.roster import LIVE, RELIEVED, RETIRED
from sync.protocol.signing import SEED_BYTES
from sync.protocol.trust.revocation import LOST, STOLEN
from sync.protocol.typed import plain

_STANDING = {LIVE: "在用", RELIEVED: "已停用", RETIRED: "已撤销"}
_REASONS = f"revoke：{STOLEN} 被盗或泄露（不写就是），{LOST} 遗失或损坏"
_OF_A_SITE = ("move", "relieve", "restore", "retire", "review", "revoke", "sent", "url")
_OF_THE_COUNTY = ("move", "relieve", "release", "restore", "retire", "revoke", "roster-key", "strike", "url")
_WITH_WHY = (*(step for step in _OF_THE_COUNTY if step != "roster-key"), "rotate")
_NO_REASON = "--reason 只用于 revoke；别的步骤的理由写 --why"
_WHY = (
    "理由，记入操作记录；relieve、restore、retire、release、strike 必须写（release、strike 的各级可见），"
    "revoke、move、url、rotate 可以写"
)
_HELP = (
    "钥匙与名册：rotate 换本站钥匙；县级另有 roster 看名册、move 换上级、url 设网址、relieve 停用、"
    "restore 恢复、retire 撤销站点、revoke 作废钥匙、sent 看一个站点逐号发过什么、held 看暂扣报文、"
    "review 看作废以后仍然有效的报文、release 放行、strike 剔除、"
    "roster-key 换名册钥匙（request 申请、finish 领回）、"
    "root 根钥匙（export 移出本机、sign 签任命书、new 新做一把、renew 换根钥匙）"
)


def add_trust(
    verb: Any,
    node_of: Callable[[TierProfile, argparse.Namespace], Node],
    needed: Callable[[argparse.Namespace, str, str], Any],
) -> None:
    """Add the verb to a command line; `node_of` and `needed` read what the options name, and must name."""

    def run(profile: TierProfile, options: argparse.Namespace) -> int:
        if options.step == "root":
            root_step(lambda: node_of(profile, options), options)
            return 0
        _check(profile, options, made.error)
        if options.step in _OF_A_SITE:
            needed(options, "address", "--address")
        if options.step == "url" and options.url is None:
            needed(options, "url", "--url")
        return _STEPS[options.step](node_of(profile, options), options) or 0

    made = verb("trust", run, _HELP)
    made.add_argument("step", choices=sorted({*_STEPS, "root"}))
    add_files(made)
    add_grave(made)
    made.add_argument("--address", type=plain, default="", help="哪个站点")
    made.add_argument("--parent", type=plain, default="", help="move：新的上级，不写就按区划")
    made.add_argument("--url", help="url：站点网址，写 '' 就清空")
    made.add_argument("--reason", choices=[STOLEN, LOST], help=_REASONS)
    made.add_argument(
        "--only",
        action="append",
        type=plain,
        default=[],
        metavar="KEY",
        help="revoke：只作废这把，可写多次；不写就是全部",
    )
    made.add_argument("--why", default="", help=_WHY)
    words = "release、strike：报文编号（held、review 列出），可写多次"
    made.add_argument("--act", action="append", type=plain, default=[], help=words)
    made.add_argument(
        "--all", action="store_const", const=1, default=0, help="release、strike：全部暂扣的报文"
    )


def _check(profile: TierProfile, options: argparse.Namespace, refuse: Callable[[str], Any]) -> None:
    # Said first: that a village knows no such site, or its roster does not change so, helps nobody there.
    if options.step in _OF_THE_COUNTY and profile.tier != COUNTY:
        raise NotAllowedInRoster(sentence=ONLY_COUNTY)
    if options.step != "revoke" and options.reason:
        refuse(_NO_REASON)
    # Whoever wrote a reason must not find out later that it was kept nowhere.
    if options.step not in _WITH_WHY and options.why:
        refuse(f"{options.step} 不写 --why")


def _by(node: Node) -> tuple[str, int]:
    return "", node.clock.now_ms()


def _roster(node: Node, options: argparse.Namespace) -> None:
    del options
    tree = node.tree()
    with node.heart.reading():
        for entry in node.trust.entries():
            revoked = f" 作废钥匙 {len(entry.revoked)}" if entry.revoked else ""
            above = tree.parent(entry.address) or "无"
            standing = _STANDING.get(entry.status, entry.status)
            print(f"{entry.address} {entry.name} 上级 {above} {standing}{revoked}")


def _move(node: Node, options: argparse.Namespace) -> None:
    with node.unit():
        above = node.trust.entry(options.parent) if options.parent else None
        node.trust.move(options.address, options.parent, _by(node), options.why)
    print("已改名册，各站点下次联系时生效。")
    if above is not None and not above.url:
        print(f"! {above.name}还没有网址，联网的站点找不到它：请用 trust url 设好。")


def _url(node: Node, options: argparse.Namespace) -> None:
    with node.unit():
        node.trust.set_url(options.address, options.url, _by(node), options.why)
    print("已改名册，各站点下次联系时生效。")


def _restore(node: Node, options: argparse.Namespace) -> None:
    written_reason(options)
    with node.unit():
        node.trust.take_back_into_service(options.address, _by(node), options.why)
    print("已恢复。")


def _held(node: Node, options: argparse.Namespace) -> None:
    del options
    with node.heart.reading():
        lines = [held_line(held) for held in node.trust.held_back(HELD_MAX)]
    print("\n".join(lines) or "没有暂扣的报文。")


def _rotate(node: Node, options: argparse.Namespace) -> None:
    with node.unit():
        key = node.trust.rotate(secrets.token_bytes(SEED_BYTES), "", options.why)
    node.heart.attest()
    print(f"已换本站钥匙：{key}。旧钥匙再留 24 个月，用来打开已经写好的数据包。")


_STEPS: dict[str, Callable[[Node, argparse.Namespace], int | None]] = {
    "held": _held,
    "move": _move,
    "relieve": relieve_step,
    "release": decide_step,
    "restore": _restore,
    "retire": retire_step,
    "review": review_step,
    "revoke": revoke_step,
    "roster": _roster,
    "roster-key": roster_key_step,
    "rotate": _rotate,
    "sent": sent_step,
    "strike": decide_step,
    "url": _url,
}
