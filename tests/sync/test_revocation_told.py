"""A revocation reaches whoever may have acts of that key; whoever takes its place numbers its epochs on."""

from __future__ import annotations

from sync.protocol import registrar
from sync.protocol.canonical import dumps
from sync.protocol.issue import open_epoch
from sync.protocol.quarantine import STRUCK
from sync.protocol.revocation import STOLEN, Revocation, Said, decide, revoke
from sync.protocol.spool import PARKED
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    make_network,
    settle,
    trust,
)


def test_who_has_an_act_by_a_brief_alone_takes_it_back_too():
    """A village off the line of the stolen one hears of the revocation, goes by it, and by the verdict."""
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN, OTHER_VILLAGE))
    county, other = sites[COUNTY], sites[OTHER_VILLAGE]
    settle(sites, 2)
    act = sites[VILLAGE].submit(dumps({"n": 1, "to": [COUNTY]}), (COUNTY,))
    settle(sites, 3)
    brief = dumps({"case": "x", "ids": [act], "to": [OTHER_VILLAGE]})
    county.submit(brief, (OTHER_VILLAGE,), kind="sync.brief")
    settle(sites, 4)
    assert act in other.application.ids
    with county.unit():
        cut = {sites[VILLAGE].stream(VILLAGE, COUNTY).id: 0}
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN, cut=cut), county.now())
    with county.unit():
        decide(county.core, county.application, STRUCK, Said([act], "nobody here wrote it"), county.now())
    rest = {address: site for address, site in sites.items() if address != VILLAGE}
    settle(rest, 4)
    for site in rest.values():
        row = site.spool.act(act)
        assert act not in site.application.ids, site.address
        assert row is None or (row.state, row.reason) == (PARKED, "S130"), site.address
    assert other.spool.act(act) is not None


def test_a_key_in_a_revoked_ones_place_goes_on_with_its_numbers_and_looks_like_no_twin():
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    with county.unit():
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN), county.now())
        new = SUITE.pair(bytes(range(64)))
        child = {"address": VILLAGE, "parent": "", "name": "", "key": new.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    village.means.keys[new.id] = new
    trust(village, county)
    with village.unit():
        assert open_epoch(village.core, new, "replaced", START_MS).n == 2
    village.key = new
    settle({COUNTY: county, TOWN: town}, 1)
    for site in sites.values():
        site.codes()
    settle(sites, 3)
    assert all("S122" not in site.codes() for site in (county, town))
