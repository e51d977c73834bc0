"""An entry with a revocation has to fit one record, whatever the stolen key has signed."""

from __future__ import annotations

import random
from hashlib import sha256

import pytest

from sync.protocol import signed
from sync.protocol.errors import EntryFull
from sync.protocol.frame import StreamId
from sync.protocol.items import encode_statement
from sync.protocol.own.issue import epoch_fields
from sync.protocol.records import fits_one_record
from sync.protocol.streams import Stream, make_epoch
from sync.protocol.trust import entry_room, registrar
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    exchange,
    make_network,
    settle,
)
from tests.sync.test_revocation import STICK, cut_off, names, once, replace_machine, said
from tests.sync.test_rotation import rotate


def test_the_oldest_ids_go_until_the_entry_fits_one_record():
    county = make_network()[COUNTY]
    entry = county.core.roster.entries[TOWN]
    drawn = [random.Random(n).randbytes(16).hex() for n in range(1_000)]
    said = {"key": "k", "cut": {f"{TOWN}|1-{act[:16]}|{COUNTY}": 9 for act in drawn[:60]}, "since": 1}
    for lists in ([drawn], [drawn[:700], drawn[700:]]):
        fields = registrar.fields_of(entry) | {"revoked": [{**said, "ids": ids} for ids in lists]}
        whole = signed.make(signed.ENTRY, fields, (county.key,), county.core.suite)
        assert not fits_one_record(encode_statement(whole, b""))
        left = entry_room.shorten(entry, fields)
        kept = [one["ids"] for one in fields["revoked"]]
        assert 300 < sum(map(len, kept)) < 800
        assert sorted([*left, *(act for ids in kept for act in ids)]) == sorted(drawn)
        assert all(ids == known[len(known) - len(ids) :] for ids, known in zip(kept, lists, strict=True))
        made = signed.make(signed.ENTRY, fields, (county.key,), county.core.suite)
        assert fits_one_record(encode_statement(made, b""), entry_room.ROOM_BYTES - 200)
        assert entry_room.shorten(entry, fields) == []


def test_an_entry_with_many_acts_still_travels_and_so_after_a_second_theft(monkeypatch):
    """What does not fit one record would never leave the top: nobody below would hear of the theft."""
    monkeypatch.setattr(entry_room, "ROOM_BYTES", 14_000)
    sites = make_network()
    settle(sites, 2)
    county, town, village = sites.values()
    with town.unit():
        acts = [
            town.peer.submit(("case.filed", said(n, COUNTY, VILLAGE)), (COUNTY, VILLAGE), (), town.now())
            for n in range(150)
        ]
    county.take(town.out(COUNTY, STICK))
    cut_off(county, TOWN)
    listed = county.core.roster.entries[TOWN].revoked[0]["ids"]
    assert 20 < len(listed) < 150 and listed == acts[-len(listed) :]
    second = replace_machine(county, TOWN, 2)
    sites = {COUNTY: county, TOWN: second, VILLAGE: village}
    village.take(county.out(VILLAGE, STICK))
    assert village.core.roster.entries[TOWN].version == county.core.roster.entries[TOWN].version
    settle(sites, 2)
    more = [second.submit(said(n, COUNTY, VILLAGE), (COUNTY, VILLAGE)) for n in range(9_000, 9_020)]
    settle(sites, 2)
    cut_off(county, TOWN)
    village.take(county.out(VILLAGE, STICK))
    lists = [one["ids"] for one in village.core.roster.entries[TOWN].revoked]
    assert lists == [one["ids"] for one in county.core.roster.entries[TOWN].revoked]
    assert lists[1] == more[-len(lists[1]) :] and lists[0] == listed[-len(lists[0]) :]
    assert 0 < len(lists[0]) < len(listed)
    assert once(village) == {*acts, *more} and names(village) == []


def test_a_thief_that_opens_streams_without_end_is_revoked_all_the_same():
    """What the entry has no room to cut where it was is cut at 0; what came first stands."""
    sites = make_network()
    county, town, village = sites.values()
    good = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 2)
    drawn = random.Random(7)
    with county.unit():
        for n in range(2, 202):
            fields = epoch_fields(village.core, "thief", START_MS) | {"n": n}
            record = make_epoch(fields | {"random": drawn.randbytes(8).hex()}, (village.key,), SUITE)
            county.core.keep(record.statement, f"{VILLAGE}|{record.id}", (n, 0, 0))
            for to in range(101, 108):
                stream = StreamId(VILLAGE, record.id, f"{OTHER_TOWN}{to}")
                # As if one frame of it were here.
                county.spool.put_stream(Stream(stream, 0, record.root, 1, sha256(record.root).digest()))
    cut_off(county, VILLAGE)
    entry = county.core.roster.entries[VILLAGE]
    assert fits_one_record(encode_statement(entry.statement, b""), entry_room.ROOM_BYTES)
    cut = entry.revoked[0]["cut"]
    assert 700 < len(cut) < 1_400 and cut[str(county.stream(VILLAGE, COUNTY).id)] == 1
    town.take(county.out(TOWN, STICK))
    assert town.core.roster.entries[VILLAGE].good_keys == () and names(county) == []
    assert good in county.application.ids


def test_a_thief_that_goes_over_to_key_after_key_is_revoked_all_the_same():
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    most = registrar.KEYS_UNASKED_MAX
    with county.unit():
        fields = registrar.fields_of(county.core.roster.entries[VILLAGE])
        more = [key_pair(f"{n}").public.as_fields() | {"from": 0, "until": 1} for n in range(most - 2)]
        fields["keys"] = [*more, *fields["keys"]]
        registrar.enter(county.core, county.roster_key, fields, START_MS)
    for n in range(3):
        rotate(village, f"thief {n}")
        exchange(village, town)
        county.codes()
        exchange(town, county)
    assert len(county.core.roster.entries[VILLAGE].keys) == most and "S117" in county.codes()
    # By a person's word others are entered, for as long as all of them can be revoked.
    with county.unit(), pytest.raises(EntryFull):
        for n in range(400):
            key = key_pair(f"by word {n}").public.as_fields()
            child = {"address": VILLAGE, "parent": "", "name": "", "key": key}
            registrar.admit_child(county.core, county.roster_key, child, START_MS)
    entry = county.core.roster.entries[VILLAGE]
    assert len(entry.keys) > most + 20
    cut_off(county, VILLAGE)
    exchange(town, county)
    known = town.core.roster.entries[VILLAGE]
    assert known.keys == entry.keys and known.good_keys == ()
