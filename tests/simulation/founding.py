"""Founds a simulated county: addresses, roster, first epochs. Everybody starts enrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.protocol import registrar, signed
from sync.protocol.roster import entry_fields
from tests.simulation.site import START_MS, Site
from tests.simulation.suite import ToySuite

if TYPE_CHECKING:
    from tests.simulation.world import County

TOP = "511921"
VILLAGES_A_TOWNSHIP = 3


def addresses_of(nodes: int) -> tuple[str, ...]:
    """Return the addresses of a county of so many nodes: the county, then townships, each with its villages.

    Raises:
        ValueError: fewer than a county, a township and a village.
    """
    if nodes < 3:
        raise ValueError("a county has at least three nodes")
    found = [TOP]
    while len(found) < nodes:
        at = (len(found) - 1) // (VILLAGES_A_TOWNSHIP + 1)
        town = f"{TOP}{100 + at:03d}"
        found += [town, *(f"{town}{201 + i}" for i in range(VILLAGES_A_TOWNSHIP))]
    return tuple(found[:nodes])


def found_county(county: County) -> None:
    """Make all sites, enter them in one roster, and open the first epoch of each."""
    rng, suite = county.rng, ToySuite()
    root_key, roster_key = suite.pair(rng.randbytes(64)), suite.pair(rng.randbytes(64))
    root = registrar.make_root(rng.randbytes(8).hex(), "模拟县", (root_key,), suite)
    appointment = registrar.appoint(root, TOP, roster_key.public, (root_key,), suite)
    sites = county.sites
    for address in county.addresses:
        sites[address] = Site(address, county, root.hash, suite)
    top = sites[TOP]
    with top.unit():
        core = top.peer.core
        registrar.found(core, root, appointment)
        for address in county.addresses:
            parent = "" if address == TOP else address[:-3]
            fields = entry_fields(address, parent, address, (sites[address].key.public,))
            registrar.enter(core, roster_key, fields, START_MS)
        trust = [core.spool.held(s, "newest") for s in (signed.ROOT, signed.APPOINTMENT, signed.HEAD)]
        trust += core.spool.all_held(signed.ENTRY)
    for address, site in sites.items():
        with site.unit():
            for held in trust if site is not top else ():
                site.peer.core.roster.offer(held.statement)
                site.peer.core.keep(held.statement, held.key, held.rank)
            site.peer.open_epoch(site.key, "enrolled", START_MS)
        site.uplinks = tuple(site.tree.up(address)[1:])
