"""Who moved to another township while one of the two was relieved, or before it was retired."""

from __future__ import annotations

from collections.abc import Mapping

from sync.protocol.own.rollback import begin_anew
from sync.protocol.roster import LIVE, RELIEVED, RETIRED
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
)
from tests.sync.test_relieved import change


def test_a_village_that_moved_and_is_retired_stays_below_the_township_that_worked_with_it() -> None:
    """By its number alone what is left of its cases would be another township's, which has never had them."""
    sites: Mapping[str, Site] = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, village, other = sites[COUNTY], sites[VILLAGE], sites[OTHER_TOWN]
    change(county, VILLAGE, parent=OTHER_TOWN)
    for site in (other, village):
        exchange(site, county)
    act = village.submit(b"{}", (COUNTY,))
    exchange(village, other)
    change(county, VILLAGE, status=RETIRED)
    tree = county.core.tree
    assert VILLAGE not in tree and tree.up(VILLAGE) == (VILLAGE, OTHER_TOWN, COUNTY)
    assert tree.parent(VILLAGE) == OTHER_TOWN and not tree.holds(VILLAGE, COUNTY, TOWN)
    exchange(other, county)
    assert act in county.application.ids
    assert other.core.roster.entries[VILLAGE].status == RETIRED, "it hears of it, whose work it is now"
    change(county, OTHER_TOWN, status=RELIEVED)
    assert county.core.tree.parent(VILLAGE) == COUNTY


def test_a_township_hears_of_who_moved_away_from_it_while_it_was_relieved() -> None:
    """Seed 950013 of an upheaval: back at work it took the village for its own, and offered without end."""
    sites: Mapping[str, Site] = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, other, village = sites[COUNTY], sites[OTHER_TOWN], sites[VILLAGE]
    change(county, VILLAGE, parent=OTHER_TOWN)
    for site in (other, village):
        exchange(site, county)
    village.submit(b"{}", (COUNTY,))
    exchange(village, other)
    change(county, OTHER_TOWN, status=RELIEVED)
    change(county, VILLAGE, parent="")
    change(county, OTHER_TOWN, status=LIVE)
    for _ in range(4):
        exchange(other, county)
    assert other.core.tree.parent(VILLAGE) == TOWN
    assert not other.peer.waits_for(COUNTY)


def test_what_a_relieved_township_had_of_who_moved_away_by_number_is_not_offered_without_end() -> None:
    """Seed 960007 of an upheaval: no word in the village's entry said that it ever stood below."""
    sites: Mapping[str, Site] = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    village.submit(b"{}", (COUNTY,))
    settle(dict(sites), 4)
    change(county, TOWN, status=RELIEVED)
    exchange(village, county)
    change(county, VILLAGE, parent=OTHER_TOWN)
    for at in (town, village):
        exchange(at, county)
    change(county, TOWN, status=LIVE)
    with county.unit():
        begin_anew(county.core, "witness lost", START_MS)
    for _ in range(6):
        exchange(town, county)
    assert not town.peer.waits_for(COUNTY)
