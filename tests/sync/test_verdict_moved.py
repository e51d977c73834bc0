"""A verdict and a village that moves away: who stood on the way to it hears the verdict all the same."""

from __future__ import annotations

import pytest

from sync.protocol.acts.quarantine import PAST_CUT, RELEASED, STRUCK
from sync.protocol.canonical import dumps
from sync.protocol.own.issue import open_epoch
from sync.protocol.roster import RELIEVED
from sync.protocol.spool import APPLIED, OWN
from sync.protocol.trust import registrar
from sync.protocol.trust.revocation import LOST, Revocation, Said, decide, lines_of, revoke
from sync.protocol.verdicts import verdict_on
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    make_network,
    settle,
    trust,
)

NEXT = SUITE.pair(bytes(range(64)))


def test_an_author_hears_that_its_act_is_released_though_the_village_below_it_has_moved_away() -> None:
    """Seed 4860054: the verdict went to the village alone, by its township, which was cut off until then."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    act = town.submit(dumps({"n": 1, "to": [COUNTY, VILLAGE]}), (COUNTY, VILLAGE))
    settle(sites, 3)
    with county.unit():
        cut = {line.stream: 0 for line in lines_of(county.core, TOWN)}
        revoke(county.core, county.application, Revocation(TOWN, LOST, cut=cut), county.now())
        child = {"address": TOWN, "parent": "", "name": "", "key": NEXT.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    for site in (town, village):
        trust(site, county)
    town.means.keys[NEXT.id] = town.key = NEXT
    with town.unit():
        open_epoch(town.core, NEXT, "replaced", START_MS)
    settle(sites, 3)
    assert [site.spool.act(act).reason for site in (county, town, village)] == [PAST_CUT] * 3
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([act], "looked at"), county.now())
        registrar.change(county.core, county.roster_key, VILLAGE, {"parent": OTHER_TOWN}, START_MS)
    trust(village, county)
    settle({address: site for address, site in sites.items() if site is not village}, 2)
    settle(sites, 4)
    assert act in county.application.ids and act in village.application.ids
    assert town.spool.act(act).state == OWN


def test_who_stood_above_an_author_hears_the_verdict_though_that_had_moved_when_the_cut_was_heard_of() -> (
    None
):
    """Seed 49200032: the stream comes to the top, so nobody asked; and by here it went no more."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    act = village.submit(dumps({"n": 1, "to": [COUNTY]}), (COUNTY,))
    settle(sites, 3)
    with county.unit():
        cut = {line.stream: 0 for line in lines_of(county.core, VILLAGE)}
        revoke(county.core, county.application, Revocation(VILLAGE, LOST, cut=cut), county.now())
        child = {"address": VILLAGE, "parent": TOWN, "name": "", "key": NEXT.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([act], "looked at"), county.now())
        registrar.change(county.core, county.roster_key, VILLAGE, {"parent": OTHER_TOWN}, START_MS)
    settle({address: site for address, site in sites.items() if site is not village}, 4)
    assert act in county.application.ids and town.spool.act(act).state == APPLIED


def test_a_renaming_names_nothing_once_more_and_a_move_does() -> None:
    """At each version of the entry of an author that had moved all who held its acts back named them anew."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    act = village.submit(dumps({"n": 1, "to": [COUNTY]}), (COUNTY,))
    settle(sites, 3)
    upper = {address: site for address, site in sites.items() if site is not village}
    with county.unit():
        cut = {line.stream: 0 for line in lines_of(county.core, VILLAGE)}
        revoke(county.core, county.application, Revocation(VILLAGE, LOST, cut=cut), county.now())
    settle(upper, 4)
    assert (TOWN, COUNTY) not in town.upto() and act not in town.application.ids
    named = []
    for changed in ({"parent": OTHER_TOWN}, {"name": "改名"}, {"name": "再改名"}):
        with county.unit():
            registrar.change(county.core, county.roster_key, VILLAGE, changed, START_MS)
        settle(upper, 4)
        named.append(town.upto()[TOWN, COUNTY])
    assert named == [1, 1, 1]
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([act], "looked at"), county.now())
    settle(upper, 4)
    assert town.spool.act(act).state == APPLIED


@pytest.mark.parametrize("kind", [RELEASED, STRUCK])
def test_a_township_hears_the_verdict_though_it_was_relieved_before_that_came_by(kind) -> None:
    """Seed 920052 of an upheaval: the author's entry was the same, and nobody looked where streams go."""
    sites = make_network((COUNTY, TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    act = village.submit(dumps({"n": 1, "to": [COUNTY]}), (COUNTY,))
    settle(sites, 3)
    with county.unit():
        cut = {line.stream: 0 for line in lines_of(county.core, VILLAGE)}
        revoke(county.core, county.application, Revocation(VILLAGE, LOST, cut=cut), county.now())
    upper = {address: site for address, site in sites.items() if site is not village}
    settle(upper, 3)
    assert town.spool.act(act).reason == PAST_CUT
    with county.unit():
        decide(county.core, county.application, kind, Said([act], "looked at"), county.now())
        registrar.change(county.core, county.roster_key, TOWN, {"status": RELIEVED}, START_MS)
    settle(upper, 4)
    assert verdict_on(town.core, act) == kind
    assert (town.spool.act(act).state == APPLIED) == (kind == RELEASED)
    said = town.upto()[TOWN, COUNTY]
    settle(upper, 3)
    assert town.upto()[TOWN, COUNTY] == said
