"""What a chain leads through is named in whatever order it came, and however it was known before."""

from __future__ import annotations

import pytest

from sync.protocol.acts.quarantine import RELEASED, STRUCK
from sync.protocol.frame_items import decode_frames
from sync.protocol.incoming import intake
from sync.protocol.records import LOOSE
from sync.protocol.trust.revocation import Said, decide
from tests.sync.forgery import all_frames, bring
from tests.sync.network import COUNTY, TOWN, VILLAGE, exchange, make_network, settle
from tests.sync.test_asked import rows
from tests.sync.test_loose_papers import ALL, brief, items_of
from tests.sync.test_proofs import by_stick, told_above
from tests.sync.test_questions_kept import put_back_and_cut
from tests.sync.test_revocation import STICK, cut_off, names, once, replace_machine, said


def pointed_out_first(cut=0):
    """The village, put back and cut off from its township's key, has one of two acts by a brief first."""
    sites, alone, both = put_back_and_cut(cut)
    county, town, village = (sites[a] for a in (COUNTY, TOWN, VILLAGE))
    brief(county, VILLAGE, both)
    by_stick(village, county, 4)
    assert village.spool.known_acts([both]) and not village.spool.places_of_act(both)
    for _ in range(4):
        exchange(village, town)
        exchange(town, county)
    assert village.spool.places_of_act(both) and alone in once(village)
    return sites, alone, both


def test_what_was_known_by_another_way_before_its_place_came_back_is_named():
    sites, alone, both = pointed_out_first()
    county, village = sites[COUNTY], sites[VILLAGE]
    assert both in once(village)
    by_stick(village, county, 16)
    assert once(county) >= {alone, both} and names(county) == [] and rows(county) == []


def test_what_came_loose_before_its_place_and_is_let_through_is_named():
    sites, alone, both = pointed_out_first(1)
    county, village = sites[COUNTY], sites[VILLAGE]
    by_stick(village, county, 2)
    assert both in names(county)
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([both], "真"), county.now())
    by_stick(village, county, 16)
    assert once(county) >= {alone, both} and names(county) == [] and rows(county) == []


@pytest.mark.parametrize("kind", ["", STRUCK, RELEASED])
def test_what_lies_below_an_act_past_the_cut_counts_whatever_is_decided_on_that(kind):
    sites = make_network(ALL)
    county, town, village = (sites[a] for a in (COUNTY, TOWN, VILLAGE))
    alone, both = told_above(sites)
    cut_off(county, TOWN, cut={town.stream(TOWN, VILLAGE).id: 1, town.stream(TOWN, COUNTY).id: 0})
    by_stick(village, county, 1)
    if kind:
        with county.unit():
            decide(county.core, county.application, kind, Said([both], "真"), county.now())
    by_stick(village, county, 16)
    assert alone in once(village) and alone in once(county)


def test_what_nobody_can_read_at_its_end_is_named_as_it_comes_back(monkeypatch):
    """Its key wrap was for a key that is gone: a chain leads through it all the same."""
    sites, alone, both = put_back_and_cut()
    county, town, village = (sites[a] for a in (COUNTY, TOWN, VILLAGE))
    village.take(county.out(VILLAGE, STICK))
    monkeypatch.setattr(intake, "can_read", lambda frame, keys: frame.act != both)
    for _ in range(4):
        exchange(village, town)
        exchange(town, county)
    assert both not in once(village) and alone in once(village)
    by_stick(village, county, 16)
    assert alone in once(county)


def test_what_waits_for_a_word_and_is_here_in_no_better_frame_ends_no_question_and_costs_little():
    """The village has it by a brief alone, so it can give no frame that proves anything."""
    sites = make_network(ALL)
    county, town, village = (sites[a] for a in (COUNTY, TOWN, VILLAGE))
    alone, _ = told_above(sites)
    upward = [town.submit(said(n, COUNTY), (COUNTY,)) for n in range(5)]
    settle({COUNTY: county, TOWN: town}, 3)
    ends = {town.stream(TOWN, VILLAGE).id: 2, town.stream(TOWN, COUNTY).id: 0}
    cut_off(county, TOWN, cut=ends)
    brief(county, VILLAGE, *upward)
    given = 0
    for _ in range(40):
        village.take(county.out(VILLAGE, STICK))
        up = village.out(COUNTY, STICK)
        frames = [frame for item in items_of(up, county, LOOSE) for frame in decode_frames(item)]
        given += sum(frame.act in upward for frame in frames)
        county.take(up)
    assert given <= 12 * len(upward) and county.spool.wants(9) == [] and alone in once(county)
    assert {row.split("|")[0] for row in rows(county)} == set(upward) <= set(names(county))


@pytest.mark.parametrize("kind", [STRUCK, RELEASED])
def test_a_word_does_not_end_the_question_for_a_frame_that_is_still_lacking(kind):
    """The township's new machine has but a frame that proves nothing, and it came first."""
    sites = make_network(ALL)
    county, town, village = (sites[a] for a in (COUNTY, TOWN, VILLAGE))
    alone, both = told_above(sites)
    useless = next(f for f in all_frames(county) if f.act == both)
    cut_off(county, TOWN, cut={town.stream(TOWN, VILLAGE).id: 1, town.stream(TOWN, COUNTY).id: 0})
    new = replace_machine(county, TOWN, 2)
    village.take(county.out(VILLAGE, STICK))
    county.take(village.out(COUNTY, STICK))
    assert both in county.spool.wants(9)
    with county.unit():
        decide(county.core, county.application, kind, Said([both], "真"), county.now())
    bring(new, county, useless, kind=LOOSE)
    by_stick(village, county, 16)
    assert alone in once(county) and rows(county) == [] and county.spool.wants(9) == []
