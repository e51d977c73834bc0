"""The roster key changes hands: what the former one signed stays believed, what its thief signs does not."""

from __future__ import annotations

from typing import Any

import pytest

from sync.protocol import signed
from sync.protocol.errors import BadRoster
from sync.protocol.roster import Roster
from sync.protocol.signed import Statement
from sync.protocol.trust import registrar
from tests.sync.copies import copy_of, put_back
from tests.sync.made import COUNTY, SUITE, TOWN, VILLAGE, key_pair
from tests.sync.network import OTHER_TOWN, START_MS, Site, exchange, make_network, settle
from tests.sync.trust import ROOT_KEYS, ROSTER_KEY, appointment, entry, head, make_roster, vouch

NEW = key_pair("second roster key")


def take_over(county: Site, root_key: Any, new: Any) -> None:
    """Appoint a new roster key at the top and sign everything again."""
    with county.unit():
        made = registrar.appoint_next(county.core, new.public, (root_key,))
        registrar.take_office(county.core, made, new, START_MS)
    county.roster_key = new
    county.restart()


def root_pair(seed: int = 1) -> Any:
    """Return the root key of `make_network(seed=seed)`."""
    import random

    return SUITE.pair(random.Random(seed).randbytes(64))


def by(key: Any, address: str, version: int, roster: int, prev: str = "", **changes: Any) -> Statement:
    return entry(address, version=version, prev=prev, by=key, **{"roster": roster, **changes})


def test_entries_of_the_former_key_are_believed_until_the_next_keys_first_head() -> None:
    roster = make_roster()
    assert roster.offer(appointment(*ROOT_KEYS[:2], version=2, of=NEW, until=3))
    # In force when it was signed: a village that joined just before, heard of just after.
    assert roster.offer(by(ROSTER_KEY, VILLAGE, 1, 3))
    with pytest.raises(BadRoster):
        roster.offer(by(ROSTER_KEY, COUNTY, 2, 4, roster.entries[COUNTY].statement.hash))
    assert roster.offer(head(4, by=NEW))
    with pytest.raises(BadRoster):
        roster.offer(by(ROSTER_KEY, TOWN, 2, 3, roster.entries[TOWN].statement.hash))
    assert roster.offer(by(NEW, TOWN, 2, 4, roster.entries[TOWN].statement.hash))


def test_numbers_run_up_by_a_stolen_roster_key_do_not_stand_in_the_way() -> None:
    """Fast-forward: entry and head numbered a million; the next key's next numbers count all the same."""
    roster = make_roster()
    assert roster.offer(by(ROSTER_KEY, TOWN, 10**6, 1, keys=[key_pair("thief").public.as_fields()]))
    assert roster.offer(head(10**6))
    assert roster.offer(appointment(*ROOT_KEYS[:2], version=2, of=NEW, until=1))
    assert roster.offer(by(NEW, TOWN, 2, 2, "ab" * 32))
    assert roster.offer(head(2, by=NEW))
    assert roster.version == 2
    assert roster.key(TOWN, key_pair("thief").id) is None
    with pytest.raises(BadRoster):
        roster.offer(by(ROSTER_KEY, VILLAGE, 1, 1))


def test_an_older_appointment_learned_later_changes_nothing_in_force() -> None:
    fresh = Roster(make_roster().fingerprint, SUITE)
    old = make_roster()
    assert old.root is not None
    assert fresh.offer(old.root)
    assert fresh.offer(appointment(*ROOT_KEYS[:2], version=2, of=NEW, until=1))
    with pytest.raises(BadRoster):
        fresh.offer(entry(COUNTY))
    assert fresh.offer(appointment(*ROOT_KEYS[:2]))
    assert fresh.offer(entry(COUNTY))
    assert fresh.appointment is not None
    assert fresh.appointment.fields()["version"] == 2
    with pytest.raises(BadRoster):
        fresh.offer(appointment(ROOT_KEYS[0], version=3))


def test_a_whole_county_goes_over_to_a_new_roster_key_and_restarts() -> None:
    sites = make_network()
    county, _town, village = sites.values()
    settle(sites, 2)
    old_key = county.roster_key
    take_over(county, root_pair(), NEW)
    act = village.submit(b"{}", (COUNTY,))
    settle(sites)
    assert county.application.ids == [act]
    for site in sites.values():
        site.restart()
        with site.unit():
            assert {e.statement.signatures[0][0] for e in site.core.roster.entries.values()} == {NEW.id}
            assert site.core.roster.version == county.core.roster.version
    # The former key is worth nothing any more, even with the county's own hand behind it.
    county.roster_key = old_key
    county.restart()
    with county.unit(), pytest.raises(BadRoster):
        registrar.change(county.core, old_key, TOWN, {"name": "盗"}, START_MS)
    with village.unit():
        assert village.core.roster.entries[TOWN].name != "盗"


def test_who_restarts_between_appointment_and_new_entries_still_knows_everybody() -> None:
    """Only the appointment came through: entries by the former key go on after a restart."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    with county.unit():
        made = registrar.appoint_next(county.core, NEW.public, (root_pair(),))
    with town.unit():
        from sync.protocol.trust.state import take_statement
        from sync.protocol.trust.state_in import StateIn

        take_statement(town.core, StateIn(None), made, b"")  # type: ignore[arg-type]
    town.restart()
    act = village.submit(b"{}", (COUNTY,))
    exchange(village, town)
    with town.unit():
        assert set(town.core.roster.entries) == {COUNTY, TOWN, VILLAGE}
        held = town.spool.all_held(signed.APPOINTMENT)
        assert sorted(h.statement.fields()["version"] for h in held) == [1, 2]
    assert act in town.application.ids


def test_nobody_vouches_for_a_retired_address() -> None:
    roster = make_roster()
    assert roster.offer(entry(VILLAGE, status="retired"))
    with pytest.raises(BadRoster):
        roster.offer(vouch())
    assert roster.tree.up(VILLAGE) == (VILLAGE, TOWN, COUNTY)
    assert VILLAGE not in roster.tree


def test_a_stick_that_brings_the_next_key_and_what_it_signed_is_believed_at_the_first_reading() -> None:
    """Of a node that introduces itself, the entry goes along, after who judges it."""
    sites = make_network()
    settle(sites, 3)
    county, town, _ = sites.values()
    take_over(county, root_pair(), NEW)
    data = [county.out(TOWN) for _ in range(4)][-1]
    town.codes()
    assert town.take(data).state.untrusted == 0
    assert "S112" not in town.codes()
    assert town.core.roster.entries == county.core.roster.entries
    before = town.state()
    town.take(data)
    assert town.state() == before


def test_put_back_to_before_its_new_key_the_county_signs_everything_again_once_it_hears_of_it() -> None:
    """One township had heard of the new key; what that had signed of the other is nowhere any more."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN))
    county, town, other = sites.values()
    settle(sites, 2)
    kept = copy_of(county)
    take_over(county, root_pair(), NEW)
    exchange(town, county)
    assert put_back(county, kept) == "witness ahead"
    with county.unit(), pytest.raises(BadRoster):
        registrar.change(county.core, NEW, OTHER_TOWN, {"name": "新名"}, START_MS)
    settle(sites, 4)
    for site in sites.values():
        with site.unit():
            entries = site.core.roster.entries
            known = entries if site is county else (COUNTY, site.address)
            assert {entries[one].statement.signatures[0][0] for one in known} == {NEW.id}
    with county.unit():
        registrar.change(county.core, NEW, OTHER_TOWN, {"name": "新名"}, START_MS)
    settle(sites, 2)
    assert other.core.roster.entries[OTHER_TOWN].name == "新名"
    numbers = {site.core.roster.version for site in sites.values()}
    settle(sites, 2)
    assert {site.core.roster.version for site in sites.values()} == numbers == {county.core.roster.version}


def test_what_the_thief_of_the_former_key_says_to_a_county_put_back_is_never_signed_again() -> None:
    """It does not know of its new key yet, nor does the township that the thief has been at."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN))
    county, town, other = sites.values()
    settle(sites, 2)
    kept, stolen = copy_of(county), county.roster_key
    assert stolen is not None
    take_over(county, root_pair(), NEW)
    exchange(town, county)
    thief = key_pair("thief").public.as_fields() | {"from": 0, "until": 0}
    with other.unit():
        for address, number in ((VILLAGE, 1), (TOWN, 2), (OTHER_TOWN, 7)):
            mine = other.core.roster.entries.get(address, other.core.roster.entries[COUNTY])
            prev = mine.statement.hash if mine.address == address else ""
            said = {"address": address, "version": number, "prev": prev, "keys": [thief]}
            made = signed.make(signed.ENTRY, registrar.fields_of(mine) | said, (stolen,), SUITE)
            assert other.core.roster.offer(made)
            other.core.keep(made, address, (1, 0, 0))
    assert put_back(county, kept) == "witness ahead"
    before = dict(county.core.roster.entries)
    exchange(other, county)
    assert county.core.roster.entries == before
    noted = [note.address for note in county.peer.take_notes() if note.code == "S112"]
    assert noted == [VILLAGE, TOWN, OTHER_TOWN]
    # Also once the appointment is here, from whomever it comes, before anything by the new key is.
    with other.unit():
        for held in town.spool.all_held(signed.APPOINTMENT):
            other.core.keep(held.statement, "later", (1, 0, 0))
    settle(sites, 4)
    entries = county.core.roster.entries
    assert set(entries) == set(before)
    for address, entry_now in entries.items():
        assert entry_now.keys == before[address].keys
        assert entry_now.statement.signatures[0][0] == NEW.id
    for site in sites.values():
        assert site.core.roster.entries[site.address].keys == (site.key.public,)
