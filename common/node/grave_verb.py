"""What `trust` does to the work of others is said first, and done once `--yes` is written."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from common.errors import LiandongError
from common.node.act_words import act_line
from common.node.held_acts import Counting, HeldBack
from common.node.node import Node
from common.node.profile import COUNTY
from common.node.reasons import reason_in
from common.node.trust import NotAllowedInRoster, NothingChosen
from common.web.words import local_time
from sync.protocol.entries import RETIRED, Entry
from sync.protocol.frame import Frame, StreamId
from sync.protocol.revocation import STOLEN, Line, Revocation

HELD_MAX = 1_000
_REFUSED = 2
_SEQ_DIGITS = 11
_SURE = "这一步不能撤回。确认后请加上 --yes 再执行一次。"
_ASKED = "确认后请加上 --yes 再执行一次。"
_PAST_CUT = "截止号以后的报文、没有列出的段，在各级一律暂扣，等放行或剔除。"
_NOT_THERE = "没有找到这样的报文：请核对 --act 的编号（held、review 列出）。"
_LISTED = 20


class SomeOrAll(LiandongError):
    """Acts were not named, and not all of them asked for; or both. Nothing was changed."""

    code = "E471"
    status = 400
    sentence = "请用 --act 写明报文编号（held、review 列出）；确实要处理全部 {n} 份的，写 --all。"


class BadCut(LiandongError):
    """A cut names no stream of the site, or no number. Nothing was changed."""

    code = "E472"
    status = 400
    sentence = "看不懂 --cut {cut}：应写“段=号”，段照不加 --yes 时列出的写，号填数字。"


class CutOfAnotherKey(LiandongError):
    """A cut names a stream that was not begun with a key which is to be revoked. Nothing was changed."""

    code = "E476"
    status = 400
    sentence = "--cut {cut}：这一段不是要作废的钥匙签的，不会截断；请去掉，或用 --only 写明它的钥匙。"


class CutPastEnd(LiandongError):
    """A cut lies above the last number of its stream. Nothing was changed."""

    code = "E482"
    status = 400
    sentence = "--cut {cut}：这一段只到第 {last} 号，请写 0 到 {last}；全部不认的写 0。"


def add_grave(made: argparse.ArgumentParser) -> None:
    """Add what the two steps take to the options of the verb."""
    made.add_argument(
        "--cut",
        action="append",
        default=[],
        metavar="段=号",
        help="revoke：这一段认到第几号，可写多次；不写就是县里知道的最后一号",
    )
    made.add_argument(
        "--yes",
        action="store_true",
        help="relieve、retire、revoke、release、strike：确认；不写则只说明会发生什么",
    )


def revoke_step(node: Node, options: argparse.Namespace) -> int:
    """Revoke keys of a node, cut where the options say; without --yes say only what would be done.

    Either way each stream of these keys is named with the place up to which it counts.

    Raises:
        NotAllowedInRoster: nothing to revoke there, or no such key.
        BadCut, CutOfAnotherKey, CutPastEnd: a cut that fits no stream of the site, none of these keys, or no
            number that its stream has.
    """
    with node.heart.reading():
        _in_service(node, options.address)
        entry = node.trust.with_key(options.address)
        keys = _keys(entry, options.only)
        lines = node.trust.lines(options.address)
        own = [line for line in lines if node.trust.key_of(line.stream) in keys]
    cut = dict(_cut(text, lines, own) for text in options.cut)
    if not options.yes:
        print(f"将作废{entry.name}（{entry.address}）的钥匙，原因：{_why(options.reason)}。")
        print("\n".join(f"  钥匙 {key}" for key in keys))
        print(
            f"{_PAST_CUT}各段认到第几号（改用 --cut '段=号'；逐号看：trust sent --address {entry.address}）："
        )
        places = {line.stream: cut.get(line.stream, line.upto) for line in own}
        print(_all_shown(node, own, places))
        print(_SURE)
        return _REFUSED
    with node.unit():
        node.trust.revoke(Revocation(options.address, options.reason, tuple(options.only), cut), "")
        entry = node.trust.entry(options.address)
        lines = node.trust.lines(options.address)
        own = [line for line in lines if node.trust.key_of(line.stream) in keys]
    print(f"钥匙已作废。{_PAST_CUT}各段认到第几号：")
    print(_all_shown(node, own, _cut_in(entry, keys)))
    print(f"请{'' if entry.good_keys else '给该站点重新发入网码，并'}查看暂扣的报文。")
    return 0


def retire_step(node: Node, options: argparse.Namespace) -> int:
    """Retire an address; without --yes say only what would be done.

    Raises:
        NotAllowedInRoster, NoReason: nothing was changed.
    """
    reason_in(options.why)
    with node.heart.reading():
        entry = _in_service(node, options.address)
    if not options.yes:
        print(f"将撤销{entry.name}（{entry.address}）：站点永久退出，代码不再使用，不再收新件。")
        print("只是换电脑的，请发新的入网码，不要撤销。它手里的办件请在“接管”页接管。")
        print(_SURE)
        return _REFUSED
    with node.unit():
        node.trust.retire(options.address, ("", node.clock.now_ms()), options.why)
    print("已撤销，这个站点代码不再使用。")
    return 0


def relieve_step(node: Node, options: argparse.Namespace) -> int:
    """Relieve a node of its work; without --yes say only what would be done.

    Raises:
        NotAllowedInRoster, NoReason: nothing was changed.
    """
    reason_in(options.why)
    with node.heart.reading():
        entry, below = _in_service(node, options.address), node.tree().children(options.address)
    if not options.yes:
        print(f"将停用{entry.name}（{entry.address}）：不再收新件，修好以后可以恢复。")
        sites = f"它下面的 {len(below)} 个站点改由再上一级联系。" if below else ""
        print(f"{sites}它手里的办件请在“接管”页接管。")
        print(_ASKED)
        return _REFUSED
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
    reason_in(options.why)
    with node.heart.reading():
        held = node.trust.held_back(HELD_MAX)
        chosen = _chosen([one.row.id for one in held if not one.is_struck], options)
        found = node.trust.to_strike(chosen)
    if found.struck and not is_release:
        chosen = [act for act in chosen if act not in found.struck]
        print(f"有 {len(found.struck)} 份原先已经剔除，没有再办。")
        if not chosen:
            return 0
    counting = () if is_release else found.counting
    if not options.yes:
        named = [one for one in held if one.row.id in set(chosen)]
        if not named and not counting and len(held) < HELD_MAX:
            raise NothingChosen(sentence=_NOT_THERE)
        if named or not counting:
            print(f"将{'放行' if is_release else '剔除'}暂扣的报文 {len(named)} 份：")
            _print_some([held_line(one) for one in named], "held")
        if counting:
            print(f"将剔除现在有效的报文 {len(counting)} 份，各级撤回，接在后面办的也跟着退回：")
            _print_some([counting_line(one) for one in counting], "review")
        what = "各级站点照办，当作有效" if is_release else "各级站点一律不办，报文仍留存备查；以后还可以放行"
        print(f"{what}。{_ASKED}")
        return _REFUSED
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


def _in_service(node: Node, address: str) -> Entry:
    entry = node.trust.entry(address)
    if node.profile.tier != COUNTY:
        raise NotAllowedInRoster(sentence="只有县级站点管名册。")
    if address == node.me:
        raise NotAllowedInRoster(sentence="县级本站不能这样改。")
    if entry.status == RETIRED:
        raise NotAllowedInRoster(sentence=f"{entry.name}已经撤销。")
    return entry


def _keys(entry: Entry, only: Sequence[str]) -> list[str]:
    good = [key.id for key in entry.good_keys]
    for key in only:
        if key not in good:
            raise NotAllowedInRoster(sentence=f"{entry.name}没有这把有效的钥匙：{key[:64]}")
    return [key for key in good if not only or key in only]


def _cut(text: str, lines: list[Line], own: list[Line]) -> tuple[StreamId, int]:
    name, _sep, place = text.rpartition("=")
    streams = {_name(line.stream): line for line in lines}
    is_number = place.isascii() and place.isdecimal() and len(place) <= _SEQ_DIGITS
    if name not in streams or not is_number:
        raise BadCut(cut=text[:200])
    if streams[name] not in own:
        raise CutOfAnotherKey(cut=text[:200])
    if int(place) > streams[name].upto:
        raise CutPastEnd(cut=text[:200], last=streams[name].upto)
    return streams[name].stream, int(place)


def _cut_in(entry: Entry, keys: Sequence[str]) -> dict[StreamId, int]:
    """Return where the roster cuts the streams of these keys; one it does not name is cut at 0."""
    revoked = [one["cut"] for one in entry.revoked if one["key"] in keys]
    return {StreamId(*name.split("|")): place for cut in revoked for name, place in cut.items()}


def _name(stream: StreamId) -> str:
    return "|".join(stream)


def _all_shown(node: Node, lines: list[Line], places: Mapping[StreamId, int]) -> str:
    return "\n".join(_shown(node, line, places.get(line.stream, 0)) for line in lines) or "  还没有报文"


def _shown(node: Node, line: Line, place: int) -> str:
    marks = [
        f"{node.place_name(mark.signer)} {local_time(mark.at)} 收到第 {mark.upto} 号"
        + ("（与县里的副本对不上）" if mark.is_off else "")
        for mark in line.marks
    ]
    unseen = "" if line.is_seen else "；县里没有这一段的副本，只凭对方的回执"
    to = node.place_name(line.stream.dst)
    return f"  {_name(line.stream)}={place}　发往{to}；{'；'.join(marks) or '没有回执'}{unseen}"


def _why(reason: str) -> str:
    return "被盗或泄露" if reason == STOLEN else "遗失或损坏"
