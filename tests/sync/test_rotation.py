"""A node goes over to a new key while others are away: nothing it says is lost, old sticks still open."""

from __future__ import annotations

import pytest

from sync.protocol import rotation, signed
from sync.protocol.acts.quarantine import quarantined
from sync.protocol.errors import CannotOpen
from sync.protocol.exchange import read_head
from sync.protocol.items import encode_statement
from sync.protocol.offer import Budget
from sync.protocol.own.issue import epoch_fields
from sync.protocol.rotation import KEPT_MS, keys_to_forget
from sync.protocol.streams import make_epoch
from sync.protocol.trust import registrar
from tests.sync.copies import copy_of, put_back
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    START_MS,
    STATE_ENDS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    hello,
    make_network,
    receipt_held,
    settle,
    trust,
)
from tests.sync.test_revocation import cut_off, replace_machine

STICK = Budget(10**9, is_answered=False)


def rotate(site: Site, name: str) -> None:
    """Let a site go over to a key of this name; the former ones stay in its key file."""
    new = key_pair(name)
    keys = {**site.means.keys, new.id: new}
    site.restart()
    site.peer.core.means.keys.update(keys)
    site.means.keys.update(keys)
    with site.unit():
        site.peer.rotate(new, START_MS)
    site.key = new


def test_a_township_rotates_while_its_village_is_away() -> None:
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    to_old = village.out(TOWN, STICK)
    rotate(town, "town 2")
    # A stick sealed to the old key still opens.
    assert town.take(to_old).refused == 0
    first = town.submit(b'{"n":1}', (COUNTY, VILLAGE))
    # The village hears of nothing but the township itself: it must believe the new epoch by the old key.
    exchange(village, town)
    assert village.application.ids == [first]
    assert village.core.roster.key(TOWN, town.key.id) is None
    assert village.core.roster.good_key(TOWN, town.key.id) is not None
    settle(sites)
    # The top has entered the key by itself, and everybody seals to it now.
    for site in sites.values():
        assert site.core.roster.current_key(TOWN) == town.key.public
    second = town.submit(b'{"n":2}', (COUNTY, VILLAGE))
    settle(sites, 3)
    assert county.application.ids == [first, second]
    with town.unit():
        assert town.peer.plan(VILLAGE, STICK, town.now()).head.sender_key == town.key.id
    rotate(town, "town 3")
    third = town.submit(b'{"n":3}', (COUNTY, VILLAGE))
    settle(sites, 4)
    for site in (county, village):
        site.restart()
        assert site.application.ids == [first, second, third]
        with site.unit():
            assert site.core.roster.current_key(TOWN) == town.key.public


def test_the_top_enters_its_own_new_key_itself_though_another_process_serves_the_next_exchange() -> None:
    sites = make_network()
    county, town, _ = sites.values()
    settle(sites, 2)
    serving = county.peer
    rotate(county, "county 2")
    held = county.spool.held(signed.ENTRY, COUNTY)
    assert held is not None
    assert [key["id"] for key in held.statement.fields()["keys"] if not key["until"]] == [county.key.id]
    # It was at work before, and nothing in what comes next is new to it.
    county.peer = serving
    serving.core.means.keys.update(county.means.keys)
    exchange(town, county)
    for site in (county, town):
        assert site.core.roster.key(COUNTY, county.key.id) is not None
    town.restart()
    exchange(town, county)
    # As it was done once, it is not done again.
    assert county.spool.held(signed.ENTRY, COUNTY) == held


def test_a_new_key_needs_the_word_of_the_former_one_and_of_itself() -> None:
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    thief, other = key_pair("thief"), key_pair("other")
    with town.unit():
        fields = epoch_fields(town.core, rotation.REASON, START_MS)
    said = {**fields, "by": town.key.id, "public": thief.public.as_fields()}
    for keys, changed in (
        ((thief,), {}),
        ((thief, other), {"by": other.id}),
        ((thief, village.key), {"by": village.key.id}),
        ((thief, town.key), {"public": other.public.as_fields()}),
    ):
        record = make_epoch({**said, **changed}, keys, SUITE)
        with county.unit():
            rotation.learn_rotation(county.core.roster, record.statement)
            assert county.core.roster.any_key(TOWN, thief.id) is None
            assert county.core.roster.any_key(TOWN, other.id) is None


def test_keys_are_forgotten_when_nothing_can_be_sealed_to_them_any_more() -> None:
    sites = make_network()
    town = sites[TOWN]
    settle(sites, 2)
    old = town.key.id
    rotate(town, "town 2")
    settle(sites, 4)
    with town.unit():
        assert keys_to_forget(town.core, START_MS + KEPT_MS - 1) == []
        assert keys_to_forget(town.core, START_MS + KEPT_MS + 2) == [old]
    assert len(town.spool.all_held(signed.EPOCH)) >= 2


def test_a_node_put_back_without_its_newest_key_is_still_heard_and_takes_another() -> None:
    """The image is from before the rotation, key file and all: what is sealed to the newest key stays shut,
    and yet nobody loses touch.
    """
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    kept, old = copy_of(town), town.key
    rotate(town, "town 2")
    settle(sites, 4)
    assert county.core.roster.current_key(TOWN) == town.key.public
    sealed = county.out(TOWN, STICK)
    town.key = old
    put_back(town, kept, with_witness=1)
    with town.unit(), pytest.raises(CannotOpen):
        town.peer.open_head(read_head(sealed)[0])
    act = town.submit(b'{"n":1}', (COUNTY,))
    # Who hears it speak with the former key answers to that key, in spite of the roster.
    for _ in range(3):
        exchange(town, county)
    assert act in county.application.ids
    with town.unit():
        assert rotation.is_key_lost(town.core)
    rotate(town, "town 3")
    # The village, too, needs no more than the answer to what could not be opened.
    village.take(town.out(VILLAGE))
    settle(sites, 4)
    for site in sites.values():
        with site.unit():
            assert site.core.roster.current_key(TOWN) == town.key.public
    with town.unit():
        assert not rotation.is_key_lost(town.core)


def test_what_a_thief_signs_with_its_next_key_is_taken_by_who_heard_of_the_theft_first() -> None:
    """Else a person never saw it, and it would be offered without end, before what others sign."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    cut_off(county, VILLAGE)
    acts = []
    for n in (2, 3):
        rotate(village, f"thief {n}")
        acts.append(village.submit(b'{"n":%d}' % n, (COUNTY,)))
    exchange(village, town)
    assert town.application.ids == acts
    for _ in range(2):
        exchange(town, county)
    county.restart()
    up, _ = exchange(town, county)
    assert (up.frames, up.state.untrusted, town.peer.waits_for(COUNTY)) == (0, 0, 0)
    for site in (county, town):
        assert [row.id for row in quarantined(site.core, VILLAGE)] == acts and site.application.ids == []
    # A key for which nobody spoke is nobody's still, whatever stands where its speaker should.
    other = key_pair("nobody")
    fields = epoch_fields(village.core, "", START_MS) | {"by": "ab" * 16, "public": other.public.as_fields()}
    odd = [{"by": 5}, {"by": []}, {"public": 1}, {"key": []}]
    for wrong in ({}, {"by": village.key.id}, *odd):
        keys = (other, key_pair("else"))
        record = signed.make(signed.EPOCH, {**fields, "key": other.id, **wrong}, keys, SUITE)
        items = (hello(), encode_statement(record), STATE_ENDS)
        assert county.take(town.say_items(county, *items)).state.untrusted == 1


def test_what_a_key_that_fell_has_published_is_passed_over_and_offered_once() -> None:
    """The township had gone over to its next key and published by it when the one before was revoked."""
    sites = make_network()
    county, town, _ = sites.values()
    settle(sites, 2)
    rotate(town, "town 2")
    town.publish("notice", b"by the next key", TOWN)
    cut_off(county, TOWN)
    fresh = replace_machine(county, TOWN, 4)
    with fresh.unit():
        for sort in (signed.EPOCH, signed.SHELF):
            for held in town.spool.all_held(sort):
                fresh.core.keep(held.statement, held.key, held.rank, held.content)
    found = [exchange(fresh, county)[0].state.untrusted for _ in range(3)]
    assert (found[1:], county.spool.all_held(signed.SHELF)) == ([0, 0], [])
    assert "S112" in county.codes() and not fresh.peer.waits_for(COUNTY)


def test_receipts_by_a_key_that_fell_are_signed_again_by_the_next_one() -> None:
    """The county, which knows nothing of that key, would refuse them, and with them every exchange."""
    sites = make_network()
    county, town, _ = sites.values()
    settle(sites, 2)
    county.submit(b'{"n":1}', (TOWN,))
    rotate(town, "town 2")
    town.take(county.out(TOWN, STICK))
    town.out(COUNTY)
    stream = town.stream(COUNTY, TOWN).id
    fallen = receipt_held(town, stream, TOWN)
    assert fallen is not None and fallen.statement.key_id == town.key.id
    cut_off(county, TOWN)
    new = key_pair("town 3")
    child = {"address": TOWN, "parent": "", "name": "", "key": new.public.as_fields()}
    with county.unit():
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    town.means.keys[new.id] = new
    trust(town, county)
    with town.unit():
        town.peer.open_epoch(new, "replaced", START_MS)
    ups = [exchange(town, county)[0] for _ in range(4)]
    assert ups[-1].state.untrusted == 0
    held = receipt_held(county, stream, TOWN)
    assert held is not None and held.statement.key_id == new.id


def test_every_later_epoch_of_a_key_that_fell_is_held_back_too_and_offered_once() -> None:
    """One refused would have all statements told anew for ever; one that lies about its key stops nobody."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    rotate(village, "thief 2")
    acts = [village.submit(b'{"n":0}', (COUNTY,))]
    for n, more in enumerate(({}, {"heads": {"public": 1}}, {"by": "ab" * 16, "public": 1}), 1):
        with village.unit():
            fields = epoch_fields(village.core, "again", START_MS) | more
            record = make_epoch(fields, (village.key,), SUITE)
            village.core.keep(record.statement, f"{VILLAGE}|{record.id}", (record.n, 0, 0))
            village.core.identity.epoch = record.id
        acts.append(village.submit(b'{"n":%d}' % n, (COUNTY,)))
        exchange(village, town)
        # The county hears of the theft before it hears of any of them.
        if n == 1:
            cut_off(county, VILLAGE)
    assert town.application.ids == acts
    for _ in range(2):
        exchange(town, county)
    up, _ = exchange(town, county)
    assert (up.frames, up.state.untrusted, town.peer.waits_for(COUNTY)) == (0, 0, 0)
    for site in (county, town):
        site.restart()
        assert [row.id for row in quarantined(site.core, VILLAGE)] == acts and site.application.ids == []
        with site.unit():
            assert rotation.has_fallen(site.core, record)


def test_no_number_by_a_key_that_fell_keeps_its_node_from_beginning_anew() -> None:
    """The last number there is: above it the next computer would find none, whenever it hears of it."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    thief = key_pair("thief 2")
    village.means.keys[thief.id] = thief
    with village.unit():
        rotation.rotate(village.core, thief, epoch_fields(village.core, "", START_MS) | {"n": 10**9 - 1})
    village.key = thief
    exchange(village, town)
    cut_off(county, VILLAGE)
    fresh = replace_machine(county, VILLAGE, 2)
    exchange(town, county)
    for _ in range(2):
        exchange(fresh, town)
    assert any(held.rank[0] == 10**9 - 1 for held in fresh.spool.all_held(signed.EPOCH))
    assert fresh.core.identity.epoch.startswith("2-") and "S122" not in fresh.codes()
    with fresh.unit():
        fresh.peer.open_epoch(fresh.key, "again", START_MS)
    assert fresh.core.identity.epoch.startswith("3-")
