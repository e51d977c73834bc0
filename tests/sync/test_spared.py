"""A cut that the roster names no more holds nothing back."""

from __future__ import annotations

import pytest

from tests.sync.copies import copy_of, put_back
from tests.sync.network import COUNTY, TOWN, VILLAGE, exchange, make_network, settle
from tests.sync.test_appointments import NEW, root_pair, take_over
from tests.sync.test_revocation import cut_off, names, once, said


@pytest.mark.parametrize("again", [0, 1])
def test_what_was_held_back_counts_once_the_roster_names_the_cut_no_more(again):
    """Seed 49601904: with another roster key a county put back says nothing of a revocation it has lost."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    act = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    kept = copy_of(county)
    cut = {village.stream(VILLAGE, COUNTY).id: 0}
    cut_off(county, VILLAGE, cut=cut)
    exchange(town, county)
    assert names(town) == [act]
    put_back(county, kept)
    take_over(county, root_pair(), NEW)
    upper = {COUNTY: county, TOWN: town}
    settle(upper, 4)
    assert not town.core.roster.revoked(VILLAGE) and town.spool.parked() == []
    assert all(act in once(site) for site in (county, town))
    if again:
        cut_off(county, VILLAGE, cut=cut)
        settle(upper, 4)
        assert names(county) == names(town) == [act]
