"""Documents that offices publish, and what must have come of them at the end."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

from common.casework.rules.shape import FILED
from sync.protocol import canonical, signed
from sync.protocol.rotation import is_key_gone
from sync.protocol.shelf import Draft
from tests.simulation.carriers import HOUR_MS, MINUTE_MS
from tests.simulation.casebook import document_of
from tests.simulation.faults import PowerCut

if TYPE_CHECKING:
    from tests.simulation.site import Site
    from tests.simulation.world import County


def publish(county: County, author: str, key: str, text: bytes) -> None:
    """Publish the next version of a document for the author and all below it; try again after a power cut."""
    site = county.sites[author]
    if not (site.alive and site.enrolled):
        county.later(HOUR_MS, publish, county, author, key, text)
        return
    draft = Draft("notice", key, 0, "", author, text, site.dated())
    try:
        with site.unit():
            doc = site.peer.publish(draft)
            site.book.adopt([doc])
            county.oracle.documents[doc.statement.hash] = doc.content
    except PowerCut:
        county.later(HOUR_MS, publish, county, author, key, text)
        raise
    county.trace("published", author, f"{key} {doc.version}")


def plan_publishing(county: County) -> None:
    """Let the county and the townships publish now and then; the same document comes in several versions."""
    rng = Random(f"{county.seed}/shelf")
    offices = [address for address in county.addresses if len(address) < 12]
    for _ in range(rng.randrange(2, 7)):
        author = offices[0] if rng.random() < 0.6 else rng.choice(offices)
        text = rng.randbytes(rng.randrange(20, 2_000))
        when = rng.randrange(10 * MINUTE_MS, int(county.shape.days * 20 * HOUR_MS))
        county.later(when, publish, county, author, rng.choice("ab"), text)
    _plan_hasty_ones(county, rng)


def _plan_hasty_ones(county: County, rng: Random) -> None:
    """Let the county correct a document before all have it: some file under a version others never saw."""
    for _ in range(rng.randrange(3)):
        when = rng.randrange(10 * MINUTE_MS, int(county.shape.days * 10 * HOUR_MS))
        for wait in (0, rng.randrange(HOUR_MS, 4 * HOUR_MS)):
            county.later(when + wait, publish, county, county.addresses[0], "c", rng.randbytes(200))


def not_on_the_shelf(county: County) -> Iterator[str]:
    """Say which newest document some node of its audience does not hold, or never took into use."""
    for author in county.addresses:
        for held in county.sites[author].spool.all_held(signed.SHELF):
            # What a revoked key has published is taken by nobody who had not got it: people publish it anew.
            top, key_id = county.sites[county.addresses[0]].peer.core, held.statement.signatures[0][0]
            if held.key.split("|")[0] == author and not is_key_gone(top, author, key_id):
                for site in county.sites.values():
                    if author in site.tree.up(site.address) and site.address != author:
                        yield from _lacking(site, held.key, held.rank[0], held.content)


def documents_missing(county: County) -> Iterator[str]:
    """Say which node has a case and not the document, as published, that the case was filed under."""
    oracle = county.oracle
    for act, intended in oracle.acts.items():
        body = canonical.loads(intended.content) if intended.kind == FILED else {}
        named = document_of(body) if body else ""
        for site in county.sites.values() if named else ():
            if body["case"] in site.book.cases:
                found = site.spool.doc(named)
                if found is None or found[1] != oracle.documents.get(named) or named not in site.book.shelf:
                    yield f"{site.address} has {act} and not its document {named[:12]}"


def _lacking(site: Site, slot: str, version: int, content: bytes) -> Iterator[str]:
    here = site.spool.held(signed.SHELF, slot)
    if here is None or (here.rank[0], here.content) != (version, content):
        yield f"{site.address} has not version {version} of {slot}"
    elif site.book.documents.get(slot) != version:
        yield f"{site.address} did not take version {version} of {slot} into use"
