"""Own acts that come back get a place for everybody they are for, though somebody is known only later."""

from __future__ import annotations

import pytest

from sync.protocol.beside import take_loose
from sync.protocol.reissue import reissue
from tests.sync.copies import copy_of, put_back
from tests.sync.network import COUNTY, Site, enter, exchange, make_network, new_site, settle

LATE = "511921108209"


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def test_an_act_for_somebody_entered_after_the_copy_reaches_them_though_the_entry_comes_after_it(sites):
    """County and township are put back to before; the act comes back first, and the entry is signed anew."""
    county, town, _ = sites.values()
    kept = [(site, copy_of(site)) for site in (county, town)]
    late = new_site(county, LATE)
    _let_in(county, town, late)
    act = town.submit(f'{{"to":["{COUNTY}","{LATE}"]}}'.encode(), (COUNTY, LATE))
    frame = town.spool.frame_of_act(act)
    for site, copy in kept:
        put_back(site, copy)
    settle(sites, 3)
    with town.unit():
        take_loose(town.core, [frame])
        reissue(town.core)
    settle(sites, 3)
    assert act in county.application.ids and LATE not in town.core.tree
    _let_in(county, town, late)
    settle({**sites, LATE: late}, 4)
    assert act in late.application.ids
    assert not town.spool.all_held("addressee unknown")


def _let_in(county: Site, town: Site, late: Site) -> None:
    with county.unit():
        enter(county, late.key, late.address)
    exchange(town, county)
