"""Documents by a key that only a former roster key had named are in force no more once the next is heard.

Method: the county goes over to another roster key while the village is away. The thief of the former one
names a key of its own as the county's to the village, and publishes there in the county's name.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import pytest

from sync.protocol import signed
from sync.protocol.acts.unnamed import TAKEN_BACK
from sync.protocol.checker import check
from sync.protocol.core import TRUST_SORTS
from sync.protocol.entries import entry_fields
from sync.protocol.items import encode_statement
from sync.protocol.records import Item
from sync.protocol.shelf import ShelfDoc, read_doc
from sync.protocol.signing import KeyPair
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
from tests.sync.test_unnamed import THIEF, as_county, thief_of

ITEM, ONLY = f"{COUNTY}|item|1001", f"{COUNTY}|item|9999"


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


def test_what_a_program_of_before_left_in_force_is_set_aside_after_the_next_start(
    sites: dict[str, Site],
) -> None:
    """It took acts back and looked at no document, and notes nothing of that key any more."""
    county, _, village = sites.values()
    lured = lure(sites)
    tell(lured.thief, village, forged(THIEF, COUNTY, "1001", 50), forged(THIEF, COUNTY, "9999", 1))
    trust(village, county)
    assert (in_force(village, ITEM), in_force(village, ONLY)) == (b"forged", b"forged")
    village.restart()
    with village.unit():
        village.peer.awake(village.word, village.now_ms)
    settle(sites, 2)
    assert (in_force(village, ITEM), in_force(village, ONLY)) == (b"one", None)
