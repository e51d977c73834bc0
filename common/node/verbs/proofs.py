"""The verbs of proofs: `verify-claim`, `package` and `verify-package`. None needs a line."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from itertools import chain, count
from pathlib import Path
from typing import Any

from common.archive.findings import Findings, reason_in_words
from common.archive.known import Known
from common.archive.verify import check_package
from common.casework.context import NODE_ACTOR
from common.casework.rules.labels import label
from common.casework.rules.number import normalise
from common.config import CONFIG_FILE
from common.errors import LiandongError
from common.node.node import Node
from common.node.profile import TierProfile
from common.proofs.rules.claim import KIND_NAMES, Claim
from common.proofs.rules.verdict import sentence_of
from common.proofs.service import notes_of
from common.web.words import local_time
from sync.protocol.signing import RealSuite
from sync.protocol.typed import plain

_EXIT_UNSOUND = 1
_GOOD_LIGHT = "good"
_FINGERPRINT = re.compile(r"[0-9a-f]{32,64}")
_TO = "归档包写到哪个文件夹，如U盘的，或者写出的文件；当前文件夹写一个点"
_GOOD = "核验通过：全部签名、链条、材料和办理经过相符。"
_GOOD_SO_FAR = "核验通过：签名、链条和材料相符。正文不全，办理经过没法重演，办到哪一步只是打包站点写的。"
_Opener = Callable[[TierProfile, argparse.Namespace], Node]
_Needed = Callable[[argparse.Namespace, str, str], Any]


class RootNotNamed(LiandongError):
    """There is no node in the folder whose network's root could be checked against, and none was named."""

    code = "E419"
    status = 400
    sentence = "这里没有站点，请写明网络指纹：--root 网络指纹（至少前 32 位，登记单上有）。"


def add_proofs(verb: Any, node_of: _Opener, needed: _Needed) -> None:
    """Add the verbs to a command line.

    Args:
        node_of: puts the node together that the options name.
        needed: returns an option, and refuses where it was left out.
    """

    def verify_claim(profile: TierProfile, options: argparse.Namespace) -> int:
        return _verify_claim(node_of(profile, options), options)

    made = verb("verify-claim", verify_claim, "核验凭证上的二维码（不需要网络）")
    made.add_argument("text", help="二维码的内容：整个网址，或 # 后面的部分")
    made.add_argument("--json", action="store_true", help="输出 JSON")
    _add_archive(verb, node_of, needed)


def _add_archive(verb: Any, node_of: _Opener, needed: _Needed) -> None:
    def package(profile: TierProfile, options: argparse.Namespace) -> None:
        # A package has all there is of a case: it lies where somebody has said, and nowhere by chance.
        needed(options, "to", f"--to（{_TO}）")
        _package(node_of(profile, options), options)

    def verify_package(profile: TierProfile, options: argparse.Namespace) -> int:
        if not options.root and not (options.data / CONFIG_FILE).is_file():
            raise RootNotNamed
        node = None if options.root else node_of(profile, options)
        return _verify_package(options, node)

    made = verb("package", package, "把一个已办结的办件打成归档包")
    made.add_argument("case", help="办件编号")
    made.add_argument("--to", type=Path, help=_TO)
    made = verb("verify-package", verify_package, "核验归档包（不需要网络）")
    made.add_argument("file", type=Path)
    made.add_argument("--root", type=fingerprint, help="网络指纹（至少前 32 位）；没有站点时必须写")
    made.add_argument("--json", action="store_true", help="输出 JSON")


def fingerprint(text: str) -> str:
    """Return a network's fingerprint as typed, or its beginning; argparse tells of anything else."""
    typed = plain(text).lower()
    if not _FINGERPRINT.fullmatch(typed):
        raise argparse.ArgumentTypeError("网络指纹是 32 到 64 位十六进制数字")
    return typed


def _package(node: Node, options: argparse.Namespace) -> None:
    case = normalise(options.case)
    path = package_path(options.to, case)
    with node.unit():
        collected = node.archive.collect(case, NODE_ACTOR, node.clock.now_ms())
    size = node.archive.write(collected, path)
    print(f"已打包：{path.absolute()}，{size} 字节")


def package_path(to: Path, case: str) -> Path:
    """Return where the package of a case is written: the file that is named; in a folder, one not there yet.

    An earlier package, or that of another node on the same stick, proves what stood there and then.
    """
    if not to.is_dir():
        return to
    names = chain([case], (f"{case}-{number}" for number in count(2)))
    return next(path for name in names if not (path := to / f"{name}.zip").exists())


def _verify_package(options: argparse.Namespace, node: Node | None) -> int:
    root = node.fingerprint() if node is not None else options.root
    known = Known(node.proofs.trust.roster(), node.archive.core) if node is not None else None
    found = check_package(options.file, root, RealSuite(), known)
    if options.json:
        print(json.dumps(asdict(found), ensure_ascii=False))
    else:
        print(f"办件 {found.case}（{label(found.state)}），由 {found.node} 打包")
        if found.practice:
            print("这是演练站点的归档包：人和件都是编的，没有效力")
        print(f"报文 {found.frames} 份，其中终点已回执 {found.end_stored} 份；材料 {found.papers} 份")
        if found.vouched:
            print(f"其中 {found.vouched} 份由上级站点担保的站点签名，县级名册还没有确认")
        if found.purged:
            print(f"按规定已删除的正文 {found.purged} 份：能证明曾经有过，不能再读")
        if not found.documents:
            print("没有附事项文本：这个事项该由哪一级决定，这里没法核对")
        for name in found.heavy:
            print(f"{name} 展开后大得不正常，打开会让电脑卡死，请不要打开")
        print("".join(f"{line}\n" for line in _ruled(found)), end="")
        print("\n".join(found.problems) or (_GOOD if found.retold else _GOOD_SO_FAR))
    return _EXIT_UNSOUND if found.problems else 0


def _ruled(found: Findings) -> list[str]:
    """Return what the county decided on steps by a revoked key; for auditors from outside in English too."""
    told = [
        (one, "由已作废的钥匙签名，县级已放行", "by a revoked key, released by the county")
        for one in found.released
    ]
    gone = [
        (one, "是本办件的，县级已剔除，不在包里", "a step struck out by the county, not in here")
        for one in found.struck
    ]
    return [
        f"报文 {one.act} {what}：{local_time(one.at)}，{reason_in_words(one)} / {english}"
        for one, what, english in (*told, *gone)
    ]


def _verify_claim(node: Node, options: argparse.Namespace) -> int:
    checked = node.proofs.check(options.text)
    light, headline, meaning = sentence_of(checked.verdict, checked.on_file)
    if options.json:
        said = asdict(checked.claim) if checked.claim else {}
        facts = {"verdict": checked.verdict, "on_file": checked.on_file, "site": checked.site, "claim": said}
        print(json.dumps(facts, ensure_ascii=False))
    else:
        lines = [f"{headline}。{meaning}", *_lines(checked.claim, checked.site)]
        print("\n".join([*lines, *notes_of(checked)]))
    return 0 if light == _GOOD_LIGHT else _EXIT_UNSOUND


def _lines(claim: Claim | None, site: str) -> list[str]:
    if claim is None:
        return []
    return [
        f"凭证　　　{KIND_NAMES.get(claim.kind, claim.kind)}",
        f"办件编号　{claim.number}",
        f"事项　　　{claim.name}（{claim.item}）",
        f"申请人　　{claim.who} {claim.tail}".rstrip(),
        f"收件时间　{local_time(claim.filed)}",
        f"开具时间　{local_time(claim.at)}",
        f"当时办到　{label(claim.stage)}",
        *([f"办理期限　{claim.due}"] if claim.due else []),
        f"签发站点　{site}（{claim.node}）",
    ]
