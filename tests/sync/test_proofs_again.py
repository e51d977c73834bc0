"""A question for proof lasts until it is answered: whoever moved, whatever lies aside, on any line."""

from __future__ import annotations

import pytest

from sync.protocol.acts import quarantine
from sync.protocol.acts.quarantine import WITHIN
from sync.protocol.frame import SIGNED_AS, rebuild
from sync.protocol.offer import Budget
from sync.protocol.records import EVIDENCE
from sync.protocol.trust import registrar
from tests.sync.forgery import all_frames, bring, resigned
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
)
from tests.sync.test_asked import name, rows, some_ids
from tests.sync.test_loose_papers import ALL
from tests.sync.test_proofs import SECOND, by_stick, told_above
from tests.sync.test_revocation import STICK, cut_off, names, once, said
from tests.sync.test_rotation import rotate


def cut_below(sites: dict[str, Site]) -> tuple[str, list[str]]:
    """Cut a stream after its first act; return that, and two above that count by their ids."""
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    alone = town.submit(said(1, VILLAGE), (VILLAGE,))
    both = [town.submit(said(n, COUNTY, VILLAGE), (COUNTY, VILLAGE)) for n in (2, 3)]
    for _ in range(3):
        exchange(village, town)
        exchange(town, county)
    county.take(village.out(COUNTY, STICK))
    ((way, place),) = village.spool.places_of_act(alone)
    cut_off(county, TOWN, cut={way: place})
    return alone, both


def test_an_act_is_proven_though_its_stream_is_cut_below_the_head_that_is_known():
    """Seed 49100060: the village named only what lies within the cut, so no chain led down from the head."""
    sites = make_network(ALL)
    county, village = sites[COUNTY], sites[VILLAGE]
    alone, both = cut_below(sites)
    by_stick(village, county, 4)
    assert once(county) >= {alone, *both} and (rows(county), county.spool.wants(9)) == ([], [])


@pytest.mark.parametrize("is_after", [0, 1])
def test_a_fork_of_the_act_that_lies_aside_does_not_end_the_question(is_after):
    """It was found there and proved nothing, in each unit before anybody could be asked."""
    sites = make_network(ALL)
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    alone, both = told_above(sites)
    true = next(f for f in all_frames(county) if f.act == both)
    fork = resigned(town, true, clock=true.header.clock._replace(mono=true.header.clock.mono + 7))
    if is_after:
        cut_off(county, TOWN)
    bring(sites[OTHER_TOWN], county, fork, kind=EVIDENCE)
    if not is_after:
        cut_off(county, TOWN)
    by_stick(village, county, 6)
    assert once(county) >= {alone, both} and names(county) == []
    assert (rows(county), county.spool.wants(9)) == ([], [])


def test_who_stood_on_the_way_before_its_ends_moved_brings_the_proof():
    """On no present way, it was not heeded, and gave the same in every exchange."""
    sites = make_network((COUNTY, TOWN, VILLAGE, SECOND, OTHER_TOWN))
    county, town, village, second = (sites[one] for one in (COUNTY, TOWN, VILLAGE, SECOND))
    settle(sites, 2)
    alone = village.submit(said(1, SECOND), (SECOND,))
    both = village.submit(said(2, COUNTY, SECOND), (COUNTY, SECOND))
    settle(sites, 4)
    with county.unit():
        for one in (VILLAGE, SECOND):
            registrar.change(county.core, county.roster_key, one, {"parent": OTHER_TOWN}, START_MS)
    exchange(town, county)
    second.take(county.out(SECOND, STICK))
    cut_off(county, VILLAGE)
    second.take(county.out(SECOND, STICK))
    # It names the acts, and is heard no more.
    county.take(second.out(COUNTY, STICK))
    for _ in range(4):
        county.take(town.out(COUNTY))
        town.take(county.out(TOWN))
    assert once(county) >= {alone, both} and (rows(county), county.spool.wants(9)) == ([], [])


def test_ids_that_lead_nowhere_keep_no_frame_from_its_turn():
    """The frames of an act went on by one as often as all that was asked for had been first."""
    many = [f"5119211082{n:02d}" for n in range(3, 6)]
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, *many))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites, 2)
    old = town.key.id
    alone = [town.submit(said(n, one), (one,)) for n, one in enumerate(many)]
    town.submit(said(99, COUNTY, *many), (COUNTY, *many))
    rotate(town, "township 2")
    for _ in range(4):
        for one in many:
            exchange(sites[one], town)
        exchange(town, county)
    cut_off(county, TOWN, keys=(old,))
    name(sites[OTHER_TOWN], some_ids(62), WITHIN)
    exchange(sites[OTHER_TOWN], county)
    for _ in range(30):
        for one in many:
            exchange(sites[one], town)
        county.take(town.out(COUNTY, Budget(10)))
        town.take(county.out(TOWN))
    assert once(county) >= set(alone) and names(county) == []


def test_one_act_at_very_many_places_hides_nothing_below_it():
    """A thief repeated it in the stream before it was cut, and a few frames of an act were kept."""
    sites = make_network((COUNTY, TOWN, VILLAGE, SECOND))
    county, town, village, second = (sites[one] for one in (COUNTY, TOWN, VILLAGE, SECOND))
    settle(sites, 2)
    honest, again = (village.submit(said(n, SECOND), (SECOND,)) for n in (1, 2))
    settle(sites, 3)
    last = true = next(f for f in all_frames(second) if f.act == again)
    made = []
    for _ in range(9):
        header = true.header._replace(seq=last.header.seq + 1, prev=last.hash)
        last = rebuild(header, true.body, SUITE.sign(village.key, SIGNED_AS, header.encode()), true.wraps)
        made.append(last)
    bring(village, town, *made)
    rest = {one: site for one, site in sites.items() if one != VILLAGE}
    settle(rest, 4)
    cut_off(county, VILLAGE)
    settle(rest, 8)
    assert once(county) >= {honest, again} and names(county) == []


def test_what_was_cut_off_under_a_program_of_before_is_named_anew(monkeypatch):
    """That one named nothing above a cut."""
    sites = make_network(ALL)
    county, village = sites[COUNTY], sites[VILLAGE]
    with monkeypatch.context() as patch:
        patch.setattr(quarantine, "_SETTLED_AS", quarantine._SETTLED_AS - 1)
        patch.setattr(quarantine, "_tell_within", lambda core, starts: None)
        alone, both = cut_below(sites)
        by_stick(village, county, 3)
    assert alone not in once(county)
    for site in (county, village):
        site.restart()
    by_stick(village, county, 6)
    assert once(county) >= {alone, *both} and names(county) == []
