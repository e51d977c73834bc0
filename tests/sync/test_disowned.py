"""Documents by a key that only a former roster key had named are in force no more once the next is heard.

Method: the county goes over to another roster key while the village is away. The thief of the former one
names a key of its own as the county's to the village, and publishes there in the county's name.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import pytest

from sync.protocol import registrar, signed, vouched
from sync.protocol.checker import check
from sync.protocol.core import TRUST_SORTS
from sync.protocol.entries import entry_fields
from sync.protocol.items import encode_statement
from sync.protocol.records import Item
from sync.protocol.roster import Entry
from sync.protocol.rotation import rotate
from sync.protocol.shelf import ShelfDoc, read_doc
from sync.protocol.signing import KeyPair
from sync.protocol.unnamed import TAKEN_BACK
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
    settle,
    trust,
)
from tests.sync.test_appointments import NEW, root_pair, take_over
from tests.sync.test_lives import let_in
from tests.sync.test_unnamed import THIEF, as_county, thief_of

ITEM, ONLY = f"{COUNTY}|item|1001", f"{COUNTY}|item|9999"
NEXT = key_pair("next computer")


class Lured(NamedTuple):
    """The sites, the former roster key, and the thief's machine."""

    sites: dict[str, Site]
    former: KeyPair
    thief: Site


def forged(key: KeyPair, author: str, name: str, version: int, content: bytes = b"forged") -> ShelfDoc:
    """Return a document that a key has signed in an author's name."""
    fields = {"author": author, "kind": "item", "key": name, "version": version, "prev": "", "at": START_MS}
    fields |= {"audience": author, "content": hashlib.sha256(content).hexdigest()}
    return read_doc(signed.make(signed.SHELF, fields, (key,), SUITE), content)


def tell(by: Site, site: Site, *docs: ShelfDoc) -> None:
    """Let a site have documents by a stick of another."""
    said = [encode_statement(doc.statement, doc.content) for doc in docs]
    site.take(by.say_items(site, hello(full=0), *said, STATE_ENDS))


def lure(sites: dict[str, Site], away: str = VILLAGE) -> Lured:
    """Let the county go over to another roster key; one that is away believes the thief's key as its own."""
    county, town, lured = sites[COUNTY], sites[TOWN], sites[away]
    former = county.roster_key
    assert former is not None
    take_over(county, root_pair(), NEW)
    if away != TOWN:
        settle({COUNTY: county, TOWN: town}, 4)
    entry = as_county(lured, former)
    # By the hand of whoever the lured one talks to: an entry is believed whoever brings it.
    by = sites[VILLAGE] if away == TOWN else town
    lured.take(by.say_items(lured, hello(full=0), encode_statement(entry), STATE_ENDS))
    return Lured(sites, former, thief_of(lured, entry))


def words_of(county: Site) -> list[Item]:
    """Return all that a county says of trust."""
    held = [one for sort in TRUST_SORTS for one in county.spool.all_held(sort)]
    return [encode_statement(one.statement) for one in held]


def in_force(site: Site, slot: str) -> bytes | None:
    """Return what is in force at a site: the shelf and the application must say the same."""
    held = site.spool.held(signed.SHELF, slot)
    used = max((doc for doc in site.application.docs if doc.slot == slot), key=_version, default=None)
    assert (held.content if held else None) == (used.content if used else None)
    return held.content if held else None


def _version(doc: ShelfDoc) -> int:
    return doc.version


@pytest.fixture
def sites() -> dict[str, Site]:
    sites = make_network()
    sites[COUNTY].publish("1001", b"one", COUNTY)
    settle(sites, 3)
    return sites


def test_what_it_published_is_in_force_no_more_and_what_the_county_did_is(
    sites: dict[str, Site],
) -> None:
    """Also what the village had passed over meanwhile, because the forged one has a higher number."""
    county, _, village = sites.values()
    lured = lure(sites)
    county.publish("1001", b"two", COUNTY)
    docs = [forged(THIEF, COUNTY, "1001", 50), forged(THIEF, COUNTY, "9999", 1)]
    tell(lured.thief, village, *docs)
    assert (in_force(village, ITEM), in_force(village, ONLY)) == (b"forged", b"forged")
    village.codes()
    settle(sites, 4)
    assert (in_force(village, ITEM), in_force(village, ONLY)) == (b"two", None)
    assert village.spool.known_docs([doc.statement.hash for doc in docs]) == set()
    assert village.codes().count(TAKEN_BACK) == 1
    village.restart()
    settle(sites, 3)
    assert (in_force(village, ITEM), in_force(village, ONLY)) == (b"two", None)
    with village.unit():
        assert check(village.core).problems == []
    quiet = [site.state() for site in sites.values()]
    settle(sites, 2)
    assert [site.state() for site in sites.values()] == quiet


def test_what_was_in_force_before_is_so_at_once(sites: dict[str, Site]) -> None:
    village, lured = sites[VILLAGE], lure(sites)
    tell(lured.thief, village, forged(THIEF, COUNTY, "1001", 50))
    village.take(sites[TOWN].out(VILLAGE))
    assert in_force(village, ITEM) == b"one"


def test_what_the_county_published_is_taken_from_the_exchange_that_brings_word_of_its_next_key(
    sites: dict[str, Site],
) -> None:
    """That one may tell all there is: then nothing is asked for again, and nothing would come again."""
    county, town, village = sites.values()
    lured = lure(sites)
    county.publish("1001", b"two", COUNTY)
    exchange(town, county)
    tell(lured.thief, village, forged(THIEF, COUNTY, "1001", 50))
    village.take(town.out(VILLAGE))
    assert in_force(village, ITEM) == b"two"


def test_what_came_with_the_word_of_the_next_key_is_not_taken_into_use(sites: dict[str, Site]) -> None:
    """The thief sends what it has published and, behind it, the county's own words on the next key."""
    county, _, village = sites.values()
    lured = lure(sites)
    doc = forged(THIEF, COUNTY, "1001", 50)
    said = [encode_statement(doc.statement, doc.content), *words_of(county)]
    village.take(lured.thief.say_items(village, hello(full=0), *said, STATE_ENDS))
    assert in_force(village, ITEM) == b"one"


def test_a_lured_township_hands_nothing_of_it_on_that_stays(sites: dict[str, Site]) -> None:
    county, town, village = sites.values()
    lured = lure(sites, TOWN)
    tell(lured.thief, town, forged(THIEF, COUNTY, "1001", 50), forged(THIEF, COUNTY, "9999", 1))
    exchange(village, town)
    exchange(village, town)
    assert (in_force(village, ITEM), in_force(village, ONLY)) == (b"forged", b"forged")
    county.publish("1001", b"two", COUNTY)
    # What the township says is sealed to the thief till it hears of the next key.
    town.take(county.out(TOWN))
    settle(sites, 6)
    for site in (town, village):
        assert (in_force(site, ITEM), in_force(site, ONLY)) == (b"two", None)


def test_so_with_what_an_address_has_published_that_it_alone_had_entered() -> None:
    """The village stands right below its county; the thief enters a township between the two."""
    sites = make_network((COUNTY, VILLAGE))
    county, village = sites.values()
    settle(sites, 2)
    key, roster = key_pair("false township"), village.core.roster
    said = {"version": 1, "prev": "", "network": roster.network, "roster": roster.version, "since": 1}
    fields = entry_fields(TOWN, "", "假乡", (key.public,)) | said
    entry = signed.make(signed.ENTRY, fields, (county.roster_key,), SUITE)
    doc = forged(key, TOWN, "bars", 1)
    told = [encode_statement(entry), encode_statement(doc.statement, doc.content)]
    village.take(county.say_items(village, hello(full=0), *told, STATE_ENDS))
    assert in_force(village, doc.slot) == b"forged"
    take_over(county, root_pair(), NEW)
    settle(sites, 4)
    assert TOWN not in village.core.roster.entries and in_force(village, doc.slot) is None


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
    former, town.key = town.key, NEXT
    town.restart()
    town.means.keys[former.id] = former
    with town.unit():
        town.peer.open_epoch(NEXT, "next computer", START_MS)
    doc = town.publish("bars", b"two", TOWN)
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


def _entry(site: Site) -> Entry:
    return site.core.roster.entries[COUNTY]
