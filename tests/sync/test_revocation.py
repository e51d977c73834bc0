"""A stolen key: what lies past the cut counts nowhere until a person at the top decides on it by id."""

from __future__ import annotations

import copy
from unittest.mock import Mock, call

import pytest

from sync.protocol import signed
from sync.protocol.acts.quarantine import RELEASED, STRUCK, _park_all, quarantined
from sync.protocol.canonical import dumps
from sync.protocol.errors import BadRoster, UnknownSender
from sync.protocol.exchange import read_head
from sync.protocol.items import encode_statement
from sync.protocol.offer import Budget
from sync.protocol.receipts import Receipt, make_receipt
from sync.protocol.signed import Statement
from sync.protocol.spool import PARKED
from sync.protocol.stock.ticks import END_STORED
from sync.protocol.trust import registrar, review, revocation
from sync.protocol.trust.revocation import STOLEN, Revocation, Said, decide, lines_of, revoke
from tests.sync.network import COUNTY, START_MS, TOWN, VILLAGE, Site, exchange, make_network, settle, trust

STICK = Budget(10**9, is_answered=False)


@pytest.fixture
def sites() -> dict[str, Site]:
    found = make_network()
    settle(found, 2)
    return found


def said(n: int, *to: str) -> bytes:
    return dumps({"n": n, "to": list(to)})


def stolen(site: Site) -> Site:
    """Return a second computer with all that a site has, keys too."""
    thief = copy.copy(site)
    thief.spool, thief.blobs = copy.deepcopy(site.spool), copy.deepcopy(site.blobs)
    thief.application = copy.deepcopy(site.application)
    thief.rng = copy.deepcopy(site.rng)
    thief.rng.random()
    thief.restart()
    return thief


def cut_off(county: Site, address: str, **more: object) -> None:
    with county.unit():
        revoke(county.core, county.application, Revocation(address, STOLEN, **more), county.now())


def replace_machine(county: Site, address: str, n: int) -> Site:
    """Enrol a new computer under an address, as with a code."""
    fresh = Site(address, county.core.roster.fingerprint, f"new {address}")
    child = {"address": address, "parent": "", "name": "新机", "key": fresh.key.public.as_fields()}
    with county.unit():
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    trust(fresh, county)
    with fresh.unit():
        from sync.protocol.own.issue import open_epoch

        open_epoch(fresh.core, fresh.key, "new computer", START_MS, n - 1)
    return fresh


def once(site: Site) -> set[str]:
    """Return what was applied; nothing was applied twice."""
    assert len(set(site.application.ids)) == len(site.application.ids)
    return set(site.application.ids)


def names(county: Site) -> list[str]:
    with county.unit():
        return [row.id for row in quarantined(county.core)]


def test_a_stolen_village_is_cut_off_and_its_late_acts_wait_for_a_person(sites):
    county, town, village = sites.values()
    good = [village.submit(said(n, COUNTY), (COUNTY,)) for n in range(3)]
    settle(sites, 3)
    thief = stolen(village)
    # Genuine acts not sent yet, and the thief's; they reach the township before anybody knows.
    real = village.submit(said(10, COUNTY), (COUNTY,))
    exchange(village, town)
    false = [thief.submit(said(666, COUNTY), (COUNTY,)) for _ in range(2)]
    county.take(town.out(COUNTY))
    cut_off(county, VILLAGE, cut={village.stream(VILLAGE, COUNTY).id: 3})
    assert county.application.ids == good
    assert names(county) == [real]
    # The township had applied it: taken back from the moment the roster tells.
    assert real in town.application.ids
    exchange(town, county)
    assert town.application.ids == good
    assert names(town) == [real]
    # The thief is not spoken with any more, nor is anything new of his applied when it comes on a stick.
    with town.unit(), pytest.raises(UnknownSender):
        town.peer.open_head(read_head(thief.out(TOWN))[0])
    assert all(act not in town.application.ids for act in false)
    # Everything survives restarts.
    for site in (county, town):
        site.restart()
        assert names(site) == [real]
    with county.unit():
        assert [f.frame.act for f in review.within_cut(county.core, VILLAGE, 10)] == good[::-1]
        decide(county.core, county.application, RELEASED, Said([real], "本人证实"), county.now())
    assert county.application.ids == [*good, real]
    fresh = replace_machine(county, VILLAGE, 2)
    sites = {COUNTY: county, TOWN: town, VILLAGE: fresh}
    exchange(town, county)
    settle(sites, 4)
    assert town.application.ids == [*good, real]
    assert once(fresh) == {*good, real}
    after = fresh.submit(said(11, COUNTY), (COUNTY,))
    settle(sites, 3)
    assert county.application.ids[-1] == after
    assert names(county) == names(town) == names(fresh) == []


def test_a_stolen_township_forges_nothing_that_lasts(sites):
    """Acts of its own to the village alone: the top never saw them, asks for them, and strikes them out."""
    county, town, village = sites.values()
    filed = village.submit(said(1, COUNTY), (COUNTY,))
    checked = town.submit(said(2, COUNTY, VILLAGE), (COUNTY, VILLAGE))
    settle(sites, 3)
    thief = stolen(town)
    false = thief.submit(said(666, VILLAGE), (VILLAGE,))
    exchange(village, thief)
    assert village.application.ids == [checked, false]
    late = town.submit(said(3, COUNTY, VILLAGE), (COUNTY, VILLAGE))
    county.take(town.out(COUNTY))
    cut_off(county, TOWN)
    fresh = replace_machine(county, TOWN, 2)
    now = {COUNTY: county, TOWN: fresh, VILLAGE: village}
    # The village hears of it at the county's own door, or by a stick.
    village.take(county.out(VILLAGE, STICK))
    assert village.application.ids == [checked]
    assert names(village) == [false]
    settle(now, 6)
    assert once(county) == {filed, checked, late}
    assert once(village) == {checked, late}
    assert names(county) == [false]
    with county.unit():
        decide(county.core, county.application, STRUCK, Said([false], "冒用"), county.now())
    settle(now, 4)
    for site in now.values():
        assert false not in site.application.ids
        (row,) = [r for r in site.spool.parked() if r.id == false] or [None]
        assert row is None or (row.state, row.reason) == (PARKED, "S130")
    assert village.spool.frame_of_act(false) is not None
    # A verdict may be taken back by another one.
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([false], "查明属实"), county.now())
    settle(now, 4)
    assert false in village.application.ids


def test_only_the_top_decides_and_only_on_acts_of_revoked_keys(sites):
    county, town, village = sites.values()
    act = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    with town.unit():
        body = dumps({"ids": [act], "reason": "", "to": [VILLAGE, COUNTY]})
        town.peer.submit((STRUCK, body), (COUNTY, VILLAGE), (), town.now())
        with pytest.raises(BadRoster):
            revoke(town.core, town.application, Revocation(VILLAGE, STOLEN), town.now())
    settle(sites, 3)
    assert act in county.application.ids
    with county.unit():
        decide(county.core, county.application, STRUCK, Said([act], "误"), county.now())
        with pytest.raises(BadRoster):
            revoke(county.core, county.application, Revocation(COUNTY, STOLEN), county.now())
        with pytest.raises(BadRoster):
            revoke(county.core, county.application, Revocation(VILLAGE, "boredom"), county.now())
    settle(sites, 3)
    assert act in county.application.ids
    assert act in town.application.ids


def test_a_township_key_cannot_sign_for_the_county_nor_receipt_for_it(sites):
    """A county decision, a county receipt and a county epoch made with the township's key are refused."""
    county, town, village = sites.values()
    act = village.submit(said(1, COUNTY), (COUNTY,))
    exchange(village, town)
    stream = village.stream(VILLAGE, COUNTY)
    false = Receipt(
        stream.id,
        COUNTY,
        "end",
        99,
        1,
        stream.head.hex(),
        1,
        (),
        START_MS,
        Statement(signed.RECEIPT, b"", ()),
    )
    made = make_receipt(false, town.key, town.core.suite)
    village.codes()
    village.take(town.say_items(village, encode_statement(made.statement)))
    assert village.codes() == ["S113"]
    with village.unit():
        assert village.peer.tick(act).stage != END_STORED
    # A receipt's bytes under another type, or another type's signature under a receipt, say nothing.
    entry = county.spool.held(signed.ENTRY, TOWN).statement
    for sort in (signed.RECEIPT, signed.EPOCH, signed.HEAD, signed.VOUCH, signed.SHELF):
        village.take(town.say_items(village, encode_statement(entry._replace(sort=sort))))
    assert set(village.codes()) <= {"S102", "S109", "S112", "S113"}
    settle(sites, 3)
    assert county.application.ids == [act]


def test_false_hop_receipts_and_numbers_run_ahead_do_not_outlive_the_key(sites):
    county, town, village = sites.values()
    act = village.submit(said(1, COUNTY), (COUNTY,))
    stream = village.stream(VILLAGE, COUNTY)
    word = Receipt(
        stream.id,
        TOWN,
        "hop",
        2**40,
        1,
        stream.head.hex(),
        1,
        (),
        START_MS,
        Statement(signed.RECEIPT, b"", ()),
    )
    false = make_receipt(word, town.key, town.core.suite)
    village.take(town.say_items(village, encode_statement(false.statement), counter=2**40))
    with town.unit():
        from sync.protocol.own.issue import open_epoch

        record = open_epoch(town.core, town.key, "ahead", START_MS, 999_999_000)
    village.take(town.say_items(village, encode_statement(record.statement)))
    # The thief said that it had the act, and it never came up: the village still has it.
    assert county.application.ids == []
    cut_off(county, TOWN)
    fresh = replace_machine(county, TOWN, 2)
    village.take(county.out(VILLAGE, STICK))
    settle({COUNTY: county, TOWN: fresh, VILLAGE: village}, 6)
    assert county.application.ids == [act]
    assert fresh.core.identity.epoch.startswith("2-")
    held = village.spool.held(signed.RECEIPT, f"{stream.id}|{TOWN}|hop")
    assert held is not None
    assert held.statement.signed_by(fresh.key.public, fresh.core.suite)


def test_an_old_roster_brings_no_stolen_key_back(sites):
    """Freeze and rollback: who has the revocation keeps it whatever older entries it is shown."""
    county, town, village = sites.values()
    old = [
        county.spool.held(sort, key).statement
        for sort, key in ((signed.ENTRY, VILLAGE), (signed.HEAD, "newest"))
    ]
    village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    cut_off(county, VILLAGE)
    exchange(town, county)
    version = town.core.roster.version
    # Roster parts of two times mixed: each counts for itself, the newest of each stands.
    county.take(town.say_items(county, *map(encode_statement, old)))
    town.take(county.say_items(town, *map(encode_statement, old)))
    for site in (county, town):
        assert site.core.roster.version == version
        assert site.core.believed_key(VILLAGE, village.key.id) is None
        assert site.core.roster.current_key(VILLAGE) is None
    with town.unit(), pytest.raises(UnknownSender):
        town.peer.open_head(read_head(village.out(TOWN))[0])


def test_more_acts_than_an_entry_names_are_released_by_acts_of_their_own(sites, monkeypatch):
    county, town, village = sites.values()
    monkeypatch.setattr(revocation, "IDS_IN_ENTRY", 2)
    acts = [town.submit(said(n, COUNTY, VILLAGE), (COUNTY, VILLAGE)) for n in range(6)]
    exchange(town, county)
    cut_off(county, TOWN)
    with county.unit():
        assert [line.upto for line in lines_of(county.core, TOWN) if line.stream.dst == COUNTY] == [6]
    # The township's own copies reach the village late, on a stick from before; it must believe them all.
    with village.unit():
        pass
    data = town.out(VILLAGE, STICK)
    village.take(data)
    village.take(county.out(VILLAGE, STICK))
    assert once(village) == set(acts)
    assert names(village) == []


def test_of_each_act_past_the_cut_its_row_is_read_once(sites, monkeypatch):
    """A thief may have made thousands."""
    town, village = sites[TOWN], sites[VILLAGE]
    act = village.submit(said(1, COUNTY), (COUNTY,))
    exchange(village, town)
    with town.unit():
        monkeypatch.setattr(town.spool, "act", read := Mock(side_effect=town.spool.act))
        _park_all(town.core, [town.spool.frame_of_act(act)], town.application, {act})
    assert read.mock_calls == [call(act)] and town.spool.act(act).state == PARKED
