"""Many streams forked at once: a node put back whole goes on in each of them before it hears of it."""

from __future__ import annotations

import pytest

from tests.sync.copies import copy_of, put_back
from tests.sync.network import COUNTY, TOWN, exchange, make_network, settle
from tests.sync.test_revocation import said

VILLAGES = tuple(f"{TOWN}{n}" for n in range(201, 217))


@pytest.mark.parametrize("first", [1, 2])
def test_every_fork_is_healed_however_many_there_are_at_once(first):
    sites = make_network((COUNTY, TOWN, *VILLAGES))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites, 2)
    for at, village in enumerate(VILLAGES):
        county.submit(said(at, village), (village,))
    settle(sites, 3)
    kept = copy_of(county)
    lost = [county.submit(said(100 + at, village), (village,)) for at, village in enumerate(VILLAGES)]
    for _ in range(first):
        exchange(town, county)
    assert all(town.spool.known_acts(lost))
    put_back(county, kept, 1)
    made = [county.submit(said(200 + at, village), (village,)) for at, village in enumerate(VILLAGES)]
    settle(sites, 12)
    for at, village in enumerate(VILLAGES):
        assert {lost[at], made[at]} <= set(sites[village].application.ids), village
    assert county.spool.known_acts([*lost, *made]) == {*lost, *made}
