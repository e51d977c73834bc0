"""How far many acts got is said as of each alone, and is asked for once."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from sync.adapters.memory_spool import MemorySpool
from sync.protocol.offer import Budget
from sync.protocol.stock.ticks import END_STORED, HOP_STORED, SAVED, Tick, tick_of, ticks_of
from tests.sync.file_spool import files_in
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network

PHOTO = random.Random(3).randbytes(60_000)


@pytest.fixture(params=["memory", "file"])
def sites(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Site]:
    if request.param == "memory":
        return make_network(spool=MemorySpool)
    return make_network(spool=files_in(tmp_path))


def said(site: Site, acts: list[str]) -> dict[str, Tick]:
    """Return the ticks of many acts, compared with those of each act alone."""
    found = ticks_of(site.spool, site.core.tree, acts)
    assert found == {act: tick_of(site.spool, site.core.tree, act) for act in acts}
    return found


def test_both_ways_of_asking_agree_at_every_stage(sites: dict[str, Site]) -> None:
    """Method: acts to one and two destinations, a paper under way; asked after every step of the road."""
    county, town, village = sites.values()
    photo = village.paper(PHOTO)
    acts = [village.submit(b"{}", (COUNTY,)), village.submit(b'{"n":1}', (COUNTY, TOWN))]
    acts += [village.submit(b'{"n":2}', (COUNTY,), (photo,)), village.submit(b'{"n":3}', (VILLAGE, TOWN))]
    acts.append("f" * 32)
    stages: list[set[int]] = []
    steps: tuple[Any, ...] = (
        lambda: None,
        lambda: town.take(village.out(TOWN, Budget(10_000))),
        lambda: village.take(town.out(VILLAGE)),
        lambda: exchange(town, county),
        lambda: exchange(village, town),
        *(lambda: (exchange(village, town), exchange(town, county)) for _ in range(6)),
    )
    for step in steps:
        step()
        stages.append({tick.stage for tick in said(village, acts).values()})
        for site in (town, county):
            said(site, acts)
    assert stages[0] == {SAVED} and {HOP_STORED} <= set().union(*stages)
    last = said(village, acts)
    assert [last[act].stage for act in acts] == [END_STORED] * 4 + [SAVED]


def test_many_acts_of_one_stream_read_its_receipts_once(
    sites: dict[str, Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, town, village = sites.values()
    acts = [village.submit(b'{"n":%d}' % n, (COUNTY,)) for n in range(50)]
    exchange(village, town)
    read = []
    held = village.spool.held
    monkeypatch.setattr(village.spool, "held", lambda *key: (read.append(key), held(*key))[1])
    tree = village.core.tree
    assert {tick.stage for tick in ticks_of(village.spool, tree, acts).values()} == {HOP_STORED}
    assert len(read) == 2


def test_where_only_another_stream_comes_by_nothing_is_known_of_the_top(sites: dict[str, Site]) -> None:
    """Of the township's act to both, its village keeps one place; what the county wrote the county has."""
    county, town, village = sites.values()
    both, down = town.submit(b"{}", (COUNTY, VILLAGE)), county.submit(b"{}", (VILLAGE,))
    exchange(town, county)
    for _ in range(2):
        exchange(village, town)
    at_village = said(village, [both, down])
    assert [(tick.stage, tick.tells_of_top) for tick in at_village.values()] == [
        (END_STORED, False),
        (END_STORED, True),
    ]
    assert said(town, [both])[both] == Tick(END_STORED, tells_of_top=True)
