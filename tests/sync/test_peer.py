"""Three peers on one path: acts travel up and down, receipts come back, and then all is quiet."""

from __future__ import annotations

import copy

import pytest

from sync.protocol.errors import (
    BadSignature,
    CannotOpen,
    NotForUs,
    OtherNetwork,
    UnknownDictionary,
    UnknownSender,
)
from sync.protocol.exchange import read_head
from sync.protocol.offer import Budget
from sync.protocol.roster import Roster
from sync.protocol.stock.ticks import END_STORED, HOP_STORED, SAVED
from sync.protocol.trust import registrar
from tests.sync.forgery import bring
from tests.sync.network import COUNTY, START_MS, TOWN, VILLAGE, Site, exchange, make_network, settle


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def test_an_act_travels_to_the_top_with_its_very_bytes_and_its_paper(sites):
    county, town, village = sites.values()
    photo = village.paper(bytes(range(256)) * 300)
    act = village.submit(b'{"a":1}', (COUNTY,), (photo,))

    settle(sites)

    assert county.application.ids == town.application.ids == [act]
    assert county.frames() == town.frames() == village.frames()
    assert county.blobs.read(photo.hash, 0, photo.size) == bytes(range(256)) * 300


def test_acts_reach_all_they_are_for_and_nobody_gets_one_twice(sites):
    county, town, village = sites.values()
    up = [village.submit(b'{"n":%d}' % n, (COUNTY,)) for n in range(30)]
    down = [county.submit(b'{"d":%d}' % n, (VILLAGE,)) for n in range(30)]
    both = town.submit(b'{"t":1}', (COUNTY, VILLAGE))
    own = village.submit(b'{"o":1}', (VILLAGE,))

    settle(sites)

    assert sorted(county.application.ids) == sorted([*up, both])
    assert sorted(town.application.ids) == sorted([*up, *down])
    assert sorted(village.application.ids) == sorted([*down, both])
    assert not {own} & {*county.application.ids, *town.application.ids}
    # Within a stream the order is the author's.
    assert [a for a in county.application.ids if a in up] == up


def test_causes_come_before_effects_over_all_streams(sites):
    """The town answers a village's act; the village's reaches the county first though streams differ."""
    county, town, village = sites.values()
    for n in range(10):
        village.submit(b'{"ask":%d}' % n, (COUNTY,))
        exchange(village, town)
        town.submit(b'{"answer":%d}' % n, (COUNTY, VILLAGE))
    county.take(town.out(COUNTY))
    county.take(town.out(COUNTY))

    contents = [act.content for act in county.application.acts]
    assert contents == [w % n for n in range(10) for w in (b'{"ask":%d}', b'{"answer":%d}')]


def test_ticks_say_how_far_an_act_got_and_never_more(sites):
    county, town, village = sites.values()
    photo = village.paper(b"photo" * 10_000)
    act = village.submit(b"{}", (COUNTY,), (photo,))
    assert village.peer.tick(act).stage == SAVED

    exchange(village, town)
    assert village.peer.tick(act).stage == HOP_STORED

    # The county has the frame and none of the paper: its end receipt says so.
    county.take(town.out(COUNTY, Budget(2_000)))
    town.take(county.out(TOWN))
    exchange(village, town)
    assert (village.peer.tick(act).stage, village.peer.tick(act).papers_missing) == (HOP_STORED, 1)

    settle(sites)
    assert village.peer.tick(act).stage == END_STORED
    assert village.peer.tick(village.submit(b"{}", (VILLAGE,))).stage == END_STORED
    assert village.peer.tick("0" * 32).stage == SAVED


def test_the_villages_receipt_is_not_the_countys(sites):
    """What a town sends both ways is at the county only when the county says so."""
    _, town, village = sites.values()
    act = town.submit(b"{}", (COUNTY, VILLAGE))
    exchange(village, town)
    exchange(village, town)
    assert town.peer.tick(act).stage == SAVED


def test_receipts_never_cause_receipts_and_exchanges_go_quiet(sites):
    for n in range(5):
        sites[VILLAGE].submit(b'{"n":%d}' % n, (COUNTY,))
    settle(sites)
    stamps = {a: s.core.identity.stamp for a, s in sites.items()}
    sizes = []
    for _ in range(10):
        for child, parent in ((VILLAGE, TOWN), (TOWN, COUNTY)):
            request = sites[child].out(parent)
            sites[parent].take(request)
            answer = sites[parent].out(child)
            sites[child].take(answer)
            sizes += [len(request), len(answer)]
    assert max(sizes) < 1_100, sizes
    assert {a: s.core.identity.stamp for a, s in sites.items()} == stamps
    lines = [(VILLAGE, TOWN), (TOWN, VILLAGE), (TOWN, COUNTY), (COUNTY, TOWN)]
    assert not any(sites[one].peer.waits_for(other) for one, other in lines)


def test_any_two_on_one_path_may_exchange(sites):
    county, town, village = sites.values()
    act = village.submit(b"{}", (COUNTY,))

    exchange(village, county)

    assert county.application.ids == [act]
    exchange(town, county)
    assert town.application.ids == [act]
    exchange(village, town)
    assert village.peer.tick(act).stage == END_STORED


def test_an_exchange_planned_or_lost_counts_as_sending_nothing(sites):
    county, town, village = sites.values()
    act = village.submit(b"{}", (COUNTY,))
    for _ in range(70):
        village.out(TOWN)
    exchange(village, town)
    assert town.application.ids == [act]
    settle(sites)
    assert county.application.ids == [act]


@pytest.mark.parametrize("step", [1, 7, 100, 5_000])
def test_it_does_not_matter_how_the_bytes_are_cut(sites, step):
    _, town, village = sites.values()
    acts = [village.submit(b'{"n":%d}' % n, (COUNTY,)) for n in range(20)]
    incoming = town.take(village.out(TOWN), step)
    assert town.application.ids == acts
    assert (incoming.frames, incoming.fresh, incoming.refused) == (20, 20, 0)


def test_taken_in_again_it_changes_nothing_and_counts_as_nothing_new(sites):
    _, town, village = sites.values()
    village.submit(b"{}", (COUNTY,))
    data = village.out(TOWN)
    town.take(data)
    before = town.state()
    again = town.take(data)
    assert town.state() == before
    assert (again.frames, again.fresh) == (1, 0)


def test_heads_that_are_not_for_us_are_refused_whole(sites):
    county, town, village = sites.values()
    stranger = make_network(seed=2)[VILLAGE]
    before = town.state()

    def refusal(data: bytes) -> type[Exception]:
        with pytest.raises(Exception) as caught, town.unit():
            town.peer.open_head(read_head(data)[0])
        return caught.type

    assert refusal(village.out(COUNTY)) is NotForUs
    assert refusal(stranger.out(TOWN)) is OtherNetwork
    assert refusal(village.say(town, [b""], sender="511921109")) is UnknownSender
    assert refusal(village.say(town, [b""], sender=COUNTY, sender_key=county.key.id)) is BadSignature
    assert refusal(village.say(town, [b""], dictionary="00" * 8)) is UnknownDictionary
    assert refusal(village.say(town, [b""], receiver_key=county.key.id)) is CannotOpen
    assert town.state() == before


def test_neighbours_in_other_branches_do_not_exchange():
    sites = make_network((COUNTY, TOWN, VILLAGE, "511921110"))
    town, other = sites[TOWN], sites["511921110"]
    data = other.say(town, [b""])
    with town.unit(), pytest.raises(NotForUs):
        town.peer.open_head(read_head(data)[0])


def test_sealed_acts_are_relayed_unread(sites):
    county, town, village = sites.values()
    with village.unit():
        act = village.peer.submit_sealed(("case.rated", b'{"stars":1}'), (COUNTY,), (COUNTY,), village.now())
    settle(sites)
    assert county.application.ids == [act]
    assert town.application.ids == []
    assert town.frames() == county.frames()
    assert county.peer.read_sealed(act) == b'{"stars":1}'
    with pytest.raises(CannotOpen):
        town.peer.read_sealed(act)


def test_a_key_wrap_left_out_on_the_way_is_told_to_a_person(sites):
    """A complaint about a township travels through it: it cannot make the county overlook it."""
    county, town, village = sites.values()
    exchange(village, town)
    exchange(town, county)
    with village.unit():
        act = village.peer.submit_sealed(("case.rated", b"{}"), (COUNTY,), (COUNTY,), village.now())
        frame = village.spool.frame_of_act(act)
    bring(town, county, frame._replace(wraps=()))
    (row,) = county.spool.parked()
    assert (row.id, row.reason, row.waits_for) == (act, "S108", "person")
    assert county.codes() == ["S108"]


def test_a_dictionary_is_used_only_where_the_other_has_it(sites):
    _, town, village = sites.values()
    words = b'"county":"511921","village":"511921108203"'
    village.dictionaries, village.dictionary = {"ab" * 8: words}, "ab" * 8
    village.restart()
    # The first try of all is made with it; a neighbour that does not know it never sees the second.
    with town.unit(), pytest.raises(UnknownDictionary):
        town.peer.open_head(read_head(village.out(TOWN))[0])
    act = village.submit(b"{}", (COUNTY,))
    assert read_head(village.out(TOWN))[0].dictionary == ""
    exchange(village, town)
    assert town.application.ids == [act]

    town.dictionaries = {"ab" * 8: words}
    town.restart()
    exchange(village, town)
    act = village.submit(b'{"village":"511921108203"}', (COUNTY,))
    data = village.out(TOWN)
    assert read_head(data)[0].dictionary == "ab" * 8
    town.take(data)
    assert act in town.application.ids


def test_a_look_leaves_what_is_known_and_hides_nothing_that_another_process_writes(sites):
    settle(sites)
    county = sites[COUNTY]
    other = copy.copy(county)
    other.restart()

    def looked() -> Roster:
        with county.spool.unit():
            county.peer.begin()
            found = county.core.roster
            county.peer.rest()
        return found

    def name(site: Site, words: str) -> None:
        with site.unit():
            registrar.change(site.core, site.roster_key, TOWN, {"name": words}, START_MS)

    known = looked()
    name(other, "one")
    assert looked() is known and known.entries[TOWN].name == "one"
    name(county, "two")
    name(other, "three")
    with county.unit():
        assert county.core.roster is known and known.entries[TOWN].name == "three"
