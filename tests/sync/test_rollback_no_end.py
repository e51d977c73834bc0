"""An author put back whole, and nobody at the end of the stream to say which of two branches counts."""

from __future__ import annotations

import pytest

from sync.protocol.found import DOUBT
from tests.sync.copies import copy_of, put_back
from tests.sync.network import COUNTY, OTHER_TOWN, TOWN, VILLAGE, make_network, settle
from tests.sync.test_rollback import all_equal, applied_once, filed


@pytest.mark.parametrize("again", [1, 6])
@pytest.mark.parametrize(("author", "end"), [(COUNTY, VILLAGE), (VILLAGE, OTHER_TOWN)])
def test_what_a_node_on_the_way_alone_still_has_comes_back_to_its_author(author, end, again):
    """The author has written less and more than it lost before it meets anybody."""
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    alive = {address: site for address, site in sites.items() if address != end}
    site = sites[author]
    settle(sites, 2)
    filed(site, 2, to=(end,))
    settle(sites, 4)
    kept = copy_of(site)
    lost = filed(site, 3, 100, to=(end,))
    # As far as the township; the destination has heard nothing of it, and is not heard of any more.
    sites[TOWN].take(site.out(TOWN))
    assert put_back(site, kept, with_witness=1) == ""
    own = filed(site, again, 200, to=(end,))
    settle(alive, 6)
    applied_once(site, lost)
    assert "S128" in site.codes() and all(site.spool.act(act) for act in own)
    assert [act for act in lost if act in sites[TOWN].application.ids] == lost
    rest = [one.state() for one in alive.values()]
    settle(alive, 2)
    assert [one.state() for one in alive.values()] == rest, "nobody is kept busy"
    # It was not gone for good after all: everything of both lives comes to its end, once.
    settle(sites, 8)
    applied_once(sites[end], [*lost, *own])
    all_equal(sites)
    assert not any(one.spool.all_held(DOUBT) for one in sites.values())
