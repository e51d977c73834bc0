"""Own acts that come back get a place for everybody they are for, though somebody is known only later."""

from __future__ import annotations

import json

import pytest

from sync.protocol.entries import RETIRED
from sync.protocol.incoming.beside import take_loose
from sync.protocol.memos import note_down
from sync.protocol.own.reissue import reissue
from sync.protocol.trust import registrar
from tests.sync.copies import copy_of, put_back
from tests.sync.made import OTHER, key_pair
from tests.sync.network import (
    COUNTY,
    START_MS,
    VILLAGE,
    Site,
    enter,
    exchange,
    make_network,
    new_site,
    settle,
)
from tests.sync.test_revocation import cut_off, stolen
from tests.sync.test_rotation import rotate

LATE, UNKNOWN = "511921108209", "addressee unknown"


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def test_an_act_for_somebody_entered_after_the_copy_reaches_them_though_the_entry_comes_after_it(sites):
    """The act comes back first, and the entry is signed anew."""
    county, town, _ = sites.values()
    late, act = _lost_act(sites, f'{{"to":["{COUNTY}","{LATE}"]}}')
    assert act in county.application.ids and LATE not in town.core.tree
    _let_in(county, town, late)
    settle({**sites, LATE: late}, 4)
    assert act in late.application.ids
    assert not town.spool.all_held(UNKNOWN)


def test_an_act_whose_body_left_by_rule_is_asked_for_once_somebody_it_is_for_is_entered(sites):
    county, town, _ = sites.values()
    late, act = _lost_act(sites, f'{{"to":["{COUNTY}","{LATE}"]}}')
    with town.unit():
        assert town.spool.drop_bodies([act]) and town.spool.wants(9) == []
    _let_in(county, town, late)
    assert town.spool.wants(9) == [act]
    settle({**sites, LATE: late}, 5)
    assert act in late.application.ids and town.spool.wants(9) == []
    assert not town.spool.all_held(UNKNOWN)


def test_of_an_act_for_very_many_unknown_ones_one_thing_is_kept_and_who_is_entered_gets_it(sites):
    county, town, _ = sites.values()
    others = [f"511999{number:06d}" for number in range(500)]
    late, act = _lost_act(sites, json.dumps({"to": [COUNTY, *others, LATE]}, separators=(",", ":")))
    (kept,) = town.spool.all_held(UNKNOWN)
    assert kept.key == act and len(kept.content) < 300
    _let_in(county, town, late)
    settle({**sites, LATE: late}, 4)
    assert act in late.application.ids and len(town.spool.all_held(UNKNOWN)) == 1


def test_nobody_is_awaited_for_what_a_thief_has_made_once_it_counts_no_more(sites):
    county, town, village = sites.values()
    settle(sites, 2)
    thief = stolen(village)
    for number in range(3):
        thief.submit(b'{"n":%d,"to":["%s","%s"]}' % (number, COUNTY.encode(), LATE.encode()), (COUNTY,))
    exchange(thief, town)
    settle(sites, 3)
    assert len(village.spool.all_held(UNKNOWN)) == 3
    old = village.key.id
    rotate(village, "v2")
    settle(sites, 4)
    cut_off(county, VILLAGE, keys=(old,), cut={village.stream(VILLAGE, COUNTY).id: 0})
    settle(sites, 4)
    assert not village.spool.all_held(UNKNOWN)


def test_nobody_is_awaited_who_is_retired(sites):
    county, town, _ = sites.values()
    late, _ = _lost_act(sites, f'{{"to":["{COUNTY}","{LATE}"]}}')
    assert len(town.spool.all_held(UNKNOWN)) == 1
    with county.unit():
        enter(county, late.key, late.address)
        registrar.change(county.core, county.roster_key, LATE, {"status": RETIRED}, START_MS)
    settle(sites, 3)
    assert LATE in town.core.roster.entries and not town.spool.all_held(UNKNOWN)


def test_what_a_program_of_before_kept_for_each_address_is_kept_for_the_act(sites):
    county, town, _ = sites.values()
    late, act = _lost_act(sites, f'{{"to":["{COUNTY}","{LATE}"]}}')
    with town.unit():
        town.spool.drop_held(UNKNOWN, act)
        note_down(town.core, UNKNOWN, f"{act}|{LATE}")
    with county.unit():
        enter(county, key_pair("somebody"), OTHER)
    settle(sites, 3)
    assert [held.key for held in town.spool.all_held(UNKNOWN)] == [act]
    _let_in(county, town, late)
    settle({**sites, LATE: late}, 4)
    assert act in late.application.ids and not town.spool.all_held(UNKNOWN)


def _lost_act(sites: dict[str, Site], body: str) -> tuple[Site, str]:
    """Put county and township back to before somebody was entered; an act for them comes back to the latter.

    Return who it is, and the act.
    """
    county, town, _ = sites.values()
    kept = [(site, copy_of(site)) for site in (county, town)]
    late = new_site(county, LATE)
    _let_in(county, town, late)
    act = town.submit(body.encode(), (COUNTY, LATE))
    frame = town.spool.frame_of_act(act)
    for site, copy in kept:
        put_back(site, copy)
    settle(sites, 3)
    with town.unit():
        take_loose(town.core, [frame])
        reissue(town.core)
    settle(sites, 3)
    return late, act


def _let_in(county: Site, town: Site, late: Site) -> None:
    with county.unit():
        enter(county, late.key, late.address)
    exchange(town, county)
