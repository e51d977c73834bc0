"""What a node has and believes, in forms that can be compared."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sync.protocol.acts.quarantine import SETTLED
from sync.protocol.errors import SyncError
from sync.protocol.exchange import read_head
from sync.protocol.spool import EVIDENCE, Neighbour
from sync.protocol.wants import WANTS_MAX

if TYPE_CHECKING:
    from tests.simulation.site import Site

_FRAME, _PAPER = "frame:", "paper:"


def cursors(site: Site, address: str) -> object:
    """Return what a node holds and believes its neighbour holds; exporting may not move any of it."""
    spool = site.spool
    known = spool.neighbour(address) or Neighbour(address)
    wanted = (known.wanted_acts, known.wanted_blobs, known.wanted_docs)
    believed = (known.acked_stamp, known.taken, known.counter, *wanted)
    return believed, spool.vector(address), holdings(site)


def holdings(site: Site) -> object:
    """Return how far every stream and its papers are held."""
    return [(s.id, s.base, s.upto, s.head, s.papers) for s in site.spool.streams()]


def everything(site: Site) -> tuple[Any, ...]:
    """Return all a node remembers, in a form that can be compared."""
    spool = site.spool
    neighbours = spool.neighbours()
    vectors = [spool.vector(n.address) for n in neighbours]
    return belongings(site), spool.identity(), [str(n) for n in neighbours], vectors


def kept(site: Site) -> tuple[Any, ...]:
    """Return `everything`, with the frames held loose in place of the number that the last frame has got.

    What was asked for once more, for it proved nothing yet, may take a number when it comes again as it was.
    """
    held, identity, *rest = everything(site)
    loose = {act: [placed.frame.hash for placed in frames] for act, frames in site.spool._loose.items()}
    return held, replace(identity, position=0), loose, *rest


def lacking(site: Site) -> dict[str, int]:
    """Return what is asked for that may have come before that: documents → 0, proofs → how many are here.

    And papers → 0, which an act at the end names; frames → the places that they will have: they were evidence
    until their branch was taken.
    """
    asked = site.spool.wants(WANTS_MAX)
    proofs = {act: len(site.spool._loose.get(act, ())) for act in site.spool.known_acts(asked)}
    papers = {f"{_PAPER}{blob}": 0 for blob in site.spool._missing}
    return _documents(site) | proofs | papers | _going_on(site)


def has_come(site: Site, before: dict[str, int]) -> bool:
    """Say whether some of what was lacking is here now: a document, a paper, a frame more, or one placed."""
    documents = _documents(site)
    return any(_is_here(site, one, count, documents) for one, count in before.items())


def _is_here(site: Site, one: str, count: int, documents: dict[str, int]) -> bool:
    if one.startswith("doc:"):
        return one not in documents
    if one.startswith(_FRAME):
        return _is_placed(site, one, count)
    if one.startswith(_PAPER):
        return one.removeprefix(_PAPER) not in site.spool._missing
    return len(site.spool._loose.get(one, ())) > count


def _going_on(site: Site) -> dict[str, int]:
    """Return what is kept as evidence and goes on from the end of its stream, as that is by now."""
    return {
        f"{_FRAME}{aside.frame.hash.hex()}": stream.upto + 1
        for stream in site.spool.streams()
        for aside in site.spool.asides(EVIDENCE, stream.id)
        if aside.frame.header.prev == stream.head
    }


def _is_placed(site: Site, frame: str, seq: int) -> bool:
    name = bytes.fromhex(frame.removeprefix(_FRAME))
    return any(site.spool.hash_at(stream, seq) == name for stream in site.spool.streams())


def _documents(site: Site) -> dict[str, int]:
    return {row.waits_for: 0 for row in site.spool.parked() if row.waits_for.startswith("doc:")}


def belongings(site: Site) -> tuple[Any, ...]:
    """Return all a node holds: `everything` but what it believes of its neighbours."""
    spool = site.spool
    return (
        holdings(site),
        sorted(spool._acts.items()),
        sorted(spool._asides),
        sorted(spool._blobs),
        (spool.wants(10_000), spool.loose_gaps(10_000), spool.doc_names()),
        [(blob, site.blobs.offset(blob)) for blob in sorted(spool._missing)],
        {sort: spool.all_held(sort) for sort in ("receipt", "epoch", "entry", "shelf")},
        {name: case.state.chain for name, case in site.book.cases.items()},
    )


def draw_what_is_due(site: Site, data: bytes) -> None:
    """Let a node draw what follows from a revocation that came with a new machine, or from a key given to it.

    Its first exchange does so, whosever it is and whatever is in it. Else nothing is done.
    """
    gone = [entry for entry in site.peer.core.roster.entries.values() if entry.revoked]
    drawn = {held.key: held.rank[0] for held in site.spool.all_held(SETTLED)}
    is_drawn = all(drawn.get(entry.address) == entry.version for entry in gone)
    if is_drawn and not site.peer.core.trust_is_new:
        return
    with suppress(SyncError):
        if (read := read_head(data)) is None:
            return
        with site.unit():
            incoming = site.peer.open_head(read[0])
            site.peer.absorb(incoming, (), site.book, site.evidence().wall)


def belongings_here(site: Site) -> object:
    """Return `belongings` without what only a stick from before somebody moved would bring, and nobody needs.

    Spoilt when it first came, it may be the first to tell a village of an epoch of its township of then,
    or that township how far a stream had got that passes elsewhere by now.
    """
    *others, held, cases = belongings(site)
    moved = site.county.standing.moved
    held["receipt"] = [one for one in held["receipt"] if _passes(site, one.key, moved)]
    if site.address in moved:
        held["epoch"] = [one for one in held["epoch"] if _is_near(site, one.key.split("|")[0])]
    return others, held, cases


def _passes(site: Site, receipt: str, moved: set[str]) -> bool:
    src, _, dst, *_ = receipt.split("|")
    return moved.isdisjoint((src, dst)) or site.tree.holds(src, dst, site.address)


def _is_near(site: Site, address: str) -> bool:
    return address in site.tree.up(site.address) or site.address in site.tree.up(address)
