"""An act of a revoked key went to several: who needs the frame that a chain leads through is given it."""

from __future__ import annotations

from tests.sync.network import COUNTY, TOWN, VILLAGE, exchange, make_network, settle
from tests.sync.test_revocation import cut_off, once, said
from tests.sync.test_rotation import rotate

SECOND = "511921108204"


def test_the_top_is_given_all_frames_that_may_lead_on_and_asks_no_more():
    sites = make_network((COUNTY, TOWN, VILLAGE, SECOND))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    old, to = town.key.id, (COUNTY, VILLAGE, SECOND)
    act = town.submit(said(1, *to), to)
    # The second village, whose stream the township wrote last, has signed for nothing yet.
    rotate(town, "township 2")
    for _ in range(4):
        exchange(village, town)
        exchange(town, county)
    cut_off(county, TOWN, keys=(old,))
    settle(sites, 8)
    assert county.spool.wants(9) == [] and county.spool.all_held("asked about") == []
    assert all(once(site) == {act} for site in (county, village, sites[SECOND]))
