"""Shelf documents over exchanges: exactly their audience, only newer, only by their author."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.exchange import read_head
from sync.protocol.items import encode_statement
from sync.protocol.own.rollback import begin_anew
from sync.protocol.records import STATE_END, pack_record, unpack_record
from sync.protocol.signed import Statement
from tests.sync.copies import copy_of, put_back
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    STATE_ENDS,
    TOWN,
    VILLAGE,
    Site,
    make_network,
    settle,
    statement_of,
    trust,
)
from tests.sync.test_revocation import cut_off, replace_machine


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def test_shelf_documents_reach_exactly_their_audience():
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN, OTHER_VILLAGE))
    for audience in (COUNTY, TOWN, OTHER_VILLAGE):
        sites[COUNTY].publish(f"for-{audience}", b"content for " + audience.encode(), audience)
    sites[TOWN].publish("town", b"notice", TOWN)
    settle(sites)
    got = {a: sorted(d.key for d in s.application.docs) for a, s in sites.items()}
    assert got == {
        COUNTY: ["town"],
        TOWN: ["for-511921", "for-511921108"],
        VILLAGE: ["for-511921", "for-511921108", "town"],
        OTHER_TOWN: ["for-511921", f"for-{OTHER_VILLAGE}"],
        OTHER_VILLAGE: ["for-511921", f"for-{OTHER_VILLAGE}"],
    }


def test_documents_only_get_newer_and_only_by_their_author(sites):
    county, town, village = sites.values()
    one = county.publish("item", b"one", COUNTY)
    old = county.out(TOWN)
    two = county.publish("item", b"two", COUNTY)
    assert (one.version, two.version, two.prev) == (1, 2, one.statement.hash)
    settle(sites)
    before = town.state()
    town.take(old)
    assert town.state() == before
    forged = {**two.statement.fields(), "version": 3}
    for by in (town, village):
        bad = statement_of(by, signed.SHELF, forged)
        village.take(town.say_items(village, encode_statement(bad, b"two")))
    tampered = encode_statement(two.statement, b"other content")
    village.take(town.say_items(village, tampered))
    assert [d.content for d in village.application.docs] == [b"two"]
    # Not even a true author may publish for those above or beside it.
    wide = {**forged, "author": TOWN, "audience": COUNTY}
    county.codes()
    county.take(town.say_items(county, encode_statement(statement_of(town, signed.SHELF, wide), b"two")))
    assert county.codes() == ["S112"]


def test_documents_are_adopted_in_the_unit_that_keeps_them(sites):
    """The power goes between two batches of one exchange: what the first kept, the application has."""
    county, town, _ = sites.values()
    settle(sites)
    county.publish("item", b"one", COUNTY)
    head, used = read_head(data := county.out(TOWN))
    with town.unit():
        incoming = town.peer.open_head(head)
    items = [i for p in incoming.opener.feed(data[used:]) for i in unpack_record(p, b"")]
    kept = [item for item in items if item.kind != STATE_END]
    town.absorb(incoming, [pack_record(kept, b"")])
    town.restart()
    assert [d.content for d in town.application.docs] == [b"one"]
    settle(sites)
    assert [d.content for d in town.application.docs] == [b"one"]


def test_a_county_put_back_that_publishes_a_version_anew_publishes_it_above_the_former_one(sites):
    """Below they hold the one version 1, the county another: neither would ever take the other's."""
    county, town, village = sites.values()
    settle(sites)
    kept = copy_of(county)
    county.publish("item", b"lost at the county", COUNTY)
    settle(sites)
    put_back(county, kept, with_witness=0)
    with county.unit():
        begin_anew(county.core, "put back", county.now_ms)
    again = county.publish("item", b"published anew", COUNTY)
    assert again.version == 1
    settle(sites, 6)
    held = [site.spool.held(signed.SHELF, again.slot) for site in (county, town, village)]
    assert [(one.rank[0], one.content) for one in held] == [(2, b"published anew")] * 3
    assert county.application.docs[-1].version == town.application.docs[-1].version == 2
    assert {"S128", "S136"} <= {*county.codes()}
    quiet = [site.state() for site in sites.values()]
    settle(sites, 2)
    assert [site.state() for site in sites.values()] == quiet


@pytest.mark.parametrize("is_first", [0, 1])
def test_what_is_published_with_the_next_key_comes_above_what_the_revoked_one_published(sites, is_first):
    """Who had it before keeps it in force; the new machine hears of it before it publishes, or after."""
    county, town, village = sites.values()
    settle(sites)
    for text in (b"one", b"of the thief"):
        town.publish("bars", text, TOWN, "notice")
    settle(sites)
    cut_off(county, TOWN)
    fresh = replace_machine(county, TOWN, 2)
    sites[TOWN] = fresh
    # As a stick from the county may.
    trust(village, county)
    if is_first:
        settle(sites, 4)
    doc = fresh.publish("bars", b"by the next key", TOWN, "notice")
    assert doc.version == (3 if is_first else 1)
    settle(sites, 6)
    held = [site.spool.held(signed.SHELF, doc.slot) for site in sites.values()]
    assert [(one.rank[0], one.content) for one in held] == [(3, b"by the next key")] * 3
    # Nobody put anything back here, and nobody is told so.
    assert "S128" not in (told := fresh.codes()) and told.count("S136") == 1 - is_first
    assert [site.application.docs[-1].version for site in (county, village)] == [3, 3]
    assert all(one.content != b"of the thief" for one in fresh.application.docs)
    quiet = [site.state() for site in sites.values()]
    settle(sites, 2)
    assert [site.state() for site in sites.values()] == quiet


def test_no_number_that_a_thief_makes_up_keeps_an_office_from_publishing(sites):
    county, town, _ = sites.values()
    settle(sites)
    one = town.publish("bars", b"one", TOWN, "notice")
    cut_off(county, TOWN)
    fresh = replace_machine(county, TOWN, 2)
    high = statement_of(town, signed.SHELF, {**one.statement.fields(), "version": 10**9 - 1})
    forged = statement_of(county, signed.SHELF, {**one.statement.fields(), "version": 70})
    lent = Statement(signed.SHELF, forged.payload, ((town.key.id, forged.signatures[0][1]),))
    for bad in (high, forged, lent):
        fresh.take(county.say_items(fresh, encode_statement(bad, b"one")))
    assert fresh.publish("bars", b"two", TOWN, "notice").version == 1
    true = statement_of(town, signed.SHELF, {**one.statement.fields(), "version": 7})
    fresh.take(county.say_items(fresh, encode_statement(true, b"one")))
    held = fresh.spool.held(signed.SHELF, one.slot)
    assert (held.rank[0], held.content) == (8, b"two")


def test_nor_from_being_heard_where_the_thief_was_before_its_key_was_revoked(sites):
    """What it had published there with the highest number of all would be in force for good."""
    county, town, village = sites.values()
    settle(sites)
    one = town.publish("bars", b"one", TOWN, "notice")
    settle(sites)
    for version in (10**9 - 1, 10**7 - 1):
        doc = statement_of(town, signed.SHELF, {**one.statement.fields(), "version": version})
        village.take(town.say_items(village, encode_statement(doc, b"one"), STATE_ENDS))
    assert village.spool.held(signed.SHELF, one.slot).rank[0] == 10**7 - 1
    cut_off(county, TOWN)
    sites[TOWN] = fresh = replace_machine(county, TOWN, 2)
    trust(village, county)
    settle(sites, 4)
    for text in (b"by the next key", b"and once more"):
        fresh.publish("bars", text, TOWN, "notice")
        settle(sites, 4)
        assert village.spool.held(signed.SHELF, one.slot).content == text
        assert village.application.docs[-1].content == text


def test_a_machine_signs_nothing_anew_that_a_revoked_key_has_signed(sites):
    """It took what the thief published for its own. What it meets of that key says which number is next."""
    county, town, _ = sites.values()
    settle(sites)
    one = town.publish("bars", b"of the thief", TOWN, "notice")
    cut_off(county, TOWN)
    fresh = replace_machine(county, TOWN, 2)
    with fresh.unit():
        fresh.core.keep(one.statement, one.slot, (1, 0, 0), one.content)
    later = statement_of(town, signed.SHELF, {**one.statement.fields(), "version": 7})
    fresh.take(county.say_items(fresh, encode_statement(later, b"of the thief")))
    assert fresh.spool.held(signed.SHELF, one.slot).statement == one.statement
    assert fresh.publish("bars", b"two", TOWN, "notice").version == 8
