"""Both ends of a line are put back, then bytes of before come late: the line is heard all the same."""

from __future__ import annotations

import pytest

from tests.sync.copies import copy_of, put_back
from tests.sync.network import START_MS, TOWN, VILLAGE, Site, exchange, make_network, settle
from tests.sync.test_rollback import filed


def begin_anew(village: Site) -> None:
    with village.unit():
        village.peer.open_epoch(village.key, "again", START_MS)


def raise_incarnation(village: Site) -> None:
    for _ in range(2):
        assert put_back(village, copy_of(village), 0) == ""
        with village.unit():
            village.core.identity.incarnation += 1


@pytest.mark.parametrize("change", [begin_anew, raise_incarnation])
def test_bytes_of_an_era_that_both_have_forgotten_make_nobody_deaf(change):
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    kept = [(site, copy_of(site)) for site in (town, village)]
    change(village)
    for _ in range(3):
        exchange(village, town)
    late = village.out(TOWN)
    for site, copy in kept:
        assert put_back(site, copy, 1) == ""
    town.take(late)
    up, down = filed(village, 2), filed(town, 2, 10, (VILLAGE,))
    settle(sites, 3)
    assert (county.application.ids, village.application.ids) == (up, down)
    assert not town.peer.waits_for(VILLAGE) and not village.peer.waits_for(TOWN)
    held = {s.id: s.upto for s in village.spool.streams() if s.upto}
    assert {stream: part.upto for stream, part in town.spool.vector(VILLAGE).items() if part.upto} == held
