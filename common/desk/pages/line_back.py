"""How it stands with the fetching back that a node begins which was put back from an older copy (S128)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from flask_babel import gettext as _

from common.casework.unsure import counted_since
from common.desk.pages import shown
from sync.protocol import signed
from sync.protocol.entries import RELIEVED, read_entry
from sync.protocol.own.returned import is_all_back, is_undecided
from sync.protocol.rotation import REASON as ROTATED
from sync.protocol.spool import GAP
from sync.protocol.streams import read_epoch

PUT_BACK = "S128"
# How such a note ends that was made before the node could begin anew: only what was said since counts.
_NO_KEY = "no key to go on with"
NEW_ABOVE = (
    "以前的上级手里有的都已回到本站；%(site)s现在是本站的上级，恢复以后还没有联系过。"
    "备份以后、恢复以前要是已经归它管，那时送给它的只有它有：要等与它联系上一次，或者交换一次U盘数据包。"
)


class Back(NamedTuple):
    """What is said, and the colour of its light."""

    words: str
    light: str


class Fetching(NamedTuple):
    """Since when (UTC ms) it is fetched back, from whom it still waits, and whether all is back.

    `new_above` is the one it waits for where that stands above since, and who stood there has given back all
    it has; "" where that is not so.
    """

    at: int
    waits: list[str]
    is_all: bool
    new_above: str = ""


def fetching(node: Any, notes: Iterable[Any]) -> Fetching | None:
    """Return whether all is back that this node had sent; None when it was not put back lately.

    It only reads. The node above counts and those directly below that were ever met: others hold nothing
    these have not, but where one of these was put back, too; see `_beyond`.
    """
    note = next((note for note in notes if note.code == PUT_BACK and note.address == node.me), None)
    asked = [] if note is None else _asked(node)
    if note is None or not asked:
        return None
    since = note.at_ms if note.detail.endswith(_NO_KEY) else 0
    waited = [address for address in asked if not is_all_back(node.spool, node.me, address, since)]
    waited += _beyond(node, asked, counted_since(note.at_ms))
    is_open = is_undecided(node.spool, node.me) or any(src == node.me for src, *_rest in node.aside(GAP))
    new_above = "" if is_open else _new_above(node, waited, since)
    return Fetching(note.at_ms, waited, not (waited or is_open), new_above)


def back_said(node: Any, notes: Iterable[Any]) -> Back | None:
    """Return what the line page says of it; None when this node was not put back lately.

    That all is back is told while the note of it is among the newest ones; that something is not, always.
    """
    found = fetching(node, node.notes(1, PUT_BACK))
    is_new = any(note.code == PUT_BACK for note in notes)
    if found is None or (found.is_all and not is_new):
        return None
    if found.new_above:
        return Back(str(_(NEW_ABOVE, site=shown.place_words(found.new_above))), "warn")
    if found.waits:
        sites = "、".join(shown.place_words(address) for address in found.waits)
        return Back(str(_("还在取回，等：%(sites)s。", sites=sites)), "warn")
    if not found.is_all:
        return Back(str(_("还在取回，等前面的报文或终点的回执。")), "warn")
    return Back(str(_("已经取齐：邻站有的本站报文都已回到本站，两边一致。")), "good")


def _beyond(node: Any, asked: list[str], since_ms: int) -> list[str]:
    """Return who stands behind a neighbour that was put back, too, and was not heard since.

    That neighbour tells all it holds, and does not know what it has lost: own acts may be at those alone. Of
    one that has spoken since, it has what that holds, or says by its vector that it comes.
    """
    tree, spool = node.tree(), node.spool
    anew = [held for held in spool.all_held(signed.EPOCH) if read_epoch(held.statement).reason != ROTATED]
    own = max((held.stamp for held in anew if held.key.startswith(f"{node.me}|")), default=0)
    later = {held.key.partition("|")[0] for held in anew if held.stamp > own}
    behind: set[str] = set()
    for one in later.intersection(asked):
        behind.update(tree.up(one)[1:2] if one == tree.parent(node.me) else tree.children(one))
    near = node.casework.ctx.neighbours
    return sorted(one for one in behind if not near.is_relieved(one) and 0 < near.heard_at(one) < since_ms)


def _new_above(node: Any, waited: list[str], since_ms: int) -> str:
    """Return the node above where it alone is waited for, was never met, and all former ones gave all back.

    It is waited for all the same: a node put back to before it was moved looks like one that is moved now,
    and what it sent upward in that lost time is at the new one alone.
    """
    above = node.tree().parent(node.me)
    near = node.casework.ctx.neighbours
    if waited != [above] or near.spoke_at(above):
        return ""
    former = near.stood_above(node.me) - {above}
    is_back = bool(former) and all(is_all_back(node.spool, node.me, one, since_ms) for one in former)
    return above if is_back else ""


def _asked(node: Any) -> list[str]:
    tree = node.tree()
    met = [child for child in tree.children(node.me) if _is_met(node, child)]
    return [*tree.up(node.me)[1:2], *met]


def _is_met(node: Any, address: str) -> bool:
    held = node.spool.held(signed.ENTRY, address)
    if held is not None and read_entry(held.statement).status == RELIEVED:
        return False
    neighbour = node.spool.neighbour(address)
    return neighbour is not None and neighbour.contact_at > 0
