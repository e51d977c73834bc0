"""An act waits beyond a gap at a township that its author has left, and nobody else has it: it comes home."""

from __future__ import annotations

from sync.protocol.spool import GAP
from sync.protocol.trust import registrar
from tests.sync.copies import copy_of, put_back
from tests.sync.network import COUNTY, START_MS, TOWN, VILLAGE, Site, exchange, make_network, settle


def _left_beyond_a_gap(sites: dict[str, Site]) -> str:
    """Both township and village are put back whole, between them all is lost but the village's third act."""
    town, village = sites[TOWN], sites[VILLAGE]
    settle(sites)
    kept = copy_of(town), copy_of(village)
    for n in range(2):
        village.submit(b'{"n":%d}' % n, (COUNTY,))
    for _ in range(2):
        exchange(village, town)
    put_back(town, kept[0], with_witness=1)
    act = village.submit(b'{"n":3}', (COUNTY,))
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
