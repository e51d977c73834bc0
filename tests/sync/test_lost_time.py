"""What a top that was put back has lost, and hears of again, counts in the exchange that brings it."""

from __future__ import annotations

from sync.protocol.own.issue import open_epoch
from sync.protocol.trust import registrar
from sync.protocol.trust.registrar import change
from tests.sync.copies import copy_of, put_back
from tests.sync.made import key_pair
from tests.sync.network import COUNTY, START_MS, TOWN, VILLAGE, Site, exchange, make_network, settle, trust


def enter_again(county: Site, site: Site) -> None:
    """Let a site in that the county has lost, as people do: by the key it uses now."""
    child = {"address": site.address, "parent": "", "name": "", "key": site.key.public.as_fields()}
    with county.unit():
        registrar.admit_child(county.core, county.roster_key, child, START_MS)


def test_what_comes_with_an_entry_of_a_lost_time_is_believed_by_the_keys_it_names() -> None:
    """In the same exchange: on a stick it would not come once more."""
    sites = make_network((COUNTY, TOWN, VILLAGE))
    county, town, village = sites.values()
    settle(sites)
    kept, new = copy_of(county), key_pair("another machine")
    village.key = new
    enter_again(county, village)
    exchange(town, county)
    trust(village, town)
    village.restart()
    with village.unit():
        epoch = open_epoch(village.core, new, "another machine", START_MS)
    act = village.submit(b'{"n":1}', (TOWN,))
    exchange(village, town)
    put_back(county, kept)
    assert county.roster_key is not None
    with county.unit():
        change(county.core, county.roster_key, VILLAGE, {"name": "改名"}, START_MS)
    county.codes()
    county.take(town.out(COUNTY))
    assert town.application.ids == [act]
    assert county.core.roster.entries[VILLAGE].good_keys[-1] == new.public
    assert county.core.epoch(VILLAGE, epoch.id) is not None and "S102" not in county.codes()
    assert county.core.neighbour(TOWN).taken == town.core.neighbour(COUNTY).mine
