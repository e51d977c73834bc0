"""New root keys: former and new ones sign, and whoever believed the former believes the new ones."""

from __future__ import annotations

import random

import pytest

from sync.protocol import signed
from sync.protocol.errors import BadRoster
from sync.protocol.items import encode_statement
from sync.protocol.roots import RootKeys, in_force, naming, read_founding
from sync.protocol.roster import Roster
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair, PublicKey
from sync.protocol.trust import registrar
from tests.sync.made import SUITE, key_pair
from tests.sync.network import (
    COUNTY,
    STATE_ENDS,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    hello,
    make_network,
    settle,
)
from tests.sync.trust import ROOT_KEYS, appointment, entry, head, make_roster, root_of

NEW = [key_pair(f"next root {n}") for n in range(3)]
THIEF = [key_pair(f"thief {n}") for n in range(3)]
SECOND, THIRD, FOURTH = (key_pair(f"roster {n}") for n in (2, 3, 4))
NAMED = RootKeys(tuple(key.public for key in NEW), 2).as_fields()


def renewal(*keys: KeyPair, version: int = 2, **fields: object) -> Statement:
    return appointment(*keys, of=SECOND, version=version, until=9, **{"roots": NAMED, **fields})


def twin_of(key: KeyPair, other: KeyPair) -> KeyPair:
    """Return a key that signs as the one and opens as the other."""
    public = PublicKey(key.public.sign, other.public.seal)
    return KeyPair(key.sign_private, other.seal_private, public)


def refused(roster: Roster, statement: Statement) -> None:
    before = (roster.appointment, roster.renewals)
    with pytest.raises(BadRoster):
        roster.offer(statement)
    assert (roster.appointment, roster.renewals) == before


def test_new_root_keys_need_enough_of_the_former_and_enough_of_themselves():
    roster = make_roster()
    stolen = RootKeys(tuple(key.public for key in THIEF), 2).as_fields()
    for wrong in (
        # One former key of three, with as many of the thief's own as he likes.
        renewal(ROOT_KEYS[0], *THIEF, roots=stolen),
        renewal(ROOT_KEYS[0], ROOT_KEYS[0], *NEW),
        renewal(*NEW),
        renewal(*ROOT_KEYS, NEW[0]),
        renewal(*ROOT_KEYS, *THIEF),
    ):
        refused(roster, wrong)
    keys = NAMED["keys"]
    for roots in (
        {}, [], 7, {**NAMED, "threshold": 0}, {**NAMED, "threshold": "2"}, {**NAMED, "threshold": 4},
        {**NAMED, "keys": []}, {**NAMED, "keys": [keys[0], keys[0], keys[1]]}, {**NAMED, "keys": "abc"},
        {**NAMED, "keys": [{**keys[0], "id": "00" * 16}, *keys[1:]]},
        # One hand with two sealing halves is one.
        {**NAMED, "keys": [keys[0], twin_of(NEW[0], NEW[1]).public.as_fields()]},
    ):  # fmt: skip
        refused(roster, renewal(*ROOT_KEYS[:2], *NEW[:2], roots=roots))
    assert roster.offer(renewal(*ROOT_KEYS[1:], *NEW[:2]))
    # From the next number on the former ones say nothing, all of them together.
    refused(roster, appointment(*ROOT_KEYS, of=THIRD, version=3, until=9))
    refused(roster, appointment(*NEW, of=THIRD, version=3, until=9, root="00" * 32))
    refused(roster, appointment(NEW[0], *ROOT_KEYS, of=THIRD, version=3, until=9))
    assert roster.offer(appointment(*NEW[1:], of=THIRD, version=3, until=9))
    # Nothing is signed by the last one yet: who is told of what stands has to believe the first.
    first, *others = roster.appointments
    assert others == [roster.renewals[0], roster.appointment] and first.fields()["version"] == 1
    # They may be renewed again, by the word of those in force alone.
    stolen_again = {"roots": stolen, "of": FOURTH, "version": 4, "until": 9}
    refused(roster, appointment(*ROOT_KEYS, *THIEF[:2], **stolen_again))
    assert roster.offer(appointment(*NEW[:2], *THIEF[:2], **stolen_again))
    refused(roster, appointment(*NEW, of=SECOND, version=5, until=9))
    root = roster.root
    assert root is not None
    assert [in_force(root, roster.renewals, n).threshold for n in (1, 2, 3, 4, 5)] == [2] * 5
    assert in_force(root, roster.renewals, 2) == read_founding(root) != in_force(root, roster.renewals, 3)


def test_a_stick_from_before_is_understood_and_turns_nothing_back():
    roster = make_roster()
    old = (root_of(), appointment(*ROOT_KEYS[:2]), entry(COUNTY), entry(TOWN), head(1))
    assert roster.offer(renewal(*ROOT_KEYS[:2], *NEW[:2]))
    for statement in (entry(COUNTY, by=SECOND), head(2, by=SECOND)):
        assert roster.offer(statement)
    again = roster.copy()
    for statement in old:
        try:
            assert not again.offer(statement)
        except BadRoster:
            # An entry by the former roster key: it was good up to where the appointment says.
            assert statement.sort in (signed.ENTRY, signed.HEAD)
    assert (again.appointment, again.renewals, again.head) == (
        roster.appointment,
        roster.renewals,
        roster.head,
    )
    assert again.entries[COUNTY] == roster.entries[COUNTY]


def test_more_than_one_statement_bears_is_not_asked_for():
    many = RootKeys(tuple(key_pair(f"many {n}").public for n in range(8)), 7)
    with pytest.raises(BadRoster):
        naming(appointment(), many, [read_founding(root_of(2))], SUITE)
    with pytest.raises(BadRoster):
        naming(appointment(), many._replace(threshold=9), [read_founding(root_of(1))], SUITE)
    made = naming(appointment(), many._replace(threshold=6), [read_founding(root_of(2))], SUITE)
    assert made.signatures == () and made.fields()["roots"]["threshold"] == 6
    # Older programs go by the keys of the founding, which then sign besides those in force.
    later = RootKeys(tuple(key.public for key in NEW), 2)
    sets = [later, read_founding(root_of(2))]
    with pytest.raises(BadRoster):
        naming(appointment(), many._replace(threshold=5), sets, SUITE)
    assert naming(appointment(), many._replace(threshold=4), sets, SUITE)
    # Who is in all of them signs once.
    assert naming(appointment(), RootKeys(read_founding(root_of()).keys, 3), [sets[1]] * 2, SUITE)


def office_of(
    county: Site, roster_key: KeyPair, signers: tuple[KeyPair, ...], new: RootKeys | None, number: int = 0
) -> None:
    """Let the county go over to another roster key, and to other root keys with it."""
    with county.unit():
        made = registrar.appoint_next(county.core, roster_key.public, (), number=number)
        if new is not None:
            root = county.core.roster.root
            assert root is not None
            made = naming(made, new, [read_founding(root)], SUITE)
        fields = {name: value for name, value in made.fields().items() if name != "v"}
        made = signed.make(signed.APPOINTMENT, fields, signers, SUITE)
        registrar.take_office(county.core, made, roster_key, county.now().wall)
    county.roster_key = roster_key
    county.restart()


def test_whoever_was_away_meanwhile_and_whoever_starts_again_believes_the_new_ones():
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 3)
    before = village.out(TOWN)
    (root_key,) = [SUITE.pair(random.Random(1).randbytes(64))]
    office_of(county, SECOND, (root_key, *NEW[:2]), RootKeys(tuple(key.public for key in NEW), 2))
    exchange(town, county)
    with pytest.raises(BadRoster):
        office_of(county, THIRD, (root_key,), None)
    county.restart()
    office_of(county, THIRD, tuple(NEW[1:]), None)
    # The village was away for both; what it wrote a year ago is still taken in.
    act = village.submit(b'{"n":1}', (COUNTY,))
    town.take(before)
    for _ in range(3):
        exchange(town, county)
        exchange(village, town)
    exchange(town, county)
    assert act in county.application.ids
    for site in sites.values():
        site.restart()
        roster = site.core.roster
        assert roster.appointment == county.core.roster.appointment and len(roster.renewals) == 1
        by = {one.statement.signatures[0][0] for one in roster.entries.values()}
        assert by == {THIRD.id} and not {"S112"} & set(site.codes())
    assert town.core.roster.root.hash == town.core.roster.fingerprint, "the sheets' fingerprint stays"
    # One who joins now is given what leads there, in order.
    fresh = Roster(county.core.roster.fingerprint, SUITE)
    for statement in (county.core.roster.root, *county.core.roster.appointments):
        assert fresh.offer(statement)
    assert fresh.offer(county.core.roster.entries[VILLAGE].statement)


def test_a_former_key_appoints_nobody_below_the_number_of_the_renewal():
    """A number was left out; who held the key of the founding fills it, and names root keys of his own."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 3)
    (root_key,) = [SUITE.pair(random.Random(1).randbytes(64))]
    new = RootKeys(tuple(key.public for key in NEW), 2)
    office_of(county, SECOND, (root_key, *NEW[:2]), new, number=3)
    settle(sites, 3)
    known = county.core.roster.appointment
    assert known is not None
    stolen = RootKeys(tuple(key.public for key in THIEF), 2).as_fields()
    fields = {name: value for name, value in known.fields().items() if name != "v"}
    fields |= {"version": 2, "roots": stolen, "key": THIEF[0].public.as_fields()}
    evil = signed.make(signed.APPOINTMENT, fields, (root_key, *THIEF[:2]), SUITE)
    town.take(village.say_items(town, hello(), encode_statement(evil), STATE_ENDS))
    settle(sites, 2)
    office_of(county, THIRD, tuple(NEW[1:]), None)
    settle(sites, 3)
    for site in sites.values():
        site.restart()
        roster = site.core.roster
        assert roster.appointment == county.core.roster.appointment and roster.renewals == (known,)
        assert roster.appointment.fields()["version"] == 4 and len(roster.entries) == 3
        assert not {"S112"} & set(site.codes())
    # One who knows the renewal alone takes in nothing that it took the place of.
    fresh = make_roster()
    assert fresh.offer(renewal(*ROOT_KEYS[:2], *NEW[:2], version=5))
    for number in (2, 3, 4):
        assert not fresh.offer(appointment(*ROOT_KEYS, of=THIEF[0], version=number, until=9))
