"""A node whose data were put back on a computer without its key: what it is then, and what comes next."""

from __future__ import annotations

from common.node.node import Node
from common.node.profile import COUNTY
from common.node.refusals import NotEnrolledYet

STATE = "数据是恢复来的，这台电脑还没有本站的钥匙，不能办件和传送"
_JOIN = "请向上级站点要新的入网码，用 enrol join 登记；以前发出的内容，登记以后自动取回。"
# Above the county nobody gives out a code for it.
_BRING_KEYS = "请停止服务，把另存的 keys.json 放进数据文件夹，再执行一次 restore。"


def is_keyless(node: Node) -> bool:
    """Say whether this computer has the data of a node that has joined, without a key to speak for it."""
    identity = node.spool.identity()
    return identity is not None and bool(identity.epoch) and not node.has_joined()


def next_step(tier: str) -> str:
    """Return what is to be done about that, by the node's tier."""
    return _BRING_KEYS if tier == COUNTY else _JOIN


def not_enrolled(node: Node) -> NotEnrolledYet:
    """Return what is told to whoever wants something for which this computer must speak for its address."""
    if is_keyless(node):
        return NotEnrolledYet(f"{STATE}。{next_step(node.profile.tier)}")
    return NotEnrolledYet()
