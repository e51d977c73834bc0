"""A node put back together with an older program."""

from __future__ import annotations

from tests.sync.copies import copy_of, put_back
from tests.sync.network import TOWN, VILLAGE, exchange, make_network, settle
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
