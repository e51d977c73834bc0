"""Which papers are asked for where one list has no room for all: what nobody has blocks nothing."""

from __future__ import annotations

from sync.protocol.receipts import MISSING_MAX
from sync.protocol.wants import WANTS_MAX
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network, settle
from tests.sync.test_twins import NEIGHBOUR


def filed(site: Site, *photos: bytes) -> list[str]:
    """File an act for each of these papers; return their hashes."""
    papers = [site.paper(photo) for photo in photos]
    for paper in papers:
        site.submit(b"{}", (COUNTY,), (paper,))
    return [paper.hash for paper in papers]


def lost(site: Site, name: bytes, count: int) -> list[str]:
    """File acts whose papers are gone for good before anybody has got them."""
    papers = filed(site, *(b"%s %d" % (name, n) for n in range(count)))
    for paper in papers:
        site.blobs.claim([paper])
        assert site.blobs.evict(paper)
    return papers


def asked_of(asker: Site, other: Site) -> list[str]:
    """Return what a site asks another for, which answers nothing."""
    return [blob for blob, _ in other.take(asker.out(other.address)).state.wanted_blobs]


def test_a_village_that_lost_a_great_many_papers_gets_later_ones_up():
    """They stood first in the list for ever, and no later one was asked for."""
    sites = make_network((COUNTY, TOWN, VILLAGE))
    settle(sites)
    lost(sites[VILLAGE], b"gone", 3 * WANTS_MAX)
    later = filed(sites[VILLAGE], *(b"later %d" % n for n in range(20)))
    settle(sites, 30)
    assert all(site.blobs.has(paper) for site in sites.values() for paper in later)


def test_nor_do_they_block_those_of_another_village():
    sites = make_network((COUNTY, TOWN, VILLAGE, NEIGHBOUR))
    settle(sites)
    for site in (sites[VILLAGE], sites[NEIGHBOUR]):
        lost(site, site.address.encode(), 2 * WANTS_MAX)
    later = [filed(sites[at], b"of " + at.encode())[0] for at in (VILLAGE, NEIGHBOUR)]
    settle(sites, 30)
    assert all(sites[at].blobs.has(paper) for at in (TOWN, COUNTY) for paper in later)


def test_the_oldest_are_asked_for_each_time_and_all_others_in_turn():
    """What was begun comes to its end, on a line that carries a part of one paper at a time."""
    sites = make_network((COUNTY, TOWN, VILLAGE))
    town, village = sites[TOWN], sites[VILLAGE]
    settle(sites)
    papers = lost(village, b"gone", 3 * WANTS_MAX)
    exchange(village, town)
    asked = [asked_of(town, village) for _ in range(8)]
    assert all(len(one) == WANTS_MAX and one[: WANTS_MAX // 4] == papers[: WANTS_MAX // 4] for one in asked)
    assert {paper for one in asked for paper in one} == {*papers}


def test_what_the_other_lacks_as_well_comes_last_and_what_its_receipt_has_no_room_for_with_it():
    sites = make_network((COUNTY, TOWN, VILLAGE))
    county, town, village = sites.values()
    settle(sites)
    papers = lost(village, b"gone", MISSING_MAX + 2 * WANTS_MAX)
    later = filed(village, b"later")
    for _ in range(2):
        exchange(village, town)
        exchange(town, county)
    asked = [asked_of(county, town) for _ in range(6)]
    assert {paper for one in asked for paper in one} == {*papers, *later}
