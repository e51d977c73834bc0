"""Bodies that leave by rule: only months after their end has signed for them, and nobody is stopped by it."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.checker import check
from sync.protocol.own.issue import open_epoch
from sync.protocol.receipts import read_receipt
from sync.protocol.spool import PARKED
from sync.protocol.stock import purging
from sync.protocol.trust import registrar
from tests.sync.network import (
    COUNTY,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
    trust,
)

MONTHS = 3


@pytest.fixture
def sites() -> dict[str, Site]:
    found = make_network()
    for number in range(4):
        found[VILLAGE].submit(b'{"n":%d,"to":["511921"]}' % number, (COUNTY,))
        found[TOWN].submit(b'{"t":%d,"to":["511921","511921108203"]}' % number, (COUNTY, VILLAGE))
        found[COUNTY].submit(b'{"c":%d,"to":["511921108203"]}' % number, (VILLAGE,))
    settle(found, 4)
    return found


def mark(sites: dict[str, Site], month: int) -> None:
    for site in sites.values():
        with site.unit():
            purging.mark_ends(site.core, month, MONTHS)


def purged(site: Site, limit: int = 100) -> int:
    with site.unit():
        found = purging.to_purge(site.core, 0, limit)
        purging.purge(site.core, found.acts)
    return len(found.acts)


def bodies(site: Site, src: str, dst: str) -> list[int]:
    """Return the places in a stream whose bodies are here."""
    stream = site.stream(src, dst)
    page = site.spool.frames_after({stream.id: 0}, 0, 100)
    return [placed.frame.header.seq for placed in page if placed.frame.body]


def problems(site: Site) -> list[str]:
    with site.unit():
        return check(site.core).problems


def test_what_its_end_has_signed_for_long_enough_leaves_all_but_the_top_and_the_end(sites):
    mark(sites, 100)
    assert [purged(site) for site in sites.values()] == [0, 0, 0], "nothing is ripe"
    sites[VILLAGE].submit(b'{"n":9,"to":["511921"]}', (COUNTY,))
    settle(sites, 2)
    mark(sites, 101)
    mark(sites, 103)
    assert purged(sites[VILLAGE]) == 0, "of this month and the last three nothing"
    mark(sites, 104)
    assert [purged(site) for site in sites.values()] == [0, 12, 4]
    assert [purged(site) for site in sites.values()] == [0, 0, 0]
    assert bodies(sites[VILLAGE], VILLAGE, COUNTY) == [5]
    assert bodies(sites[VILLAGE], TOWN, VILLAGE) == bodies(sites[VILLAGE], COUNTY, VILLAGE) == [1, 2, 3, 4]
    assert bodies(sites[TOWN], COUNTY, VILLAGE) == bodies(sites[TOWN], TOWN, COUNTY) == []
    assert bodies(sites[COUNTY], VILLAGE, COUNTY) == [1, 2, 3, 4, 5]
    for site in sites.values():
        assert problems(site) == []
        site.restart()
    with sites[TOWN].unit():
        assert check(sites[TOWN].core).bodies_by_rule == 16
    mark(sites, 105)
    assert purged(sites[VILLAGE]) == 1


def test_a_mark_of_a_month_to_come_is_dropped_and_one_by_a_clock_that_was_in_doubt_forgotten(sites):
    village = sites[VILLAGE]
    mark(sites, 999)
    mark(sites, 100)
    assert {held.rank[0] for held in village.spool.all_held(purging.MARK)} == {100}
    with village.unit():
        purging.forget_marks(village.core)
    mark(sites, 104)
    assert purged(village) == 0 and purged(sites[TOWN]) == 12
    mark(sites, 108)
    assert purged(village) == 4, "what was ripe, or is again, counts"
    with village.unit():
        purging.forget_marks(village.core)
    assert village.spool.all_held(purging.MARK) == [] and village.spool.all_held(purging.RIPE) != []


def test_a_body_stays_while_its_end_has_lost_it_or_something_about_it_is_open(sites):
    village, town = sites[VILLAGE], sites[TOWN]
    mark(sites, 100)
    mark(sites, 104)
    stream = village.stream(VILLAGE, COUNTY)
    key = f"{stream.id}|{COUNTY}|end"
    held = village.spool.held(signed.RECEIPT, key)
    assert held is not None
    older = read_receipt(held.statement)
    fields = {name: value for name, value in held.statement.fields().items() if name != "v"}
    county = sites[COUNTY].core.own_key()
    # A new incarnation of the county holds less: its older word is no longer enough.
    head = village.spool.hash_at(stream, 2)
    assert head is not None
    less = signed.make(
        signed.RECEIPT, {**fields, "inc": 2, "upto": 2, "papers": 2, "head": head.hex()}, (county,), SUITE
    )
    with village.unit():
        village.spool.put_held(held._replace(statement=less, rank=(2, 2, 2)))
        assert len(purging.to_purge(village.core, 0, 99).acts) == 2
        village.spool.put_held(held._replace(content=b"!"))
        assert purging.to_purge(village.core, 0, 99).acts == [], "it speaks of another chain"
        village.spool.put_held(held)
        row = village.spool.act(village.spool.frames_after({stream.id: 0}, 0, 1)[0].frame.act)
        assert row is not None and older.upto == 4
        village.spool.set_act(row._replace(state=PARKED, reason="x", waits_for="person"))
        assert len(purging.to_purge(village.core, 0, 99).acts) == 3
        village.core.spool.put_held(held._replace(sort=purging.RIPE, key=str(stream.id), statement=less))
        assert len(purging.to_purge(village.core, 0, 99).acts) == 1, "up to the older of the two words"
    with town.unit():
        assert len(purging.to_purge(town.core, 0, 3).acts) == 3


def test_a_unit_that_fails_has_deleted_nothing(sites):
    mark(sites, 100)
    mark(sites, 104)
    village = sites[VILLAGE]
    with pytest.raises(RuntimeError), village.unit():
        purging.purge(village.core, purging.to_purge(village.core, 0, 99).acts)
        raise RuntimeError
    assert bodies(village, VILLAGE, COUNTY) == [1, 2, 3, 4]
    assert purged(village) == 4 and bodies(village, VILLAGE, COUNTY) == []


def test_a_destination_put_back_below_goes_on_without_the_bodies_and_is_told(sites):
    """Its own older word comes back to it; without that a body that is missing was cut out."""
    village, town = sites[VILLAGE], sites[TOWN]
    with village.unit():
        for stream in village.core.streams():
            if stream.id.src != VILLAGE:
                village.spool.drop_frames(stream, 1)
                stream.upto, stream.head = 1, village.spool.frames_after({stream.id: 0}, 0, 1)[0].frame.hash
                stream.papers, stream.receipted = 1, (0, 0)
                village.core.touch(stream)
        village.peer.begin_anew("put back", START_MS)
    mark({TOWN: town}, 100)
    mark({TOWN: town}, 104)
    assert purged(town) == 12
    village.codes()
    settle(sites, 5)
    assert village.stream(TOWN, VILLAGE).upto == village.stream(COUNTY, VILLAGE).upto == 4
    assert "S123" in village.codes()
    assert problems(village) == []


def cut_out(sites: dict[str, Site]) -> int:
    """Let a town send the village a new act of its own without the body; return what the village holds."""
    town, village = sites[TOWN], sites[VILLAGE]
    act = town.submit(b'{"t":9,"to":["511921","511921108203"]}', (COUNTY, VILLAGE))
    with town.unit():
        town.spool.drop_bodies([act])
    village.take(town.out(VILLAGE))
    return village.stream(TOWN, VILLAGE).upto


def test_a_body_cut_out_on_the_way_is_refused(sites):
    assert cut_out(sites) == 4
    assert "S102" in sites[VILLAGE].codes()


def replaced(sites: dict[str, Site], address: str) -> Site:
    """Put a new machine in the place of an old one: another key, an empty disk, the sheet's epoch number."""
    county, old = sites[COUNTY], sites[address]
    new = Site(address, county.core.roster.fingerprint, "new")
    entry = {"address": address, "parent": "", "name": address, "key": new.key.public.as_fields()}
    with county.unit():
        registrar.admit_child(county.core, county.roster_key, entry, START_MS)
    trust(new, county)
    with new.unit():
        open_epoch(new.core, new.key, "enrolled", START_MS, 1)
    assert new.core.identity.epoch.startswith("2-") and old.address == address
    sites[address] = new
    return new


def test_a_machine_with_an_empty_disk_begins_at_the_ripe_marks_and_its_own_acts_come_bare(sites):
    mark(sites, 100)
    mark(sites, 104)
    later = sites[TOWN].submit(b'{"t":9,"to":["511921","511921108203"]}', (COUNTY, VILLAGE))
    mine = sites[VILLAGE].submit(b'{"n":9,"to":["511921"]}', (COUNTY,))
    settle(sites, 2)
    village = replaced(sites, VILLAGE)
    exchange(sites[TOWN], sites[COUNTY])
    settle(sites, 6)
    stream = village.stream(TOWN, VILLAGE)
    assert (stream.base, stream.upto) == (4, 5)
    assert (COUNTY, VILLAGE) not in village.upto(), "of the county's stream a neighbour alone says where"
    assert bodies(village, TOWN, VILLAGE) == bodies(village, VILLAGE, COUNTY) == [5]
    assert [act for act in village.application.ids if act in (later, mine)] == [later, mine] or set(
        village.application.ids
    ) == {later, mine}
    assert problems(village) == []
    fresh = village.submit(b'{"n":10,"to":["511921"]}', (COUNTY,))
    down = sites[COUNTY].submit(b'{"c":9,"to":["511921108203"]}', (VILLAGE,))
    settle(sites, 3)
    assert fresh in sites[COUNTY].application.ids and down in village.application.ids
    stream = village.stream(COUNTY, VILLAGE)
    assert (stream.base, stream.upto) == (4, 5) and problems(village) == []
    with village.unit():
        assert village.peer.tick(fresh).stage == 2


def test_what_a_lost_machine_wrote_in_a_stream_that_misses_the_top_comes_back_whole_and_goes_up(sites):
    late = sites[TOWN].submit(b'{"t":9,"to":["511921","511921108203"]}', (COUNTY, VILLAGE))
    settle({address: sites[address] for address in (TOWN, VILLAGE)}, 2)
    mark(sites, 100)
    mark(sites, 104)
    assert late in sites[VILLAGE].application.ids and late not in sites[COUNTY].application.ids
    town = replaced(sites, TOWN)
    trust(sites[VILLAGE], sites[COUNTY])
    sites[VILLAGE].take(town.out(VILLAGE))
    settle(sites, 6)
    assert bodies(town, TOWN, VILLAGE) == [1, 2, 3, 4, 5]
    assert sites[COUNTY].application.ids.count(late) == sites[VILLAGE].application.ids.count(late) == 1
    assert problems(town) == problems(sites[COUNTY]) == problems(sites[VILLAGE]) == []


def test_a_node_that_was_never_replaced_gets_the_whole_stream_though_bodies_are_gone_on_the_way(sites):
    mark(sites, 100)
    mark(sites, 104)
    assert purged(sites[VILLAGE]) == 4
    town, county = sites[TOWN], sites[COUNTY]
    new = Site(TOWN, county.core.roster.fingerprint, "again")
    new.key = town.key
    new.restart()
    trust(new, county)
    with new.unit():
        open_epoch(new.core, new.key, "found", START_MS)
    sites[TOWN] = new
    settle(sites, 6)
    assert new.stream(VILLAGE, COUNTY).upto == 4 and new.stream(VILLAGE, COUNTY).base == 0
    assert problems(new) == []


def test_a_word_its_end_did_not_sign_gives_no_leave_and_changes_nothing(sites):
    town, village = sites[TOWN], sites[VILLAGE]
    stream = village.stream(TOWN, VILLAGE)
    held = town.spool.held(signed.RECEIPT, f"{stream.id}|{VILLAGE}|end")
    assert held is not None
    said = {name: value for name, value in held.statement.fields().items() if name != "v"}
    for change in ({"upto": 9, "papers": 9}, {"upto": 9, "papers": 9, "inc": 7}):
        forged = signed.make(signed.RECEIPT, {**said, **change}, (town.core.own_key(),), SUITE)
        with village.unit():
            purging.told_older_word(village.core, read_receipt(forged))
            assert village.spool.held(purging.LEAVE, str(stream.id)) is None
            assert not purging.may_lack_body(village.core, stream.id, 5)
    assert cut_out(sites) == 4


def test_without_its_ends_word_nobody_takes_a_frame_without_its_body(sites):
    town, village = sites[TOWN], sites[VILLAGE]
    act = village.submit(b'{"n":9,"to":["511921"]}', (COUNTY,))
    with village.unit():
        village.spool.drop_bodies([act])
    data = village.out(TOWN)
    town.take(data)
    assert town.stream(VILLAGE, COUNTY).upto == 4 and "S102" in town.codes()
