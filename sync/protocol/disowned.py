"""Documents by keys that the roster has lost: set aside, and what was in force before them is so again.

A thief of a former roster key publishes in anybody's name, under numbers above all others, at a node that has
not heard of the next one. Such documents leave the shelf once their key is lost, see `unnamed`, and are kept
as evidence. What nodes above have told meanwhile was passed over for its lower number: they are asked for all
they have. A genuine key may be lost, too, by a top that was put back: once people have said there whose it
is, what it published comes back to the shelf.

What a revoked key has published stays where it came before: no number shows what is by the thief, and the
office publishes above it; see `republish`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from sync.protocol import signed
from sync.protocol.documents import keep_former, keep_newest
from sync.protocol.errors import BadRoster
from sync.protocol.rotation import is_key_gone
from sync.protocol.shelf import ShelfDoc, read_doc
from sync.protocol.spool import Held

if TYPE_CHECKING:
    from sync.protocol.acts.deliver import Application
    from sync.protocol.core import Core

DISOWNED = "disowned"


def is_by_lost_key(core: Core, held: Held) -> bool:
    """Say whether a document is by a key that the roster has lost, not revoked or fallen with one that is."""
    author, key_id = held.key.split("|")[0], held.statement.key_id
    return core.roster.any_key(author, key_id) is None and not is_key_gone(core, author, key_id)


def disown(
    core: Core, author: str, keys: Collection[str], application: Application
) -> tuple[int, list[ShelfDoc]]:
    """Take what these keys have published in a node's name out of force.

    Returns:
        How many documents that were, of which `application` was told; and those left here in their place, for
        it to take into use: what it had passed over on their account, too.
    """
    gone = [doc for doc in _all_by(core, author) if doc.statement.key_id in keys]
    for doc in gone:
        rank, name = (doc.version, 0, 0), doc.statement.hash
        core.spool.put_held(Held(DISOWNED, name, rank, doc.statement, doc.content, core.next_stamp()))
        core.spool.drop_doc(name)
    if not gone:
        return 0, []
    application.disown(gone)
    _ask_above(core)
    return len(gone), _put_in_force(core, author, {doc.slot for doc in gone}, keys)


def own_again(core: Core) -> list[ShelfDoc]:
    """Trust has changed: put back what was set aside and is by a good key by now; return it."""
    found = []
    for held in core.spool.all_held(DISOWNED):
        doc = read_doc(held.statement._replace(sort=signed.SHELF), held.content)
        key = core.roster.good_key(doc.author, doc.statement.key_id)
        if key is not None and doc.statement.signed_by(key, core.suite):
            core.spool.drop_held(DISOWNED, held.key)
            now = core.spool.held(signed.SHELF, doc.slot)
            (keep_newest if now is None or now.rank[0] < doc.version else keep_former)(core, doc)
            found.append(doc)
    return found


def still_here(core: Core, docs: Iterable[ShelfDoc]) -> list[ShelfDoc]:
    """Return documents that came without those that were set aside since."""
    came = list(docs)
    here = core.spool.known_docs([doc.statement.hash for doc in came])
    return [doc for doc in came if doc.statement.hash in here]


def _put_in_force(core: Core, author: str, slots: set[str], keys: Collection[str]) -> list[ShelfDoc]:
    """Put the newest that is left under each of these into force; return all that is left, oldest first."""
    for slot in slots:
        held = core.spool.held(signed.SHELF, slot)
        if held is not None and held.statement.key_id in keys:
            core.spool.drop_held(signed.SHELF, slot)
    left = sorted((doc for doc in _all_by(core, author) if doc.slot in slots), key=_number)
    for slot, doc in {doc.slot: doc for doc in left}.items():
        held = core.spool.held(signed.SHELF, slot)
        if held is None or held.rank[0] < doc.version:
            keep_newest(core, doc)
    return left


def _all_by(core: Core, author: str) -> Iterator[ShelfDoc]:
    """Yield all that an author has published and is kept here, in every version."""
    for name in core.spool.doc_names():
        found = core.spool.doc(name)
        # One that the disk has damaged is in use nowhere; `verify` names it.
        with suppress(BadRoster):
            if found is not None and (doc := read_doc(*found)).author == author:
                yield doc


def _number(doc: ShelfDoc) -> tuple[int, str]:
    return doc.version, doc.statement.hash


def _ask_above(core: Core) -> None:
    above = core.tree.up(core.me)
    for neighbour in core.spool.neighbours():
        if neighbour.address in above:
            neighbour.ask_full = 1
            core.spool.put_neighbour(neighbour)
