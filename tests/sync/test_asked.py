"""What nodes name to the top as held back: nobody's naming stops others' healing, and each is answered."""

from __future__ import annotations

import random

import pytest

from sync.protocol.acts import asked, proofs, quarantine
from sync.protocol.acts.deliver import Parked
from sync.protocol.acts.quarantine import HELD, PAST, RELEASED, STRUCK, WITHIN, verdict_body
from sync.protocol.canonical import loads
from sync.protocol.frame import Act
from sync.protocol.records import LOOSE
from sync.protocol.trust import registrar
from sync.protocol.trust.revocation import Said, decide
from tests.sync.copies import copy_of, put_back
from tests.sync.forgery import all_frames, bring
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    START_MS,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
)
from tests.sync.test_loose_papers import ALL
from tests.sync.test_revocation import STICK, cut_off, names, once, replace_machine, said


def name(site: Site, ids: list[str], reason: str = PAST) -> None:
    site.submit(verdict_body(ids, reason, (COUNTY,)), (COUNTY,), kind=HELD)


def rows(county: Site) -> list[str]:
    return [held.key for sort in ("asked about", "proof asked for") for held in county.spool.all_held(sort)]


def some_ids(count: int) -> list[str]:
    chance = random.Random(1)
    return [chance.randbytes(16).hex() for _ in range(count)]


def test_ids_that_lead_nowhere_stop_nobody_elses_healing(monkeypatch):
    monkeypatch.setattr(asked, "OPEN_MAX", 150)
    monkeypatch.setattr(proofs, "FETCHED_MAX", 30)
    sites = make_network(ALL)
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    lost = town.submit(said(1, VILLAGE), (VILLAGE,))
    ids = [*some_ids(499), lost]
    ids.reverse()
    name(sites[OTHER_TOWN], ids[:350], WITHIN)
    name(sites[OTHER_TOWN], ids[300:])
    exchange(sites[OTHER_TOWN], county)
    fetched = [*ids[300:330], *ids[:30]]
    assert len(rows(county)) == 500 and county.spool.wants(999) == fetched
    assert asked.TOO_MANY in county.codes()
    # What the top waits for is named by the thief too; another honest want comes after all of those.
    other = some_ids(500)[499]

    def judge(act: Act) -> Parked | None:
        waits = b'"n":2' in act.content and lost not in county.application.ids
        more = b'"n":3' in act.content
        return Parked("E1", f"act:{other if more else lost}") if waits or more else None

    county.application.judge = judge
    late, _ = [village.submit(said(n, COUNTY), (COUNTY,)) for n in (2, 3)]
    exchange(village, town)
    county.take(village.out(COUNTY, STICK))
    assert set(county.spool.wants(999)) == {*fetched, other} and late not in county.application.ids
    cut_off(county, OTHER_TOWN)
    assert rows(county) == [] and county.spool.wants(999) == [lost, other]
    settle({COUNTY: county, TOWN: town, VILLAGE: village}, 2)
    assert {lost, late} <= once(county) and county.spool.wants(9) == [other]


def test_what_stays_named_leaves_room_for_what_waits_for_a_word(monkeypatch):
    monkeypatch.setattr(asked, "OPEN_MAX", 15)
    sites = make_network()
    county, town, _ = sites.values()
    ids = some_ids(50)
    name(town, ids[:35], asked.LATER)
    settle(sites, 2)
    assert asked.TOO_MANY in county.codes()
    name(town, ids[35:])
    settle(sites, 2)
    assert asked.TOO_MANY not in county.codes()
    with county.unit():
        assert asked.acts_of(county.core) == ids[35:]
    assert len(county.spool.all_held("by a later key")) == asked.KEPT * 15


def test_two_nodes_name_one_act_in_a_batch_and_each_is_answered_then_no_more_asked():
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    act = some_ids(1)[0]
    name(village, [act])
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


def test_what_is_asked_for_ends_with_the_question():
    """Struck out, past a cut with what waited for it, named by who is retired; not what others need."""
    sites = make_network(ALL)
    county, town, village, other = (sites[a] for a in (COUNTY, TOWN, VILLAGE, OTHER_VILLAGE))
    settle(sites, 3)
    struck, both, never, shared, retired = some_ids(5)
    waits = {1: both, 2: never, 3: shared, 4: shared}

    def judge(act: Act) -> Parked | None:
        n = loads(act.content).get("n", 0)
        return Parked("E1", f"act:{waits[n]}") if n in waits else None

    county.application.judge = judge
    name(town, [struck, both])
    name(other, [retired])
    town.submit(said(1, COUNTY), (COUNTY,))
    for n in (2, 3):
        village.submit(said(n, COUNTY), (COUNTY,))
    town.submit(said(4, COUNTY), (COUNTY,))
    settle(sites, 3)
    assert set(county.spool.wants(9)) == {struck, both, never, shared, retired}

    def decided(kind: str) -> None:
        with county.unit():
            decide(county.core, county.application, kind, Said([struck, both], ""), county.now())

    decided(STRUCK)
    assert set(county.spool.wants(9)) == {both, never, shared, retired} and rows(county) == [
        f"{retired}|{OTHER_VILLAGE}"
    ]
    decided(RELEASED)
    assert struck in county.spool.wants(9), "a person has thought again"
    decided(STRUCK)
    cut_off(county, VILLAGE, cut={village.stream(VILLAGE, COUNTY).id: 0})
    assert set(county.spool.wants(9)) == {both, shared, retired}
    with county.unit():
        registrar.change(county.core, county.roster_key, OTHER_VILLAGE, {"status": "retired"}, START_MS)
    exchange(town, county)
    assert set(county.spool.wants(9)) == {both, shared} and rows(county) == []


def test_who_is_retired_by_another_process_is_forgotten_by_the_one_that_serves():
    """As on the console: that process ends, and takes no exchange in."""
    sites = make_network(ALL)
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites, 2)
    name(sites[OTHER_VILLAGE], some_ids(1))
    settle(sites, 2)
    assert county.spool.wants(9) == some_ids(1)
    serving = county.peer
    county.restart()
    with county.unit():
        registrar.change(county.core, county.roster_key, OTHER_VILLAGE, {"status": "retired"}, START_MS)
    county.peer = serving
    exchange(town, county)
    assert (rows(county), county.spool.wants(9)) == ([], [])


@pytest.mark.parametrize("way", ["a stick", "the new machine", "one by one"])
def test_an_act_is_proven_though_the_chain_to_it_leads_through_acts_known_another_way(way):
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
    if way == "the new machine":
        # At first it has only the frames that went to the top, where they prove nothing.
        county.take(village.out(COUNTY, STICK))
        useless = next(f for f in all_frames(county) if f.act == both[0])
        bring(now[TOWN], county, useless, kind=LOOSE)
        assert both[0] in county.spool.wants(9)
        settle(now, 8)
    elif way == "one by one":
        county.take(village.out(COUNTY, STICK))
        for act in (alone, *both):
            assert alone not in county.application.ids
            bring(village, county, next(f for f in all_frames(village) if f.act == act), kind=LOOSE)
    else:
        for _ in range(4):
            village.take(county.out(VILLAGE, STICK))
            county.take(village.out(COUNTY, STICK))
    assert once(county) >= {alone, *both} and names(county) == []
    assert (rows(county), county.spool.wants(9)) == ([], [])
    # Whoever asks later is answered, and then no question is left open.
    name(sites[OTHER_TOWN], [alone])
    settle(now, 4)
    heard = [f for f in all_frames(sites[OTHER_TOWN]) if f.header.kind == RELEASED]
    assert {one for f in heard for one in quarantine.ids_in(f.content)} == {alone} and rows(county) == []


def put_back_after_two_thefts(sites: dict[str, Site]) -> tuple[str, str]:
    """Each time the county cuts a stolen key off; then it is put back to before the second cut.

    Returns:
        An act of the second key that went to the village alone, and one that went to the county too.
    """
    county, town, village = (sites[address] for address in (COUNTY, TOWN, VILLAGE))
    settle(sites, 2)
    for machine in (2, 3):
        alone = town.submit(said(machine, VILLAGE), (VILLAGE,))
        both = town.submit(said(10 + machine, COUNTY, VILLAGE), (COUNTY, VILLAGE))
        for _ in range(3):
            exchange(village, town)
            exchange(town, county)
        county.take(village.out(COUNTY, STICK))
        kept = copy_of(county)
        cut_off(county, TOWN)
        if machine == 2:
            town = replace_machine(county, TOWN, machine)
            village.take(county.out(VILLAGE, STICK))
            settle({**sites, TOWN: town}, 4)
    village.take(county.out(VILLAGE, STICK))
    put_back(county, kept)
    return alone, both


def test_a_top_put_back_asks_for_proof_of_a_stream_whose_head_it_has_lost_but_not_for_ever():
    """It has the head of the first key's stream, so it asks; that of the second one's came after the copy."""
    sites = make_network(ALL)
    county, village = sites[COUNTY], sites[VILLAGE]
    alone, both = put_back_after_two_thefts(sites)
    county.take(village.out(COUNTY, STICK))
    assert f"{both}|{VILLAGE}" in rows(county) and both in county.spool.wants(9)
    aside = next(f for f in all_frames(village) if f.act == both)
    upward = next(f for f in all_frames(county) if f.act == both)
    often = proofs.IDLE_MAX // proofs.IDLE_ASIDE
    # Who stands on no way to it says nothing; a way that leads nowhere says more than none.
    for giver, frame, count in ((OTHER_TOWN, aside, often), (VILLAGE, upward, often), (VILLAGE, aside, 30)):
        for _ in range(count):
            bring(sites[giver], county, frame, kind=LOOSE)
        assert f"{both}|{VILLAGE}" in rows(county) and both in county.spool.wants(9)
    bring(village, county, aside, kind=LOOSE)
    assert rows(county) == [f"{alone}|{VILLAGE}"] and county.spool.wants(9) == [alone]
    # Of what stands in that stream alone nothing is left that could prove it: it goes to a person.
    for _ in range(often + 2):
        village.take(county.out(VILLAGE, STICK))
        county.take(village.out(COUNTY, STICK))
    assert names(county) == [alone] and (rows(county), county.spool.wants(9)) == ([], [])
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([alone], "查明属实"), county.now())
    assert once(county) >= {alone, both}
    name(village, [both], WITHIN)
    county.take(village.out(COUNTY, STICK))
    assert rows(county) == [f"{both}|{VILLAGE}"] and county.spool.wants(9) == [], "nothing hangs on it"


def test_the_proof_of_an_act_that_has_its_place_here_in_that_very_stream_is_not_asked_for():
    """Seed 49200017: the village has moved, so its former township's stream to it goes by the top."""
    sites = make_network(ALL)
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    both = town.submit(said(1, COUNTY, VILLAGE), (COUNTY, VILLAGE))
    settle(sites, 4)
    cut_off(county, TOWN)
    assert [held.key.split("|")[2] for held in county.spool.all_held("head of a cut stream")] == [VILLAGE]
    with county.unit():
        registrar.change(county.core, county.roster_key, VILLAGE, {"parent": OTHER_TOWN}, START_MS)
    for _ in range(4):
        village.take(county.out(VILLAGE, STICK))
        county.take(village.out(COUNTY, STICK))
    assert VILLAGE in {stream.dst for stream, _ in county.spool.places_of_act(both)}
    name(village, [both], WITHIN)
    county.take(village.out(COUNTY, STICK))
    assert (rows(county), county.spool.wants(9)) == ([], [])


def test_what_comes_after_a_word_has_answered_the_question_is_asked_for_no_more():
    """It was asked for as proof of its place; struck out or let through meanwhile, it would come for ever."""
    sites = make_network()
    county, _, village = sites.values()
    act = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    with county.unit():
        county.spool.want(act)
        proofs.note_idle(county.core, {act: 1})
    assert act in county.application.ids and county.spool.wants(10) == []
