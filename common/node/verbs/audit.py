"""The verb `audit`: the heads of all streams, a kept sheet against the records, the proof of one case."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common.casework.context import NODE_ACTOR
from common.casework.rules.number import normalise
from common.errors import LiandongError
from common.node import trail_mark
from common.node.node import Node
from common.node.profile import TierProfile
from common.node.sheet import AWAY, check_sheet, make_sheet, said, write_sheet
from common.node.verbs.proofs import package_path
from common.people.rules.challenge import grouped
from common.web.words import local_time
from sync.protocol.heads import BEFORE, PART

_EXIT_UNSOUND = 1
_WHY_MAX = 200
_TRAILS = {trail_mark.AUDIT: "操作记录", trail_mark.VIEWS: "查阅记录"}
_TO = "写出的文件，或者写到哪个文件夹，如U盘的；当前文件夹写一个点"
_WRITING = ("heads", "prove")
_WRONG = {"gone": "整路不见了", "shorter": "比当时短", "changed": "与当时不同"}


class AuditNeeds(LiandongError):
    """A step of the verb was not told what it is about."""

    code = "E442"
    status = 400
    sentence = "缺少参数：{what}。"


def add_audit(verb: Any, node_of: Callable[[TierProfile, argparse.Namespace], Node]) -> None:
    """Add the verb to a command line; `node_of` puts the node together that the options name."""

    def run(profile: TierProfile, options: argparse.Namespace) -> int:
        if options.to is not None and options.step not in _WRITING:
            made.error(f"--to 只用于 {' 和 '.join(_WRITING)}")
        if options.step == "heads" and options.what:
            made.error("heads 后面不写别的；要把存证页写成文件，用 --to")
        return _STEPS[options.step](node_of(profile, options), options)

    made = verb(
        "audit",
        run,
        "存证：heads 各路末尾和总校验码 · check 用存证页数据核对 · prove 写出一个办件的证明"
        " · accept 说明记录末尾为什么少了",
    )
    made.add_argument("step", nargs="?", default="heads", choices=sorted(_STEPS))
    check = "check：audit 文件夹里的文件，名字印在存证页上；不符或者无法核对的返回 1"
    made.add_argument("what", nargs="?", default="", help=f"{check}；prove：办件编号；accept：原因")
    made.add_argument("--to", type=Path, help=f"heads（把存证页写成文件）、prove：{_TO}")
    made.add_argument("--json", action="store_true", help="输出 JSON")


def _heads(node: Node, options: argparse.Namespace) -> int:
    sheet = make_sheet(node, node.clock.now_ms())
    path = write_sheet(sheet, options.to) if options.to is not None else None
    if options.json:
        written = {} if path is None else {"file": str(path)}
        print(json.dumps({**said(sheet), "lines": sheet["lines"], **written}, ensure_ascii=False))
        return 0
    fields = said(sheet)
    for src, epoch, dst, upto, head, end_upto, _ in sheet["lines"]:
        held = f"终点已签收到第 {end_upto} 份" if end_upto else "终点还没有签收"
        print(f"{src} → {dst}（{epoch}）共 {upto} 份，末尾 {head[:16]}；{held}")
    print(f"{fields['day']}　{node.site_name()}　{fields['streams']} 路 {fields['acts']} 份")
    print(f"总校验码　{grouped(fields['hash'])}")
    if path is not None:
        print(f"已写出：{path}，以后用 audit check 核对")
    return 0


def _check(node: Node, options: argparse.Namespace) -> int:
    if not options.what:
        raise AuditNeeds(what="存证页数据文件")
    fields, found, is_signed = check_sheet(node, Path(options.what))
    wrong = [(line, why) for line, why in found if why not in (AWAY, BEFORE, PART)]
    away = [line for line, why in found if why == AWAY]
    unseen = [line for line, why in found if why == BEFORE]
    part = [line for line, why in found if why == PART]
    if options.json:
        told = {"wrong": [[*line[:4], why] for line, why in wrong], "unseen": [line[:4] for line in unseen]}
        told |= {"part": [line[:4] for line in part], "away": [line[:4] for line in away]}
        facts = {**fields, "signed": int(is_signed), **told}
        print(json.dumps(facts, ensure_ascii=False))
    else:
        whose = node.place_name(str(fields["node"]))
        print(f"存证页　{whose}　{local_time(fields['at'])}，{fields['streams']} 路 {fields['acts']} 份")
        print(f"总校验码　{grouped(fields['hash'])}　请与纸上的核对")
        for line, why in wrong:
            print(f"✗ {line.src} → {line.dst}（{line.epoch}）第 {line.upto} 份：{_WRONG[why]}")
        if not is_signed:
            print("✗ 签名不对，或签名的站点不在名册里")
        for line in unseen:
            print(
                f"－ {line.src} → {line.dst}（{line.epoch}）第 {line.upto} 份：无法再核对，本站只留有之后的"
            )
        for line in part:
            print(
                f"－ {line.src} → {line.dst}（{line.epoch}）：前面的本站没有留，后面到第 {line.upto} 份没改动"
            )
        if away:
            print(f"－ 有 {len(away)} 路现在不经过本站，本站没有或者不全：要全部核对，请到{whose}核对。")
        bad = "核对不通过，请保存数据文件夹并报县管理员。"
        good = _good(int(fields["streams"]), len(unseen) + len(away), len(part))
        print(bad if wrong or not is_signed else good)
    # Of a sheet from before the first act nothing can be gone. Where all its places lie before what is kept
    # here something could be, and whoever asks by the exit code must not take that for looked at.
    is_unseen = bool(unseen or away) and len(unseen) + len(away) >= fields["streams"]
    return 0 if is_signed and not wrong and not is_unseen else _EXIT_UNSOUND


def _good(streams: int, unseen: int, part: int = 0) -> str:
    if not streams:
        return "签名没有问题。存这一页的时候本站还没有报文，没有要核对的；有了报文以后存的页才证明得了什么。"
    if part and not unseen:
        return f"核对通过：留有的记录没有改动；其中 {part} 路前面的本站没有留，请到留有全部记录的站点核对。"
    if not unseen:
        return "核对通过：当时的记录都在，一份不少，没有改动。"
    if unseen >= streams:
        return "没有核对成：本站没有留，或者只留有之后的记录，请到留有全部记录的站点核对。"
    return f"能核对的 {streams - unseen} 路没有改动；另有 {unseen} 路无法再核对，请到留有全部记录的站点核对。"


def _prove(node: Node, options: argparse.Namespace) -> int:
    if not options.what:
        raise AuditNeeds(what="办件编号")
    case = normalise(options.what)
    if options.to is None:
        raise AuditNeeds(what=f"--to（{_TO}）")
    path = package_path(options.to, case)
    with node.unit():
        collected = node.archive.prove(case, NODE_ACTOR, node.clock.now_ms())
    size = node.archive.write(collected, path)
    if options.json:
        print(json.dumps({"case": case, "file": str(path), "bytes": size, "root": node.fingerprint()}))
    else:
        print(f"已写出：{path}，{size} 字节")
        print(f"核验（不需要网络和本系统）：python3 tools/verify_package.py {path} {node.fingerprint()[:32]}")
    return 0


def _accept(node: Node, options: argparse.Namespace) -> int:
    why = " ".join(options.what.split())[:_WHY_MAX]
    if not why:
        raise AuditNeeds(what="末尾为什么少了")
    ended = trail_mark.accept(node, why)
    if options.json:
        print(json.dumps({"why": why, "ended": [{"trail": name, "upto": upto} for name, upto in ended]}))
    for name, upto in () if options.json else ended:
        was = f"{_TRAILS[name]}：曾记到第 {upto} 条" if upto else f"记着末尾的文件 {trail_mark.FILE} 读不出来"
        print(f"{was}，已写明原因并记入操作记录，以后从现有的末尾核对。")
    return 0


_STEPS: dict[str, Callable[[Node, argparse.Namespace], int]] = {
    "accept": _accept,
    "heads": _heads,
    "check": _check,
    "prove": _prove,
}
