"""An act of a revoked key went to several: who needs the frame that a chain leads through is given it."""

from __future__ import annotations

import pytest

from sync.protocol.acts.quarantine import WITHIN
from sync.protocol.frame_items import decode_frames
from sync.protocol.records import LOOSE
from sync.protocol.stock import loose
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network, settle
from tests.sync.test_asked import name, rows, some_ids
from tests.sync.test_loose_papers import items_of
from tests.sync.test_revocation import cut_off, once, said
from tests.sync.test_rotation import rotate

SECOND = "511921108204"


def name_lost(village: Site) -> str:
    """Name an act to the top that nobody has: while it is lacking, the proofs of others may be needed."""
    (lost,) = some_ids(1)
    name(village, [lost], WITHIN)
    return lost


def test_the_top_is_given_all_frames_that_may_lead_on_and_asks_no_more():
    sites = make_network((COUNTY, TOWN, VILLAGE, SECOND))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    old, to = town.key.id, (COUNTY, VILLAGE, SECOND)
    act = town.submit(said(1, *to), to)
    # The second village, whose stream the township wrote last, has signed for nothing yet.
    rotate(town, "township 2")
    for _ in range(4):
        exchange(village, town)
        exchange(town, county)
    cut_off(county, TOWN, keys=(old,))
    lost = name_lost(village)
    settle(sites, 8)
    assert county.spool.wants(9) == [lost] and rows(county) == [f"{lost}|{VILLAGE}"]
    assert all(once(site) == {act} for site in (county, village, sites[SECOND]))


@pytest.mark.parametrize("room", [loose._WAYS_BYTES, 0])
def test_an_act_that_went_to_very_many_is_given_in_all_its_frames_some_at_a_time(room, monkeypatch):
    monkeypatch.setattr(loose, "_WAYS_BYTES", room)
    many = [f"5119211082{n:02d}" for n in range(3, 23)]
    sites = make_network((COUNTY, TOWN, *many))
    heard = {one: sites[one] for one in (COUNTY, TOWN, many[-1])}
    county, town, village = heard.values()
    settle(heard, 2)
    old, to = town.key.id, (COUNTY, *many)
    act = town.submit(said(1, *to), to)
    rotate(town, "township 2")
    for _ in range(4):
        exchange(village, town)
        exchange(town, county)
    cut_off(county, TOWN, keys=(old,))
    lost = name_lost(village)
    given = []
    for _ in range(8 if room else 24):
        exchange(village, town)
        up = town.out(COUNTY)
        given.append(sum(len(decode_frames(item)) for item in items_of(up, county, LOOSE)))
        county.take(up)
        town.take(county.out(TOWN))
    assert max(given) == (len(many) if room else 1)
    assert county.spool.wants(9) == [lost] and rows(county) == [f"{lost}|{many[-1]}"]
    assert once(county) == once(village) == {act}
