"""What a revoked key has published is passed over on its way, and its office hears of it all the same.

Who had it before the key was revoked goes by it until the office publishes above it.
"""

from __future__ import annotations

from hashlib import sha256

import pytest

from sync.protocol import signed
from sync.protocol.items import encode_statement
from sync.protocol.shelf import ShelfDoc, read_doc
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
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
from tests.sync.test_revocation import cut_off, replace_machine

CITY, NEIGHBOUR = "5119", "511921108204"
NOTED = "passed over"
HIGH = 9_000_000


def give(doc: ShelfDoc, by: Site, to: Site) -> None:
    to.take(by.say_items(to, encode_statement(doc.statement, doc.content), STATE_ENDS))


def robbed(*addresses: str) -> tuple[dict[str, Site], Site, ShelfDoc]:
    """Return a network whose county has a new machine, the robbed one, and what that had published."""
    sites = make_network((CITY, COUNTY, TOWN, VILLAGE, *addresses))
    settle(sites, 4)
    old = sites[COUNTY]
    one = old.publish("bars", b"one", COUNTY, "notice")
    settle(sites, 4)
    return sites, old, one


def found_out(sites: dict[str, Site]) -> Site:
    """All hear that the county's key is revoked, the township before the village speaks with it again."""
    cut_off(sites[CITY], COUNTY)
    sites[COUNTY] = fresh = replace_machine(sites[CITY], COUNTY, 2)
    for site in sites.values():
        if site.address not in (CITY, COUNTY):
            trust(site, sites[CITY])
            site.restart()
    for _ in range(3):
        exchange(fresh, sites[CITY])
        exchange(sites[TOWN], fresh)
    return fresh


def by_thief(old: Site, one: ShelfDoc, version: int, at: int = 5, audience: str = COUNTY) -> ShelfDoc:
    fields = {**one.statement.fields(), "version": version, "at": at, "audience": audience}
    return read_doc(statement_of(old, signed.SHELF, fields), one.content)


def in_force(sites: dict[str, Site], doc: ShelfDoc) -> set[tuple[int, bytes]]:
    held = [site.spool.held(signed.SHELF, doc.slot) for site in sites.values()]
    return {(one.rank[0], one.content) for one in held if one is not None}


@pytest.mark.parametrize("version", [2, HIGH])
def test_a_village_far_from_the_office_goes_by_what_that_publishes_next(version: int):
    """A stick of the thief came to the village alone; the township between dropped what it told of it."""
    sites, old, one = robbed(NEIGHBOUR)
    give(by_thief(old, one, version), old, sites[VILLAGE])
    fresh = found_out(sites)
    fresh.publish("bars", b"next", COUNTY, "notice")
    settle(sites, 8)
    assert in_force(sites, one) == {(version + 1, b"next")}
    assert [len(site.spool.all_held(NOTED)) for site in sites.values()] == [0] * len(sites)
    assert sites[NEIGHBOUR].spool.doc(by_thief(old, one, version).statement.hash) is None
    quiet = [site.state() for site in sites.values()]
    settle(sites, 2)
    assert [site.state() for site in sites.values()] == quiet


def test_what_a_township_has_noted_outlives_its_start_and_is_told_once():
    sites, old, one = robbed()
    town = sites[TOWN]
    give(by_thief(old, one, HIGH), old, sites[VILLAGE])
    fresh = found_out(sites)
    exchange(sites[VILLAGE], town)
    town.restart()
    assert [held.rank[0] for held in town.spool.all_held(NOTED)] == [HIGH]
    stamp = town.core.identity.stamp
    for _ in range(3):
        give(by_thief(old, one, HIGH), sites[VILLAGE], town)
    assert town.core.identity.stamp == stamp
    exchange(town, fresh)
    assert fresh.publish("bars", b"next", COUNTY, "notice").version == HIGH + 1
    settle(sites, 6)
    assert in_force(sites, one) == {(HIGH + 1, b"next")}


def test_no_number_that_nobody_can_have_believed_hides_what_somebody_goes_by():
    sites, old, one = robbed()
    town, village = sites[TOWN], sites[VILLAGE]
    found_out(sites)
    for version in (10**9 - 1, 10**7):
        give(by_thief(old, one, version), village, town)
    # Nor what could not go on from here.
    give(by_thief(old, one, 10**7 - 1, audience=OTHER_TOWN), village, town)
    assert town.spool.all_held(NOTED) == []
    give(by_thief(old, one, HIGH), village, town)
    assert [held.rank[0] for held in town.spool.all_held(NOTED)] == [HIGH]


def test_whoever_has_a_revoked_key_fills_nothing_and_makes_its_office_publish_without_end_no_more():
    """Each forgery above what was published above the last made one more document for the whole county."""
    sites, old, one = robbed()
    town, village = sites[TOWN], sites[VILLAGE]
    fresh, seen = found_out(sites), set[int]()
    fresh.publish("bars", b"next", COUNTY, "notice")
    settle(sites, 4)
    docs = len(town.spool.doc_names())
    for n in range(20):
        version = next(iter(in_force({COUNTY: fresh}, one)))[0]
        seen.add(version)
        forged = by_thief(old, one, min(version + 1, 10**7 - 1), n)
        give(forged, village, town)
        assert len(town.spool.all_held(NOTED)) <= 1 and town.spool.doc(forged.statement.hash) is None
        exchange(town, fresh)
    assert len(seen) <= 9 and max(seen) == 10**7
    settle(sites, 6)
    assert in_force(sites, one) == {(10**7, b"next")}
    assert len(town.spool.doc_names()) - docs <= len(seen)


def test_no_more_of_it_is_kept_and_told_at_once_than_lets_acts_go_on():
    sites, old, _ = robbed()
    slots = [old.publish(f"bars {n}", b"one", COUNTY, "notice") for n in range(8)]
    settle(sites, 4)
    found_out(sites)
    for slot in slots:
        text = slot.key.encode() * 5_000
        fields = {**slot.statement.fields(), "version": HIGH, "content": sha256(text).hexdigest()}
        forged = read_doc(statement_of(old, signed.SHELF, fields), text)
        give(forged, sites[VILLAGE], sites[TOWN])
    assert len(sites[TOWN].spool.all_held(NOTED)) == 3


def test_forgeries_below_what_is_in_force_take_no_numbers_from_the_office():
    sites, old, one = robbed()
    fresh = found_out(sites)
    for n in range(15):
        fresh.publish("bars", b"%d" % n, COUNTY, "notice")
    last = next(iter(in_force({COUNTY: fresh}, one)))[0]
    for version in range(2, last):
        give(by_thief(old, one, version), sites[TOWN], fresh)
    assert fresh.publish("bars", b"next", COUNTY, "notice").version == last + 1
