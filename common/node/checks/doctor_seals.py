"""What `doctor` says of a node's seals: its certificates, the process that sets them, its log of sealings."""

from __future__ import annotations

from datetime import date, timedelta

from common import pki
from common.days import local_date
from common.node.checks.findings import BAD, GOOD, WARN, Finding
from common.node.node import Node
from common.seal import authority
from common.seal.errors import ListDamaged, NoRoot, NoSealKey, SealKeysDamaged, SealLogBroken
from common.seal.keys import FOLDER, SealKeys
from common.seal.log import SealLog
from common.seal.rules.revoked import Reason

# A township's request and its answer may both go by stick.
_ENDS_SOON = timedelta(days=90)
_SUBJECT = "印章"
# A program of before took blanks around a name for a part of it.
_NOT_FOUND = "“{organ}”的印章放错了位置，盖不了章：请重新制发（县级 seal issue，乡镇 seal request）。"


def seals(node: Node) -> list[Finding]:
    """Return what is to be said of the seals; nothing where the node has none."""
    folder = node.config.path(FOLDER)
    keys = SealKeys(folder)
    try:
        organs = keys.organs()
        if not organs:
            return []
        ends = _ends(keys, [authority.organ_of(one) for one in organs])
        again = [organ for organ, end in ends if not end]
        ends.append(("县级根证书", pki.ends_on(keys.root())))
    except ListDamaged as problem:
        return [Finding(BAD, _SUBJECT, problem.sentence)]
    except NoSealKey as problem:
        return [Finding(BAD, _SUBJECT, f"{problem.told(_NOT_FOUND)}")]
    except (SealKeysDamaged, NoRoot) as problem:
        return [Finding(BAD, _SUBJECT, f"{problem.told(problem.sentence)}请从备份恢复 {folder}。")]
    days = [(name, date.fromisoformat(end)) for name, end in ends if end]
    told = _revoked(again) if again else _in_time(days, local_date(node.clock.now_ms()))
    return [told, _running(node), _log(node)]


def _ends(keys: SealKeys, organs: list[str]) -> list[tuple[str, str]]:
    """Return until when each seal counts, "" for one that was revoked; those of organs that are no more are
    left out, for nothing is to be done about them."""
    found = []
    for organ in organs:
        revoked = keys.revoked(organ)
        if revoked is None:
            found.append((organ, pki.ends_on(keys.seal_of(organ).certificate)))
        elif revoked.reason is not Reason.CEASED:
            found.append((organ, ""))
    return found


def _revoked(organs: list[str]) -> Finding:
    return Finding(
        BAD,
        _SUBJECT,
        f"已作废：{'、'.join(organs)}，盖章会被拒绝。换发：乡镇 seal request，县级 seal issue。",
    )


def _in_time(ends: list[tuple[str, date]], today: date) -> Finding:
    over = [f"{name}（{day}）" for name, day in ends if day < today]
    soon = [f"{name}（{day}）" for name, day in ends if today <= day < today + _ENDS_SOON]
    if over:
        return Finding(BAD, _SUBJECT, f"证书已到期：{'、'.join(over)}，盖章会被拒绝，请联系县管理员换发。")
    if soon:
        return Finding(WARN, _SUBJECT, f"证书快到期：{'、'.join(soon)}，请尽快换发。")
    return Finding(GOOD, _SUBJECT, f"{len(ends) - 1} 枚，证书都在有效期内。")


def _running(node: Node) -> Finding:
    if node.seals.is_running():
        return Finding(GOOD, "印章程序", "在运行。")
    return Finding(
        WARN, "印章程序", "没有应答，现在不能盖章；请启动本站服务，或安装 requirements/seal.lock。"
    )


def _log(node: Node) -> Finding:
    try:
        lines = SealLog(node.config.path(FOLDER)).lines()
    except SealLogBroken as problem:
        return Finding(BAD, "用印记录", problem.told(problem.sentence + problem.advice))
    return Finding(GOOD, "用印记录", f"{len(lines)} 条，前后相连。")
