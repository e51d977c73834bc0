"""An entry with a revocation has to fit one record, whatever the stolen key has signed."""

from __future__ import annotations

from tests.sync.network import COUNTY, TOWN, VILLAGE, make_network, settle
from tests.sync.test_revocation import STICK, cut_off, names, once, replace_machine, said


def test_an_entry_with_many_acts_still_travels_and_so_after_a_second_theft():
    """What does not fit one record would never leave the top: nobody below would hear of the theft."""
    sites = make_network()
    settle(sites, 2)
    county, town, village = sites.values()
    with town.unit():
        acts = [
            town.peer.submit(("case.filed", said(n, COUNTY, VILLAGE)), (COUNTY, VILLAGE), (), town.now())
            for n in range(1_100)
        ]
    county.take(town.out(COUNTY, STICK))
    cut_off(county, TOWN)
    listed = county.core.roster.entries[TOWN].revoked[0]["ids"]
    assert 400 < len(listed) < 1_000 and listed == acts[-len(listed) :]
    second = replace_machine(county, TOWN, 2)
    sites = {COUNTY: county, TOWN: second, VILLAGE: village}
    village.take(county.out(VILLAGE, STICK))
    assert village.core.roster.entries[TOWN].version == county.core.roster.entries[TOWN].version
    settle(sites, 2)
    more = [second.submit(said(n, COUNTY, VILLAGE), (COUNTY, VILLAGE)) for n in range(9_000, 9_050)]
    settle(sites, 2)
    cut_off(county, TOWN)
    village.take(county.out(VILLAGE, STICK))
    lists = [one["ids"] for one in village.core.roster.entries[TOWN].revoked]
    assert lists == [one["ids"] for one in county.core.roster.entries[TOWN].revoked]
    assert lists[1] == more and lists[0] == listed[-len(lists[0]) :]
    assert once(village) == {*acts, *more} and names(village) == []
