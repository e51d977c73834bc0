"""Two texts under one version: whoever meets both lets the author hear of it, and it publishes above both."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.adapters.memory_spool import MemorySpool
from sync.protocol import signed
from sync.protocol.items import encode_statement
from sync.protocol.shelf import ShelfDoc, read_doc
from sync.protocol.twins import twins_to_tell
from tests.sync.copies import copy_of, put_back
from tests.sync.file_spool import files_in
from tests.sync.network import (
    COUNTY,
    STATE_ENDS,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
    statement_of,
    trust,
)
from tests.sync.test_documents import needing
from tests.sync.test_revocation import cut_off

CITY = "5119"
NEIGHBOUR = "511921108204"
NOTED = "twin document"


def make(*addresses: str) -> list[Site]:
    """Return the sites of a network that have heard of each other, the top first."""
    sites = make_network(addresses)
    settle(sites, len(addresses))
    return list(sites.values())


def by_address(*sites: Site) -> dict[str, Site]:
    return {site.address: site for site in sites}


def texts_of(top: Site, *texts: bytes) -> list[ShelfDoc]:
    """Return these texts, each signed by the top as the first version of its item; it remembers none."""
    fields = top.publish("made", b"", top.address).statement.fields()
    docs = [top.publish(f"item {n}", text, top.address) for n, text in enumerate(texts)]
    signs = [{**fields, "key": "item", "content": doc.content_hash, "version": 1} for doc in docs]
    return [
        read_doc(statement_of(top, signed.SHELF, one), text) for one, text in zip(signs, texts, strict=True)
    ]


def give(doc: ShelfDoc, by: Site, to: Site) -> None:
    to.take(by.say_items(to, encode_statement(doc.statement, doc.content), STATE_ENDS))


def in_force(*sites: Site) -> list[tuple[int, bytes]]:
    """Return version and text of the top's item in force at each of these."""
    slot = f"{sites[0].core.tree.top}|item|item"
    held = [site.spool.held(signed.SHELF, slot) for site in sites]
    return [(one.rank[0], one.content) for one in held if one is not None]


def noted(*sites: Site) -> list[int]:
    return [len(site.spool.all_held(NOTED)) for site in sites]


def told_to(site: Site, receiver: Site) -> list[bytes]:
    """Return the texts that a site, for what it has noted, is to tell a receiver of."""
    with site.unit():
        return [held.content for held in twins_to_tell(site.core, receiver.address, 0)]


def come_to_an_end(*sites: Site) -> None:
    """Settle; nothing is noted any more, and nothing moves."""
    settle(by_address(*sites), 8)
    quiet = [site.state() for site in sites]
    settle(by_address(*sites), 2)
    assert [site.state() for site in sites] == quiet
    assert noted(*sites) == [0] * len(sites)


def published_twice(county: Site, town: Site, village: Site) -> tuple[ShelfDoc, ShelfDoc]:
    """Let a county put back give a number to two texts: the village has the one, the township the other."""
    kept = copy_of(county)
    lost = county.publish("item", b"lost", COUNTY)
    for _ in range(2):
        exchange(village, county)
    put_back(county, kept)
    anew = county.publish("item", b"anew", COUNTY)
    for _ in range(2):
        exchange(town, county)
    assert in_force(county, town, village) == [(1, b"anew"), (1, b"anew"), (1, b"lost")]
    return lost, anew


def test_the_county_hears_through_a_township_that_has_the_other_text():
    """In `simulation` 970077 the township swallowed the village's text, and both kept theirs."""
    county, town, village = sites = make(COUNTY, TOWN, VILLAGE)
    lost, anew = published_twice(*sites)
    town.take(village.out(TOWN))
    assert told_to(town, county) == [b"anew", b"lost"] and in_force(town) == [(1, b"anew")]
    come_to_an_end(*sites)
    assert in_force(*sites) == [(2, b"anew")] * 3
    assert "S136" in county.codes()
    # Whoever files a case may name either.
    assert {lost.content, anew.content} == {doc.content for doc in town.application.docs}


@pytest.mark.parametrize("is_sql", [0, 1])
def test_what_a_township_has_noted_outlives_its_start(is_sql, tmp_path: Path):
    found = make_network(spool=files_in(tmp_path) if is_sql else MemorySpool)
    settle(found, 3)
    county, town, village = sites = list(found.values())
    lost, anew = texts_of(county, b"lost", b"anew")
    for doc, by, to in (
        (anew, town, county),
        (anew, county, town),
        (lost, town, village),
        (lost, village, town),
    ):
        give(doc, by, to)
    town.restart()
    assert noted(town) == [1]
    come_to_an_end(*sites)
    assert in_force(*sites) == [(2, b"anew")] * 3


def test_it_goes_up_node_by_node_and_to_nobody_else():
    city, county, town, village, neighbour = sites = make(CITY, COUNTY, TOWN, VILLAGE, NEIGHBOUR)
    lost, anew = texts_of(city, b"lost", b"anew")
    for to, by in ((city, county), (county, city), (town, county), (neighbour, town)):
        give(anew, by, to)
    give(lost, town, village)
    give(lost, village, town)
    assert told_to(town, county) == told_to(town, city) == [b"anew", b"lost"]
    assert told_to(town, village) == told_to(town, neighbour) == []
    county.take(town.out(COUNTY))
    assert noted(county, town) == [1, 1]
    city.take(county.out(CITY))
    assert in_force(city) == [(2, b"anew")]
    come_to_an_end(*sites)
    assert in_force(*sites) == [(2, b"anew")] * 5
    assert neighbour.spool.doc(lost.statement.hash) is None


@pytest.mark.parametrize("own", [0, 1, 2])
def test_of_three_texts_two_are_told_and_that_is_enough(own):
    """The author was put back twice; what it has itself may be any of the three, or another."""
    county, town, village, neighbour = sites = make(COUNTY, TOWN, VILLAGE, NEIGHBOUR)
    texts = texts_of(county, b"one", b"two", b"three")
    give(texts[own], town, county)
    for doc, by, to in zip(texts, (county, town, town), (town, village, neighbour), strict=True):
        give(doc, by, to)
    for doc, below in ((texts[1], village), (texts[2], neighbour)):
        give(doc, below, town)
    assert noted(town) == [1] and town.spool.doc(texts[2].statement.hash) is None
    come_to_an_end(*sites)
    assert in_force(*sites) == [(2, texts[own].content)] * 4


def test_a_thief_of_the_authors_key_fills_nothing_with_texts_of_one_version():
    county, town, village = sites = make(COUNTY, TOWN, VILLAGE)
    before = len(town.spool.doc_names())
    for doc in texts_of(county, *(b"text %d" % n for n in range(40))):
        give(doc, village, town)
    assert noted(town) == [1] and len(town.spool.doc_names()) == before + 2
    come_to_an_end(*sites)
    assert in_force(*sites) == [(2, b"text 0")] * 3


def test_who_tells_a_twin_over_and_over_makes_nobody_else_tell_it_so():
    county, town, village = make(COUNTY, TOWN, VILLAGE)
    one, two = texts_of(county, b"one", b"two")
    give(one, county, town)
    give(two, village, town)
    before = town.core.identity.stamp
    for _ in range(5):
        give(two, village, town)
    assert town.core.identity.stamp == before


def test_what_is_by_a_key_that_is_gone_is_not_told():
    city, county, town, village = make(CITY, COUNTY, TOWN, VILLAGE)
    one = county.publish("item", b"one", COUNTY)
    early, late = (statement_of(county, signed.SHELF, {**one.statement.fields(), "at": n}) for n in (1, 2))
    give(one, county, town)
    give(read_doc(early, b"one"), village, town)
    assert told_to(town, county) == [b"one"] * 2
    cut_off(city, COUNTY)
    trust(town, city)
    town.restart()
    assert told_to(town, county) == []
    town.codes()
    give(read_doc(late, b"one"), village, town)
    assert told_to(town, county) == town.codes() == [] and town.spool.doc(late.hash) is None


def test_one_that_came_because_an_act_names_it_is_told_on_too():
    _, town, village = sites = make(COUNTY, TOWN, VILLAGE)
    lost, _ = published_twice(*sites)
    needing(town, lost)
    village.submit(b'"by the lost one"', (COUNTY,))
    come_to_an_end(*sites)
    assert len(town.application.ids) == 1
    assert in_force(*sites) == [(2, b"anew")] * 3


def test_who_tells_a_twin_from_above_is_told_what_it_has_lost():
    """The county was put back whole, its witness too: nothing says so but the text that it tells."""
    county, town, _ = sites = make(COUNTY, TOWN, VILLAGE)
    kept = copy_of(county)
    county.publish("item", b"lost", COUNTY)
    for _ in range(2):
        exchange(town, county)
    put_back(county, kept, with_witness=1)
    county.publish("item", b"anew", COUNTY)
    come_to_an_end(*sites)
    assert in_force(*sites) == [(2, b"anew")] * 3


def test_a_twin_that_the_disk_has_damaged_stops_no_exchange():
    county, town, village = make(COUNTY, TOWN, VILLAGE)
    one, two = texts_of(county, b"one", b"two")
    give(one, county, town)
    give(two, village, town)
    with town.unit():
        town.spool.drop_doc(two.statement.hash)
        town.spool.add_doc(two.statement, b"rotten")
    assert told_to(town, county) == []
    county.take(town.out(COUNTY))
    with town.unit():
        town.spool.drop_doc(two.statement.hash)
    give(two, village, town)
    assert told_to(town, county) == [b"one", b"two"]
