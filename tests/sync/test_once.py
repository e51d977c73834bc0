"""What is shown once goes in parts that a line can carry, and comes to rest."""

from __future__ import annotations

import random

import pytest

from sync.adapters.memory_spool import MemorySpool
from sync.protocol import records
from sync.protocol.canonical import dumps
from sync.protocol.frame import Frame
from sync.protocol.frame_items import encode_frames
from sync.protocol.offer import Budget
from sync.protocol.spool import EVIDENCE
from sync.protocol.stock import loose, once
from sync.protocol.stock.loose import OWED
from tests.sync.copies import copy_of, put_back
from tests.sync.file_spool import files_in
from tests.sync.forgery import all_frames, bring, other_at
from tests.sync.network import COUNTY, OTHER_TOWN, OTHER_VILLAGE, TOWN, VILLAGE, Site, make_network, settle
from tests.sync.test_loose_papers import ALL, brief, items_of
from tests.sync.test_revocation import STICK, said


@pytest.fixture(params=["memory", "sql"])
def spool(request, tmp_path):
    return MemorySpool if request.param == "memory" else files_in(tmp_path)


def once_each(town: Site, county: Site, count: int) -> list[int]:
    """Let two exchange; return how long what the township sends is."""
    sizes = []
    for _ in range(count):
        up = town.out(COUNTY, Budget(450))
        county.take(up)
        town.take(county.out(TOWN))
        sizes.append(len(up))
    return sizes


def forked(spool) -> tuple[dict[str, Site], list[Frame]]:
    """Return sites and ten frames at places of the village's that its township keeps as evidence."""
    sites = make_network(spool=spool)
    county, town, village = sites.values()
    settle(sites, 2)
    for n in range(10):
        village.submit(said(n, COUNTY), (COUNTY,))
    settle(sites, 3)
    frames = [frame for frame in all_frames(county) if frame.header.stream.src == VILLAGE]
    lost = [other_at(village, frame, said(100 + frame.header.seq, COUNTY)) for frame in frames]
    town.take(village.say_items(town, *(encode_frames(records.EVIDENCE, [frame]) for frame in lost)))
    return sites, lost


def test_more_evidence_than_one_exchange_shows_is_all_shown_and_then_no_more(spool, monkeypatch):
    """It was shown for ever, with all that is signed, both ways."""
    monkeypatch.setattr(once, "SHOWN_BYTES", 450)
    sites, lost = forked(spool)
    county, town, _ = sites.values()
    shown = []
    for _ in range(5):
        town.restart()
        once_each(town, county, 1)
        # An exchange that does not arrive shows nothing, and its part goes again.
        town.out(COUNTY, Budget(450))
        shown.append(county.spool.count_aside(EVIDENCE))
    assert shown == [4, 8, 10, 10, 10]
    assert {aside.frame.act for aside in county.spool.asides(EVIDENCE)} == {frame.act for frame in lost}
    settle(sites, 8)
    assert set(county.application.ids) >= {frame.act for frame in lost}
    sizes = once_each(town, county, 3)
    assert max(sizes) - min(sizes) < 5 and all(site.spool.all_held("shown") == [] for site in sites.values())
    assert town.core.neighbour(COUNTY).acked_stamp == town.core.identity.stamp


def test_what_is_remembered_has_the_bytes_that_programs_before_wrote(spool, monkeypatch):
    """A node goes on with its parts when its program is changed between two of them."""
    monkeypatch.setattr(once, "SHOWN_BYTES", 450)
    sites, lost = forked(spool)
    town = sites[TOWN]
    town.out(COUNTY, Budget(450))
    held, neighbour = town.spool.held("shown", COUNTY), town.spool.neighbour(COUNTY)
    names = sorted(frame.hash[:8] for frame in lost)
    numbers = [int.from_bytes(held.content[at : at + 8], "big") for at in (1, 9, 17)]
    assert held.content[:1] == b"M" and numbers[:2] == [neighbour.era, neighbour.acked_stamp]
    assert 0 < numbers[2] <= town.spool.identity().stamp
    assert sorted(held.content[at : at + 8] for at in range(25, len(held.content), 8)) == names
    for old in (b"", b"m", b"M", b"l" + held.content[1:]):
        with town.unit():
            town.spool.put_held(held._replace(content=old))
        town.out(COUNTY, Budget(450))
        assert town.spool.held("shown", COUNTY).content[25:] == held.content[25:]


def lacking_much(count: int) -> tuple[dict[str, Site], list[str]]:
    """Return sites, and acts of 4 KB that the township holds and owes to the county.

    All others on their way were put back to before them.
    """
    sites = make_network(ALL)
    lost = [sites[address] for address in (OTHER_VILLAGE, OTHER_TOWN, COUNTY)]
    settle(sites, 2)
    kept = [copy_of(site) for site in lost]
    chance = random.Random(1)
    texts = [chance.randbytes(2_000).hex() for _ in range(count)]
    acts = [sites[OTHER_VILLAGE].submit(dumps({"text": text}), (COUNTY,)) for text in texts]
    settle(sites, 3)
    brief(sites[COUNTY], TOWN, *acts)
    settle(sites, 4)
    for site, copy in zip(lost, kept, strict=True):
        put_back(site, copy)
    return sites, acts


def test_a_line_that_is_always_cut_carries_what_is_owed_and_what_stands_behind_it():
    """60 KB get through at a time."""
    sites, acts = lacking_much(60)
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    new = village.submit(said(1, COUNTY), (COUNTY,))
    settle({TOWN: town, VILLAGE: village}, 2)
    for _ in range(20):
        # As a runner asks for, when so much went and nobody answered.
        county.take(town.out(COUNTY, Budget(16_000))[:60_000])
        town.take(county.out(TOWN))
    assert {*acts, new} <= set(county.application.ids)
    assert town.spool.held(OWED, COUNTY) is None and items_of(town.out(COUNTY), county, records.LOOSE) == []


def test_what_is_owed_goes_in_what_something_between_lets_through():
    """A proxy that takes 12 KB of a request, and 48 KB are owed."""
    sites, acts = lacking_much(12)
    county, town = sites[COUNTY], sites[TOWN]
    engine, goes_on = town.engine(), []
    for _ in range(14):
        before = engine.got(COUNTY)
        up = town.out(COUNTY, Budget(2_048))
        if len(up) < 12_000:
            county.take(up)
            town.take(county.out(TOWN))
        goes_on.append(engine.standing(COUNTY, before)[0])
    assert set(acts) <= set(county.application.ids)
    # Part after part at once, and then no more.
    assert goes_on.count(1) >= 10 and goes_on[goes_on.count(1) :].count(1) == 0


@pytest.mark.parametrize("offered", [256, 12])
def test_new_ones_in_each_exchange_keep_nobody_from_what_it_is_owed(offered, monkeypatch):
    """A thief makes them; at the end there are more than are offered."""
    monkeypatch.setattr(loose, "OFFERED_MAX", offered)
    sites, acts = lacking_much(12)
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    village.submit(said(1, COUNTY), (COUNTY,))
    (frame,) = [one for one in all_frames(village) if one.header.stream.src == VILLAGE]
    if offered < 256:
        for n in range(20):
            bring(village, town, other_at(village, frame, said(100 + n, COUNTY)), kind=records.LOOSE)
    for n in range(8):
        bring(village, town, other_at(village, frame, said(200 + n, COUNTY)), kind=records.LOOSE)
        county.take(town.out(COUNTY, Budget(16_000))[:60_000])
        town.take(county.out(TOWN))
    found = set(acts) & set(county.application.ids)
    assert len(found) == 12 if offered == 256 else len(found) > 4


@pytest.mark.parametrize("carried", [450, 1_000_000])
def test_an_act_whose_frame_lost_its_place_comes_to_who_is_owed_it_whole_or_in_parts(carried, monkeypatch):
    """Its author is gone: shown as evidence it is kept and not taken, beside the streams it is."""
    monkeypatch.setattr(once, "SHOWN_BYTES", 450)
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    kept = copy_of(village)
    lost = [village.submit(said(n, COUNTY), (COUNTY,)) for n in range(6)]
    town.take(village.out(TOWN))
    put_back(village, kept, 1)
    for n in range(7):
        village.submit(said(50 + n, COUNTY), (COUNTY,))
    county.take(village.out(COUNTY, STICK))
    for _ in range(6):
        county.take(town.out(COUNTY, Budget(1_000_000)))
        town.take(county.out(TOWN))
    assert county.spool.count_aside(EVIDENCE) == 6 and not county.spool.known_acts(lost)
    with town.unit():
        neighbour = town.core.neighbour(COUNTY)
        neighbour.owe_all()
        town.spool.put_neighbour(neighbour)
        loose.owe_loose(town.core, COUNTY)
    for _ in range(9):
        county.take(town.out(COUNTY, Budget(carried)))
        town.take(county.out(TOWN))
    assert county.spool.known_acts(lost) == set(lost)
    assert not town.spool.all_held(OWED) and not town.spool.all_held("shown")


def test_new_ones_in_each_exchange_keep_nothing_else_from_being_acknowledged():
    """A thief makes more in a round than a part shows, and a document went again in every exchange."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN))
    county, town, other = sites.values()
    town.submit(said(1, OTHER_TOWN), (OTHER_TOWN,))
    settle(sites, 4)
    (frame,) = [one for one in all_frames(town) if one.header.stream.src == TOWN]
    chance, sizes = random.Random(1), []
    for turn in range(60):
        loose_ones = [other_at(town, frame, chance.randbytes(300)) for _ in range(8)]
        bring(town, county, *loose_ones, kind=records.LOOSE)
        if turn == 10:
            county.publish("notice", chance.randbytes(12_000), COUNTY)
            published = county.core.identity.stamp
        down = county.out(OTHER_TOWN, Budget(2_048))
        other.take(down)
        county.take(other.out(COUNTY))
        sizes.append(len(down))
    assert county.core.neighbour(OTHER_TOWN).acked_stamp > published
    assert max(sizes[:10]) < 6_000 and max(sizes[-15:]) < 6_000 < max(sizes)


def test_new_ones_in_each_exchange_do_not_make_what_has_come_go_again():
    """A thief makes one small one a round, and all that was owed went again after each last part."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN))
    county, town, other = sites.values()
    town.submit(said(1, OTHER_TOWN), (OTHER_TOWN,))
    settle(sites, 4)
    (frame,) = [one for one in all_frames(town) if one.header.stream.src == TOWN]
    chance, sizes = random.Random(1), []

    def make(count: int, size: int) -> None:
        made = [other_at(town, frame, chance.randbytes(size)) for _ in range(count)]
        bring(town, county, *made, kind=records.LOOSE)

    def go() -> int:
        down = county.out(OTHER_TOWN, Budget(12_000))
        other.take(down)
        county.take(other.out(COUNTY))
        return len(down)

    make(40, 3_000)
    for _ in range(40):
        make(1, 300)
        sizes.append(go())
    assert max(sizes[-20:]) < 3_000
    for _ in range(3):
        go()
    assert len([*other.spool.loose_frames(99)]) == 80
    assert county.spool.held(OWED, OTHER_TOWN) is None and county.spool.all_held("shown") == []
    # Put back, it is owed all of them.
    with county.unit():
        loose.owe_loose(county.core, OTHER_TOWN)
    assert go() > 12_000
