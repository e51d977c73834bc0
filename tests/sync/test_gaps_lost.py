"""What would close a gap is gone with all who had it: what waits beyond comes home all the same."""

from __future__ import annotations

import pytest

from sync.protocol.spool import GAP
from tests.sync.copies import copy_of, put_back
from tests.sync.network import COUNTY, TOWN, VILLAGE, exchange, make_network, settle
from tests.sync.test_rollback import applied_once, filed


@pytest.mark.parametrize("is_early", [0, 1])
@pytest.mark.parametrize(("author", "end"), [(VILLAGE, COUNTY), (COUNTY, VILLAGE)])
def test_what_waits_beyond_a_gap_at_the_end_comes_to_an_author_that_speaks_with_the_township_alone(
    author: str, end: str, is_early: int
) -> None:
    """Bytes of a time that all have lost come late, before its author is heard to begin anew or after."""
    sites = make_network((COUNTY, TOWN, VILLAGE))
    site, town, last = sites[author], sites[TOWN], sites[end]
    first = filed(site, 1, to=(end,))
    settle(sites, 3)
    kept = {address: copy_of(one) for address, one in sites.items()}
    filed(site, 1, 100, to=(end,))
    settle(sites, 3)
    late = filed(site, 1, 200, to=(end,))
    town.take(site.out(TOWN))
    bytes_of_before = town.out(end)
    site.word = site.core.heads.word(site.core)
    for address, copy in kept.items():
        put_back(sites[address], copy, with_witness=int(address != author))
    if not is_early:
        settle(sites, 3)
    last.take(bytes_of_before)
    assert last.spool.count_aside(GAP) == 1
    settle(sites, 6)
    applied_once(last, [*first, *late])
    assert site.spool.act(late[0]) is not None
    state = [one.state() for one in sites.values()]
    settle(sites, 2)
    assert [one.state() for one in sites.values()] == state
    for child, parent in ((sites[VILLAGE], town), (town, sites[COUNTY])):
        exchange(child, parent)
        assert not child.peer.waits_for(parent.address) and not parent.peer.waits_for(child.address)
