"""Shelf documents by the hash of their statement: every version is kept, and fetched when an act names it.

What parked acts wait for is what is wanted: so a want survives a restart, ends
with the wait, and needs no list of its own.
"""

from __future__ import annotations

from sync.protocol import signed
from sync.protocol.blobs import WANTS_MAX
from sync.protocol.core import Core
from sync.protocol.frame import is_hash
from sync.protocol.intake import WANTS_READ
from sync.protocol.shelf import ShelfDoc, read_doc
from sync.protocol.spool import Neighbour

DOC = "doc:"


def keep_newest(core: Core, doc: ShelfDoc) -> None:
    """Keep a document as the one in force, of which neighbours will be told, and for ever by its hash."""
    former = core.spool.held(signed.SHELF, doc.slot)
    since = former.stamp if former is not None and former.statement.hash == doc.prev else 0
    core.keep(doc.statement, doc.slot, (doc.version, since, 0), doc.content)
    core.spool.add_doc(doc.statement, doc.content)


def keep_former(core: Core, doc: ShelfDoc) -> None:
    """Keep a document by its hash alone: the one in force stays, and nobody is told."""
    core.spool.add_doc(doc.statement, doc.content)


def is_wanted(core: Core, name: str) -> bool:
    """Say whether an act is parked for the document of this statement hash and it is not here."""
    return bool(core.spool.parked([DOC + name])) and not core.spool.known_docs([name])


def docs_wanted(core: Core, neighbour: Neighbour) -> list[str]:
    """Return some of the documents wanted, others each time: what nobody has must not block the rest."""
    names = [key.removeprefix(DOC) for key in core.spool.parked_for(DOC, WANTS_READ)]
    names = [name for name in names if is_hash(name)]
    held = core.spool.known_docs(names) if names else set()
    lacking = [name for name in names if name not in held]
    start = neighbour.mine * WANTS_MAX % len(lacking) if len(lacking) > WANTS_MAX else 0
    return (lacking[start:] + lacking[:start])[:WANTS_MAX]


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
