"""Somebody has left: what waits in vain has nothing asked for it, but what is lacking for itself is."""

from __future__ import annotations

from sync.protocol.acts.deliver import Parked
from sync.protocol.incoming.left import LEFT
from tests.sync.network import COUNTY, OTHER_TOWN, TOWN, VILLAGE, exchange, make_network, settle
from tests.sync.test_left import moved, reasons
from tests.sync.test_revocation import STICK, said, stolen

NEIGHBOUR = "511921108204"


def test_an_act_that_is_for_this_node_and_lacks_its_body_is_asked_for_though_who_waits_for_it_has_left():
    """A village gave it bare, as by rule; another village's step follows it, and that one moves away."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE, NEIGHBOUR))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    first = county.submit(said(1, NEIGHBOUR), (NEIGHBOUR,))
    sites[NEIGHBOUR].take(county.out(NEIGHBOUR, STICK))
    bare = stolen(sites[NEIGHBOUR])
    with bare.unit():
        bare.spool.drop_bodies([first])
    town.take(bare.out(TOWN))
    assert town.spool.wants(9) == [first] and town.application.ids == []
    town.application.judge = lambda act: (
        None if act.id == first or first in town.application.ids else Parked("E108", f"act:{first}")
    )
    step = village.submit(said(2, COUNTY), (COUNTY,))
    exchange(village, town)
    assert reasons(town) == {step: "E108"}
    moved(sites, OTHER_TOWN)
    assert reasons(town) == {step: LEFT} and town.spool.wants(9) == [first]
    for _ in range(3):
        exchange(town, county)
    assert town.application.ids == [first, step] and reasons(town) == {} and town.spool.wants(9) == []
