"""A township lets a village in, and its key is stolen before the county hears of that; both join again."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.canonical import dumps
from sync.protocol.errors import UnknownSender
from sync.protocol.own.issue import open_epoch
from sync.protocol.stock.ticks import END_STORED
from sync.protocol.trust import registrar
from sync.protocol.trust.revocation import STOLEN, Revocation, revoke
from tests.sync.network import (
    COUNTY,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    new_site,
    receipt_held,
    settle,
    trust,
)
from tests.sync.test_vouched import let_in

NEXT = SUITE.pair(bytes(range(64)))


def robbed() -> tuple[Site, Site, Site, list[str]]:
    """County, township with its next key on the same computer, village as it was; an act of each of both."""
    county, town = make_network((COUNTY, TOWN)).values()
    settle({COUNTY: county, TOWN: town}, 3)
    village = new_site(county, VILLAGE)
    let_in(town, village)
    acts = [village.submit(dumps({"n": 1, "to": [COUNTY]}), (COUNTY,))]
    acts.append(town.submit(dumps({"n": 2, "to": [VILLAGE]}), (VILLAGE,)))
    for _ in range(3):
        exchange(village, town)
    assert set(acts) <= {*town.application.ids, *village.application.ids}
    with county.unit():
        revoke(county.core, county.application, Revocation(TOWN, STOLEN), county.now())
        child = {"address": TOWN, "parent": "", "name": "", "key": NEXT.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    town.means.keys[NEXT.id] = town.key = NEXT
    trust(town, county)
    with town.unit():
        open_epoch(town.core, NEXT, "enrolled", START_MS)
    return county, town, village, acts


def is_quiet(child: Site, parent: Site) -> bool:
    """Say whether each knows the other to have all that it says, and has nothing for it."""
    sides = ((child, parent), (parent, child))
    known = [one.core.neighbour(other.address).acked_stamp == one.core.identity.stamp for one, other in sides]
    return all(known) and not any(one.peer.waits_for(other.address) for one, other in sides)


def test_the_township_is_heard_at_once_and_what_its_word_ended_for_comes_when_it_gives_it_anew() -> None:
    county, town, village, acts = robbed()
    for _ in range(4):
        exchange(town, county)
    county.codes()
    up, _ = exchange(town, county)
    assert is_quiet(town, county) and (up.state.untrusted, up.frames, county.codes()) == (0, 0, [])
    assert VILLAGE not in county.core.roster.entries and town.spool.all_held(signed.VOUCH) == []
    with pytest.raises(UnknownSender):
        town.take(village.out(TOWN))
    keys = dict(town.means.keys)
    town.restart()
    town.means.keys.update(keys)

    # A code lets the same computer in with the key it has: nobody has said anything against that.
    with village.unit():
        open_epoch(village.core, village.key, "enrolled", START_MS)
    let_in(town, village)
    trust(village, town)
    for _ in range(6):
        exchange(village, town)
        exchange(town, county)
    assert village.key.public in county.core.roster.entries[VILLAGE].good_keys
    assert acts[0] in county.application.ids
    assert village.peer.tick(acts[0]).stage == END_STORED
    stream = village.stream(TOWN, VILLAGE).id
    assert receipt_held(county, stream, VILLAGE) is not None
    assert is_quiet(town, county) and is_quiet(village, town)


def test_it_comes_too_when_the_county_lets_the_village_in() -> None:
    county, town, village, acts = robbed()
    for _ in range(4):
        exchange(town, county)
    with county.unit():
        child = {"address": VILLAGE, "parent": "", "name": "", "key": village.key.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    for _ in range(4):
        exchange(town, county)
    assert acts[0] in county.application.ids
    trust(village, county)
    for _ in range(4):
        exchange(village, town)
    assert village.peer.tick(acts[0]).stage == END_STORED
