"""A renewal of the root keys is heard late: what the former ones gave a higher number does not stay."""

from __future__ import annotations

import random

from sync.protocol import signed
from sync.protocol.items import encode_statement
from sync.protocol.roots import RootKeys
from tests.sync.made import SUITE
from tests.sync.network import (
    COUNTY,
    STATE_ENDS,
    VILLAGE,
    exchange,
    hello,
    make_network,
    settle,
)
from tests.sync.test_root_keys import NEW, SECOND, THIEF, THIRD, office_of, refused, renewal
from tests.sync.trust import ROOT_KEYS, appointment, entry, head, make_roster


def test_what_the_former_keys_gave_a_higher_number_is_judged_by_the_new_ones():
    roster = make_roster()
    by_former = appointment(*ROOT_KEYS, of=THIEF[0], version=3, until=9)
    by_both = appointment(*ROOT_KEYS, *NEW, of=THIRD, version=5, until=9)
    for statement in (by_former, entry(COUNTY, 7, by=THIEF[0]), head(70, by=THIEF[0]), by_both):
        assert roster.offer(statement)
    assert roster.offer(renewal(*ROOT_KEYS[:2], *NEW[:2]))
    assert [one.fields()["version"] for one in roster.given] == [1, 2, 5] and roster.appointment is by_both
    refused(roster, by_former)
    # Whatever the thief's key signed, the next word of a key that is believed stands above it.
    assert roster.offer(entry(COUNTY, 2, by=SECOND)) and roster.offer(head(2, by=SECOND))
    assert roster.version == 2 and roster.entries[COUNTY].version == 2
    assert roster.offer(appointment(*NEW[:2], of=THIEF[1], version=3, until=9))


def test_a_township_that_heard_the_thief_first_follows_the_new_keys_and_restarts():
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 3)
    (root_key,) = [SUITE.pair(random.Random(1).randbytes(64))]
    known = county.core.roster.appointment
    assert known is not None
    fields = {name: value for name, value in known.fields().items() if name != "v"}

    def by_root(version: int, key, *signers):
        named = {"version": version, "key": key.public.as_fields(), "until": 99}
        return signed.make(signed.APPOINTMENT, {**fields, **named}, signers, SUITE)

    def shown(*statements):
        items = [encode_statement(one) for one in statements]
        town.take(village.say_items(town, hello(), *items, STATE_ENDS))

    evil = by_root(3, THIEF[0], root_key)
    of_village = {**town.core.roster.entries[VILLAGE].statement.fields(), "version": 9, "name": "盗"}
    of_village = {name: value for name, value in of_village.items() if name != "v"}
    shown(evil, signed.make(signed.ENTRY, of_village, (THIEF[0],), SUITE))
    assert town.core.roster.appointment == evil and town.core.roster.entries[VILLAGE].name == "盗"
    new = RootKeys(tuple(key.public for key in NEW), 2)
    office_of(county, SECOND, (root_key, *NEW[:2]), new)
    town.codes()
    exchange(town, county)
    assert town.codes().count("S112") == 1
    for _ in range(2):
        roster = town.core.roster
        assert roster.appointment == county.core.roster.appointment
        assert roster.entries[VILLAGE].statement == county.core.roster.entries[VILLAGE].statement
        town.restart()
    assert "S112" not in town.codes(), "what is believed no more was not kept either"
    # The thief comes again, then the true one of that number.
    shown(evil)
    assert "S112" in town.codes()
    office_of(county, THIRD, tuple(NEW[1:]), None)
    exchange(town, county)
    town.restart()
    assert town.core.roster.appointment == county.core.roster.appointment
    # Two of one number, both by root keys in force: nobody can know which others follow, so it is told.
    shown(by_root(3, THIEF[1], THIEF[0]))
    assert "S112" not in town.codes()
    shown(by_root(3, THIEF[1], *NEW[:2]))
    assert town.codes().count("S112") == 1
    assert town.core.roster.appointment == county.core.roster.appointment


def test_appointments_that_were_kept_in_any_order_are_read_by_number():
    sites = make_network()
    county, town, _ = sites.values()
    settle(sites, 2)
    (root_key,) = [SUITE.pair(random.Random(1).randbytes(64))]
    new = RootKeys(tuple(key.public for key in NEW), 2)
    office_of(county, SECOND, (root_key, *NEW[:2]), new)
    office_of(county, THIRD, tuple(NEW[1:]), None)
    exchange(town, county)
    before = town.core.roster.appointment
    with town.unit():
        # The renewal stands last in the spool's order.
        held = town.core.spool.held(signed.APPOINTMENT, "2")
        town.core.keep(held.statement, "2", held.rank)
    town.restart()
    assert town.core.roster.appointment == before and "S112" not in town.codes()
    assert [one.fields()["version"] for one in town.core.roster.given] == [1, 2, 3]
