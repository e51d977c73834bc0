"""An entry with a revocation has to fit one record, whatever the stolen key has signed."""

from __future__ import annotations

import random

from sync.protocol import entry_room, registrar, signed
from sync.protocol.items import encode_statement
from sync.protocol.records import fits_one_record
from tests.sync.network import COUNTY, TOWN, VILLAGE, make_network, settle
from tests.sync.test_revocation import STICK, cut_off, names, once, replace_machine, said


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
