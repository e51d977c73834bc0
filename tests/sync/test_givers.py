"""Put back with its witness a node goes on as if nothing had been: what it had given comes back."""

from __future__ import annotations

from random import Random

import pytest

from sync.protocol.documents import HELD_BACK_MAX
from sync.protocol.own.rollback import begin_anew
from tests.sync.copies import Copy, copy_of, put_back
from tests.sync.deltas_made import docs_in, poll
from tests.sync.first_contact_made import keys_at, publish
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network, settle


@pytest.fixture
def sites() -> dict[str, Site]:
    sites = make_network()
    settle(sites, 3)
    return sites


def owe_all(site: Site, address: str) -> None:
    """As when somebody moves: the other is told everything again."""
    with site.unit():
        neighbour = site.core.neighbour(address)
        neighbour.owe_all()
        site.spool.put_neighbour(neighbour)


def has_given(sites: dict[str, Site], starts: int = 0) -> Copy:
    """Let the village get a document beside its township and give it that; return its disk of before."""
    county, town, village = sites.values()
    kept = copy_of(village)
    for _ in range(starts):
        assert put_back(village, copy_of(village), with_witness=1) == ""
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


def test_what_another_process_has_heard_since_ends_what_is_known_of_a_giver(sites):
    """A command took in the stick of a village put back; the serving process went by what it had given."""
    _, town, village = sites.values()
    kept = has_given(sites)
    serving = town.peer
    assert put_back(village, kept, with_witness=1) == "" and keys_at(village) == set()
    town.restart()
    assert town.engine().receive([village.out(TOWN)]).code == ""
    town.peer = serving
    assert village.engine().receive([town.out(VILLAGE)]).code == ""
    assert keys_at(village) == {"a"}
    is_whole_again(village, town)


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


# --- whoever was put back is spoken to first
def test_who_hears_first_of_an_exchange_that_it_left_out_asks_for_all(sites):
    """It owed everything anyway, so that nothing it knew was lost did not tell."""
    _, town, village = sites.values()
    owe_all(village, TOWN)
    kept = has_given(sites)
    put_back(village, kept, with_witness=1)
    village.take(town.out(VILLAGE))
    assert village.peer.neighbour(TOWN).ask_full
    is_whole_again(village, town)


@pytest.mark.parametrize("starts", [0, 8])
@pytest.mark.parametrize("times", [1, 2])
def test_what_tells_all_but_what_the_lost_time_gave_ends_no_asking(sites, starts, times):
    """Told all by who has not heard it since, it asks: be the number it left out above its own or not."""
    _, town, village = sites.values()
    kept = has_given(sites, starts)
    owe_all(town, VILLAGE)
    put_back(village, kept, with_witness=1)
    is_above = village.peer.neighbour(TOWN).mine < town.peer.neighbour(VILLAGE).counter
    assert is_above == bool(starts)
    said = [town.out(VILLAGE) for _ in range(times)]
    for data in said:
        village.take(data)
    assert village.peer.neighbour(TOWN).ask_full
    is_whole_again(village, town)


def test_that_all_is_owed_meanwhile_hides_no_lost_time(sites):
    _, town, village = sites.values()
    kept = has_given(sites)
    put_back(village, kept, with_witness=1)
    owe_all(village, TOWN)
    village.take(town.out(VILLAGE))
    is_whole_again(village, town)


def test_who_remembers_no_exchange_of_its_own_knows_a_lost_one_all_the_same(sites):
    _, town, village = sites.values()
    with village.unit():
        neighbour = village.core.neighbour(TOWN)
        neighbour.sent, neighbour.acked_stamp = {}, 0
        village.spool.put_neighbour(neighbour)
    kept = has_given(sites)
    put_back(village, kept, with_witness=1)
    village.take(town.out(VILLAGE))
    is_whole_again(village, town)


def test_an_exchange_of_the_lost_time_said_again_and_again_changes_nothing(sites):
    _, town, village = sites.values()
    kept = has_given(sites)
    old = town.out(VILLAGE)
    put_back(village, kept, with_witness=1)
    village.take(old)
    is_whole_again(village, town)
    before = village.state()
    for _ in range(3):
        village.take(old)
    assert village.state() == before
    assert poll(village, town) == ([], [])


def test_a_neighbour_that_begins_anew_meanwhile_hides_no_lost_time(sites):
    """What it acknowledges counts no more; which numbers were left out stays known."""
    _, town, village = sites.values()
    kept = has_given(sites)
    put_back(village, kept, with_witness=1)
    with town.unit():
        begin_anew(town.core, "own acts came back", town.now_ms)
    for data in [town.out(VILLAGE) for _ in range(2)]:
        village.take(data)
    assert village.peer.neighbour(TOWN).ask_full
    is_whole_again(village, town)


@pytest.mark.parametrize("is_above", [False, True])
@pytest.mark.parametrize("unheard", [0, 2])
def test_put_back_to_before_the_first_exchange_none_of_the_lost_time_is_taken_for_one_sent_since(
    unheard, is_above
):
    """No number is known there above which some could be left out: each start begins with another one."""
    county, town, village = make_network().values()
    kept = copy_of(village)
    put_back(village, kept, with_witness=1)
    publish(county, "a")
    exchange(village, county)
    while keys_at(town) != {"a"}:
        poll(village, town)
    lost = village.peer.neighbour(TOWN).mine
    for _ in range(64):
        put_back(village, kept, with_witness=1)
        if (village.core.leap > lost) == is_above:
            break
    for _ in range(unheard):
        village.out(TOWN)
    village.take(town.out(VILLAGE))
    is_whole_again(village, town)


def test_all_owed_before_a_start_holds_documents_back_however_many_exchanges_are_remembered(sites):
    """What was sent before it counts as acknowledged by nobody, not as having held documents back."""
    county, town, village = sites.values()
    publish(county, "a")
    settle(sites, 3)
    owe_all(village, TOWN)
    put_back(village, copy_of(village), with_witness=1)
    assert len(village.peer.neighbour(TOWN).sent) > HELD_BACK_MAX
    for _ in range(HELD_BACK_MAX):
        assert docs_in(village.out(TOWN), town) == []
    assert len(docs_in(village.out(TOWN), town)) == 1
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
