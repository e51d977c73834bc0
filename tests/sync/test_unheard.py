"""Both ends of a line are put back, then bytes of before come late: the line is heard all the same."""

from __future__ import annotations

import pytest

from sync.protocol.records import Item
from tests.sync.copies import copy_of, put_back
from tests.sync.network import (
    START_MS,
    STATE_ENDS,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    hello,
    make_network,
    settle,
)
from tests.sync.test_rollback import filed


def begin_anew(village: Site) -> None:
    with village.unit():
        village.peer.open_epoch(village.key, "again", START_MS)


def raise_incarnation(village: Site) -> None:
    for _ in range(2):
        assert put_back(village, copy_of(village), 0) == ""
        with village.unit():
            village.core.identity.incarnation += 1


@pytest.mark.parametrize("change", [begin_anew, raise_incarnation])
def test_bytes_of_an_era_that_both_have_forgotten_make_nobody_deaf(change):
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    kept = [(site, copy_of(site)) for site in (town, village)]
    change(village)
    for _ in range(3):
        exchange(village, town)
    late = village.out(TOWN)
    for site, copy in kept:
        assert put_back(site, copy, 1) == ""
    town.take(late)
    up, down = filed(village, 2), filed(town, 2, 10, (VILLAGE,))
    settle(sites, 3)
    assert (county.application.ids, village.application.ids) == (up, down)
    assert not town.peer.waits_for(VILLAGE) and not village.peer.waits_for(TOWN)
    held = {s.id: s.upto for s in village.spool.streams() if s.upto}
    assert {stream: part.upto for stream, part in town.spool.vector(VILLAGE).items() if part.upto} == held


def test_who_is_put_back_whole_is_heard_though_its_last_exchange_was_cut_before_the_end():
    """What was cut is heard and not acknowledged, and every start leaves out a run of numbers."""
    sites = make_network()
    _, town, village = sites.values()
    settle(sites, 3)
    kept = copy_of(village)
    act = town.submit(b"{}", (VILLAGE,))
    exchange(village, town)
    with village.unit():
        neighbour = village.core.neighbour(TOWN)
        neighbour.mine += 100_000
        village.spool.put_neighbour(neighbour)
    town.take(village.say_items(town, hello(full=0), STATE_ENDS, Item(99, b""))[:-20])
    heard = town.core.neighbour(VILLAGE)
    assert heard.counter > 100_000 > heard.taken
    assert put_back(village, kept, 1) == "" and act not in village.application.ids
    for _ in range(4):
        exchange(village, town)
    assert town.core.neighbour(VILLAGE).taken == village.core.neighbour(TOWN).mine
    assert act in village.application.ids
