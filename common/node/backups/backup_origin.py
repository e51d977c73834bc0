"""What a node knows of the backup it was put back from, held against what it has heard since.

On a blank computer where nobody gives the root nothing is known but the backup itself. The sheet by which the
node joins again names the true one, and the roster says which of its keys are in wrong hands: only then a
false backup shows.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from common.days import local_day
from common.node.backups.last_backup import MADE, PUT_BACK
from common.node.checks.findings import BAD, GOOD, WARN, Finding
from common.people.rules.challenge import grouped
from common.store import audit
from sync.protocol.core import Core
from sync.protocol.trust.refusal import why_revoked
from sync.protocol.trust.revocation import NOT_OURS, STOLEN

if TYPE_CHECKING:
    from common.node.node import Node

# By the node's own key; by one that the roster in the backup names; by one that it does not; by none.
OWN, NAMED, UNCONFIRMED, UNSIGNED = "own", "named", "unconfirmed", "unsigned"
UNPROVEN = (UNCONFIRMED, UNSIGNED)
OTHER_ROOT = "other_root"
_EVER = 2**62
_SUBJECT = "恢复来源"
_FROM = "本站的数据恢复自 {day} 的备份，"
_ALONE = "由钥匙 {key} 签名，备份里的名册说它是本站的；网络指纹还没有核对，与登记单上的不一致就不要用：{root}"
_LOOK = "请核对帐号和设置，看有没有本站没有设过的。"


def reason_of(core: Core, address: str, key: str) -> str:
    """Return why a key was revoked, where that means that others have it; "" else."""
    why = why_revoked(core, address, key)
    return why.reason if why is not None and why.reason in (STOLEN, NOT_OURS) else ""


def doubt(node: Node) -> str:
    """Return what administrators are told on pages: OTHER_ROOT, or UNSIGNED until the next backup; "" mostly.

    It only reads, and waits for no unit.
    """
    said = _said(node)
    if _is_other(node, said):
        return OTHER_ROOT
    row = audit.newest(node.me, (MADE, PUT_BACK), _EVER)
    is_last = row is not None and row.action == PUT_BACK
    return UNSIGNED if is_last and said.get("proof") in UNPROVEN else ""


def finding(node: Node) -> list[Finding]:
    """Return what `doctor` says of it; nothing after a putting back by a program from before signed lists."""
    said = _said(node)
    if "proof" not in said:
        return []
    told, key = _FROM.format(day=local_day(said["made_at"])), said["key"]
    if _is_other(node, said):
        wrong = "它属于另一个网络（网络指纹不同），里面的帐号和设置不可信：请停止使用并立即报县管理员。"
        return [Finding(BAD, _SUBJECT, told + wrong)]
    if said["proof"] in UNPROVEN:
        return [Finding(WARN, _SUBJECT, f"{told}不能证明它没有被人改过：{_LOOK}")]
    if reason_of(node.peer.core, node.me, key):
        gone = f"给它签名的钥匙（编号 {key}）已经作废，可能在别人手里：{_LOOK}"
        return [Finding(WARN, _SUBJECT, told + gone)]
    if (root := said.get("root", "")) and not node.has_joined():
        # Until the node has joined again nobody but the backup itself has said which network that is.
        return [Finding(WARN, _SUBJECT, told + _ALONE.format(key=key, root=grouped(root)))]
    return [Finding(GOOD, _SUBJECT, f"{told}由本站的钥匙（编号 {key}）签名。")]


def _is_other(node: Node, said: dict[str, Any]) -> bool:
    return said.get("root", "") != "" and node.fingerprint() not in ("", said["root"])


def _said(node: Node) -> dict[str, Any]:
    row = audit.newest(node.me, (PUT_BACK,), _EVER)
    return dict(json.loads(row.detail)) if row is not None else {}
