"""What nodes name to the top as held back: nobody's naming stops others' healing, and each is answered."""

from __future__ import annotations

import random

import pytest

from sync.protocol import asked, quarantine
from sync.protocol.deliver import Parked
from sync.protocol.frame import Act
from sync.protocol.quarantine import HELD, PAST, RELEASED, WITHIN, verdict_body
from tests.sync.forgery import all_frames
from tests.sync.network import COUNTY, OTHER_TOWN, TOWN, VILLAGE, Site, exchange, make_network, settle
from tests.sync.test_loose_papers import ALL
from tests.sync.test_revocation import STICK, cut_off, names, once, replace_machine, said


def name(site: Site, ids: list[str], reason: str = PAST) -> None:
    site.submit(verdict_body(ids, reason, (COUNTY,)), (COUNTY,), kind=HELD)


def rows(county: Site) -> list[str]:
    return [held.key for held in county.spool.all_held("asked about")]


def some_ids(count: int) -> list[str]:
    chance = random.Random(1)
    return [chance.randbytes(16).hex() for _ in range(count)]


def test_ids_that_lead_nowhere_stop_nobody_elses_healing(monkeypatch):
    monkeypatch.setattr(asked, "OPEN_MAX", 400)
    monkeypatch.setattr(asked, "FETCHED_MAX", 60)
    sites = make_network(ALL)
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    ids = some_ids(500)
    name(sites[OTHER_TOWN], ids[:350], WITHIN)
    name(sites[OTHER_TOWN], ids[300:])
    settle(sites, 3)
    assert len(rows(county)) == 400 and county.spool.wants(999) == ids[:60]
    assert asked.TOO_MANY in county.codes()
    # An honest want comes after all of them, and what the top waits for is named by the thief too.
    lost = town.submit(said(1, VILLAGE), (VILLAGE,))

    def judge(act: Act) -> Parked | None:
        waits = b'"n":2' in act.content and lost not in county.application.ids
        return Parked("E1", f"act:{lost}") if waits else None

    county.application.judge = judge
    late = village.submit(said(2, COUNTY), (COUNTY,))
    exchange(village, town)
    county.take(village.out(COUNTY, STICK))
    assert county.spool.wants(999)[60:] == [lost] and late not in county.application.ids
    cut_off(county, OTHER_TOWN)
    assert rows(county) == [] and county.spool.wants(999) == [lost]
    settle({COUNTY: county, TOWN: town, VILLAGE: village}, 2)
    assert {lost, late} <= once(county) and county.spool.wants(9) == []


def test_two_nodes_name_one_act_in_a_batch_and_each_is_answered_then_no_more_asked():
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    act = some_ids(1)[0]
    name(village, [act])
    name(village, [act], WITHIN)
    exchange(village, town)
    name(town, [act])
    settle(sites, 2)
    assert sorted(rows(county)) == [f"{act}|{TOWN}", f"{act}|{VILLAGE}"]
    with county.unit():
        assert asked.acts_of(county.core) == [act]
        assert asked.askers_of(county.core, [act]) == {TOWN, VILLAGE}
        asked.told(county.core, [act])
        assert (asked.acts_of(county.core), rows(county)) == ([], [])
        # The next word, should a person think again, goes to them too.
        assert asked.askers_of(county.core, [act]) == {TOWN, VILLAGE}


@pytest.mark.parametrize("by_stick", [True, False])
def test_an_act_is_proven_though_the_chain_to_it_leads_through_acts_known_another_way(by_stick):
    """Nearly all that a township sends its village goes to the county too, in another stream."""
    sites = make_network(ALL)
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    alone = town.submit(said(1, VILLAGE), (VILLAGE,))
    both = [town.submit(said(n, COUNTY, VILLAGE), (COUNTY, VILLAGE)) for n in (2, 3)]
    for _ in range(3):
        exchange(village, town)
        exchange(town, county)
    county.take(village.out(COUNTY, STICK))
    cut_off(county, TOWN)
    now = {**sites, TOWN: replace_machine(county, TOWN, 2)}
    village.take(county.out(VILLAGE, STICK))
    if by_stick:
        for _ in range(4):
            village.take(county.out(VILLAGE, STICK))
            county.take(village.out(COUNTY, STICK))
    else:
        settle(now, 8)
    assert once(county) >= {alone, *both} and names(county) == []
    assert (rows(county), county.spool.wants(9)) == ([], [])
    # Whoever asks later is answered, and then no question is left open.
    name(sites[OTHER_TOWN], [alone])
    settle(now, 4)
    heard = [f for f in all_frames(sites[OTHER_TOWN]) if f.header.kind == RELEASED]
    assert {one for f in heard for one in quarantine.ids_in(f.content)} == {alone} and rows(county) == []
