"""The top is put back and gets a new roster key: what it had said since is lost, and a person is told."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.errors import UnknownSender
from sync.protocol.items import encode_statement
from sync.protocol.roster import Entry
from sync.protocol.signed import Statement
from sync.protocol.trust import registrar, vouched
from sync.protocol.trust.revocation import STOLEN, Revocation, revoke
from tests.sync.copies import Copy, copy_of, put_back
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    START_MS,
    STATE_ENDS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    hello,
    make_network,
    settle,
)
from tests.sync.test_appointments import NEW, root_pair, take_over
from tests.sync.test_lives import let_in, rename

OTHER = "other entry"


def _revoke(county: Site, address: str) -> None:
    with county.unit():
        revoke(county.core, county.application, Revocation(address, STOLEN), county.now())


def _lose(county: Site, kept: Copy) -> None:
    """Put the county back with a new roster key."""
    county.word = county.core.heads.word(county.core)
    put_back(county, kept)
    county.codes()
    take_over(county, root_pair(), NEW)


def _noted(site: Site) -> list[str]:
    return [note.address for note in site.peer.take_notes() if note.code == "S112"]


def _decide(county: Site) -> None:
    """Let people say of all keys they are asked about that they are nobody's."""
    for word in vouched.undecided(county.core):
        with county.unit():
            vouched.refuse(county.core, county.application, (word.address, word.key.id), county.now())


def _tell(giver: Site, site: Site, statement: Statement) -> None:
    site.take(giver.say_items(site, hello(full=0), encode_statement(statement), STATE_ENDS))


def _meet(village: Site, county: Site, times: int = 2) -> None:
    """Let a village speak with the county itself, as by a stick; something is new each time."""
    for _ in range(times):
        village.submit(b"{}", (COUNTY,))
        county.take(village.out(COUNTY))
        village.take(county.out(VILLAGE))


def _forged(entry: Entry, number: int, *keys) -> Statement:
    """Return an entry with a key of its own and the next number but so many, signed by these keys."""
    thief = key_pair(f"thief {number}").public.as_fields() | {"from": 0, "until": 0}
    said = {"version": entry.version + number, "prev": "", "keys": [thief]}
    return signed.make(signed.ENTRY, registrar.fields_of(entry) | said, keys, SUITE)


@pytest.mark.parametrize("change", ["revoked", "let in", "renamed"])
def test_each_site_whose_change_was_lost_is_noted_once(change: str) -> None:
    county, town, village = make_network().values()
    sites = {COUNTY: county, TOWN: town}
    settle({**sites, VILLAGE: village}, 2)
    kept = copy_of(county)
    steps = {
        "revoked": lambda: _revoke(county, VILLAGE),
        "let in": lambda: let_in(county, VILLAGE, "next computer"),
        "renamed": lambda: rename(county, VILLAGE, 1),
    }
    steps[change]()
    settle(sites, 2)
    _lose(county, kept)
    settle(sites, 4)
    assert _noted(county) == [VILLAGE]
    # A person decides: by machine nothing is signed.
    after = county.core.roster.entries[VILLAGE]
    assert (after.version, after.revoked, len(after.keys)) == (2, (), 1)
    # Nor is it noted again when everything is told anew, nor kept for ever once people have decided.
    rename(county, TOWN, 1)
    settle(sites, 2)
    assert len(town.spool.all_held(OTHER)) == (change == "let in")
    _decide(county)
    settle(sites, 2)
    assert town.spool.all_held(OTHER) == []
    with town.unit():
        neighbour = town.core.neighbour(COUNTY)
        neighbour.owe_all()
        town.spool.put_neighbour(neighbour)
    settle(sites, 3)
    assert _noted(county) == []


def test_what_a_village_alone_still_knows_reaches_the_top_through_its_township() -> None:
    """County and township were put back to before the township's key was revoked."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    copies = [copy_of(county), copy_of(town)]
    let_in(county, TOWN, "next computer")
    settle(sites, 3)
    town.word = town.core.heads.word(town.core)
    put_back(town, copies[1])
    _lose(county, copies[0])
    settle({COUNTY: county, TOWN: town}, 3)
    assert _noted(county) == []
    settle(sites, 6)
    assert _noted(county) == [TOWN]
    _decide(county)
    settle(sites, 4)
    _meet(village, county)
    assert [site.spool.all_held(OTHER) for site in sites.values()] == [[], [], []] and not _noted(county)


@pytest.mark.parametrize("loses", ["put back", "stolen"])
def test_what_a_township_acknowledged_and_lost_is_still_shown_to_the_top(loses: str) -> None:
    """It was put back since; or its key is stolen, and the thief keeps nothing of its revocation."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    kept, before = copy_of(county), copy_of(town)
    _revoke(county, TOWN)
    _meet(village, county, 1)
    _lose(county, kept)
    village.take(county.out(VILLAGE))
    settle({COUNTY: county, TOWN: town}, 2)
    if loses == "put back":
        before = copy_of(town)
    for _ in range(2):
        settle({TOWN: town, VILLAGE: village}, 3)
        village.submit(b"{}", (COUNTY,))
    assert len(town.spool.all_held(OTHER)) == 1
    if loses == "put back":
        town.word = town.core.heads.word(town.core)
        put_back(town, before)
        settle(sites, 6)
    else:
        with town.unit():
            town.spool.drop_held(OTHER, town.spool.all_held(OTHER)[0].key)
        _meet(village, county, 3)
    assert _noted(county) == [TOWN]


def test_an_entry_kept_before_the_roster_key_changed_is_noted_and_leaves() -> None:
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    kept = copy_of(county)
    let_in(county, TOWN, "next computer")
    other = county.core.roster.entries[TOWN]
    put_back(county, kept)
    rename(county, TOWN, 2)
    for entry in (other, county.core.roster.entries[TOWN]):
        _tell(county, village, entry.statement)
    assert len(village.spool.all_held(OTHER)) == 1
    take_over(county, root_pair(), NEW)
    settle(sites, 6)
    assert _noted(county) == [TOWN]
    _decide(county)
    settle(sites, 3)
    _meet(village, county)
    assert village.spool.all_held(OTHER) == town.spool.all_held(OTHER) == []


@pytest.mark.parametrize("rotates", [0, 1])
def test_who_holds_a_revocation_beside_the_entry_in_force_does_not_hear_that_key(rotates: int) -> None:
    """The township's word of it is still on its way up; the thief may have gone over to another key."""
    county, town, village = make_network().values()
    sites = {COUNTY: county, TOWN: town}
    settle({**sites, VILLAGE: village}, 2)
    if rotates:
        with village.unit():
            village.means.keys[NEW.id] = NEW
            village.peer.rotate(NEW, START_MS)
        village.key = NEW
        town.take(village.out(TOWN))
        village.take(town.out(VILLAGE))
    kept = copy_of(county)
    _revoke(county, VILLAGE)
    settle(sites, 2)
    forged = village.submit(b"{}", (COUNTY,))
    put_back(county, kept, 1)
    rename(county, VILLAGE, 2)
    town.take(county.out(TOWN))
    assert len(town.spool.all_held(OTHER)) == 1 and not town.core.roster.revoked(VILLAGE)
    for _ in range(2):
        with pytest.raises(UnknownSender):
            town.take(village.out(TOWN))
        settle(sites, 3)
    assert town.core.roster.revoked(VILLAGE) and town.spool.all_held(OTHER) == []
    assert forged not in town.application.ids


def test_where_nothing_was_lost_a_new_roster_key_leaves_nothing_and_notes_nothing() -> None:
    sites = make_network()
    county, town, _ = sites.values()
    let_in(county, VILLAGE, "next computer")
    settle(sites, 2)
    rename(county, VILLAGE, 2)
    settle({COUNTY: county, TOWN: town}, 1)
    take_over(county, root_pair(), NEW)
    settle(sites, 4)
    for site in sites.values():
        assert _noted(site) == [] == site.spool.all_held(OTHER)


def test_the_thief_of_a_former_roster_key_takes_no_room_and_makes_no_key_good() -> None:
    """It names the key in force beside its own; and it signs again what the key in force signed."""
    sites = make_network()
    county, town, _ = sites.values()
    settle(sites, 2)
    stolen = county.roster_key
    take_over(county, root_pair(), NEW)
    settle(sites, 3)
    kept = copy_of(county)
    let_in(county, VILLAGE, "next computer")
    other = county.core.roster.entries[VILLAGE]
    put_back(county, kept)
    rename(county, VILLAGE, 2)
    mine = county.core.roster.entries[VILLAGE]
    for one in (other, mine):
        _tell(county, town, one.statement)
    for number in range(12):
        made = _forged(mine, number, stolen)
        _tell(county, town, made)
        beside = ((NEW.id, b"\0" * 64), *_forged(mine, number, stolen).signatures)
        _tell(county, town, made._replace(signatures=beside))
    sealed = SUITE.sign(stolen, signed.signed_as(signed.ENTRY), other.statement.payload)
    _tell(county, town, other.statement._replace(signatures=((stolen.id, sealed),)))
    held = [one.statement for one in town.spool.all_held(OTHER)]
    assert len(held) == 9 and other.statement in held
    assert town.core.roster.entries[VILLAGE].statement == mine.statement
    settle(sites, 6)
    bad = {key_pair(f"thief {number}").id for number in range(12)}
    for site in (county, town):
        ids = {key.id for key in site.core.roster.entries[VILLAGE].keys}
        assert key_pair("next computer").id in ids and not ids & bad
    assert 1 <= len(_noted(county)) <= 8
