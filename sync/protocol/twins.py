"""Two documents of one version: their author was put back from a copy and published the version anew.

Whoever holds one never takes the other in its place, and only the author can set it right: it publishes above
both, see `republish`. So whoever holds one and meets another keeps that beside it, and tells it to whoever
stands on the way to the author, as it tells what is in force; each on that way does the same. Of a third none
needs to tell: whichever of the two the author holds, by the other it hears that there are two.

A thief of the author's key can sign any number of them: one is kept beside each document in force, and it is
told of no more once a newer version is here.

So with what is passed over, being by a key that is gone: whoever took it before goes by it until its author
publishes above it, and the author may stand further on.
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

_TWIN, _PASSED_OVER = "twin document", "passed over"
# So much of what was passed over is kept, and told at once: twice what one document may have. Whoever has a
# revoked key makes as much as it likes, and on a thin line acts would wait behind that.
_PASSED_OVER_BYTES_MAX = 120_000


def is_twin(core: Core, held: Held | None, doc: ShelfDoc, giver: str) -> bool:
    """Say whether a document that `giver` tells is another text of the version in force, and is to be heeded.

    At its author always. Elsewhere, by a key that is not gone, the first one is; and any from a node on the
    way to the author: that node has not got what is in force here. By one that is gone it is if others go by
    it that would not take what is in force here.
    """
    if held is None or held.rank[0] != doc.version or held.statement.hash == doc.statement.hash:
        return False
    if doc.author == core.me:
        return True
    is_from_above = _is_on_way(core, doc.author, giver)
    if is_key_gone(core, doc.author, doc.statement.key_id):
        return not is_from_above and not is_key_gone(core, doc.author, held.statement.key_id)
    return is_from_above or _twin_of(core, held) is None


def note_twin(core: Core, held: Held, doc: ShelfDoc) -> None:
    """Note that the author of a document in force is to hear of it and of a twin: this one, if none is noted.

    Where one is, both are told once more.
    """
    twin = _twin_of(core, held) or doc
    core.spool.add_doc(twin.statement, twin.content)
    name = bytes.fromhex(twin.statement.hash)
    note_down(core, _TWIN, twin.slot, name, (twin.version, 0, 0))


def note_passed_over(core: Core, held: Held | None, doc: ShelfDoc) -> None:
    """Note a document that its author is to hear of: by a key that is gone, and not below the one in force.

    The highest of each slot in force is kept, of what may be here and go on from here, as far as there is
    room; who brings it from the author's side tells it there itself.
    """
    if held is None or held.rank[0] > doc.version or not doc.may_go_to(core.me, core.tree):
        return
    known = {one.key: one for one in core.spool.all_held(_PASSED_OVER)}
    former = known.pop(doc.slot, None)
    taken = sum(len(one.statement.payload) + len(one.content) for one in known.values())
    has_room = taken + len(doc.statement.payload) + len(doc.content) <= _PASSED_OVER_BYTES_MAX
    is_higher = former is None or former.rank[0] < doc.version
    if is_higher and has_room and not _is_on_way(core, doc.author, core.found.giver):
        rank, stamp = (doc.version, 0, 0), core.next_stamp()
        core.spool.put_held(Held(_PASSED_OVER, doc.slot, rank, doc.statement, doc.content, stamp))


def forget_twin(core: Core, slot: str, version: int) -> None:
    """A newer version has come into force: nobody has to hear of the former ones."""
    core.spool.drop_held(_TWIN, slot)
    passed_over = core.spool.held(_PASSED_OVER, slot)
    if passed_over is not None and passed_over.rank[0] < version:
        core.spool.drop_held(_PASSED_OVER, slot)


def twins_to_tell(core: Core, address: str, after: int) -> Iterator[Held]:
    """Yield both texts of what was noted here since a stamp, where its author is to hear of it by `address`.

    The one in force goes along though it was told before: what that node had of it may be lost to it. And
    what was passed over since.
    """
    for past in core.spool.all_held(_PASSED_OVER, after):
        if _is_on_way(core, past.key.split("|")[0], address):
            yield past._replace(statement=past.statement._replace(sort=signed.SHELF))
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
