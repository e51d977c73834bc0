"""What is said of an act that somebody names to be decided on, and that is not held back, or no more."""

from __future__ import annotations

from collections.abc import Sequence

from common.node.keyring.trust import NothingChosen
from common.node.node import Node
from common.store import audit
from common.web.words import local_time
from sync.protocol.acts.quarantine import RELEASED, STRUCK
from sync.protocol.verdicts import verdict_on

_DONE = {RELEASED: "放行", STRUCK: "剔除"}
_UNCHANGED = "什么也没有改动。"


def leave_out(node: Node, chosen: Sequence[str], still_open: Sequence[str]) -> list[str]:
    """Return which of the acts chosen can be decided on, and say of the others why not; none: all are done.

    Needs an open reading.

    Raises:
        NothingChosen: none can, and not all of them are decided on already; nothing was changed.
    """
    closed = {act: verdict_on(node.peer.core, act) for act in chosen if act not in still_open}
    lines = [_why(act, verdict) for act, verdict in closed.items()]
    if not still_open:
        if not closed or not all(closed.values()):
            raise NothingChosen(sentence="\n".join([*(lines or ["没有暂扣的报文。"]), _UNCHANGED]))
        lines.append(_UNCHANGED)
    for line in lines:
        print(line)
    return [act for act in dict.fromkeys(chosen) if act in still_open]


def _why(act: str, verdict: str) -> str:
    if not verdict:
        return f"没有编号为 {act} 的暂扣报文：请用 trust held 列出，编号要写全。"
    rows = [row for row in audit.rows(act) if row.action == verdict]
    # Of what a backup has lost nobody knows who said it.
    when = f"（{local_time(rows[-1].at)}，{rows[-1].actor or '县级控制台'}）" if rows else ""
    return f"{act} 已经{_DONE[verdict]}过{when}，没有再办。"
