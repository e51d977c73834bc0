"""A proof is asked for while something hangs on it; while nothing of its author is held back it rests."""

from __future__ import annotations

import pytest

from sync.protocol.acts.quarantine import RELEASED, STRUCK, WITHIN
from sync.protocol.records import LOOSE
from sync.protocol.trust.revocation import Said, decide
from tests.sync.forgery import all_frames, bring
from tests.sync.network import COUNTY, TOWN, VILLAGE, make_network
from tests.sync.test_asked import name, rows, some_ids
from tests.sync.test_loose_papers import ALL
from tests.sync.test_proofs import by_stick, told_above
from tests.sync.test_revocation import STICK, cut_off, names, once


def decided(county, kind, acts):
    with county.unit():
        decide(county.core, county.application, kind, Said(acts, "查明"), county.now())


def test_a_question_rests_until_something_is_held_back_and_is_asked_then():
    """Seeds 3600062 and 4520028: thirty proofs on which nothing hung kept a thin line busy for two weeks."""
    sites = make_network(ALL)
    county, village = sites[COUNTY], sites[VILLAGE]
    alone, both = told_above(sites)
    cut_off(county, TOWN)
    name(village, [both], WITHIN)
    county.take(village.out(COUNTY, STICK))
    assert rows(county) == [f"{both}|{VILLAGE}"] and county.spool.wants(9) == []
    # Only now the village hears of the cut, and names what the county has never seen.
    by_stick(village, county, 6)
    assert once(county) >= {alone, both} and names(county) == []
    assert (rows(county), county.spool.wants(9)) == ([], [])


def held_back_without_proof(lost=()):
    """Return county and village, and two acts: a frame of the second would prove the place of the first."""
    sites = make_network(ALL)
    county, village = sites[COUNTY], sites[VILLAGE]
    alone, both = told_above(sites)
    cut_off(county, TOWN)
    village.take(county.out(VILLAGE, STICK))
    if lost:
        name(village, list(lost), WITHIN)
    county.take(village.out(COUNTY, STICK))
    village.take(county.out(VILLAGE, STICK))
    # Of what was asked for, the county has got this alone.
    frames = [frame for frame in all_frames(village) if frame.act == alone]
    bring(village, county, *frames, kind=LOOSE)
    assert names(county) == [alone] and both in county.spool.wants(9)
    return county, village, alone, both


@pytest.mark.parametrize("kind", [RELEASED, STRUCK])
def test_the_word_of_a_person_ends_the_asking_for_proof(kind):
    county, _, alone, both = held_back_without_proof()
    decided(county, kind, [alone])
    assert f"{both}|{VILLAGE}" in rows(county) and county.spool.wants(9) == []
    assert (alone in once(county)) == (kind == RELEASED)


def test_a_word_leaves_what_is_lacking_asked_for_and_what_may_be_needed_with_it():
    (lost,) = some_ids(1)
    county, _, alone, both = held_back_without_proof([lost])
    decided(county, STRUCK, [alone])
    assert sorted(county.spool.wants(9)) == sorted([both, lost])
