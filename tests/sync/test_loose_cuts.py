"""A stolen key can claim any place within its cut for an act that comes loose: only the chain is believed."""

from __future__ import annotations

import pytest

from sync.adapters.memory_spool import MemorySpool
from sync.protocol import signed
from sync.protocol.acts import proven, quarantine
from sync.protocol.acts.quarantine import HELD, RELEASED, STRUCK, WITHIN, verdict_body
from sync.protocol.frame import Frame
from sync.protocol.items import encode_statement
from sync.protocol.records import EVIDENCE, LOOSE
from sync.protocol.trust.review import within_cut
from sync.protocol.trust.revocation import Said, decide, lines_of
from tests.sync.file_spool import files_in
from tests.sync.forgery import all_frames, bring, other_at, resigned
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
)
from tests.sync.test_loose_papers import ALL, brief
from tests.sync.test_revocation import STICK, cut_off, names, once, replace_machine, said, stolen
from tests.sync.test_rotation import rotate


@pytest.fixture(params=["memory", "sql"])
def spool(request, tmp_path):
    return MemorySpool if request.param == "memory" else files_in(tmp_path)


def false_at(thief: Site, seq: int, dst: str = COUNTY) -> Frame:
    """Return another act at a place of a stream of the thief's, in the name of the node it robbed."""
    (frame,) = [f for f in all_frames(thief) if f.header.stream.dst == dst and f.header.seq == seq]
    return other_at(thief, frame, said(660 + seq, dst, COUNTY))


def test_a_loose_act_with_a_place_it_does_not_have_is_taken_back_and_goes_to_a_person(spool):
    sites = make_network(spool=spool)
    county, town, village = sites.values()
    good = [village.submit(said(n, COUNTY), (COUNTY,)) for n in range(3)]
    settle(sites, 3)
    early, late = false_at(village, 2), false_at(village, 3)
    # Before anybody knows: the township takes it for an act that was lost on its way.
    bring(village, town, early, kind=LOOSE)
    assert town.application.ids == [*good, early.act]
    cut_off(county, VILLAGE)
    exchange(town, county)
    assert town.application.ids == good and names(town) == [early.act]
    # The top has asked for it and shows it; the second one comes when everybody knows, by a good hand.
    settle({COUNTY: county, TOWN: town}, 2)
    bring(town, county, late, kind=LOOSE)
    assert county.application.ids == good
    assert sorted(names(county)) == sorted([early.act, late.act])
    for site in (county, town):
        site.restart()
        assert once(site) == set(good)
    # The robbed village, on a new computer, gives neither of them a place under its new key.
    fresh = replace_machine(county, VILLAGE, 2)
    now = {COUNTY: county, TOWN: town, VILLAGE: fresh}
    exchange(town, county)
    settle(now, 6)
    bring(town, fresh, early, kind=EVIDENCE)
    bring(town, fresh, late, kind=LOOSE)
    settle(now, 4)
    assert once(fresh) == once(county) == once(town) == set(good)
    assert {f.act for f in all_frames(county) if f.header.stream.epoch.startswith("2-")}.isdisjoint(
        {early.act, late.act}
    )
    with county.unit():
        decide(county.core, county.application, STRUCK, Said([late.act], "冒用"), county.now())
        decide(county.core, county.application, RELEASED, Said([early.act], "查明属实"), county.now())
    settle(now, 4)
    assert once(town) == once(county) == once(fresh) == {*good, early.act}


def test_what_the_robbed_node_took_for_its_own_before_anybody_knew_is_shown_to_a_person():
    """It has rotated since: its next key is good, and gave the forged act a place in good faith."""
    sites = make_network()
    county, town, village = sites.values()
    good = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    thief, old = stolen(village), village.key
    rotate(village, "village 2")
    settle(sites, 4)
    early = false_at(thief, 1)
    for site in (county, village):
        bring(town, site, early, kind=LOOSE)
    settle(sites, 4)
    assert [s.epoch[:2] for s, _ in county.spool.places_of_act(early.act)] == ["2-"]
    cut_off(county, VILLAGE, keys=(old.id,))
    with county.unit():
        assert [f.frame.act for f in within_cut(county.core, VILLAGE, 9)] == [early.act, good]
        decide(county.core, county.application, STRUCK, Said([early.act], "冒用"), county.now())
        assert [f.frame.act for f in within_cut(county.core, VILLAGE, 9)] == [good]
    settle(sites, 4)
    assert once(county) == once(town) == {good}
    assert names(county) == names(town) == names(village) == [early.act]


@pytest.mark.parametrize("first", ["a good place", "a release"])
def test_an_act_that_comes_to_count_in_one_batch_with_the_word_that_strikes_it_never_counts(first, spool):
    sites = make_network(spool=spool)
    county, town, village = sites.values()
    good = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    thief, old = stolen(village), village.key
    rotate(village, "village 2")
    settle(sites, 4)
    early = false_at(thief, 1)
    bring(village, town, early, kind=LOOSE)
    assert once(town) == {good, early.act}
    if first == "a good place":
        # It takes it for its own, and the township has no line.
        bring(town, village, early, kind=LOOSE)
        exchange(village, county)
        cut_off(county, VILLAGE, keys=(old.id,))
    else:
        cut_off(county, VILLAGE, keys=(old.id,))
        bring(town, county, early, kind=LOOSE)
        with county.unit():
            decide(county.core, county.application, RELEASED, Said([early.act], "查明属实"), county.now())
    with county.unit():
        decide(county.core, county.application, STRUCK, Said([early.act], "冒用"), county.now())
    exchange(town, county)
    for _ in range(2):
        assert (once(town), names(town)) == ({good}, [early.act])
        town.restart()
    settle(sites, 3)
    assert once(county) == once(town) == {good} and early.act not in once(village)


def test_an_act_held_back_loose_counts_as_soon_as_its_place_is_here():
    """It comes to the township by its id, before the stream that shows where it stands."""
    sites = make_network()
    county, town, village = sites.values()
    good = [village.submit(said(n, COUNTY), (COUNTY,)) for n in range(2)]
    exchange(village, county)
    cut_off(county, VILLAGE)
    told = [h.statement for sort in (signed.ENTRY, signed.EPOCH) for h in county.spool.all_held(sort)]
    town.take(county.say_items(town, *map(encode_statement, told)))
    bring(county, town, next(f for f in all_frames(county) if f.act == good[1]), kind=LOOSE)
    assert (town.application.ids, names(town)) == ([], good[1:])
    town.take(county.out(TOWN))
    assert (once(town), names(town)) == (set(good), [])


def test_who_was_pointed_to_an_act_keeps_it_and_who_is_later_asks_the_top():
    sites = make_network(ALL)
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    acts = [village.submit(said(n, COUNTY), (COUNTY,)) for n in range(2)]
    settle(sites, 4)
    brief(county, OTHER_VILLAGE, acts[0])
    settle(sites, 6)
    assert sites[OTHER_VILLAGE].application.ids == acts[:1]
    cut_off(county, VILLAGE)
    (entry,) = [e for a, e in county.core.roster.entries.items() if a == VILLAGE]
    assert entry.revoked[0]["ids"] == acts[:1]
    others = {a: s for a, s in sites.items() if a != VILLAGE}
    brief(county, OTHER_VILLAGE, acts[1])
    settle(others, 8)
    for address in (OTHER_TOWN, OTHER_VILLAGE):
        assert once(others[address]) == set(acts)
        assert names(others[address]) == []
    assert once(town) == once(county) == set(acts)
    # Whoever asks is answered, also when what it asks about comes later than the question.
    fresh = replace_machine(county, VILLAGE, 2)
    late = fresh.submit(said(9, COUNTY), (COUNTY,))
    sites[OTHER_VILLAGE].submit(verdict_body([late], quarantine.PAST, (COUNTY,)), (COUNTY,), kind=HELD)
    settle(others, 4)
    settle({**others, VILLAGE: fresh}, 6)
    heard = [f for f in all_frames(sites[OTHER_VILLAGE]) if f.header.kind == RELEASED]
    assert [quarantine.ids_in(f.content) for f in heard][-1] == [late]
    # The township that passed the question on has nothing to say about it.
    assert "S102" not in sites[OTHER_TOWN].codes()


def test_in_a_stream_the_top_cannot_see_only_what_leads_to_the_signed_head_counts():
    """Acts that reached a township's village alone; the village's own word opens no way for later ones."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    thief = stolen(town)
    seen = [town.submit(said(n, COUNTY, VILLAGE), (COUNTY, VILLAGE)) for n in range(3)]
    for _ in range(2):
        exchange(village, town)
    county.take(village.out(COUNTY, STICK))
    stream = village.stream(TOWN, VILLAGE)
    with county.unit():
        (line,) = [line for line in lines_of(county.core, TOWN) if line.stream == stream.id]
    assert (line.upto, line.is_seen, [m.signer for m in line.marks]) == (3, 0, [VILLAGE])
    cut_off(county, TOWN)
    # Thief and village together: the village names it as within the cut, and brings it.
    thief.submit(said(7, VILLAGE), (VILLAGE,))
    false = false_at(thief, 1, VILLAGE)
    village.submit(verdict_body([false.act], WITHIN, (COUNTY,)), (COUNTY,), kind=HELD)
    bring(village, county, false, kind=LOOSE)
    for _ in range(3):
        village.take(county.out(VILLAGE, STICK))
        county.take(village.out(COUNTY, STICK))
    assert once(village) == set(seen)
    assert once(county) == set(seen)
    assert names(county) == [false.act]
    with county.unit():
        assert {f.frame.act for f in within_cut(county.core, TOWN, 9)} == set(seen)


def test_an_act_proven_in_two_streams_counts_by_either(spool):
    """Two villages got it, and nobody else; a person cuts one stream before it, the other stands."""
    second = "511921108204"
    sites = make_network((COUNTY, TOWN, VILLAGE, second), spool=spool)
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites, 2)
    act = town.submit(said(1, VILLAGE, second), (VILLAGE, second))
    for village in (VILLAGE, second):
        for _ in range(2):
            exchange(sites[village], town)
        county.take(sites[village].out(COUNTY, STICK))
    frames = [f for f in all_frames(town) if f.act == act]
    early = next(f.header.stream for f in frames if f.header.stream.dst == VILLAGE)
    cut_off(county, TOWN, cut={early: 0})
    with county.unit():
        assert proven.follow(county.core, TOWN, frames)
        known = {(f.header.stream, 1) for f in frames}
        assert all(set(proven.places(county.core, f)) == known for f in frames)
        assert not any(quarantine.is_past(county.core, f) for f in frames)
        # As rows were written before there could be two.
        (row,) = county.spool.all_held("place of an act")
        county.spool.put_held(row._replace(rank=(1, 0, 0), content=str(early).encode()))
        assert proven.places(county.core, frames[0]) == [(early, 1)]


def test_of_a_destination_nobody_knows_nothing_counts_that_the_top_has_not():
    """No receipt, no head: all of that stream is past the cut; what the top holds elsewhere still counts."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    both = town.submit(said(1, COUNTY, VILLAGE), (COUNTY, VILLAGE))
    alone = town.submit(said(2, VILLAGE), (VILLAGE,))
    exchange(village, town)
    county.take(town.out(COUNTY))
    assert [h for h in county.spool.all_held(signed.RECEIPT) if h.key.startswith(f"{TOWN}|")] == []
    cut_off(county, TOWN)
    with county.unit():
        proven.keep_head(county.core, village.stream(TOWN, VILLAGE).id)
        assert not proven.follow(county.core, TOWN, [f for f in all_frames(village) if f.act == alone])
        assert [line.stream.dst for line in lines_of(county.core, TOWN)] == [COUNTY]
    for _ in range(3):
        village.take(county.out(VILLAGE, STICK))
        county.take(village.out(COUNTY, STICK))
    assert once(village) == once(county) == {both}
    assert names(village) == names(county) == [alone]
    assert quarantine.HELD in [f.header.kind for f in all_frames(county)]


def test_a_false_place_that_came_first_keeps_the_true_frame_of_the_act_from_nobody(spool):
    """Before anybody knew, the thief told the top of acts that went to a village alone, at false places."""
    sites = make_network(spool=spool)
    county, town, village = sites.values()
    settle(sites, 2)
    seen = [town.submit(said(n, VILLAGE), (VILLAGE,)) for n in range(4)]
    thief = stolen(town)
    for _ in range(2):
        exchange(village, town)
    frames = {f.act: f for f in all_frames(village)}
    for act, seq in ((seen[1], 2), (seen[2], 1)):
        bring(thief, county, resigned(thief, frames[act], seq=seq, prev=bytes(32)), kind=LOOSE)
    county.take(village.out(COUNTY, STICK))
    cut_off(county, TOWN)
    assert once(county) == set() and sorted(names(county)) == sorted(seen[1:3])
    for _ in range(5):
        village.take(county.out(VILLAGE, STICK))
        county.take(village.out(COUNTY, STICK))
        county.restart()
    assert once(county) == once(village) == set(seen)
    assert names(county) == [] and county.spool.wants(9) == []
    with county.unit():
        assert {f.frame.act for f in within_cut(county.core, TOWN, 9)} == set(seen)
