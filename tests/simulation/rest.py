"""At rest nothing moves, all that is said is acknowledged and believed, and old sticks change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.belongings import belongings_here, holdings
from tests.simulation.carriers import HOUR_MS
from tests.simulation.ending import lines

if TYPE_CHECKING:
    from tests.simulation.site import Site
    from tests.simulation.world import County

QUIET_MS = 8 * HOUR_MS
STICKS_ONCE_MORE = 4
EXCHANGES_AN_ACT = 25


def check_rest(county: County) -> None:
    """At rest nothing moves: polls carry nothing new, and old sticks change nothing at all.

    Raises:
        Violation: 21 when something moved, 19 when a stick changed something.
    """
    oracle, top = county.oracle, county.sites[county.addresses[0]]
    if county.exchanges > EXCHANGES_AN_ACT * len(oracle.acts) + 1_000:
        oracle.fail(21, top, f"{county.exchanges} exchanges for {len(oracle.acts)} acts")
    _ask_once_more(county)
    # What nobody has any more since both ends were put back may come to light with bytes of before.
    county.is_past = int(bool(oracle.forgetful))
    before = [(holdings(site), site.spool.identity()) for site in county.sites.values()]
    exchanges, county.disks.is_over = county.exchanges, 1
    county.pass_time(QUIET_MS)
    if [(holdings(site), site.spool.identity()) for site in county.sites.values()] != before:
        oracle.fail(21, top, "something moved at rest")
    if county.exchanges - exchanges > 5 * len(county.addresses):
        oracle.fail(21, top, f"{county.exchanges - exchanges} exchanges at rest")
    for site in county.sites.values():
        for one, other in lines(county, site):
            heard = one.spool.neighbour(other.address)
            if heard is not None and heard.taken != heard.counter:
                oracle.fail(21, one, f"what {other.address} says is not acknowledged at rest")
            if other.address in _refused_by(one):
                oracle.fail(21, one, f"what {other.address} says is never believed")
    old = county.sticks.old if not county.is_past else []
    for stick in county.rng.sample(old, min(STICKS_ONCE_MORE, len(old))):
        site = county.sites[stick.receiver]
        kept = belongings_here(site)
        site.engine.receive([stick.data])
        if belongings_here(site) != kept:
            oracle.fail(19, site, f"an old stick of {stick.author} changed something at rest")


def _ask_once_more(county: County) -> None:
    """What was refused, and then acknowledged all the same, is believed by now, or said no more."""
    given_up = [(site, address) for site in county.sites.values() for address in _refused_by(site)]
    for site, address in given_up:
        with site.unit():
            site.spool.drop_held("not believed", address)
            neighbour = site.peer.core.neighbour(address)
            neighbour.ask_full = 1
            site.spool.put_neighbour(neighbour)
    if given_up:
        county.faults.count("told_in_vain")
        county.pass_time(QUIET_MS)


def _refused_by(site: Site) -> list[str]:
    return [held.key for held in site.spool.all_held("not believed") if held.rank[1]]
