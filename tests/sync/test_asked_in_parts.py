"""What a neighbour asks for by id goes in parts that the line, and what lies on it, lets through."""

from __future__ import annotations

from random import Random

from sync.adapters.line import TooMuch
from sync.adapters.runner import Pace, Runner, Uplink
from sync.protocol.acts.deliver import BRIEF
from sync.protocol.canonical import dumps
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network, settle
from tests.sync.wire import Wire

ASKED = 64


def _asked_for(sites: dict[str, Site], size: int) -> list[str]:
    """Return acts of the village that its township asks for; nothing of them has gone yet."""
    _, town, village = sites.values()
    settle(sites, 2)
    acts = [village.submit(Random(n).randbytes(size), (COUNTY,)) for n in range(ASKED)]
    with town.unit():
        for act in acts:
            town.spool.want(act)
    village.take(town.out(VILLAGE))
    return acts


def test_many_acts_asked_for_at_once_go_through_what_lets_little_through():
    """All at once they were refused for ever, and everything else with them."""
    sites = make_network()
    acts = _asked_for(sites, 2_000)
    wire = Wire(sites)
    wire.takes = 60_000
    uplink = Uplink(TOWN, TOWN)
    runner = Runner(sites[VILLAGE].engine(), wire, lambda: (uplink,), Pace(60_000, 1_000_000), lambda: 2**31)
    codes = set()
    while len(sites[TOWN].application.ids) < ASKED and len(wire.tried) < 60:
        runner.step()
        codes.add(runner.state.last_code)
    assert sorted(sites[TOWN].application.ids) == sorted(acts)
    assert codes <= {"", TooMuch.code}


def test_they_follow_each_other_at_once_on_a_thin_line():
    """No poll lies between two parts."""
    sites = make_network()
    acts = _asked_for(sites, 2_000)
    wire = Wire(sites)
    uplink = Uplink(TOWN, TOWN)
    runner = Runner(sites[VILLAGE].engine(), wire, lambda: (uplink,), Pace(60_000, 20_000), lambda: 2**31)
    while runner.step() == 0:
        pass
    assert sorted(sites[TOWN].application.ids) == sorted(acts) and len(wire.tried) > 3


def test_parts_asked_for_from_below_follow_each_other_at_once():
    """Each came with the answer to a poll of its own: acts beside the streams counted as nothing new."""
    sites = make_network()
    _, town, village = sites.values()
    settle(sites, 2)
    acts = [town.submit(Random(n).randbytes(2_000), (COUNTY,)) for n in range(ASKED)]
    settle(sites, 4)
    town.submit(dumps({"ids": acts, "to": [VILLAGE]}), (VILLAGE,), kind=BRIEF)
    wire, uplinks = Wire(sites), (Uplink(TOWN, TOWN),)
    wire.answers = 20_000
    runner = Runner(village.engine(), wire, lambda: uplinks, Pace(60_000, 1_000_000), lambda: 2**31)
    pauses = [runner.step()]
    while village.spool.wants(1):
        pauses.append(runner.step())
    assert 4 < len(pauses) < 20 and set(pauses) == {0}
    assert village.spool.known_acts(acts) == set(acts)
