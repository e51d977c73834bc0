"""Two documents of one version: their author was put back from a copy and published the version anew.

Whoever holds one never takes the other in its place, and only the author can set it right: it publishes above
both, see `republish`. So whoever holds one and meets another keeps that beside it, and tells it to whoever
stands on the way to the author, as it tells what is in force; each on that way does the same. Of a third none
needs to tell: whichever of the two the author holds, by the other it hears that there are two.

A thief of the author's key can sign any number of them: one is kept beside each document in force, and it is
told of no more once a newer version is here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sync.protocol import signed
from sync.protocol.errors import BadRoster
from sync.protocol.memos import note_down
from sync.protocol.rotation import is_key_gone
from sync.protocol.shelf import ShelfDoc, read_doc
from sync.protocol.spool import Held

if TYPE_CHECKING:
    from sync.protocol.core import Core

_TWIN = "twin document"


def is_twin(core: Core, held: Held | None, doc: ShelfDoc, giver: str) -> bool:
    """Say whether a document that `giver` tells is another text of the version in force, and is to be heeded.

    At its author always. Elsewhere, by a key that is not gone, the first one is; and any from a node on the
    way to the author: that node has not got what is in force here.
    """
    if held is None or held.rank[0] != doc.version or held.statement.hash == doc.statement.hash:
        return False
    if doc.author == core.me:
        return True
    is_news = _is_on_way(core, doc.author, giver) or _twin_of(core, held) is None
    return is_news and not is_key_gone(core, doc.author, doc.statement.key_id)


def note_twin(core: Core, held: Held, doc: ShelfDoc) -> None:
    """Note that the author of a document in force is to hear of it and of a twin: this one, if none is noted.

    Where one is, both are told once more.
    """
    twin = _twin_of(core, held) or doc
    core.spool.add_doc(twin.statement, twin.content)
    name = bytes.fromhex(twin.statement.hash)
    note_down(core, _TWIN, twin.slot, name, (twin.version, 0, 0))


def forget_twin(core: Core, slot: str) -> None:
    """A newer version has come into force: nobody has to hear of the former ones."""
    core.spool.drop_held(_TWIN, slot)


def twins_to_tell(core: Core, address: str, after: int) -> Iterator[Held]:
    """Yield both texts of what was noted here since a stamp, where its author is to hear of it by `address`.

    The one in force goes along though it was told before: what that node had of it may be lost to it.
    """
    for memo in core.spool.all_held(_TWIN, after):
        held = core.spool.held(signed.SHELF, memo.key)
        if held is None or not _is_on_way(core, memo.key.split("|")[0], address):
            continue
        twin = _twin_of(core, held)
        if twin is not None:
            yield held
            yield held._replace(rank=memo.rank, statement=twin.statement, content=twin.content)


def _is_on_way(core: Core, author: str, address: str) -> bool:
    return core.tree.holds(core.me, author, address)


def _twin_of(core: Core, held: Held) -> ShelfDoc | None:
    """Return what is noted beside a document in force, as long as others would believe it."""
    memo = core.spool.held(_TWIN, held.key)
    found = core.spool.doc(memo.content.hex()) if memo is not None and memo.rank[0] == held.rank[0] else None
    if found is None:
        return None
    try:
        doc = read_doc(*found)
    except BadRoster:
        # The disk has damaged it; `verify` names it.
        return None
    is_good = core.roster.good_key(doc.author, doc.statement.key_id) is not None
    return doc if is_good and doc.statement.hash != held.statement.hash else None
