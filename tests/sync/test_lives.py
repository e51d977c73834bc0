"""What the top said in a life that it lost: who takes another entry in its place does not forget it."""

from __future__ import annotations

from pytest import mark

from sync.protocol.entries import read_entry
from sync.protocol.errors import BadRoster
from sync.protocol.items import encode_statement
from sync.protocol.offer import SENT_KEPT
from sync.protocol.roster import Roster
from sync.protocol.signed import Statement
from sync.protocol.trust import registrar, state
from sync.protocol.trust.lives import others_to_show
from sync.protocol.trust.revocation import STOLEN, Revocation, revoke
from tests.sync.copies import copy_of, put_back
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    START_MS,
    STATE_ENDS,
    TOWN,
    VILLAGE,
    Site,
    hello,
    make_network,
    settle,
)


def rename(county: Site, address: str, times: int) -> None:
    with county.unit():
        for number in range(times):
            changed = {"name": f"改名{number}"}
            registrar.change(county.core, county.roster_key, address, changed, START_MS)


def let_in(county: Site, address: str, name: str) -> None:
    child = {"address": address, "parent": "", "name": "", "key": key_pair(name).public.as_fields()}
    with county.unit():
        registrar.admit_child(county.core, county.roster_key, child, START_MS)


def is_at_rest(child: Site, parent: Site) -> bool:
    sides = ((child, parent), (parent, child))
    return all(
        one.core.neighbour(other.address).acked_stamp == one.core.identity.stamp for one, other in sides
    )


@mark.parametrize("witness", [1, 0], ids=["the witness is lost too", "the witness tells"])
@mark.parametrize("changes", [1, 2, 3, 4])
def test_a_key_revoked_in_a_lost_life_stays_revoked_however_often_its_entry_was_changed_since(
    changes: int, witness: int
) -> None:
    county, town, village = make_network().values()
    sites = {COUNTY: county, TOWN: town}
    settle({**sites, VILLAGE: village}, 2)
    kept, stolen = copy_of(county), village.key.id
    with county.unit():
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN), county.now())
    settle(sites, 2)
    county.word = county.core.heads.word(county.core)
    put_back(county, kept, witness)
    rename(county, VILLAGE, changes)
    settle(sites, 6)
    after = [site.core.roster.entries[VILLAGE] for site in sites.values()]
    assert after[0].statement == after[1].statement and after[0].name == f"改名{changes - 1}"
    assert [one["key"] for one in after[0].revoked] == [stolen]
    assert is_at_rest(town, county) and town.spool.all_held("other entry") == []


def test_a_key_that_a_village_alone_still_knows_comes_back_through_its_township() -> None:
    """County and township were put back to before the township's computer was replaced."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    copies = [copy_of(county), copy_of(town)]
    rename(county, TOWN, 1)
    let_in(county, TOWN, "next computer")
    settle(sites, 3)
    for site, kept in zip((county, town), copies, strict=True):
        site.word = site.core.heads.word(site.core)
        put_back(site, kept)
    rename(county, TOWN, 3)
    settle({COUNTY: county, TOWN: town}, 3)
    assert len(county.core.roster.entries[TOWN].keys) == 1
    settle(sites, 5)
    after = [site.core.roster.entries[TOWN] for site in sites.values()]
    assert len({entry.statement for entry in after}) == 1
    assert [key.id for key in after[0].keys] == [town.key.id, key_pair("next computer").id]
    assert is_at_rest(town, county) and is_at_rest(village, town)
    assert not any(site.spool.all_held("other entry") for site in sites.values())


@mark.parametrize("restarts", [0, 1])
def test_what_two_lost_lives_said_is_kept_of_each(restarts: int) -> None:
    """The township hears, and is not heard, while the county is put back twice."""
    county, town, village = make_network().values()
    sites = {COUNTY: county, TOWN: town}
    settle(sites, 2)
    kept, stolen = copy_of(county), village.key.id
    with county.unit():
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN), county.now())
    town.take(county.out(TOWN))
    put_back(county, kept, 1)
    rename(county, VILLAGE, 1)
    let_in(county, VILLAGE, "next computer")
    town.take(county.out(TOWN))
    put_back(county, kept, 1)
    rename(county, VILLAGE, 4)
    town.take(county.out(TOWN))
    if restarts:
        town.restart()
    assert len(town.spool.all_held("other entry")) == 2
    settle(sites, 6)
    after = [site.core.roster.entries[VILLAGE] for site in sites.values()]
    assert after[0].statement == after[1].statement and len(after[0].keys) == 2
    assert [one["key"] for one in after[0].revoked] == [stolen]
    assert is_at_rest(town, county) and town.spool.all_held("other entry") == []


def test_of_lives_without_number_a_few_are_kept() -> None:
    county, town, _ = make_network().values()
    kept, told = copy_of(county), []
    for number in range(12):
        let_in(county, VILLAGE, f"computer {number}")
        told.append(county.core.roster.entries[VILLAGE].statement)
        put_back(county, kept, 1)
    for one in told * 2:
        town.take(county.say_items(town, hello(full=0), encode_statement(one), STATE_ENDS))
    # One is in force.
    assert len(town.spool.all_held("other entry")) == 8


def test_the_other_entry_outlives_a_restart_and_is_shown_to_those_above_alone() -> None:
    county, town, village = make_network().values()
    kept, first = copy_of(county), county.core.roster.entries[TOWN]
    let_in(county, TOWN, "next computer")
    other = county.core.roster.entries[TOWN]
    put_back(county, kept)
    rename(county, TOWN, 2)
    newest = county.core.roster.entries[TOWN]
    for entry in (first, other, newest, other, first):
        village.take(county.say_items(village, hello(full=0), encode_statement(entry.statement), STATE_ENDS))
        village.restart()
    [shown] = others_to_show(village.core, TOWN, 0)
    assert shown.statement == other.statement
    assert village.core.roster.entries[TOWN].statement == newest.statement
    for entry in (first, other, newest):
        town.take(county.say_items(town, hello(full=0), encode_statement(entry.statement), STATE_ENDS))
    assert others_to_show(town.core, VILLAGE, 0) == [] != others_to_show(town.core, COUNTY, 0)


def test_a_program_of_before_that_refuses_the_very_next_entry_is_asked_for_what_it_has(monkeypatch) -> None:
    """County put back, its witness too: nothing else tells it of the entry that a township holds."""
    county, town, _ = make_network().values()
    settle({COUNTY: county, TOWN: town}, 2)
    kept, take = copy_of(county), Roster._offer_entry
    let_in(county, VILLAGE, "next computer")
    settle({COUNTY: county, TOWN: town}, 2)
    put_back(county, kept, 1)
    rename(county, VILLAGE, 2)

    def former(roster: Roster, statement: Statement) -> bool:
        entry = read_entry(statement)
        mine = roster.entries[entry.address]
        if entry.version == mine.version + 1 and entry.prev != mine.statement.hash:
            raise BadRoster("entry chain")
        return take(roster, statement)

    for _ in range(SENT_KEPT + 3):
        county.take(town.out(COUNTY))
        with monkeypatch.context() as before:
            before.setattr(Roster, "_offer_entry", former)
            before.setattr(state, "given_up", lambda *_: 0)
            before.setattr(state, "meet_other", lambda *_: None)
            town.take(county.out(TOWN))
    after = [site.core.roster.entries[VILLAGE] for site in (county, town)]
    assert after[0].statement == after[1].statement and len(after[0].keys) == 2
    county.take(town.out(COUNTY))
    assert county.core.neighbour(TOWN).acked_stamp == county.core.identity.stamp


def test_versions_of_one_life_in_any_order_leave_nothing_beside() -> None:
    county, town, _ = make_network().values()
    entries = [county.core.roster.entries[VILLAGE]]
    for number in range(3):
        let_in(county, VILLAGE, f"computer {number}")
        entries.append(county.core.roster.entries[VILLAGE])
    for entry in (*entries[:2], entries[0], entries[3], entries[1], entries[2], entries[3]):
        before = town.core.identity.stamp
        town.take(county.say_items(town, hello(full=0), encode_statement(entry.statement), STATE_ENDS))
        is_newer = entry is not entries[0] and entry.version > 2
        assert town.spool.all_held("other entry") == []
        assert is_newer or town.core.identity.stamp - before <= 1
