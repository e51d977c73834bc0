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
    Site,
    exchange,
    hello,
    make_network,
    settle,
)
from tests.sync.test_root_keys import NEW, SECOND, THIEF, THIRD, office_of, refused, renewal
from tests.sync.trust import ROOT_KEYS, appointment, entry, head, make_roster

# The root key that `make_network` founds its county with.
FORMER = SUITE.pair(random.Random(1).randbytes(64))


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


def signed_anew(statement, keys, **changes):
    """Return a statement that says the same but for some fields, signed by these keys."""
    fields = {name: value for name, value in {**statement.fields(), **changes}.items() if name != "v"}
    return signed.make(statement.sort, fields, tuple(keys), SUITE)


def show(by: Site, to: Site, *statements) -> None:
    to.take(by.say_items(to, hello(), *map(encode_statement, statements), STATE_ENDS))


def test_a_township_that_heard_the_thief_first_follows_the_new_keys_and_restarts():
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 3)
    key = THIEF[0].public.as_fields()
    evil = signed_anew(county.core.roster.appointment, (FORMER,), version=3, key=key, until=99)
    of_village = town.core.roster.entries[VILLAGE].statement
    show(village, town, evil, signed_anew(of_village, THIEF[:1], version=9, name="盗"))
    assert town.core.roster.appointment == evil and town.core.roster.entries[VILLAGE].name == "盗"
    new = RootKeys(tuple(key.public for key in NEW), 2)
    office_of(county, SECOND, (FORMER, *NEW[:2]), new)
    town.codes()
    exchange(town, county)
    assert town.codes().count("S112") == 1
    for _ in range(2):
        roster = town.core.roster
        assert roster.appointment == county.core.roster.appointment
        assert roster.entries[VILLAGE].statement == county.core.roster.entries[VILLAGE].statement
        town.restart()
    assert "S112" not in town.codes(), "what is believed no more was not kept either"
    show(village, town, evil)
    assert "S112" in town.codes()
    office_of(county, THIRD, tuple(NEW[1:]), None)
    exchange(town, county)
    town.restart()
    assert town.core.roster.appointment == county.core.roster.appointment


def renewed() -> list[Site]:
    """Return county, town and village; two appointments under new root keys have come as far as the town."""
    sites = make_network()
    settle(sites, 2)
    county, town, village = sites.values()
    office_of(county, SECOND, (FORMER, *NEW[:2]), RootKeys(tuple(key.public for key in NEW), 2))
    office_of(county, THIRD, tuple(NEW[1:]), None)
    exchange(town, county)
    return [county, town, village]


def test_two_appointments_of_one_number_by_the_root_keys_are_told_of():
    county, town, village = renewed()
    known = county.core.roster.appointment
    town.codes()
    # By root keys that are not in force it is nothing; else nobody can know which of them others follow.
    for signers, codes in (((THIEF[0],), 0), ((FORMER,), 0), (NEW[:2], 1)):
        other = signed_anew(known, signers, version=3, key=THIEF[1].public.as_fields())
        show(village, town, other)
        assert town.codes().count("S112") == codes and town.core.roster.appointment == known


def test_appointments_that_were_kept_in_any_order_are_read_by_number():
    _, town, _ = renewed()
    before = town.core.roster.appointment
    with town.unit():
        # The renewal stands last in the spool's order.
        held = town.core.spool.held(signed.APPOINTMENT, "2")
        town.core.keep(held.statement, "2", held.rank)
    town.restart()
    assert town.core.roster.appointment == before and "S112" not in town.codes()
    assert [one.fields()["version"] for one in town.core.roster.given] == [1, 2, 3]
