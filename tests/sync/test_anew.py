"""Who came back with an empty disk is known by the keys that count; no number written by a thief hides it."""

from __future__ import annotations

from sync.protocol.acts import anew
from sync.protocol.items import encode_statement
from sync.protocol.memos import note_down
from sync.protocol.rotation import rotate
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair
from sync.protocol.streams import make_epoch
from sync.protocol.trust import registrar
from tests.sync.network import COUNTY, START_MS, SUITE, TOWN, VILLAGE, Site, exchange, make_network, settle
from tests.sync.test_revocation import cut_off, replace_machine, stolen


def begun(address: str, n: int, *keys: KeyPair, **more: object) -> Statement:
    """Return a record that says: begun on an empty disk, as number `n`."""
    fields = {"src": address, "n": n, "random": f"{n:016x}", "prev": "", "heads": {}, "heads_hash": "0" * 64}
    return make_epoch({**fields, "reason": "x", "at": START_MS, **more}, keys, SUITE).statement


def noted(site: Site) -> list[str]:
    with site.unit():
        return anew.note_anew(site.core)


def test_a_stolen_keys_number_does_not_hide_the_machine_that_replaces_it():
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    thief = stolen(village)
    county.take(thief.say_items(county, encode_statement(begun(VILLAGE, 900_000_000, village.key))))
    assert noted(county) == [VILLAGE]
    cut_off(county, VILLAGE)
    fresh = replace_machine(county, VILLAGE, 2)
    exchange(town, county)
    settle({COUNTY: county, TOWN: town, VILLAGE: fresh}, 4)
    with town.unit():
        record = town.spool.held("epoch", f"{VILLAGE}|{fresh.core.identity.epoch}")
        assert record is not None and anew.anew_since(town.core, VILLAGE) == record.stamp
        assert anew.anew_since(town.core, COUNTY) == 0
    with fresh.unit():
        own = [held.key.split("|")[1] for held in fresh.spool.all_held("epoch") if VILLAGE in held.key]
        # Put back it calls for its own acts, not for those of the machine before it.
        assert len(own) == 3 and anew.former_machines(fresh.core) == {one for one in own if one[:2] == "1-"}
    # An earlier program kept its number alone; and of a key revoked since nothing more is said.
    with county.unit():
        note_down(county.core, "anew", VILLAGE, rank=(900_000_000, 1, 0))
    assert noted(county) == [VILLAGE]
    assert noted(county) == []
    county.restart()
    assert noted(county) == []


def test_one_key_begins_anew_once_however_many_records_it_signs_and_keys_it_goes_over_to():
    sites = make_network()
    county, town, _ = sites.values()
    settle(sites, 2)
    for n in range(2, 5):
        county.take(town.say_items(county, encode_statement(begun(TOWN, n, town.key))))
        assert noted(county) == ([TOWN] if n == 2 else [])
    with county.unit():
        assert anew.anew_since(county.core, TOWN) == county.spool.held("epoch", f"{TOWN}|2-{2:016x}").stamp
    # Keys gone over to one after the other, which the top enters by itself.
    for n in range(2):
        new = SUITE.pair(bytes([n + 1]) * 64)
        with town.unit():
            town.core.means.keys[new.id] = new
            fields = {"src": TOWN, "n": 7 + n, "random": f"{n:016x}", "prev": "", "heads": {}}
            rotate(town.core, new, {**fields, "heads_hash": "0" * 64, "reason": "rotation", "at": START_MS})
        settle(sites, 3)
        assert county.core.roster.key(TOWN, new.id) is not None
        assert noted(county) == []
    # A key that only its parent speaks for counts when the roster has it.
    pair = SUITE.pair(b"v" * 64)
    child = {"address": VILLAGE, "name": "新机", "key": pair.public.as_fields()}
    record = begun(VILLAGE, 9, pair)
    with town.unit():
        word = registrar.vouch(town.core, child, record.hash, START_MS)
    county.take(town.say_items(county, encode_statement(word), encode_statement(record)))
    assert county.core.epoch(VILLAGE, f"9-{9:016x}") is not None and noted(county) == []
    with county.unit():
        registrar.admit_child(county.core, county.roster_key, {**child, "parent": TOWN}, START_MS)
    assert noted(county) == [VILLAGE]


def test_what_an_earlier_program_had_noted_is_not_noted_again():
    sites = make_network()
    county, town, _ = sites.values()
    settle(sites, 2)
    fresh = replace_machine(county, VILLAGE, 2)
    exchange(town, county)
    settle({COUNTY: county, TOWN: town, VILLAGE: fresh}, 3)
    with county.unit():
        note_down(county.core, "anew", VILLAGE, rank=(2, 1, 0))
        county.core.identity.position += 5
    assert noted(county) == []
    assert max(held.rank[1] for held in county.spool.all_held("anew")) == 1
