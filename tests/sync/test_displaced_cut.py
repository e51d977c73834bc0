"""An own act that counts within a cut by one of its places loses another one that lies past it."""

from __future__ import annotations

from sync.protocol.canonical import dumps
from sync.protocol.own.issue import open_epoch
from sync.protocol.trust import registrar
from sync.protocol.trust.revocation import LOST, Revocation, revoke
from tests.sync.copies import copy_of, put_back
from tests.sync.network import COUNTY, START_MS, SUITE, TOWN, VILLAGE, exchange, make_network, settle, trust
from tests.sync.test_rollback import applied_once, filed

NEXT = SUITE.pair(bytes(range(64)))


def test_it_gets_a_place_anew_though_that_stream_is_cut_before() -> None:
    """County and township are put back whole to before the township's key was lost, and hear of it later."""
    sites = make_network((COUNTY, TOWN, VILLAGE))
    county, town, village = sites.values()
    settle(sites, 2)
    kept = copy_of(county), copy_of(town)
    filed(town, 1, to=(COUNTY, VILLAGE))
    filed(town, 1, 100, to=(COUNTY,))
    settle(sites, 2)
    with county.unit():
        revoke(county.core, county.application, Revocation(TOWN, LOST), county.now())
        child = {"address": TOWN, "parent": "", "name": "", "key": NEXT.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    trust(village, county)
    put_back(county, kept[0], with_witness=1)
    put_back(town, kept[1], with_witness=1)
    filed(town, 1, 200, to=(VILLAGE,))
    act = town.submit(dumps({"n": 1, "to": [COUNTY, VILLAGE]}), (COUNTY, VILLAGE))
    exchange(town, county)
    county.take(village.out(COUNTY))
    trust(town, county)
    town.means.keys[NEXT.id] = town.key = NEXT
    with town.unit():
        open_epoch(town.core, NEXT, "replaced", START_MS)
    settle(sites, 6)
    applied_once(county, [act])
    applied_once(village, [act])
    state = [site.state() for site in sites.values()]
    settle(sites, 2)
    assert [site.state() for site in sites.values()] == state
