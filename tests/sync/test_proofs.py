"""Where an act within a cut stands is proven in each stream by a chain of its own, however many there are."""

from __future__ import annotations

import pytest

from sync.protocol.acts.proven import leading
from sync.protocol.acts.quarantine import PAST, WITHIN
from sync.protocol.frame import SIGNED_AS, rebuild
from sync.protocol.memos import note_down
from sync.protocol.own.issue import open_epoch
from sync.protocol.records import LOOSE
from sync.protocol.spool import Placed
from sync.protocol.trust import registrar
from tests.sync.forgery import all_frames, bring, other_at, resigned
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
    trust,
)
from tests.sync.test_asked import name, rows, some_ids
from tests.sync.test_loose_papers import ALL
from tests.sync.test_revocation import STICK, cut_off, names, once, said
from tests.sync.test_rotation import rotate

SECOND = "511921108204"
NEXT = key_pair("next computer")


def by_stick(village: Site, county: Site, times: int) -> None:
    for _ in range(times):
        village.take(county.out(village.address, STICK))
        county.take(village.out(COUNTY, STICK))


def told_above(sites: dict[str, Site]) -> tuple[str, str]:
    """Return an act of the township for its village alone, and one for the county too; the head is known."""
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    alone = town.submit(said(1, VILLAGE), (VILLAGE,))
    both = town.submit(said(2, COUNTY, VILLAGE), (COUNTY, VILLAGE))
    for _ in range(3):
        exchange(village, town)
        exchange(town, county)
    county.take(village.out(COUNTY, STICK))
    return alone, both


@pytest.mark.parametrize("order", [(VILLAGE, SECOND), (SECOND, VILLAGE)])
def test_who_names_first_decides_nothing(order):
    """Proven by the chain to one village, an act was asked for no more, though the other led through it."""
    sites = make_network((COUNTY, TOWN, VILLAGE, SECOND))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites, 2)
    alone = [town.submit(said(n, one), (one,)) for n, one in enumerate((VILLAGE, SECOND))]
    both = town.submit(said(3, COUNTY, VILLAGE, SECOND), (COUNTY, VILLAGE, SECOND))
    for _ in range(3):
        for one in order:
            exchange(sites[one], town)
        exchange(town, county)
    for one in order:
        county.take(sites[one].out(COUNTY, STICK))
    cut_off(county, TOWN)
    for one in order:
        by_stick(sites[one], county, 6)
    assert once(county) >= {*alone, both} and names(county) == []
    assert (rows(county), county.spool.wants(9)) == ([], [])


def test_an_act_proves_what_stands_below_it_in_more_streams_than_a_few():
    """Of an act four frames were kept, so the fifth village's chain broke off at it."""
    many = [f"5119211082{n:02d}" for n in range(3, 13)]
    sites = make_network((COUNTY, TOWN, *many))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites, 2)
    old = town.key.id
    alone = [town.submit(said(n, one), (one,)) for n, one in enumerate(many)]
    both = town.submit(said(99, COUNTY, *many), (COUNTY, *many))
    rotate(town, "township 2")
    for _ in range(4):
        for one in many:
            exchange(sites[one], town)
        exchange(town, county)
    cut_off(county, TOWN, keys=(old,))
    for _ in range(12):
        for one in many:
            exchange(sites[one], town)
        exchange(town, county)
    assert once(county) == {*alone, both} and names(county) == []
    assert (rows(county), county.spool.wants(9)) == ([], [])


@pytest.mark.parametrize("reasons", [(PAST, WITHIN), (WITHIN, PAST)], ids=str)
def test_who_waits_for_a_word_on_an_act_is_asked_for_its_proof_all_the_same(reasons):
    """The one question ended the other: what stands below that act stayed held back for ever."""
    sites = make_network(ALL)
    county, village = sites[COUNTY], sites[VILLAGE]
    alone, both = told_above(sites)
    cut_off(county, TOWN)
    for reason in reasons:
        name(village, [both], reason)
    by_stick(village, county, 6)
    assert once(county) >= {alone, both} and names(county) == []
    assert (rows(county), county.spool.wants(9)) == ([], [])


def test_false_frames_that_somebody_else_brings_do_not_end_the_question():
    """A stolen key makes many of an act; the true one comes from who stands on its way."""
    sites = make_network(ALL)
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    alone, both = told_above(sites)
    cut_off(county, TOWN)
    village.take(county.out(VILLAGE, STICK))
    county.take(village.out(COUNTY, STICK))
    assert both in county.spool.wants(9)
    true = next(f for f in all_frames(village) if f.act == both)
    for n in range(9):
        header = true.header._replace(seq=100 + n, prev=bytes([n]) * 32)
        false = rebuild(header, true.body, SUITE.sign(town.key, SIGNED_AS, header.encode()), true.wraps)
        bring(sites[OTHER_TOWN], county, false, kind=LOOSE)
    assert both in county.spool.wants(9)
    by_stick(village, county, 4)
    assert once(county) >= {alone, both} and names(county) == []
    assert (rows(county), county.spool.wants(9)) == ([], [])


def test_a_place_whose_head_the_top_does_not_know_is_asked_for_no_more_than_a_few_times():
    """Seed 49700290: nothing leads to it, and what is here already came again and again."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    both = town.submit(said(1, COUNTY, VILLAGE), (COUNTY, VILLAGE))
    settle(sites, 3)
    # The head is known of a stream that led there before.
    old = town.key.id
    rotate(town, "township 2")
    settle(sites, 4)
    cut_off(county, TOWN, keys=(old,))
    assert names(county) == []
    aside = next(f for f in all_frames(village) if f.act == both)
    with county.unit():
        county.spool.add_loose(Placed(county.core.next_position(), aside), 1)
        note_down(county.core, "head of a cut stream", f"{TOWN}|1-0000000000000000|{VILLAGE}", bytes(32))
        county.spool.drop_held("head of a cut stream", str(aside.header.stream))
    # While something named is lacking, the proof may be needed.
    (lost,) = some_ids(1)
    name(village, [both, lost], WITHIN)
    counts = []
    for _ in range(40):
        exchange(village, town)
        exchange(town, county)
        counts.append(len(rows(county)))
    assert max(counts) == 2 and counts[-1] == 1 and county.spool.wants(9) == [lost]


@pytest.mark.parametrize("first", ["proof", "place"])
def test_what_is_proven_in_one_stream_counts_though_it_stands_past_the_cut_of_another(first):
    """Seed 970612 of an upheaval: who had it by a third stream waited for a word, and the top said none.

    Where the place came first, nothing was asked for that proves the other one, and a person had to decide.
    """
    sites = make_network((COUNTY, TOWN, VILLAGE, SECOND))
    county, town, village, second = sites.values()
    settle(sites, 2)
    act = town.submit(said(1, COUNTY, VILLAGE, SECOND), (COUNTY, VILLAGE, SECOND))
    exchange(second, town)
    exchange(village, town)
    county.take(village.out(COUNTY, STICK))
    cut_off(county, TOWN)
    if first == "proof":
        by_stick(village, county, 4)
        assert county.application.ids == [act]
    # The township's next machine brings its place in the stream to the county, which was cut before it.
    town.means.keys[NEXT.id] = town.key = NEXT
    with county.unit():
        child = {"address": TOWN, "parent": "", "name": "", "key": NEXT.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    for site in (town, village, second):
        trust(site, county)
    with town.unit():
        open_epoch(town.core, NEXT, "replaced", START_MS)
    exchange(town, county)
    exchange(town, county)
    if first == "place":
        assert names(county) == [act]
        by_stick(village, county, 4)
    settle(sites, 6)
    assert (TOWN, COUNTY) in county.upto() and names(county) == []
    assert once(second) == once(village) == once(county) == {act}
    assert [names(site) for site in sites.values()] == [[], [], [], []] and rows(county) == []


def test_a_chain_proves_places_in_its_own_stream_alone():
    """A village in false hands had signed a head that leads to a frame claiming a place of another stream.

    So with the stolen key of its township an act stood within a cut that a person had set before the theft.
    """
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    good = town.submit(said(1, COUNTY), (COUNTY,))
    town.submit(said(2, VILLAGE), (VILLAGE,))
    settle(sites, 3)
    frames = {f.act: f for f in all_frames(town)}
    down = next(f for f in frames.values() if f.header.stream.dst == VILLAGE)
    false = other_at(town, frames[good], b"what the township never said")
    lure = resigned(town, down, seq=2, prev=false.hash)
    cut_off(county, TOWN, cut={down.header.stream: 0})
    with county.unit():
        note_down(county.core, "head of a cut stream", str(down.header.stream), lure.hash)
    name(village, [false.act, lure.act], PAST)
    by_stick(village, county, 2)
    assert leading(county.core, [lure, false]) == {lure.hash}, "nor is there more room for what it leads to"
    bring(village, county, lure, false, kind=LOOSE)
    by_stick(village, county, 2)
    assert false.act not in county.application.ids and false.act in names(county)
