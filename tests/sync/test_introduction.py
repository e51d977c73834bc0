"""Whoever nobody knows costs little, is told of once, and under no other's name."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest

from sync.adapters.engine import Engine
from sync.protocol import canonical, signed
from sync.protocol.exchange import read_head
from sync.protocol.items import encode_statement
from sync.protocol.records import pack_record
from sync.protocol.signed import Statement, remembering
from sync.protocol.trust import introduction, registrar
from sync.protocol.trust.introduction import STATEMENTS_MAX, read_introduction
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    hello,
    make_network,
    settle,
    trust,
)
from tests.sync.test_appointments import root_pair, take_over


@pytest.fixture
def sites() -> dict[str, Site]:
    found = make_network()
    settle(found, 2)
    return found


def stranger_as(address: str, county: Site, seed: int = 77) -> Site:
    """Return a node that writes an address of the network as its own, with a key nobody knows."""
    made = Site(address, county.core.roster.fingerprint, seed)
    trust(made, county)
    with made.unit():
        made.peer.open_epoch(made.key, "enrolled", START_MS)
    return made


def test_a_stranger_fills_no_journal_and_none_under_anothers_name(sites):
    county, town, _ = sites.values()
    thief = stranger_as(VILLAGE, county)
    fields = {"parent": TOWN, "child": VILLAGE, "name": "x", "epoch": "00" * 32, "at": 1}
    pairs = ((town.key.id, bytes(64)), (thief.key.id, bytes(64)))
    payload = canonical.dumps({"v": 1, **fields, "key": thief.key.public.as_fields()})
    vouches = [encode_statement(Statement(signed.VOUCH, payload, pairs[:n])) for n in range(3)]
    entry = {**county.core.roster.entries[VILLAGE].statement.fields(), "version": 9}
    by_thief = signed.make(signed.ENTRY, {n: v for n, v in entry.items() if n != "v"}, (thief.key,), SUITE)
    for target in (town, county):
        target.journal.clear()
        items = [*vouches, encode_statement(by_thief), encode_statement(Statement(signed.ENTRY, b"{}", ()))]
        report = target.engine().receive([thief.say(target, [pack_record(items * 20, b"")])])
        assert report.code == "S107"
        assert [(note.code, note.address) for note in target.journal] == [("S107", "?")]
        # Signed by its own hand, and not for it: even that is told of nobody by name.
        odd = signed.make(signed.VOUCH, {**fields, "parent": COUNTY, "key": {}}, (target.key,), SUITE)
        target.engine().receive([thief.say(target, [pack_record([encode_statement(odd)], b"")])])
        assert {note.address for note in target.journal} == {"?"}


def test_a_village_that_reaches_only_its_township_knows_it_again_on_another_computer(sites):
    """What is sealed to the old key nobody opens; the answer comes from a key that only the roster names."""
    county, town, village = sites.values()
    first = village.submit(b'{"n":1}', (COUNTY,))
    fresh = stranger_as(TOWN, county)
    # Before the county has said so, it is a stranger like any other, also with its own former entry to show.
    entry = encode_statement(county.core.roster.entries[TOWN].statement)
    report = village.engine().receive([fresh.say(village, [pack_record([entry], b"")])])
    assert report.code == "S107" and village.core.roster.entries[TOWN].good_keys[-1].id == town.key.id
    child = {"address": TOWN, "parent": "", "name": "镇", "key": fresh.key.public.as_fields()}
    with county.unit():
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    exchange(fresh, county)
    asked = fresh.engine().receive([village.out(TOWN)])
    assert (asked.code, asked.sender) == ("S108", VILLAGE)
    answer = fresh.out(VILLAGE)
    # Nobody who only has that answer's entry to show speaks for the township.
    thief = stranger_as(TOWN, county, 78)
    entry = encode_statement(county.core.roster.entries[TOWN].statement)
    assert village.engine().receive([thief.say(village, [pack_record([entry], b"")])]).code == "S107"
    assert village.core.roster.entries[TOWN].good_keys[-1].id == town.key.id
    report = village.engine().receive([answer])
    assert report.sender == TOWN and report.complete
    for _ in range(2):
        exchange(village, fresh)
        exchange(fresh, county)
    assert first in county.application.ids


def test_it_is_known_again_too_by_the_word_of_a_roster_key_that_the_next_has_followed(sites):
    """The next one's appointment went ahead of what it will sign; here nobody had heard of either."""
    county, _, village = sites.values()
    fresh = stranger_as(TOWN, county)
    take_over(county, root_pair(), key_pair("second"))
    child = {"address": TOWN, "parent": "", "name": "镇", "key": fresh.key.public.as_fields()}
    with county.unit():
        registrar.admit_child(county.core, key_pair("second"), child, START_MS)
    third = registrar.appoint_next(county.core, key_pair("third").public, (root_pair(),), 10)
    said = [*county.core.roster.appointments, third, county.core.roster.entries[TOWN].statement]
    shown = fresh.say(village, [pack_record([encode_statement(one) for one in said], b"")])
    assert village.engine().receive([shown]).sender == TOWN
    assert village.core.roster.given[-1] == third


def test_what_is_read_of_a_stranger_ends_early_and_outside_a_unit(sites):
    county, town, _ = sites.values()
    thief = stranger_as(VILLAGE, county)
    said = encode_statement(town.core.roster.entries[VILLAGE].statement)
    few, none, many = [said, hello()], [hello()], [said] * 100
    for records, count in (
        ([few], 1), ([none, few, few], 2), ([few, none, few], 1), ([many, many], STATEMENTS_MAX), ([none], 0),
    ):  # fmt: skip
        data = thief.say(town, [pack_record(record, b"") for record in records])
        head, size = read_head(data)
        rest = data[size:]
        assert len(read_introduction(town.peer.core.means, head, rest)) == count
        # Damage ends it, and what came before stands.
        assert len(read_introduction(town.peer.core.means, head, rest[:-5] + bytes(5))) <= count
    assert read_introduction(town.peer.core.means, head._replace(receiver_key="00" * 16), rest) == []
    units, opened = [], []
    engine = town.engine()

    @contextmanager
    def counted():
        units.append(1)
        with engine.world.unit():
            yield
        units.pop()

    read = introduction.Opener.feed
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(introduction.Opener, "feed", lambda *a: opened.append(len(units)) or read(*a))
        Engine(town.peer, town.application, replace(engine.world, unit=counted)).receive([data])
    assert opened == [0]


def test_what_strangers_send_is_remembered_only_while_it_is_short():
    calls = []
    read = remembering(lambda statement: calls.append(statement) or len(statement.payload))
    short, long = (Statement(signed.ENTRY, bytes(size), ()) for size in (100, 50_000))
    assert [read(short), read(short), read(long), read(long)] == [100, 100, 50_000, 50_000]
    assert calls == [short, long, long]
