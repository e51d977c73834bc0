"""A cut may lie below the head that is known: what counts above it by its id is part of the proof."""

from __future__ import annotations

from tests.sync.network import COUNTY, TOWN, VILLAGE, exchange, make_network, settle
from tests.sync.test_asked import rows
from tests.sync.test_loose_papers import ALL
from tests.sync.test_revocation import STICK, cut_off, once, said


def test_an_act_is_proven_though_its_stream_is_cut_below_the_head_that_is_known():
    """Seed 49100060: the village named only what lies within the cut, so no chain led down from the head."""
    sites = make_network(ALL)
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    alone = town.submit(said(1, VILLAGE), (VILLAGE,))
    both = [town.submit(said(n, COUNTY, VILLAGE), (COUNTY, VILLAGE)) for n in (2, 3)]
    for _ in range(3):
        exchange(village, town)
        exchange(town, county)
    county.take(village.out(COUNTY, STICK))
    ((way, place),) = village.spool.places_of_act(alone)
    cut_off(county, TOWN, cut={way: place})
    assert county.spool.held("head of a cut stream", str(way)) is not None
    for _ in range(4):
        village.take(county.out(VILLAGE, STICK))
        county.take(village.out(COUNTY, STICK))
    assert once(county) >= {alone, *both}
    assert (rows(county), county.spool.wants(9)) == ([], [])
