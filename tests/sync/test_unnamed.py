"""The thief of a former roster key finds a village that was off when it was replaced: nothing of it stays.

Method: the county goes over to another roster key while the village is away. The thief names a key of its own
as the county's, by an entry of the former one, and speaks to the village as the county.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sync.protocol import signed
from sync.protocol.acts.cuts import NO_KEY, waits_for_key
from sync.protocol.acts.deliver import Parked
from sync.protocol.acts.unnamed import TAKEN_BACK
from sync.protocol.checker import check
from sync.protocol.items import encode_statement
from sync.protocol.own.issue import open_epoch
from sync.protocol.rotation import rotate
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair
from sync.protocol.spool import ERA, PARKED
from sync.protocol.stock.ticks import END_STORED
from sync.protocol.trust import registrar, vouched
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    START_MS,
    STATE_ENDS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    hello,
    make_network,
    settle,
    trust,
)
from tests.sync.test_appointments import NEW, root_pair, take_over
from tests.sync.test_lost_keys import lose

THIEF, NEXT = key_pair("thief"), key_pair("thief's next")


class Lured(NamedTuple):
    """The sites; what the thief had the village take in as the county's, and an act of its own."""

    sites: dict[str, Site]
    forged: list[str]
    own: str
    thief: Site

    @property
    def village(self) -> Site:
        return self.sites[VILLAGE]


def as_county(village: Site, former: KeyPair) -> Statement:
    """Return an entry by a former roster key that gives the county the thief's key besides."""
    mine = village.core.roster.entries[COUNTY]
    fields = registrar.fields_of(mine)
    keys = [*fields["keys"], {**THIEF.public.as_fields(), "from": 0, "until": 0}]
    said = {"keys": keys, "version": mine.version + 50, "prev": ""}
    return signed.make(signed.ENTRY, fields | said, (former,), SUITE)


def thief_of(village: Site, entry: Statement) -> Site:
    """Return a machine that calls itself the county, and knows all that the village knows."""
    thief = Site(COUNTY, village.spool.all_held(signed.ROOT)[0].statement.hash, 77)
    trust(thief, village)
    thief.key = THIEF
    with thief.unit():
        thief.core.roster.offer(entry)
        thief.core.keep(entry, COUNTY, (1, 0, 0))
    thief.restart()
    with thief.unit():
        open_epoch(thief.core, THIEF, "enrolled", START_MS)
    return thief


@pytest.fixture
def lured() -> Lured:
    sites = make_network()
    county, town, village = sites.values()
    own = village.submit(b'{"n":1}', (COUNTY,))
    settle(sites, 4)
    former = county.roster_key
    assert former is not None
    take_over(county, root_pair(), NEW)
    settle({COUNTY: county, TOWN: town}, 4)
    entry = as_county(village, former)
    village.take(town.say_items(village, hello(full=0), encode_statement(entry), STATE_ENDS))
    thief = thief_of(village, entry)
    forged = [thief.submit(b'{"decided":1}', (VILLAGE,), kind="case.moved")]
    village.take(thief.out(VILLAGE))
    thief.take(village.out(COUNTY))
    # And a key that this one goes over to.
    thief.means.keys[NEXT.id] = thief.key = NEXT
    with thief.unit():
        fields = {"src": COUNTY, "n": 10, "random": "ab" * 8, "prev": "", "heads": {}, "reason": "rotated"}
        rotate(thief.core, NEXT, {**fields, "heads_hash": "", "key": NEXT.id, "at": START_MS})
    forged.append(thief.submit(b'{"decided":2}', (VILLAGE,), kind="case.moved"))
    village.take(thief.out(VILLAGE))
    assert village.application.ids == forged, "before it hears of the next key it cannot know better"
    village.codes()
    return Lured(sites, forged, own, thief)


def test_what_it_had_taken_in_is_taken_back_once_it_hears_of_the_next_key(lured: Lured) -> None:
    village = lured.village
    settle(lured.sites, 3)
    assert village.application.ids == []
    rows = [village.spool.act(act) for act in lured.forged]
    assert [(row.state, row.reason) for row in rows if row] == [(PARKED, NO_KEY)] * 2
    assert village.codes().count(TAKEN_BACK) == 1
    village.restart()
    settle(lured.sites, 3)
    assert village.application.ids == [] and TAKEN_BACK not in village.codes()


def by_thief(site: Site) -> list[str]:
    """Return what a site keeps of the thief's word on what the county holds."""
    held = site.spool.all_held(signed.RECEIPT)
    return [one.key for one in held if one.statement.key_id in (THIEF.id, NEXT.id)]


def test_its_word_on_what_the_county_holds_is_forgotten_and_the_county_heard_at_once(lured: Lured) -> None:
    """Its exchanges were numbered by an epoch above any of the county's: none of that would ever be newer."""
    village, county = lured.village, lured.sites[COUNTY]
    assert by_thief(village) and village.core.neighbour(COUNTY).era > 9 * ERA
    settle(lured.sites, 2)
    assert by_thief(village) == []
    act, answer = village.submit(b"{}", (COUNTY,)), county.submit(b"{}", (VILLAGE,), kind="case.moved")
    for _ in range(3):
        exchange(village, county)
    assert act in county.application.ids and answer in village.application.ids
    assert village.core.neighbour(COUNTY).acked_stamp
    assert village.peer.tick(lured.own).stage == village.peer.tick(act).stage == END_STORED


def test_a_genuine_key_of_a_time_that_the_top_has_lost_counts_again_once_people_say_whose_it_is() -> None:
    """A township had taken in what a village signed with it: it waits there as it does at the county."""
    county, town, village, _, acts = lose()
    assert town.application.ids == []
    assert {row.waits_for for row in map(town.spool.act, acts) if row} == {waits_for_key(VILLAGE)}
    with county.unit():
        vouched.confirm_current(county.core, county.application, (VILLAGE, village.key.id), START_MS)
    settle({COUNTY: county, TOWN: town}, 2)
    settle({COUNTY: county, TOWN: town, VILLAGE: village}, 2)
    assert sorted(county.application.ids) == sorted(town.application.ids) == sorted(acts)


def test_what_the_thief_signed_goes_to_nobody_who_would_be_shown_it_without_end(lured: Lured) -> None:
    settle(lured.sites, 6)
    village, town = lured.village, lured.sites[TOWN]
    village.codes(), town.codes()
    up, down = exchange(village, town)
    assert (up.frames, up.refused, up.state.untrusted, town.codes()) == (0, 0, 0, [])
    assert (down.frames, down.state.untrusted, village.codes()) == (0, 0, [])


def test_what_it_signed_is_no_damage_of_the_records(lured: Lured) -> None:
    """No entry ever named the key that it went over to. Were it damage, no backup would come out any more."""
    settle(lured.sites, 3)
    village = lured.village
    village.restart()
    with village.unit():
        assert check(village.core).problems == []


def test_nothing_is_asked_for_any_more_on_account_of_what_it_signed(lured: Lured) -> None:
    """What its acts wait for may never have been: it would be asked for in each exchange, for good."""
    village, thief = lured.village, lured.thief
    never = "ab" * 16
    waits = Parked("E108", f"act:{never}")
    village.application.judge = lambda act: waits if b'"on":3' in act.content else None
    act = thief.submit(b'{"on":3}', (VILLAGE,), kind="case.moved")
    village.take(thief.out(VILLAGE))
    assert village.spool.wants(9) == [never]
    settle(lured.sites, 3)
    row = village.spool.act(act)
    assert row is not None and row.reason == NO_KEY and village.spool.wants(9) == []
