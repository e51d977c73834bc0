"""A node put back together with an older program."""

from __future__ import annotations

from tests.sync.copies import copy_of, put_back
from tests.sync.network import (
    COUNTY,
    TOWN,
    VILLAGE,
    enter,
    exchange,
    make_network,
    new_site,
    settle,
    trust,
)
from tests.sync.test_rollback import all_equal, filed


def test_an_image_with_an_older_program_learns_of_its_later_epoch_too():
    """Its parent goes by the later program's word on what it reads, until it speaks from before that."""
    sites = make_network()
    settle(sites, 2)
    town, village = sites[TOWN], sites[VILLAGE]
    words = {"ab" * 8: b"words of a later program"}
    town.dictionaries, town.dictionary = words, "ab" * 8
    town.restart()
    filed(village, 2)
    settle(sites, 2)
    image = copy_of(village)
    database = copy_of(village)
    filed(village, 2, 200)
    exchange(village, town)
    village.dictionaries = words
    assert put_back(village, database) == "witness ahead"
    filed(village, 2, 300)
    settle(sites, 3)
    assert "ab" * 8 in town.peer.neighbour(VILLAGE).reads
    village.dictionaries = {}
    assert put_back(village, image, with_witness=1) == ""
    settle(sites, 8)
    assert village.spool.identity().epoch.startswith("3-")
    all_equal(sites)


def test_the_top_put_back_with_an_older_program_reads_who_it_does_not_know_any_more():
    """It cannot say which dictionaries it has to one it does not know: the introduction uses none."""
    sites = make_network((COUNTY, TOWN))
    county = sites[COUNTY]
    settle(sites, 2)
    kept = copy_of(county)
    village = new_site(county, VILLAGE)
    for site in (county, village):
        site.dictionaries, site.dictionary = {"ab" * 8: b"words of a later program"}, "ab" * 8
        site.restart()
    with county.unit():
        enter(county, village.key, VILLAGE)
    trust(village, county)
    exchange(village, county)
    act = filed(village, 1)[0]
    county.word = county.core.heads.word(county.core)
    county.dictionaries, county.dictionary = {}, ""
    assert put_back(county, kept) == "witness ahead"
    codes = []
    for _ in range(8):
        codes.append(county.engine().receive([village.out(COUNTY)]).code)
        village.engine().receive([county.out(VILLAGE)] if not codes[-1] or codes[-1] == "S115" else [])
    assert codes[0] == "S107" and not codes[-1] and act in county.application.ids
