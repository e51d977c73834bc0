"""The roster key changed hands: acts of far authors go on to who hears of those only then."""

from __future__ import annotations

from sync.protocol import signed
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
)
from tests.sync.test_appointments import NEW, root_pair, take_over
from tests.sync.test_loose_papers import ALL, brief


def far_apart() -> tuple[dict[str, Site], list[str]]:
    """Return sites as in the field: nobody knows who is off its line; and two acts given to the township."""
    sites = make_network(ALL)
    for site in (sites[TOWN], sites[VILLAGE]):
        with site.unit():
            for address in (OTHER_TOWN, OTHER_VILLAGE):
                site.spool.drop_held(signed.ENTRY, address)
        site.restart()
    acts = [sites[OTHER_VILLAGE].submit(b'{"n":%d}' % n, (COUNTY,)) for n in range(2)]
    settle(sites, 3)
    brief(sites[COUNTY], TOWN, *acts)
    settle(sites, 3)
    assert set(sites[TOWN].application.ids) == set(acts)
    assert OTHER_VILLAGE not in sites[VILLAGE].core.roster.entries
    return sites, acts


def test_an_act_of_a_far_author_goes_on_after_the_roster_key_has_changed() -> None:
    """The village asks its township, which knows the author by the former key's word alone."""
    sites, acts = far_apart()
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    line = {COUNTY: county, TOWN: town, VILLAGE: village}
    take_over(county, root_pair(), NEW)
    exchange(town, county)
    town.restart()
    settle(line, 2)
    assert town.core.roster.entries[OTHER_VILLAGE].statement.key_id == NEW.id
    brief(county, VILLAGE, acts[0])
    settle(line, 3)
    assert village.application.ids == [acts[0]] and "S112" not in village.codes()
    # Nothing it is told stays without its acknowledgement.
    assert village.core.neighbour(TOWN).taken == town.core.neighbour(VILLAGE).mine
    assert village.spool.wants(9) == town.spool.wants(9) == []

    # At the next change the township asks again, until it has heard; who passes nothing on asks for nothing.
    take_over(county, root_pair(), key_pair("third roster key"))
    exchange(town, county)
    exchange(village, town)
    assert town.spool.wants(9) == [acts[1]] and village.spool.wants(9) == []
    settle(line, 2)
    assert town.spool.wants(9) == village.spool.wants(9) == []
