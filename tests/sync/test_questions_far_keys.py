"""A thief goes from key to key: what nobody can be shown whose it is is offered to nobody."""

from __future__ import annotations

import pytest

from sync.protocol import rotation
from sync.protocol.frame import SIGNED_AS, rebuild
from sync.protocol.items import encode_statement
from sync.protocol.own.issue import epoch_fields
from sync.protocol.streams import make_epoch
from tests.sync.forgery import all_frames, bring
from tests.sync.made import key_pair
from tests.sync.network import COUNTY, OTHER_TOWN, START_MS, SUITE, TOWN, VILLAGE, make_network, settle
from tests.sync.test_loose_papers import ALL, brief
from tests.sync.test_revocation import cut_off, names, once, said
from tests.sync.test_rotation import rotate
from tests.sync.test_state import whole


def gone_over(site, old, length):
    """Return the records by which a thief goes from a stolen key to so many others, and the last of those."""
    with site.unit():
        base = epoch_fields(site.core, rotation.REASON, START_MS)
    former, made = old, []
    for n in range(length):
        new = key_pair(f"thief {n}")
        more = {"n": 50 + n, "random": f"{n:016x}", "by": former.id, "public": new.public.as_fields()}
        made.append(make_epoch({**base, **more}, (new, former), SUITE))
        former = new
    return made, former


def signed_again(frame, record, key, count, dst):
    """Return an act in so many frames of a stream by another key."""
    prev, frames = record.root, []
    for seq in range(1, count + 1):
        stream = frame.header.stream._replace(epoch=record.id, dst=dst)
        header = frame.header._replace(stream=stream, seq=seq, prev=prev)
        frames.append(rebuild(header, frame.body, SUITE.sign(key, SIGNED_AS, header.encode()), frame.wraps))
        prev = frames[-1].hash
    return frames


@pytest.mark.parametrize("length", [8, 12])
@pytest.mark.parametrize("is_kept", [0, 1])
def test_a_good_act_that_came_first_by_a_far_key_is_given_in_the_frame_that_is_believed(length, is_kept):
    """Who was pointed to it was given the thief's frame, refused it, and asked again for ever."""
    sites = make_network(ALL)
    county, town, village, other = (sites[a] for a in (COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    settle(sites, 2)
    old = village.key
    rotate(village, "village 2")
    settle(sites, 4)
    cut_off(county, VILLAGE, keys=(old.id,))
    settle(sites, 4)
    made, last = gone_over(village, old, length)
    county.take(town.say(county, whole([encode_statement(one.statement) for one in made])))
    with county.unit():
        # As a program of before did.
        for one in made if is_kept else ():
            county.core.keep(one.statement, f"{VILLAGE}|{one.id}", (one.n, 0, 0))
    act = village.submit(said(1, COUNTY), (COUNTY,))
    true = next(f for f in all_frames(village) if f.act == act)
    bring(town, county, *signed_again(true, made[-1], last, 1, COUNTY))
    settle(sites, 4)
    assert act in once(county) and names(county) == []
    brief(county, OTHER_TOWN, act)
    for _ in range(6):
        other.take(county.out(OTHER_TOWN))
        county.take(other.out(COUNTY))
    assert act in once(other) and other.spool.wants(9) == []
    assert county.peer.neighbour(OTHER_TOWN).acked_stamp > 0


@pytest.mark.parametrize("length", [8, 12])
def test_what_a_far_key_signed_is_not_offered_for_ever(length):
    """Before anything else, too: what came later never had any room."""
    sites = make_network(ALL)
    county, town, village, other = (sites[a] for a in (COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    settle(sites, 2)
    old = village.key
    act = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 4)
    cut_off(county, VILLAGE)
    upper = {COUNTY: county, TOWN: town, OTHER_TOWN: other}
    settle(upper, 4)
    made, last = gone_over(village, old, length)
    county.take(town.say(county, whole([encode_statement(one.statement) for one in made])))
    true = next(f for f in all_frames(village) if f.act == act)
    bring(town, county, *signed_again(true, made[-1], last, 20, OTHER_TOWN))
    settle(upper, 8)
    assert not county.peer.is_behind(county.peer.neighbour(OTHER_TOWN))
    for site in (county, other):
        assert ((VILLAGE, OTHER_TOWN) in site.upto()) == (length == rotation.CHAIN_MAX)
