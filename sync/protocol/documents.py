"""Shelf documents by the hash of their statement: every version is kept, and fetched when an act names it.

At the first contact of two nodes each names what it holds, so that what both
had from elsewhere (a bundle, another way) does not travel once more.

What parked acts wait for is what is wanted: so a want survives a restart, ends
with the wait, and needs no list of its own.
"""

from __future__ import annotations

from collections.abc import Collection

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.exchange import Head
from sync.protocol.frame import is_hash
from sync.protocol.items import doc_name, encode_have_docs
from sync.protocol.records import Item
from sync.protocol.shelf import ShelfDoc, read_doc
from sync.protocol.spool import Held, Neighbour
from sync.protocol.twins import forget_twin, twins_to_tell
from sync.protocol.wants import WANTS_MAX, WANTS_READ, some_of_each

DOC = "doc:"
# More than any county publishes: a neighbour that names others must not fill the memory.
HAVE_DOCS_MAX = 5_000
# For so many exchanges documents are held back from whoever was heard before the start; see `may_be_in_vain`.
HELD_BACK_MAX = 3
# Names are 16 bytes that do not shrink: an item of so many takes half a record.
_NAMES_AN_ITEM = 500


def keep_newest(core: Core, doc: ShelfDoc) -> None:
    """Keep a document as the one in force, of which neighbours will be told, and for ever by its hash."""
    former = core.spool.held(signed.SHELF, doc.slot)
    since = former.stamp if former is not None and former.statement.hash == doc.prev else 0
    core.keep(doc.statement, doc.slot, (doc.version, since, 0), doc.content)
    core.spool.add_doc(doc.statement, doc.content)
    forget_twin(core, doc.slot, doc.version)


def keep_former(core: Core, doc: ShelfDoc) -> None:
    """Keep a document by its hash alone: the one in force stays, and nobody is told."""
    core.spool.add_doc(doc.statement, doc.content)


def is_wanted(core: Core, name: str) -> bool:
    """Say whether an act is parked for the document of this statement hash and it is not here."""
    return bool(core.spool.parked([DOC + name])) and not core.spool.known_docs([name])


def docs_wanted(core: Core, neighbour: Neighbour) -> list[str]:
    """Return some of the documents wanted, others each time: what nobody has must not block the rest.

    Nor must who names a great many that never were: of each whose acts wait an equal part goes.
    """
    by_author = core.spool.parked_for_by_author(DOC, WANTS_READ)
    groups = [[name for key in keys if is_hash(name := key.removeprefix(DOC))] for keys in by_author]
    names = {name for group in groups for name in group}
    lacking = names - core.spool.known_docs(names) if names else names
    found = [[name for name in group if name in lacking] for group in groups]
    return some_of_each([group for group in found if group], neighbour.mine, WANTS_MAX)


def docs_to_send(core: Core, neighbour: Neighbour, bytes_max: int) -> list[ShelfDoc]:
    """Return documents the neighbour asked for and may read, about `bytes_max` of content, at least one.

    Each time another one comes first: one that is never taken must not stand before the rest.
    """
    asked = neighbour.wanted_docs
    start = neighbour.mine % len(asked) if asked else 0
    chosen: list[ShelfDoc] = []
    left = bytes_max
    for name in (*asked[start:], *asked[:start]):
        found = core.spool.doc(name)
        doc = read_doc(*found) if found else None
        if doc is None or not doc.may_go_to(neighbour.address, core.tree):
            continue
        left -= len(doc.content)
        if chosen and left < 0:
            break
        chosen.append(doc)
    return chosen


def docs_due(core: Core, neighbour: Neighbour) -> list[Held]:
    """Return the documents in force that a neighbour may read and is not known to hold.

    And, whatever it holds, two texts of one version of which their author is to hear by it.
    """
    address, after = neighbour.address, neighbour.acked_stamp
    new = [held for held in core.spool.all_held(signed.SHELF, after) if not core.givers.has(neighbour, held)]
    due = {held.statement.hash: held for held in (*new, *twins_to_tell(core, address, after))}
    return [held for held in due.values() if _may_go(core, held, address)]


def may_be_in_vain(core: Core, neighbour: Neighbour) -> bool:
    """Say whether documents due had better wait until a neighbour has said which ones it holds.

    An exchange without them must not count as covering them. Who was heard
    once may be held back from a few times only: a node that is started anew
    for every exchange sends them all the same.
    """
    if neighbour.acked_stamp or core.givers.knows(neighbour.address):
        return False
    held_back = sum(1 for stamp in neighbour.sent.values() if not stamp)
    return not neighbour.counter or held_back < HELD_BACK_MAX


def docs_owed(core: Core, neighbour: Neighbour) -> list[str]:
    """Return the statement hashes of what was held back, now that the neighbour was heard and lacks it."""
    if neighbour.acked_stamp or not core.givers.knows(neighbour.address):
        return []
    return sorted(held.statement.hash for held in docs_due(core, neighbour))


def docs_named(core: Core, neighbour: Neighbour) -> list[Item]:
    """Return the items that tell a neighbour which documents in force it need not send.

    Said at first contact, to whoever offers all it has, and with the word that all
    is needed; else nothing, for what is new goes one by one. Of more than
    `HAVE_DOCS_MAX` the rest is not named, and comes.
    """
    is_settled = neighbour.acked_stamp and not neighbour.ask_full
    if is_settled and not core.givers.offers_all(neighbour.address):
        return []
    found = core.spool.all_held(signed.SHELF)
    names = [doc_name(h.statement.hash) for h in found if _may_go(core, h, neighbour.address)][:HAVE_DOCS_MAX]
    starts = range(0, max(len(names), 1), _NAMES_AN_ITEM)
    return [encode_have_docs(names[i : i + _NAMES_AN_ITEM]) for i in starts]


def note_giver(core: Core, head: Head, rank: tuple[int, int], doc: ShelfDoc) -> None:
    """Remember that a sender has a document; what comes late says nothing of what it has by now."""
    neighbour = core.neighbour(head.sender)
    heard = (neighbour.era, neighbour.counter)
    if rank > heard:
        core.givers.comes(head.sender, doc.slot, doc.statement.hash, head.counter)
    elif rank == heard and head.instance == neighbour.instance:
        # It was asked for, and stands after the end of the state; or the same exchange comes again.
        core.givers.gave(neighbour, doc.slot, doc.statement.hash)


def learn_docs(core: Core, neighbour: Neighbour, names: Collection[str] | None, full: int) -> None:
    """Learn from a neighbour's newest state which documents it holds.

    Args:
        names: all it has of ours, or None when it said nothing of that.
        full: as its HELLO said.
    """
    core.givers.heard(neighbour.address, full)
    if names is None:
        return
    core.givers.lost(neighbour.address)
    for held in core.spool.all_held(signed.SHELF) if names else ():
        name = held.statement.hash
        if doc_name(name) in names:
            core.givers.gave(neighbour, held.key, name)


def _may_go(core: Core, held: Held, address: str) -> bool:
    return read_doc(held.statement, held.content).may_go_to(address, core.tree)
