"""Good documents stay in force or come back: of a top put back, of keys that people confirm or that fell."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sync.protocol.acts.unnamed import TAKEN_BACK
from sync.protocol.roster import Entry
from sync.protocol.rotation import rotate
from sync.protocol.shelf import ShelfDoc
from sync.protocol.trust import registrar, vouched
from tests.sync.copies import copy_of, put_back
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    START_MS,
    STATE_ENDS,
    TOWN,
    VILLAGE,
    Site,
    hello,
    make_network,
    settle,
    trust,
)
from tests.sync.test_appointments import NEW, root_pair, take_over
from tests.sync.test_disowned import ITEM, in_force, tell, words_of
from tests.sync.test_lives import let_in, rename
from tests.sync.test_revocation import cut_off, replace_machine
from tests.sync.test_rotation import rotate as rotate_key

NEXT = key_pair("next computer")


@pytest.fixture
def sites() -> dict[str, Site]:
    sites = make_network()
    sites[COUNTY].publish("1001", b"one", COUNTY)
    settle(sites, 3)
    return sites


def test_what_a_key_of_a_lost_time_has_published_is_in_force_again_once_people_say_whose_it_is() -> None:
    """The county was put back to before it knew the township's next computer, with a new roster key since."""
    sites = make_network()
    county, town, village = sites.values()
    town.publish("bars", b"one", TOWN)
    settle(sites, 3)
    kept = copy_of(county)
    let_in(county, TOWN, "next computer")
    for site in (town, village):
        trust(site, county)
    doc, _ = with_next_computer(town)
    settle({TOWN: town, VILLAGE: village}, 3)
    assert in_force(village, doc.slot) == b"two"
    county.word = county.core.heads.word(county.core)
    put_back(county, kept)
    take_over(county, root_pair(), NEW)
    village.take(county.say_items(village, hello(full=0), *words_of(county), STATE_ENDS))
    assert in_force(village, doc.slot) == b"one"
    settle({COUNTY: county, TOWN: town}, 4)
    name = (TOWN, NEXT.id)
    with county.unit():
        vouched.confirm_current(county.core, county.application, name, START_MS)
    settle(sites, 4)
    assert [in_force(site, doc.slot) for site in (county, village)] == [b"two", b"two"]
    assert village.spool.all_held("disowned") == []


def test_a_county_put_back_to_before_its_next_roster_key_makes_no_good_document_vanish(
    sites: dict[str, Site],
) -> None:
    """It tells entries by the former key, and knows nothing of what it has published since."""
    county, town, village = sites.values()
    kept, former = copy_of(county), county.roster_key
    take_over(county, root_pair(), NEW)
    county.publish("1001", b"two", COUNTY)
    settle(sites, 4)
    county.word, county.roster_key = county.core.heads.word(county.core), former
    put_back(county, kept)
    county.application.docs.clear()
    settle(sites, 3)
    assert [in_force(site, ITEM) for site in sites.values()] == [b"two"] * 3
    assert TAKEN_BACK not in town.codes() + village.codes()


def test_nor_does_one_put_back_to_before_it_went_over_to_its_next_key(sites: dict[str, Site]) -> None:
    """The roster had named that key. The new entry does not; the record of its epoch still shows it."""
    county, town, village = sites.values()
    kept, own = copy_of(county), county.key
    county.means.keys[NEXT.id] = county.key = NEXT
    with county.unit():
        fields = {"src": COUNTY, "n": 2, "random": "ab" * 8, "prev": "", "heads": {}, "reason": "rotated"}
        rotate(county.core, NEXT, {**fields, "heads_hash": "", "key": NEXT.id, "at": START_MS})
        registrar.confirm_rotated(county.core, county.roster_key, START_MS)
    county.publish("1001", b"two", COUNTY)
    act = county.submit(b"{}", (VILLAGE,), kind="case.moved")
    settle(sites, 4)
    assert NEXT.id in {key.id for key in _entry(village).good_keys}
    for site in (town, village):
        site.restart()
    county.word, county.key = county.core.heads.word(county.core), own
    put_back(county, kept)
    county.application.docs.clear()
    take_over(county, root_pair(), NEW)
    village.take(county.out(VILLAGE))
    assert NEXT.id not in {key.id for key in _entry(village).good_keys}
    assert in_force(village, ITEM) == b"two" and village.application.ids == [act]
    settle(sites, 4)
    assert [in_force(site, ITEM) for site in sites.values()] == [b"two"] * 3
    assert village.application.ids == town.application.ids == [act]
    assert TAKEN_BACK not in village.codes() + town.codes()


class Lost(NamedTuple):
    """A county that has lost a township's key, a village, what the township published before and by it."""

    county: Site
    village: Site
    former: ShelfDoc
    doc: ShelfDoc
    act: str


def lost_life() -> Lost:
    """Put the county back, under its one roster key, to before it knew the township's next computer."""
    sites = make_network()
    county, town, village = sites.values()
    former = town.publish("bars", b"one", TOWN)
    settle(sites, 3)
    kept = copy_of(county)
    let_in(county, TOWN, "next computer")
    for site in (town, village):
        trust(site, county)
    doc, act = with_next_computer(town)
    settle({TOWN: town, VILLAGE: village}, 3)
    county.word = county.core.heads.word(county.core)
    put_back(county, kept)
    rename(county, TOWN, 3)
    village.take(county.say_items(village, hello(full=0), *words_of(county), STATE_ENDS))
    assert NEXT.id not in {key.id for key in village.core.roster.entries[TOWN].keys}
    return Lost(county, village, former, doc, act)


def test_what_a_key_has_published_that_a_county_put_back_has_lost_stays_after_the_next_start() -> None:
    """The roster key is the same: no thief can have named the key, and nothing is set aside or taken back."""
    county, village, _, doc, act = lost_life()
    village.restart()
    with village.unit():
        village.peer.awake(village.word, village.now_ms)
    village.take(county.say_items(village, hello(full=0), STATE_ENDS))
    assert in_force(village, doc.slot) == b"two" and village.application.ids == [act]
    assert TAKEN_BACK not in village.codes()


def test_nor_does_a_former_version_on_a_stick_take_its_place() -> None:
    county, village, former, doc, _ = lost_life()
    tell(county, village, former)
    assert in_force(village, doc.slot) == b"two"


def test_what_a_key_that_fell_with_a_stolen_one_has_published_stays_till_the_next_version(
    sites: dict[str, Site],
) -> None:
    """The next machine has not heard of it yet, and publishes under a number below."""
    county, town, village = sites.values()
    town.publish("bars", b"one", TOWN)
    settle(sites, 2)
    rotate_key(town, "town 2")
    doc = town.publish("bars", b"two", TOWN)
    village.take(town.out(VILLAGE))
    cut_off(county, TOWN)
    fresh = replace_machine(county, TOWN, 4)
    trust(village, county)
    village.restart()
    below = fresh.publish("bars", b"three", TOWN)
    tell(fresh, village, below)
    assert below.version == 1 and in_force(village, doc.slot) == b"two"
    sites[TOWN] = fresh
    settle(sites, 6)
    assert in_force(village, doc.slot) == b"three"


def with_next_computer(town: Site) -> tuple[ShelfDoc, str]:
    """Let the township go over to its next computer; return what it publishes there, and an act."""
    former, town.key = town.key, NEXT
    town.restart()
    town.means.keys[former.id] = former
    with town.unit():
        town.peer.open_epoch(NEXT, "next computer", START_MS)
    act = town.submit(b"{}", (VILLAGE,), kind="case.moved")
    return town.publish("bars", b"two", TOWN), act


def _entry(site: Site) -> Entry:
    return site.core.roster.entries[COUNTY]
