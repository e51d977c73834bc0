"""An act waits beyond a gap at a township that its author has left, and nobody else has it: it comes home."""

from __future__ import annotations

import pytest

from sync.protocol.offer import Budget
from sync.protocol.roster import RELIEVED
from sync.protocol.spool import GAP
from sync.protocol.stock.loose import owe_loose
from sync.protocol.trust import registrar
from tests.sync.copies import copy_of, put_back
from tests.sync.network import COUNTY, START_MS, TOWN, VILLAGE, Site, exchange, make_network, settle

CITY, FAR_COUNTY, FAR_TOWN, THIRD_COUNTY = "5119", "511922", "511922108", "511923"


def _left_beyond_a_gap(sites: dict[str, Site], top: str = COUNTY) -> str:
    """Both township and village are put back whole, between them all is lost but the village's third act."""
    town, village = sites[TOWN], sites[VILLAGE]
    settle(sites)
    kept = copy_of(town), copy_of(village)
    for n in range(2):
        village.submit(b'{"n":%d}' % n, (top,))
    for _ in range(2):
        exchange(village, town)
    put_back(town, kept[0], with_witness=1)
    act = village.submit(b'{"n":3}', (top,))
    town.take(village.out(TOWN))
    assert [aside.frame.act for aside in town.spool.asides(GAP)] == [act]
    put_back(village, kept[1], with_witness=1)
    return act


def _speak(sites: dict[str, Site]) -> None:
    for _ in range(6):
        exchange(sites[TOWN], sites[COUNTY])
        exchange(sites[VILLAGE], sites[COUNTY])


def test_it_comes_up_from_the_former_township_and_home():
    """In `simulation` 970455 it began anew with the county alone, and the township never heard of that."""
    sites = make_network((COUNTY, TOWN, VILLAGE))
    county, town, village = sites.values()
    act = _left_beyond_a_gap(sites)
    with county.unit():
        registrar.change(county.core, county.roster_key, VILLAGE, {"parent": COUNTY}, START_MS)
    for site in (town, village):
        site.take(county.out(site.address))
    _speak(sites)
    assert act in county.application.ids and village.spool.act(act) is not None
    quiet = [site.state() for site in sites.values()]
    _speak(sites)
    assert [site.state() for site in sites.values()] == quiet


def _moved_across(sites: dict[str, Site], **also: str) -> None:
    """Let all who speak with the city hear that the village stands in another county now."""
    city = sites[CITY]
    with city.unit():
        for address, parent in ((VILLAGE, FAR_TOWN), *also.items()):
            registrar.change(city.core, city.roster_key, address.strip("_"), {"parent": parent}, START_MS)
    for address in (TOWN, VILLAGE, FAR_COUNTY, FAR_TOWN, THIRD_COUNTY):
        sites[address].take(city.out(address))


def test_a_county_to_which_the_township_came_since_is_not_shown_it():
    """It stood above the village at no time, nor on the way of what that wrote."""
    sites = make_network((CITY, COUNTY, FAR_COUNTY, THIRD_COUNTY, TOWN, FAR_TOWN, VILLAGE))
    town, third = sites[TOWN], sites[THIRD_COUNTY]
    _left_beyond_a_gap(sites, CITY)
    _moved_across(sites, **{f"_{TOWN}": THIRD_COUNTY})
    exchange(town, third)
    with town.unit():
        owe_loose(town.core, THIRD_COUNTY)
        plan = town.peer.plan(THIRD_COUNTY, Budget(1_000_000), town.now())
    assert (plan.evidence, plan.loose) == ([], [])


def test_from_a_former_township_of_another_county_an_act_comes_home_by_a_contact_with_the_city():
    """The township's own county is not on the way of it any more, and is offered nothing of that."""
    sites = make_network((CITY, COUNTY, FAR_COUNTY, THIRD_COUNTY, TOWN, FAR_TOWN, VILLAGE))
    settle(sites)
    city, town, village = sites[CITY], sites[TOWN], sites[VILLAGE]
    kept = copy_of(village)
    act = village.submit(b'{"n":1}', (CITY,))
    town.take(village.out(TOWN))
    put_back(village, kept, with_witness=1)
    _moved_across(sites)
    lines = ((TOWN, COUNTY), (COUNTY, CITY), (VILLAGE, FAR_TOWN), (FAR_TOWN, FAR_COUNTY), (FAR_COUNTY, CITY))

    def speak() -> None:
        for _ in range(5):
            for child, parent in lines:
                exchange(sites[child], sites[parent])

    speak()
    assert act in town.application.ids and city.spool.act(act) is None
    for _ in range(2):
        exchange(town, city)
    speak()
    assert act in city.application.ids and village.spool.act(act) is not None


def test_an_entry_that_moves_nobody_asks_of_nothing_who_stands_where(monkeypatch: pytest.MonkeyPatch):
    """Its keys and its name change more often; a thief can let thousands of streams wait."""
    sites = make_network((COUNTY, TOWN, VILLAGE))
    county, looked_at = sites[COUNTY], list[str]()
    monkeypatch.setattr(county.spool, "streams_aside", lambda why: looked_at.append(why) or [])
    for changed, times in (({"name": "改名"}, 0), ({"parent": COUNTY}, 1), ({"status": RELIEVED}, 2)):
        with county.unit():
            registrar.change(county.core, county.roster_key, VILLAGE, changed, START_MS)
        assert looked_at == [GAP] * times
