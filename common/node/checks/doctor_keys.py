"""What `doctor` says of keys: by which numbers the county tells them, and which lie where they should not."""

from __future__ import annotations

import stat

from common.node.checks.findings import BAD, GOOD, WARN, Finding
from common.node.keyring.keys import FILE, ROOT
from common.node.node import Node
from sync.protocol.trust.refusal import why_revoked
from sync.protocol.trust.revocation import NOT_OURS, STOLEN

_SUBJECT = "钥匙文件"
_FORMER = "以前用的"
_REVOKED = {STOLEN: "已作废的（被盗或泄露）", NOT_OURS: "县级判定不是本站的"}
_LOST = "已作废的（遗失或损坏）"


def keys(node: Node) -> list[Finding]:
    """Return what is said of the key file, and of a root key that still lies in it."""
    return [_file(node), *_root(node)]


def _file(node: Node) -> Finding:
    path = node.config.path(FILE)
    if not path.exists():
        return Finding(BAD, _SUBJECT, "缺失，本站不能签名，请用新的入网码重新登记。")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding(BAD, _SUBJECT, f"其他用户可以读取，请执行：chmod 600 {path}")
    return Finding(GOOD, _SUBJECT, f"在，且只有本程序能读。{_numbers(node)}")


def _numbers(node: Node) -> str:
    """Say by which numbers people at the county can tell that a key is this node's, those not in use too."""
    identity, core = node.spool.identity(), node.peer.core
    record = core.epoch(identity.address, identity.epoch) if identity is not None else None
    if record is None:
        return ""
    others = dict[str, list[str]]()
    for key in core.means.keys:
        if key != record.key_id:
            others.setdefault(_standing(node, key), []).append(key)
    if record.key_id not in core.means.keys:
        # With data that were put back alone it has one of its own, by which the county is to know it.
        here = "、".join(core.means.keys)
        return f"本站用过的钥匙（编号 {record.key_id}）不在这台电脑上；这台电脑上的是 {here}。"
    standing = _standing(node, record.key_id)
    own = f"本站钥匙编号 {record.key_id}{'' if standing == _FORMER else f'，{standing}'}。"
    return own + "".join(f"{words}：{'、'.join(found)}。" for words, found in others.items())


def _standing(node: Node, key: str) -> str:
    """Return how a key that is not in use stands, as far as this node was told."""
    why = why_revoked(node.peer.core, node.me, key)
    return _FORMER if why is None else _REVOKED.get(why.reason, _LOST)


def _root(node: Node) -> list[Finding]:
    """A practice network has nothing to guard: there it may stay."""
    if node.keys.special(ROOT) is None or node.config.practice:
        return []
    folder = node.config.data_dir
    told = (
        "还在本机的钥匙文件里，拿到这台电脑的人能冒充县级改名册：请插上U盘执行 "
        f"trust root export --data {folder} --out U盘上的文件，移出本机，封好分处保管。"
    )
    return [Finding(WARN, "根钥匙", told)]
