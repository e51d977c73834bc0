"""Questions and words about a revoked key's acts outlast what befalls those who have them, at little cost."""

from __future__ import annotations

import pytest

from sync.protocol.acts import asked, quarantine
from sync.protocol.acts.asked import LATER
from sync.protocol.acts.quarantine import RELEASED, STRUCK, WITHIN
from sync.protocol.frame import SIGNED_AS, rebuild
from sync.protocol.records import LOOSE
from sync.protocol.trust.revocation import Said, decide
from tests.sync.copies import copy_of, put_back
from tests.sync.forgery import all_frames, bring
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    SUITE,
    TOWN,
    VILLAGE,
    exchange,
    make_network,
    settle,
)
from tests.sync.test_asked import name, rows, some_ids
from tests.sync.test_loose_papers import ALL
from tests.sync.test_proofs import SECOND, by_stick, told_above
from tests.sync.test_revocation import STICK, cut_off, names, once, said
from tests.sync.test_rotation import rotate


def words(county, act):
    """Return the acts by which the top has said something of an act."""
    return {
        f.act
        for f in all_frames(county)
        if f.header.stream.src == COUNTY
        and f.header.kind in (RELEASED, STRUCK)
        and act in quarantine.ids_in(f.content)
    }


def test_what_the_top_lets_through_by_itself_is_said_once():
    sites = make_network(ALL)
    county, village, other = (sites[a] for a in (COUNTY, VILLAGE, OTHER_VILLAGE))
    settle(sites, 2)
    act = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    cut_off(county, VILLAGE)
    name(other, [act])
    exchange(other, sites[OTHER_TOWN])
    exchange(sites[OTHER_TOWN], county)
    said_by = words(county, act)
    assert len(said_by) == 1


def held_back():
    """Return county and townships, and an act of a village that is past the cut at all of them."""
    sites = make_network(ALL)
    settle(sites, 2)
    act = sites[VILLAGE].submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    cut_off(sites[COUNTY], VILLAGE, cut={sites[VILLAGE].stream(VILLAGE, COUNTY).id: 0})
    upper = {one: sites[one] for one in (COUNTY, TOWN, OTHER_TOWN)}
    settle(upper, 4)
    return upper, act


@pytest.mark.parametrize("has_asker", [0, 1])
def test_a_word_repeated_to_one_outlasts_the_top_that_said_it_to_all(has_asker):
    """Who was to hear the first word never does, once the repeated one alone comes back."""
    upper, act = held_back()
    county, town, other = upper.values()
    if has_asker:
        name(other, [act])
    kept = copy_of(county)
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([act], "真"), county.now())
    # The other township alone is heard before the disk dies.
    exchange(other, county)
    exchange(other, county)
    put_back(county, kept)
    settle(upper, 10)
    assert (act in once(county)) == (act in once(town)) == bool(has_asker)


@pytest.mark.parametrize("who", ["nobody", "thief"])
def test_a_question_that_two_have_is_not_given_up_while_nobody_was_asked(who):
    """Named by two, an act counts as asked for in vain each time the top looks at anything."""
    sites = make_network(ALL)
    county, town, village, other = (sites[a] for a in (COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    old = town.key
    alone, both = told_above(sites)
    rotate(town, "township 2")
    settle({COUNTY: county, TOWN: town, VILLAGE: village}, 4)
    true = next(f for f in all_frames(village) if f.act == both and f.header.stream.dst == VILLAGE)
    header = true.header._replace(clock=true.header.clock._replace(mono=true.header.clock.mono + 7))
    fork = rebuild(header, true.body, SUITE.sign(old, SIGNED_AS, header.encode()), true.wraps)
    cut_off(county, TOWN, keys=(old.id,))
    village.take(county.out(VILLAGE, STICK))
    county.take(village.out(COUNTY, STICK))
    # The thief's: a false frame comes first. The village is away meanwhile.
    bring(town, county, fork, kind=LOOSE)
    assert both in county.spool.wants(9)
    if who == "thief":
        name(other, [both], LATER)
        exchange(other, county)
    for one in some_ids(40):
        name(other, [one])
        exchange(other, county)
    # It comes once more, from one that stands on no way between the two.
    bring(other, county, fork, kind=LOOSE)
    by_stick(village, county, 12)
    assert once(county) >= {alone, both} and names(county) == []


def test_what_counts_by_another_cut_of_the_same_key_is_named():
    """The top was put back and cut the key elsewhere: what counts by that was named to it by nobody."""
    sites = make_network(ALL)
    county, village = sites[COUNTY], sites[VILLAGE]
    alone, both = told_above(sites)
    kept = copy_of(county)
    cut_off(county, TOWN, cut={sites[TOWN].stream(TOWN, VILLAGE).id: 0})
    village.take(county.out(VILLAGE, STICK))
    assert names(village) == [alone]
    put_back(county, kept)
    cut_off(county, TOWN)
    by_stick(village, county, 12)
    assert names(village) == []
    assert once(county) >= {alone, both} and names(county) == []


def put_back_and_cut(cut=0):
    """The village is put back to before it had two acts of its township, whose key is cut off meanwhile.

    Args:
        cut: 1 when the second act is past the cut, though the head stands at it.
    """
    sites = make_network(ALL)
    county, town, village = (sites[a] for a in (COUNTY, TOWN, VILLAGE))
    settle(sites, 2)
    old = town.key.id
    kept = copy_of(village)
    alone, both = told_above(sites)
    ends = {town.stream(TOWN, VILLAGE).id: 1, town.stream(TOWN, COUNTY).id: 0} if cut else {}
    rotate(town, "township 2")
    settle({COUNTY: county, TOWN: town}, 4)
    put_back(village, kept)
    cut_off(county, TOWN, keys=(old,), cut=ends)
    return sites, alone, both


def test_what_comes_back_within_a_cut_after_it_was_gone_by_is_named_in_the_end():
    """Put back, the village hears of the cut before it has again what it had signed for."""
    sites, alone, both = put_back_and_cut()
    county, town, village = (sites[a] for a in (COUNTY, TOWN, VILLAGE))
    village.take(county.out(VILLAGE, STICK))
    assert not once(village) & {alone, both} and village.core.roster.revoked(TOWN)
    for _ in range(4):
        exchange(village, town)
        exchange(town, county)
    assert once(village) >= {alone, both}
    by_stick(village, county, 12)
    assert once(county) >= {alone, both} and names(county) == []


def test_a_question_that_two_villages_have_is_not_given_up_while_nobody_was_asked():
    """The same with nobody's naming but that of two villages to which the act went."""
    sites = make_network((COUNTY, TOWN, VILLAGE, SECOND, OTHER_TOWN))
    county, town, village, other = (sites[a] for a in (COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    settle(sites, 2)
    old = town.key
    alone = town.submit(said(1, VILLAGE), (VILLAGE,))
    both = town.submit(said(2, COUNTY, VILLAGE, SECOND), (COUNTY, VILLAGE, SECOND))
    for _ in range(3):
        exchange(village, town)
        exchange(sites[SECOND], town)
        exchange(town, county)
    for one in (village, sites[SECOND]):
        county.take(one.out(COUNTY, STICK))
    rotate(town, "township 2")
    settle({a: s for a, s in sites.items() if a != OTHER_TOWN}, 4)
    true = next(f for f in all_frames(village) if f.act == both and f.header.stream.dst == VILLAGE)
    header = true.header._replace(clock=true.header.clock._replace(mono=true.header.clock.mono + 7))
    fork = rebuild(header, true.body, SUITE.sign(old, SIGNED_AS, header.encode()), true.wraps)
    cut_off(county, TOWN, keys=(old.id,))
    for one in (village, sites[SECOND]):
        one.take(county.out(one.address, STICK))
    for one in (village, sites[SECOND]):
        county.take(one.out(COUNTY, STICK))
    bring(town, county, fork, kind=LOOSE)
    for one in some_ids(40):
        name(other, [one])
        exchange(other, county)
    kept = {row.author for row in asked.open_at(county.core) if row.act == both and row.reason == WITHIN}
    assert VILLAGE in kept, f"given up, nobody was asked meanwhile: {kept}"
    by_stick(village, county, 12)
    assert alone in once(county)


def test_what_was_let_through_above_a_cut_is_named_for_what_lies_below_it():
    """Seed 49700983: a chain leads through it, and it was past the cut when the village named what counts."""
    sites = make_network(ALL)
    county, town, village = (sites[a] for a in (COUNTY, TOWN, VILLAGE))
    alone, both = told_above(sites)
    assert [frame.act for frame in all_frames(village) if frame.header.stream.src == TOWN] == [alone, both]
    cut_off(county, TOWN, cut={town.stream(TOWN, VILLAGE).id: 1, town.stream(TOWN, COUNTY).id: 0})
    by_stick(village, county, 4)
    assert both in names(county)
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([both], "真"), county.now())
    by_stick(village, county, 12)
    assert once(county) >= {alone, both} and names(county) == [] and rows(county) == []
