"""`trust revoke`: whose keys, why, and up to where each stream counts, said first and done with `--yes`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from common.errors import LiandongError
from common.node.keyring.as_seen import Shown, account, lines_with, revoke_as_seen
from common.node.keyring.trust import NotAllowedInRoster
from common.node.keyring.vouched_keys import Name
from common.node.node import Node
from common.node.reasons import noted
from common.node.verbs.grave import REFUSED, SURE, in_service
from common.web.words import local_time
from sync.protocol.entries import Entry
from sync.protocol.frame import StreamId
from sync.protocol.trust.revocation import STOLEN, Line, Revocation

_SEQ_DIGITS = 11
_ANEW = (
    "上次列出的不再作数（名册有变动、钥匙不同、已过一天，或者是列给别人看的），"
    "什么也没有作废，请核对重新列出的："
)
_FALLING = (
    "只有这些钥匙担保、县里还没有确认的钥匙随之失效，那里的电脑各级都不再收：",
    "确是该站点自己的电脑，请先用 roster keys confirm 认下再作废，就不用重新入网。",
)
_FALLEN = "只有它担保、县里还没有确认的钥匙随之失效："
_PAST_CUT = "截止号以后的报文、没有列出的段，在各级一律暂扣，等放行或剔除。"


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


def revoke_step(node: Node, options: argparse.Namespace) -> int:
    """Revoke keys of a node, cut where the options say; without --yes say only what would be done.

    Either way each stream of these keys is named with the place up to which it counts. What was said is done:
    of what came only after it nothing counts. Where the site stands otherwise since, it is said anew instead.

    Raises:
        NotAllowedInRoster, NoReason: nothing to revoke there, or no such key; `--why` is too long.
        BadCut, CutOfAnotherKey, CutPastEnd: a cut that fits no stream of the site, none of these keys, or no
            number that its stream has.
    """
    noted(options.why)
    with node.heart.reading():
        in_service(node, options.address)
        entry = node.trust.with_key(options.address)
        keys = _keys(entry, options.only)
        lines = node.trust.lines(options.address)
        own = lines_with(node.trust, options.address, set(keys))
        falling = node.trust.vouched.falling(options.address, keys)
    cut, reason = dict(_cut(text, lines, own) for text in options.cut), options.reason or STOLEN
    known = {line.stream: line.upto for line in own}
    memory, now_ms = Shown(node.config.data_dir, entry, keys, account()), node.clock.now_ms()
    told = memory.recall(known, now_ms) if options.yes else None
    if told is not None:
        return _revoke(node, Revocation(options.address, reason, tuple(keys), {**told, **cut}), options.why)
    places = {**known, **cut}
    memory.keep(places, now_ms)
    if options.yes:
        print(_ANEW)
    print(f"将作废{entry.name}（{entry.address}）的钥匙，原因：{_why(reason)}。")
    print("\n".join(f"  钥匙 {key}" for key in keys))
    print(f"{_PAST_CUT}各段认到第几号（改用 --cut '段=号'；逐号看：trust sent --address {entry.address}）：")
    print(_all_shown(node, own, places))
    if falling:
        print("\n".join([_FALLING[0], *_falling_lines(node, falling), _FALLING[1]]))
    print(SURE)
    return REFUSED


def _revoke(node: Node, wanted: Revocation, why: str) -> int:
    with node.unit():
        fallen = node.trust.vouched.falling(wanted.address, wanted.keys)
        unseen = revoke_as_seen(node.trust, wanted, "", why)
        entry = node.trust.entry(wanted.address)
        own = lines_with(node.trust, wanted.address, set(wanted.keys))
    print(f"钥匙已作废。{_PAST_CUT}各段认到第几号：")
    print(_all_shown(node, own, _cut_in(entry, wanted.keys)))
    if unseen:
        print(f"核对以后新出现的 {len(unseen)} 段您没有看过，全部暂扣。")
    if fallen:
        print("\n".join([_FALLEN, *_falling_lines(node, fallen)]))
    print(f"请{'' if entry.good_keys else '给该站点重新发入网码，并'}查看暂扣的报文。")
    return 0


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


def _falling_lines(node: Node, names: Sequence[Name]) -> list[str]:
    return [f"  {node.place_name(address)}（{address}） {key}：要发新的入网码" for address, key in names]


def _why(reason: str) -> str:
    return "被盗或泄露" if reason == STOLEN else "遗失或损坏"
