"""What `trust` does to the work of others is said first, and done once `--yes` is written."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from common.errors import LiandongError
from common.node.keyring.decided_acts import leave_out
from common.node.keyring.held_acts import Counting, HeldBack
from common.node.keyring.roster_office import NotAllowedInRoster, check_in_use
from common.node.node import Node
from common.node.reasons import NOTE_MAX, NoReason, reason_in
from common.node.verbs.act_words import act_line
from sync.protocol.entries import Entry
from sync.protocol.frame import Frame
from sync.protocol.typed import plain

HELD_MAX = 1_000
REFUSED = 2
SURE = "这一步不能撤回。确认后请加上 --yes 再执行一次。"
_ASKED = "确认后请加上 --yes 再执行一次。"
_LISTED = 20


class SomeOrAll(LiandongError):
    """Acts were not named, and not all of them asked for; or both. Nothing was changed."""

    code = "E471"
    status = 400
    sentence = "请用 --act 写明报文编号（held、review 列出）；确实要处理全部 {n} 份的，写 --all。"


def add_grave(made: argparse.ArgumentParser) -> None:
    """Add what the two steps take to the options of the verb."""
    made.add_argument(
        "--cut",
        action="append",
        type=plain,
        default=[],
        metavar="段=号",
        help="revoke：这一段认到第几号，可写多次；不写就是县里知道的最后一号",
    )
    made.add_argument(
        "--yes",
        action="store_true",
        help="relieve、retire、revoke、release、strike、roster-key：确认；不写则只说明会发生什么",
    )


def written_reason(options: argparse.Namespace) -> None:
    """Refuse a step without its reason, in the words of the console.

    Raises:
        NoReason: `--why` says nothing, or too much.
    """
    try:
        reason_in(options.why)
    except NoReason as none:
        raise NoReason(f"请用 --why 写明理由，最多 {NOTE_MAX} 个字。") from none


def retire_step(node: Node, options: argparse.Namespace) -> int:
    """Retire an address; without --yes say only what would be done.

    Raises:
        NotAllowedInRoster, NoReason: nothing was changed.
    """
    written_reason(options)
    with node.heart.reading():
        entry = in_service(node, options.address)
    if not options.yes:
        print(f"将撤销{entry.name}（{entry.address}）：站点永久退出，代码不再使用，不再收新件。")
        print("只是换电脑的，请发新的入网码，不要撤销。它手里的办件请在“接管”页接管。")
        print(SURE)
        return REFUSED
    with node.unit():
        node.trust.retire(options.address, ("", node.clock.now_ms()), options.why)
    print("已撤销，这个站点代码不再使用。")
    return 0


def relieve_step(node: Node, options: argparse.Namespace) -> int:
    """Relieve a node of its work; without --yes say only what would be done.

    Raises:
        NotAllowedInRoster, NoReason: nothing was changed.
    """
    written_reason(options)
    with node.heart.reading():
        entry, below = in_service(node, options.address), node.tree().children(options.address)
        is_found = bool(node.trust.entry(node.me).url)
    if not options.yes:
        print(f"将停用{entry.name}（{entry.address}）：不再收新件，修好以后可以恢复。")
        sites = f"它下面的 {len(below)} 个站点改由再上一级联系。" if below else ""
        print(f"{sites}它手里的办件请在“接管”页接管。")
        if below and not is_found:
            print("! 县级还没有网址：改连县级的站点，设置里也没有写的，找不到它。请先用 trust url 设好。")
        print(_ASKED)
        return REFUSED
    with node.unit():
        node.trust.relieve(options.address, ("", node.clock.now_ms()), options.why)
    print("已停用。它手里的办件请在“接管”页接管。")
    return 0


def decide_step(node: Node, options: argparse.Namespace) -> int:
    """Release acts held back, or strike acts out; without --yes say only which and what would come of it.

    What is only to be looked through, and counts, is struck out too where it is named.

    Raises:
        SomeOrAll, NothingChosen, NoReason: nothing was changed.
    """
    is_release = options.step == "release"
    written_reason(options)
    with node.heart.reading():
        held = node.trust.held_back(HELD_MAX)
        chosen = _chosen([one.row.id for one in held if not one.is_struck], options)
        found = node.trust.to_strike(chosen)
        counting = () if is_release else found.counting
        named_held = [act for act in found.held if is_release or act not in found.struck]
        chosen = leave_out(node, chosen, [*named_held, *(one.frame.act for one in counting)])
    if not chosen:
        return 0
    if not options.yes:
        named = [one for one in held if one.row.id in set(chosen)]
        if named or not counting:
            print(f"将{'放行' if is_release else '剔除'}暂扣的报文 {len(named)} 份：")
            _print_some([held_line(one) for one in named], "held")
        if counting:
            print(f"将剔除现在有效的报文 {len(counting)} 份，各级撤回，接在后面办的也跟着退回：")
            _print_some([counting_line(one) for one in counting], "review")
        what = "各级站点照办，当作有效" if is_release else "各级站点一律不办，报文仍留存备查；以后还可以放行"
        print(f"{what}。{_ASKED}")
        return REFUSED
    with node.unit():
        (node.trust.release if is_release else node.trust.strike)(chosen, options.why, "")
    print("已放行。" if is_release else "已剔除，报文仍留存备查。")
    return 0


def review_step(node: Node, options: argparse.Namespace) -> int:
    """List what of a site counts and has to do with a revoked key, what stands in no stream of it first.

    Raises:
        NotAllowedInRoster: there is no such site.
    """
    with node.heart.reading():
        node.trust.entry(options.address)
        lines = [counting_line(one) for one in node.trust.to_review(options.address, HELD_MAX)]
    print("\n".join(lines) or "没有要核查的报文。")
    return 0


def held_line(held: HeldBack) -> str:
    """Return what the console says of an act held back, with the case it names where that can be read."""
    return _said(held.frame, "已剔除" if held.is_struck else "待处理")


def counting_line(one: Counting) -> str:
    """Return what the console says of an act to be looked through; see `held_line`."""
    beside = "有效·号段外·有作废钥匙的签名" if one.is_signed else "有效·号段外·只有站点报告"
    return _said(one.frame, beside if one.is_beside else "有效")


def _said(frame: Frame, state: str) -> str:
    src, _epoch, dst = frame.header.stream
    return f"{frame.act} {state} {src} → {dst} 第 {frame.header.seq} 号 {act_line(frame)}"


def _print_some(lines: Sequence[str], step: str) -> None:
    print("\n".join(f"  {line}" for line in lines[:_LISTED]))
    if len(lines) > _LISTED:
        print(f"  … 还有 {len(lines) - _LISTED} 份，见 {step}")


def _chosen(undecided: list[str], options: argparse.Namespace) -> list[str]:
    if bool(options.act) == bool(options.all):
        raise SomeOrAll(n=len(undecided))
    return list(options.act) or undecided


def in_service(node: Node, address: str) -> Entry:
    """Return the entry of another node, at the county.

    Raises:
        NotAllowedInRoster: there is none, it is the county's own, or retired.
    """
    entry = node.trust.entry(address)
    if address == node.me:
        raise NotAllowedInRoster(sentence="县级本站不能这样改。")
    check_in_use(entry)
    return entry
