"""Bodies that left by rule, or were left out on the way, come back to whoever lacks them."""

from __future__ import annotations

import pytest

from sync.protocol.acts.deliver import Parked
from sync.protocol.frame import Frame
from sync.protocol.frame_items import encode_frames
from sync.protocol.items import encode_statement
from sync.protocol.records import FRAMES, LOOSE
from sync.protocol.spool import PARKED
from tests.sync.copies import copy_of, put_back
from tests.sync.forgery import all_frames, bring
from tests.sync.network import (
    COUNTY,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    hello,
    make_network,
    receipt_held,
    settle,
)
from tests.sync.test_purging import bodies, mark, problems, purged
from tests.sync.test_revocation import STICK, cut_off, said, stolen


@pytest.fixture
def sites() -> dict[str, Site]:
    found = make_network()
    settle(found, 2)
    return found


def framed(site: Site, act: str) -> Frame:
    return next(frame for frame in all_frames(site) if frame.act == act)


def test_a_village_that_hands_its_township_bare_frames_keeps_nothing_from_it(sites):
    """It has them by stick and its own word allows it; the township asks further up for what lacks."""
    county, town, village = sites.values()
    act = county.submit(said(3, VILLAGE), (VILLAGE,))
    village.take(county.out(VILLAGE, STICK))
    evil = stolen(village)
    with evil.unit():
        evil.spool.drop_bodies([act])
    town.take(evil.out(TOWN))
    assert bodies(town, COUNTY, VILLAGE) == [] and town.stream(COUNTY, VILLAGE).upto == 1
    assert town.spool.wants(9) == [act] and town.application.ids == []
    settle(sites, 3)
    assert town.application.ids == [act] and bodies(town, COUNTY, VILLAGE) == [1]
    assert town.spool.wants(9) == [] and problems(town) == []


def test_a_township_that_cuts_bodies_out_for_a_village_put_back_does_not_keep_them_from_it(sites):
    county, town, village = sites.values()
    backup = stolen(village)
    acts = [county.submit(said(n, VILLAGE), (VILLAGE,)) for n in range(3)]
    settle(sites, 4)
    stream = village.stream(COUNTY, VILLAGE)
    word, evil = receipt_held(county, stream.id, VILLAGE), stolen(town)
    assert word is not None
    with evil.unit():
        evil.spool.drop_bodies(acts)
    backup.take(evil.say_items(backup, encode_statement(word.statement), hello()))
    bare = [framed(evil, act) for act in acts]
    backup.take(evil.say_items(backup, encode_frames(FRAMES, bare)))
    assert backup.stream(COUNTY, VILLAGE).upto == 3 and backup.application.ids == []
    for _ in range(3):
        backup.take(county.out(VILLAGE, STICK))
        county.take(backup.out(COUNTY, STICK))
    assert sorted(backup.application.ids) == sorted(acts)
    assert bodies(backup, COUNTY, VILLAGE) == [1, 2, 3] and problems(backup) == []


def test_a_body_comes_back_to_its_places_also_where_the_act_once_came_loose_and_leaves_again(sites):
    town, village = sites[TOWN], sites[VILLAGE]
    act = village.submit(said(1, COUNTY), (COUNTY,))
    bring(village, town, framed(village, act), kind=LOOSE)
    settle(sites, 3)
    mark(sites, 100)
    mark(sites, 104)
    assert purged(town) == purged(village) == 1 and town.spool.frame_of_act(act).body == b""
    with village.unit():
        village.spool.want(act)
    settle(sites, 3)
    assert village.spool.wants(9) == town.spool.wants(9) == []
    assert bodies(town, VILLAGE, COUNTY) == bodies(village, VILLAGE, COUNTY) == [1]
    assert town.application.ids == [act] and purged(town) == purged(village) == 1
    assert bodies(town, VILLAGE, COUNTY) == [] and problems(town) == []


def test_what_fell_with_others_and_has_no_body_here_is_given_back_whole(sites):
    """Its waiting is over before its body is here: nothing is handed over without one."""
    town, village = sites[TOWN], sites[VILLAGE]
    acts = [village.submit(said(n, COUNTY), (COUNTY,)) for n in range(2)]
    settle(sites, 3)
    mark(sites, 100)
    mark(sites, 104)
    assert purged(town) == 2
    with town.unit():
        for act in acts:
            row = town.spool.act(act)
            assert row is not None
            town.spool.set_act(row._replace(state=PARKED, reason="E1", waits_for="case:x"))
    town.application.judge = lambda act: None if act.content else Parked("E2", "person")
    town.application.acts.clear()
    with town.unit():
        town.peer.wake({"case:x"}, town.application)
    assert town.application.ids == [] and {row.reason for row in town.spool.parked()} == {"E1"}
    settle(sites, 2)
    assert sorted(town.application.ids) == sorted(acts) and town.spool.parked() == []


def test_what_counts_again_after_a_revocation_waits_for_its_body_and_not_in_vain(sites):
    county, town, village = sites.values()
    act = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    mark(sites, 100)
    mark(sites, 104)
    assert purged(town) == 1
    with town.unit():
        row = town.spool.act(act)
        assert row is not None
        town.spool.set_act(row._replace(state=PARKED, reason="S129", waits_for=f"cut:{VILLAGE}"))
    town.application.acts.clear()
    cut_off(county, VILLAGE)
    town.take(county.out(TOWN))
    assert town.application.ids == [] and town.spool.wants(9) == [act]
    settle({COUNTY: county, TOWN: town}, 2)
    assert town.application.ids == [act] and town.spool.parked() == []


def test_what_a_county_put_back_had_sent_and_has_left_on_the_way_comes_back_from_its_end(sites):
    """The township purged by rule before it heard: the county gets its acts bare and asks for them."""
    county, town, village = sites.values()
    kept = copy_of(county)
    acts = [county.submit(said(n, VILLAGE), (VILLAGE,)) for n in range(2)]
    settle(sites, 3)
    mark(sites, 100)
    mark(sites, 104)
    assert purged(town) == 2
    assert put_back(county, kept) == "witness ahead"
    for _ in range(2):
        exchange(town, county)
    stream = village.stream(COUNTY, VILLAGE).id
    assert county.spool.stream(stream).upto == 2 and county.application.ids == []
    assert sorted(county.spool.wants(9)) == sorted(acts)
    settle(sites, 4)
    assert sorted(county.application.ids) == sorted(acts) and county.spool.wants(9) == []
    assert [county.spool.places_of_act(act) for act in acts] == [[(stream, 1)], [(stream, 2)]]
    assert all(framed(county, act).body for act in acts) and problems(county) == []
    assert village.application.ids == acts, "once there"
