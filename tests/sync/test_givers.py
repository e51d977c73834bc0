"""Put back with its witness a node goes on as if nothing had been: what it had given comes back."""

from __future__ import annotations

from random import Random

import pytest

from tests.sync.copies import Copy, copy_of, put_back
from tests.sync.deltas_made import docs_in, poll
from tests.sync.first_contact_made import keys_at, publish
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network, settle


@pytest.fixture
def sites() -> dict[str, Site]:
    sites = make_network()
    settle(sites, 3)
    return sites


def has_given(sites: dict[str, Site]) -> Copy:
    """Let the village get a document beside its township and give it that; return its disk of before."""
    county, town, village = sites.values()
    kept = copy_of(village)
    publish(county, "a")
    exchange(village, county)
    ups, downs = poll(village, town)
    assert (len(ups), downs) == (1, [])
    assert keys_at(town) == keys_at(village) == {"a"}
    return kept


def is_whole_again(child: Site, parent: Site) -> None:
    """Both have all after two contacts, and then nothing more is said anew."""
    for _ in range(3):
        poll(child, parent)
    assert keys_at(child) == keys_at(parent)
    known = [child.peer.neighbour(parent.address), parent.peer.neighbour(child.address)]
    assert all(one.acked_stamp and not one.ask_full and not one.need_full for one in known)
    assert poll(child, parent) == ([], [])


# --- whoever was put back speaks first
def test_who_acknowledges_the_same_as_before_it_gave_something_is_told_it(sites):
    """It was put back before anybody heard it acknowledge the answer: no acknowledgement has fallen."""
    _, town, village = sites.values()
    kept = has_given(sites)
    assert put_back(village, kept, with_witness=1) == "" and keys_at(village) == set()
    is_whole_again(village, town)


def test_who_heard_an_answer_in_part_and_says_so_no_more_is_told_it(sites):
    """What was heard and not acknowledged counts as heard; and then less is heard than before."""
    _, town, village = sites.values()
    kept = has_given(sites)
    with village.unit():
        neighbour = village.core.neighbour(TOWN)
        neighbour.taken -= 1
        village.spool.put_neighbour(neighbour)
    town.take(village.out(TOWN))
    assert docs_in(town.out(VILLAGE), village) == []
    put_back(village, kept, with_witness=1)
    is_whole_again(village, town)


def test_as_long_as_answers_are_lost_it_gives_again_and_gets_nothing_back(sites):
    county, town, village = sites.values()
    publish(county, "a")
    exchange(village, county)
    for _ in range(3):
        town.take(village.out(TOWN))
        assert docs_in(town.out(VILLAGE), village) == []
    assert len(poll(village, town)[0]) == 1
    for _ in range(3):
        assert poll(village, town) == ([], [])


def test_bytes_of_the_lost_time_that_come_late_say_nothing_of_who_was_heard_since(sites):
    county, town, village = sites.values()
    kept = copy_of(village)
    publish(county, "a")
    exchange(village, county)
    late = village.out(TOWN)
    put_back(village, kept, with_witness=1)
    poll(village, town)
    town.take(late)
    assert keys_at(town) == {"a"}
    is_whole_again(village, town)


# --- an exchange that was not heard to its end
def cut_off(sites: dict[str, Site]) -> Copy:
    """Let the township give the village one document of two and be cut off; return its disk of before."""
    county, town, village = sites.values()
    kept = copy_of(town)
    for key in "ab":
        county.publish(key, Random(key).randbytes(12_000), COUNTY)
    exchange(town, county)
    town.take(village.out(TOWN))
    village.take(town.out(VILLAGE)[:-40])
    assert keys_at(town) == {"a", "b"} and len(keys_at(village)) == 1
    return kept


def test_who_was_put_back_since_it_gave_something_in_an_exchange_that_was_cut_gets_it_back(sites):
    """Nothing is said of that exchange, so it could not tell that it was put back."""
    _, town, village = sites.values()
    kept = cut_off(sites)
    put_back(town, kept, with_witness=1)
    assert keys_at(town) == set()
    is_whole_again(village, town)
    assert len(keys_at(town)) == 1


def test_what_came_in_an_exchange_that_was_cut_is_not_sent_back(sites):
    _, town, village = sites.values()
    cut_off(sites)
    ups, downs = poll(village, town)
    assert (ups, len(downs)) == ([], 2)
    is_whole_again(village, town)
