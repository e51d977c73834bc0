"""Two branches of a stream on a line that carries a few frames at a time: it comes to the destination's."""

from __future__ import annotations

import pytest

from sync.adapters.memory_spool import MemorySpool
from sync.protocol.found import DOUBT
from sync.protocol.offer import Budget
from sync.protocol.spool import EVIDENCE
from tests.sync.file_spool import files_in
from tests.sync.forgery import all_frames, bring, other_at
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network, settle
from tests.sync.test_revocation import STICK, said, stolen

THIN = Budget(1_500)


@pytest.fixture(params=["memory", "sql"])
def spool(request, tmp_path):
    return MemorySpool if request.param == "memory" else files_in(tmp_path)


def over_a_thin_line(town: Site, county: Site, times: int) -> None:
    for _ in range(times):
        county.take(town.out(COUNTY))
        town.take(county.out(TOWN, THIN))


def filed(village: Site, count: int, first: int) -> None:
    for n in range(first, first + count):
        village.submit(said(n, COUNTY), (COUNTY,))


def is_at_rest(town: Site, county: Site) -> bool:
    here, there = town.stream(VILLAGE, COUNTY), county.stream(VILLAGE, COUNTY)
    return here.head == there.head and not town.spool.all_held(DOUBT)


def test_a_branch_longer_than_an_exchange_comes_in_parts():
    sites = make_network()
    county, town, village = sites.values()
    filed(village, 3, 0)
    settle(sites, 3)
    twin = stolen(village)
    filed(village, 12, 100)
    filed(twin, 15, 200)
    town.take(village.out(TOWN))
    county.take(twin.out(COUNTY, STICK))
    assert not set(town.application.ids[3:]) & set(county.application.ids), "two branches"
    over_a_thin_line(town, county, 40)
    assert is_at_rest(town, county)


def test_what_both_have_is_not_sent_again_and_again_before_what_one_lacks(spool):
    sites = make_network(spool=spool)
    county, town, village = sites.values()
    filed(village, 10, 0)
    town.take(village.out(TOWN))
    bring(village, town, other_at(village, all_frames(village)[1], b'{"other":1}'))
    assert len(town.spool.asides(EVIDENCE)) == 1
    filed(village, 15, 100)
    county.take(village.out(COUNTY, STICK))
    over_a_thin_line(town, county, 40)
    assert is_at_rest(town, county)


def test_evidence_shown_before_the_branch_it_left_is_kept_at_once():
    """A stick brings a township the first it hears of a stream: evidence, and behind it the frames."""
    county, town, village = make_network().values()
    filed(village, 2, 0)
    twin = stolen(village)
    filed(village, 2, 100)
    filed(twin, 3, 200)
    for site in (village, twin):
        county.take(site.out(COUNTY, STICK))
    stick = county.out(TOWN, STICK)
    town.take(stick)
    shown = [aside.frame.header.seq for aside in county.spool.asides(EVIDENCE)]
    assert [aside.frame.header.seq for aside in town.spool.asides(EVIDENCE)] == shown != []
    assert "S120" in town.codes()
    town.take(stick)
    assert "S120" not in town.codes()
