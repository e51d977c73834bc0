"""A site that only a former roster key's thief has entered is nobody once the top has told all it knows."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.checker import check
from sync.protocol.core import TRUST_SORTS
from sync.protocol.entries import entry_fields
from sync.protocol.errors import UnknownSender
from sync.protocol.items import encode_statement
from sync.protocol.own.issue import open_epoch
from sync.protocol.records import VECTOR, Item
from tests.sync.copies import copy_of, put_back
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
    new_site,
    settle,
    trust,
)
from tests.sync.test_appointments import NEW, root_pair, take_over
from tests.sync.test_vouched import let_in

NEVER = "511921108299"


def false_village(town: Site, by: Site, former: object) -> Site:
    """Return a machine that a former roster key has entered below a township, which has heard of it."""
    key, roster = key_pair("false village"), town.core.roster
    said = {"version": 1, "prev": "", "network": roster.network, "roster": roster.version, "since": 1}
    fields = entry_fields(NEVER, "", "假村", (key.public,)) | said
    entry = signed.make(signed.ENTRY, fields, (former,), SUITE)
    town.take(by.say_items(town, hello(full=0), encode_statement(entry), STATE_ENDS))
    site = Site(NEVER, town.spool.all_held(signed.ROOT)[0].statement.hash, 78)
    trust(site, town)
    site.key = key
    site.restart()
    with site.unit():
        open_epoch(site.core, key, "enrolled", START_MS)
    return site


def test_a_village_that_never_was_is_heard_no_more_and_what_it_filed_counts_no_more() -> None:
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 3)
    false = false_village(town, village, county.roster_key)
    act = false.submit(b"{}", (COUNTY,))
    exchange(false, town)
    assert town.application.ids == [act], "till the county goes over to another roster key"
    take_over(county, root_pair(), NEW)
    settle(sites, 4)
    assert town.application.ids == [] and county.spool.act(act) is None
    for _ in range(2):
        assert sorted(town.core.roster.entries) == [COUNTY, TOWN, VILLAGE]
        with pytest.raises(UnknownSender):
            town.take(false.out(TOWN))
        town.restart()
    with town.unit():
        assert check(town.core).problems == []
    settle(sites, 4)
    town.codes(), county.codes()
    up, _ = exchange(town, county)
    assert (up.frames, up.state.untrusted, town.codes(), county.codes()) == (0, 0, [], [])


def test_a_village_that_the_top_has_lost_comes_in_again_by_its_townships_word() -> None:
    """Put back to before it had entered the village, the top went over to another roster key."""
    county, town = make_network((COUNTY, TOWN)).values()
    settle({COUNTY: county, TOWN: town}, 3)
    kept = copy_of(county)
    village = new_site(county, VILLAGE)
    let_in(town, village)
    sites = {COUNTY: county, TOWN: town, VILLAGE: village}
    acts = [village.submit(b'{"n":1}', (COUNTY,))]
    settle(sites, 4)
    county.word = county.core.heads.word(county.core)
    put_back(county, kept)
    take_over(county, root_pair(), NEW)
    settle({COUNTY: county, TOWN: town}, 6)
    assert village.key.public in county.core.roster.entries[VILLAGE].good_keys
    acts.append(village.submit(b'{"n":2}', (COUNTY,)))
    settle(sites, 4)
    assert sorted(county.application.ids) == sorted(town.application.ids) == sorted(acts)


def test_a_top_put_back_to_before_its_next_roster_key_puts_nobody_out() -> None:
    """The line broke behind the head of that key; all that the top then tells is by the former one again."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 3)
    kept, former = copy_of(county), county.roster_key
    take_over(county, root_pair(), NEW)
    exchange(village, county)
    said = [village.spool.all_held(sort)[-1].statement for sort in (signed.APPOINTMENT, signed.HEAD)]
    county.word, county.roster_key = county.core.heads.word(county.core), former
    town.take(village.say_items(town, hello(full=0), *map(encode_statement, said), STATE_ENDS))
    put_back(county, kept)
    settle({COUNTY: county, TOWN: town}, 3)
    assert sorted(town.core.roster.entries) == [COUNTY, TOWN, VILLAGE]
    act = town.submit(b"{}", (COUNTY,))
    settle({COUNTY: county, TOWN: town}, 2)
    assert act in county.application.ids


def test_where_a_part_of_what_the_top_tells_is_damaged_nobody_is_put_out() -> None:
    """The entry of a true village may have been in it."""
    sites = make_network()
    county, town, _ = sites.values()
    settle(sites, 3)
    take_over(county, root_pair(), NEW)
    told = [held.statement for sort in TRUST_SORTS for held in county.spool.all_held(sort)]
    told = [encode_statement(one) for one in told if VILLAGE.encode() not in one.payload]
    damaged = (hello(), *told, Item(VECTOR, b"\xff"), STATE_ENDS)
    town.take(county.say_items(town, *damaged))
    assert VILLAGE in town.core.roster.entries
    town.take(county.say_items(town, hello(), *told, STATE_ENDS))
    assert VILLAGE not in town.core.roster.entries
