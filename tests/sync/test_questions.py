"""Questions about a revoked key's acts are answered: put back, crossing a word, moved or repeated."""

from __future__ import annotations

import pytest

from sync.protocol.acts import asked, quarantine
from sync.protocol.acts.quarantine import HELD, RELEASED, STRUCK, WITHIN
from sync.protocol.frame import SIGNED_AS, rebuild
from sync.protocol.offer import Budget
from sync.protocol.records import LOOSE
from sync.protocol.trust import registrar
from sync.protocol.trust.revocation import Said, decide
from tests.sync.copies import copy_of, put_back
from tests.sync.forgery import all_frames, bring
from tests.sync.made import OTHER
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    exchange,
    make_network,
    settle,
)
from tests.sync.test_asked import name, rows, some_ids
from tests.sync.test_loose_papers import ALL
from tests.sync.test_proofs import by_stick, told_above
from tests.sync.test_revocation import STICK, cut_off, names, once, said
from tests.sync.test_rotation import rotate


@pytest.mark.parametrize("before", [0, 1])
def test_a_namer_put_back_to_before_it_named_hides_nothing(monkeypatch, before):
    monkeypatch.setattr(asked, "OPEN_MAX", 6)
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER))
    county, town, village, other = sites.values()
    upper = {COUNTY: county, TOWN: town}
    settle(sites, 2)
    false = {village.submit(said(n, TOWN), (TOWN,)) for n in range(9)}
    good = other.submit(said(99, TOWN), (TOWN,))
    for site in (village, other, village, other):
        exchange(site, town)
    kept = copy_of(town)
    for address in (VILLAGE, OTHER):
        cut_off(county, address, cut={sites[address].stream(address, TOWN).id: 0})
        settle(upper, 4)
    if before:
        put_back(town, kept)
        settle(upper, 6)
    found = set()
    for _ in range(20):
        now = set(asked.acts_of(county.core)) - {good}
        with county.unit():
            for one in sorted(now):
                decide(county.core, county.application, STRUCK, Said([one], "x"), county.now())
        found |= now
        settle(upper, 4)
    assert found == false
    assert good in asked.acts_of(county.core), "nobody is ever shown the good act"


def test_who_asks_between_a_restore_of_the_top_and_the_return_of_its_word_is_answered():
    sites = make_network(ALL)
    county, town, other = sites[COUNTY], sites[TOWN], sites[OTHER_TOWN]
    settle(sites, 2)
    village = sites[VILLAGE]
    act = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    cut_off(county, VILLAGE, cut={village.stream(VILLAGE, COUNTY).id: 0})
    upper = {COUNTY: county, TOWN: town, OTHER_TOWN: other}
    settle(upper, 3)
    kept = copy_of(county)
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([act], "真"), county.now())
    settle({COUNTY: county, TOWN: town}, 3)
    assert act in once(town)
    put_back(county, kept)
    name(other, [act])
    exchange(other, county)
    assert rows(county) == [f"{act}|{OTHER_TOWN}"]
    settle(upper, 6)
    # Whatever is named next makes the top look through what is open.
    name(town, some_ids(1))
    settle(upper, 6)
    assert act not in {row.split("|")[0] for row in rows(county)}
    heard = {
        one for f in all_frames(other) if f.header.kind == RELEASED for one in quarantine.ids_in(f.content)
    }
    assert heard == {act}


def test_what_counts_of_two_authors_at_once_is_named(monkeypatch):
    monkeypatch.setattr(asked, "OPEN_MAX", 4)
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER))
    county, town, village, other = sites.values()
    settle(sites, 2)
    acts = {site.submit(said(n, TOWN), (TOWN,)) for site in (village, other) for n in range(4)}
    settle(sites, 4)
    upper = {COUNTY: county, TOWN: town}
    for address in (VILLAGE, OTHER):
        cut_off(county, address)
    settle(upper, 40)
    assert acts <= once(town)
    assert rows(county) == []
    lacking = acts - {act for act in acts if county.spool.act(act)}
    assert not lacking, f"{len(lacking)} of {len(acts)} acts that count the top never hears of"


def test_who_stood_in_the_middle_of_a_way_before_it_moved_is_heeded():
    """Four tiers: a district's node between two townships that both moved to another district."""
    top, d1, d2 = "5119", "511921", "511922"
    t1, t2 = "511921108", "511921109"
    v1, v2 = t1 + "203", t2 + "204"
    sites = make_network((top, d1, d2, t1, t2, v1, v2))
    settle(sites, 6)
    alone = sites[v1].submit(said(1, v2), (v2,))
    both = sites[v1].submit(said(2, top, v2), (top, v2))
    settle(sites, 6)
    county = sites[top]
    assert {s.id.dst for s in sites[d1].spool.streams() if s.id.src == v1} == {top, v2}
    for one in (t1, t2):
        with county.unit():
            registrar.change(county.core, county.roster_key, one, {"parent": d2}, START_MS)
    exchange(sites[d1], county)
    sites[v2].take(county.out(v2, STICK))
    cut_off(county, v1)
    sites[v2].take(county.out(v2, STICK))
    name(sites[v2], [alone, both], WITHIN)
    county.take(sites[v2].out(top, STICK))
    assert rows(county)
    counts = []
    for _ in range(80):
        county.take(sites[d1].out(top))
        sites[d1].take(county.out(d1))
        counts.append(len(rows(county)))
    assert rows(county) == [] and county.spool.wants(9) == [], (counts, rows(county))


@pytest.mark.parametrize("kind", [RELEASED, STRUCK])
def test_an_answer_repeated_to_one_costs_all_others_nothing(kind):
    """Each naming of one id that is decided makes the top write to every node that may have the act."""
    sites = make_network(ALL)
    county, village, other = (sites[a] for a in (COUNTY, VILLAGE, OTHER_VILLAGE))
    settle(sites, 2)
    act = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    cut_off(county, VILLAGE, cut={village.stream(VILLAGE, COUNTY).id: 0})
    upper = {one: site for one, site in sites.items() if one != VILLAGE}
    settle(upper, 2)
    with county.unit():
        decide(county.core, county.application, kind, Said([act], "真"), county.now())

    def written() -> int:
        """Return how many frames the top has written to others than who asks."""
        streams = [s for s in county.spool.streams() if s.id.src == COUNTY and s.id.dst != OTHER_VILLAGE]
        return sum(s.upto for s in streams)

    name(other, [act])
    settle(upper, 2)
    before = written()
    for _ in range(20):
        name(other, [act])
        exchange(other, sites[OTHER_TOWN])
        exchange(sites[OTHER_TOWN], county)
    assert written() - before == 0


def test_what_counts_is_not_named_anew_at_each_version_of_an_entry():
    sites = make_network(ALL)
    county, village = sites[COUNTY], sites[VILLAGE]
    told_above(sites)
    cut_off(county, TOWN)
    by_stick(village, county, 6)

    def namings() -> int:
        return sum(f.header.kind == HELD for f in all_frames(village) if f.header.stream.src == VILLAGE)

    before = namings()
    for n in range(5):
        with county.unit():
            registrar.change(county.core, county.roster_key, TOWN, {"name": f"n{n}"}, START_MS)
        by_stick(village, county, 3)
    assert namings() == before


def test_who_names_an_act_first_among_many_does_not_take_the_turn_of_who_names_it_too():
    sites = make_network(ALL)
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites, 2)
    act = some_ids(501)[500]
    name(sites[OTHER_TOWN], [*some_ids(499), act])
    exchange(sites[OTHER_TOWN], county)
    name(town, [act])
    exchange(town, county)
    assert [act] in county.spool.wants_by_cause(10_000)


@pytest.mark.parametrize("has_fork", [0, 1])
@pytest.mark.parametrize("count", [3, 7])
def test_a_fork_aside_and_a_thin_line_do_not_end_the_question(has_fork, count):
    many = [f"5119211082{n:02d}" for n in range(3, 3 + count)]
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, *many))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites, 2)
    old = town.key
    alone = [town.submit(said(n, one), (one,)) for n, one in enumerate(many)]
    both = town.submit(said(99, COUNTY, *many), (COUNTY, *many))
    rotate(town, "township 2")
    for _ in range(4):
        for one in many:
            exchange(sites[one], town)
        exchange(town, county)
    true = next(f for f in all_frames(sites[many[-1]]) if f.act == both and f.header.stream.dst == many[-1])
    header = true.header._replace(clock=true.header.clock._replace(mono=true.header.clock.mono + 7))
    fork = rebuild(header, true.body, SUITE.sign(old, SIGNED_AS, header.encode()), true.wraps)
    cut_off(county, TOWN, keys=(old.id,))
    for _ in range(60):
        for one in many:
            exchange(sites[one], town)
        if has_fork and both in county.spool.wants(99):
            bring(town, county, fork, kind=LOOSE)
            has_fork = 0
        county.take(town.out(COUNTY, Budget(10)))
        town.take(county.out(TOWN))
    assert once(county) >= set(alone) and names(county) == []


@pytest.mark.parametrize("is_race", [0, 1])
def test_a_word_that_crosses_a_naming_hides_nothing(monkeypatch, is_race):
    """The one that is named so that the top tells is taken there, for room was made meanwhile."""
    monkeypatch.setattr(asked, "OPEN_MAX", 2)
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER))
    county, town, village, other = sites.values()
    upper = {COUNTY: county, TOWN: town}
    settle(sites, 2)
    false = [other.submit(said(n, TOWN), (TOWN,)) for n in range(4)]
    good = village.submit(said(99, TOWN), (TOWN,))
    for site in (village, other, village, other):
        exchange(site, town)
    cut_off(county, OTHER, cut={other.stream(OTHER, TOWN).id: 0})
    settle(upper, 4)
    assert asked.acts_of(county.core)[:2] == false[:2]

    def strike(*acts: str) -> None:
        for one in acts:
            with county.unit():
                decide(county.core, county.application, STRUCK, Said([one], "x"), county.now())

    strike(false[0])
    town.take(county.out(TOWN))
    if not is_race:
        settle(upper, 3)
    strike(false[1])
    county.take(town.out(COUNTY))
    cut_off(county, VILLAGE, cut={village.stream(VILLAGE, TOWN).id: 0})
    settle(upper, 4)
    for _ in range(9):
        strike(*(set(asked.acts_of(county.core)) - {good}))
        settle(upper, 4)
    assert good in asked.acts_of(county.core), "nobody is ever shown the good act"
