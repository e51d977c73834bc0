"""State: the newest word wins, an old stick changes nothing, a lost word is asked for again."""

from __future__ import annotations

import random

import pytest

from sync.protocol import signed
from sync.protocol.exchange import Opener, read_head
from sync.protocol.frame import StreamId
from sync.protocol.frame_items import encode_frames
from sync.protocol.items import decode_hello, encode_statement, encode_vector, encode_want_acts
from sync.protocol.own import rollback
from sync.protocol.own.issue import epoch_fields
from sync.protocol.records import FRAMES, STATE_END, Item, pack_record, unpack_record
from sync.protocol.spool import Part
from sync.protocol.streams import make_epoch
from sync.protocol.trust.registrar import vouch
from sync.protocol.trust.state import StateIn, rank_of, take_statement
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
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
    statement_of,
)


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def hello_in(data: bytes, receiver: Site):
    """Return what the HELLO of an exchange says."""
    head, used = read_head(data)
    plains = Opener(head, receiver.key, receiver.means.suite).feed(data[used:])
    return decode_hello(unpack_record(plains[0], b"")[0])


def test_vectors_are_full_first_then_only_what_changed(sites):
    _, town, village = sites.values()
    village.submit(b"{}", (COUNTY,))
    assert hello_in(village.out(TOWN), town).full == 1
    exchange(village, town)
    exchange(village, town)
    said = hello_in(village.out(TOWN), town)
    assert (said.full, said.need_full) == (0, 0)


def test_a_digest_that_does_not_fit_is_answered_with_everything(sites):
    _, town, village = sites.values()
    village.submit(b"{}", (COUNTY,))
    settle(sites)
    # The town forgets what the village holds, as after a restore.
    with town.unit():
        vector = town.spool.vector(VILLAGE)
        town.spool.put_vector(VILLAGE, {}, list(vector))
    town.take(village.out(TOWN))
    answer = town.out(VILLAGE)
    assert hello_in(answer, village).need_full == 1
    village.take(answer)
    again = village.out(TOWN)
    assert hello_in(again, town).full == 1
    town.take(again)
    assert town.spool.vector(VILLAGE) == vector
    assert hello_in(town.out(VILLAGE), village).need_full == 0


def test_an_old_exchange_changes_nothing(sites):
    """Year-old sticks of every age, after much has happened."""
    county, town, village = sites.values()
    old = []
    for n in range(6):
        village.submit(b'{"n":%d}' % n, (COUNTY,))
        old.append(village.out(TOWN))
        settle(sites, 2)
    settle(sites)
    before, neighbour = town.state(), town.peer.neighbour(VILLAGE)
    vector = town.spool.vector(VILLAGE)
    for data in (*old, *reversed(old)):
        town.take(data)
        assert town.state() == before
        assert town.peer.neighbour(VILLAGE) == neighbour
        assert town.spool.vector(VILLAGE) == vector
    settle(sites)
    assert len(county.application.ids) == 6


def test_counters_rank_by_epoch_then_incarnation_then_number(sites):
    _, town, village = sites.values()
    heads = [
        read_head(village.say(town, [b""], **fields))[0]
        for fields in (
            {"counter": 5},
            {"counter": 6},
            {"incarnation": 2, "counter": 1},
            {"epoch": "2-" + "ab" * 8, "counter": 1},
            {"epoch": "10-" + "ab" * 8, "counter": 1},
        )
    ]
    assert sorted(heads, key=rank_of) == heads


def test_a_lower_counter_is_ignored_and_a_new_incarnation_heard(sites):
    _, town, village = sites.values()
    wanted = encode_want_acts(["ab" * 16])
    for fields, heard in (({"counter": 9}, 1), ({"counter": 8}, 0), ({"counter": 1, "incarnation": 2}, 1)):
        with town.unit():
            neighbour = town.peer.neighbour(VILLAGE)
            neighbour.wanted_acts = ()
            town.spool.put_neighbour(neighbour)
        town.take(village.say_items(town, hello(), wanted, STATE_ENDS, **fields))
        assert len(town.peer.neighbour(VILLAGE).wanted_acts) == heard


def test_two_installations_under_one_address_are_told(sites):
    _, town, village = sites.values()
    exchange(village, town)
    town.codes()
    town.take(village.say_items(town, hello(), STATE_ENDS, instance="another", counter=50))
    assert town.codes() == ["S122"]


def test_a_state_without_its_end_teaches_nothing(sites):
    _, town, village = sites.values()
    town.take(village.say_items(town, hello(), encode_want_acts(["ab" * 16])))
    assert town.peer.neighbour(VILLAGE).wanted_acts == ()
    assert town.peer.neighbour(VILLAGE).taken == 0


def test_what_cannot_be_believed_yet_is_sent_again(sites):
    """A receipt by a key the roster does not have is not acknowledged; with the key it is taken."""
    county, town, village = sites.values()
    village.submit(b"{}", (COUNTY,))
    settle(sites)
    stranger = village.means.suite.pair(bytes(64))
    fields = dict(receipt_held(town, village.stream(VILLAGE, COUNTY).id, TOWN).statement.fields())
    bad = signed.make(signed.RECEIPT, {**fields, "inc": 9}, (stranger,), village.means.suite)
    taken = county.peer.neighbour(TOWN).taken
    county.codes()
    county.take(town.say_items(county, hello(ack=1), encode_statement(bad), STATE_ENDS))
    assert county.codes() == ["S113"]
    assert county.peer.neighbour(TOWN).taken == taken


@pytest.mark.parametrize(
    "field, value",
    [
        ("head", "zz"),
        ("head", 5),
        ("stream", [VILLAGE, "1-ab|cd", COUNTY]),
        ("stream", ["00", "1-" + "ab" * 8, COUNTY]),
        ("missing", ["x"]),
        ("missing", {}),
        ("upto", "9"),
        ("papers", 2**52),
        ("kind", "end"),
        ("signer", VILLAGE),
        ("at", -1),
    ],
)
def test_a_receipt_with_one_field_damaged_is_refused_and_stops_nothing(sites, field, value):
    county, town, village = sites.values()
    village.submit(b"{}", (COUNTY,))
    settle(sites)
    fields = dict(receipt_held(town, village.stream(VILLAGE, COUNTY).id, TOWN).statement.fields())
    bad = statement_of(town, signed.RECEIPT, {**fields, "inc": 9, field: value})
    before = county.state()
    county.codes()
    county.take(town.say_items(county, encode_statement(bad)))
    assert county.codes() == ["S113"]
    assert county.state() == before
    settle(sites)


def test_receipts_by_who_is_not_on_the_way_are_no_one_s_business():
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    county, other = sites[COUNTY], sites[OTHER_TOWN]
    sites[VILLAGE].submit(b"{}", (COUNTY,))
    settle(sites)
    real = receipt_held(county, sites[VILLAGE].stream(VILLAGE, COUNTY).id, TOWN).statement.fields()
    forged = statement_of(other, signed.RECEIPT, {**real, "signer": OTHER_TOWN})
    before = county.state()
    county.take(other.say_items(county, encode_statement(forged)))
    assert county.state() == before


def test_a_stolen_township_key_cannot_sign_receipts_for_a_village(sites):
    """It vouches for a key of its own under the village's address: receipts by it count nowhere above."""
    county, town, _ = sites.values()
    county.submit(b"{}", (VILLAGE,))
    exchange(town, county)
    exchange(town, county)
    thief = town.means.suite.pair(bytes(range(64)))
    child = {"address": VILLAGE, "name": "x", "key": thief.public.as_fields()}
    with town.unit():
        word = vouch(town.core, child, "ab" * 32, START_MS)
    stream = county.stream(COUNTY, VILLAGE)
    fields = {"stream": list(stream.id), "signer": VILLAGE, "kind": "end", "inc": 1, "upto": 1}
    fields |= {"head": stream.head.hex(), "papers": 1, "missing": [], "at": START_MS}
    lie = signed.make(signed.RECEIPT, fields, (thief,), town.means.suite)
    county.codes()
    county.take(town.say_items(county, encode_statement(word), encode_statement(lie)))
    assert receipt_held(county, stream.id, VILLAGE) is None
    assert "S113" in county.codes()


def test_trust_is_used_in_the_unit_that_keeps_it(sites):
    """The same for a key: frames that waited for it are taken at once, not after the state's last word."""
    county, town, village = sites.values()
    act = village.submit(b"{}", (COUNTY,))
    starts = {s.id: 0 for s in village.spool.streams()}
    frames = [p.frame for p in village.spool.frames_after(starts, 0, 9)]
    town.take(village.say_items(town, encode_frames(FRAMES, frames)))
    assert town.spool.count_aside() == 1
    epoch = village.spool.all_held(signed.EPOCH)[0].statement
    town.take(village.say_items(town, encode_statement(epoch)))
    assert town.application.ids == [act]
    assert county.application.ids == []


def test_a_vector_grows_to_a_bound(sites, monkeypatch):
    monkeypatch.setattr("sync.protocol.trust.state.VECTOR_LINES_MAX", 100)
    _, town, village = sites.values()
    exchange(village, town)
    for n in range(10):
        epochs = [f"{n * 50 + k + 1}-" + "ab" * 8 for k in range(50)]
        lines = {StreamId(VILLAGE, epoch, COUNTY): Part(0, 1, bytes(32)) for epoch in epochs}
        town.take(village.say_items(town, hello(full=0), encode_vector(lines), STATE_ENDS))
    assert len(town.spool.vector(VILLAGE)) <= 100
    assert "S110" in town.codes()


def test_a_second_end_of_state_is_passed_over(sites):
    _, town, village = sites.values()
    exchange(village, town)
    calls = []
    real = town.spool.put_neighbour
    town.spool.put_neighbour = lambda n: (calls.append(n), real(n))[1]
    town.take(village.say(town, [pack_record([hello(), *[Item(STATE_END, b"")] * 1000], b"")]))
    assert len(calls) == 2, "once for what was said, once for that all of it came"


def test_statements_that_could_not_be_passed_on_are_not_taken(sites):
    _, town, village = sites.values()
    exchange(village, town)
    big = random.Random(1).randbytes(16_200).hex()
    fields = {"src": VILLAGE, "n": 5, "random": "ab" * 8, "prev": big[:16_200]}
    statement = statement_of(village, signed.EPOCH, fields)
    town.codes()
    with town.unit():
        found = StateIn(read_head(village.say(town, [b""]))[0])
        take_statement(town.core, found, statement, random.Random(2).randbytes(16_300))
        take_statement(town.core, found, statement._replace(payload=bytes(60_001)), b"")
        take_statement(town.core, found, statement, bytes(60_001))
    assert town.codes() == ["S110"] * 3


def whole(items: list[Item]) -> list[bytes]:
    """Return the records of an exchange of state parts alone."""
    parts = [[hello()], *(items[at : at + 20] for at in range(0, len(items), 20)), [STATE_ENDS]]
    return [pack_record(part, b"") for part in parts]


def test_who_begins_anew_without_end_costs_no_more_at_its_last_epoch_than_at_its_first(sites, monkeypatch):
    """A thief makes any number: the others are not read for each. Twins are told all the same."""
    _, town, village = sites.values()
    settle(sites, 2)
    with village.unit():
        fields = epoch_fields(village.core, rollback.LATER_EPOCH, START_MS)
    several = [fields | {"n": n, "random": f"{n:016x}", "reason": "thief"} for n in range(2, 302)]
    several += [fields | {"n": 302, "random": "0" * 16}, fields | {"n": 7, "random": "0" * 16}]
    items = [encode_statement(make_epoch(each, (village.key,), SUITE).statement) for each in several]
    looked, held, spool = list[str](), town.spool.all_held, town.spool
    monkeypatch.setattr(spool, "all_held", lambda sort, *after: looked.append(sort) or held(sort, *after))
    monkeypatch.setattr(rollback, "read_epoch", lambda statement: pytest.fail("others are read for each"))
    for some, is_told in ((items[:200], 0), (items[200:-1], 0), (items[-1:], 1), (items[:9], 0)):
        looked.clear()
        town.take(village.say(town, whole(some)))
        assert town.codes().count("S122") == is_told and looked.count(signed.EPOCH) < 9
    assert sum(h.key.startswith(f"{VILLAGE}|") for h in held(signed.EPOCH)) == len(several) + 1
    # Nor does it at the node that it speaks for, which goes above them each time.
    monkeypatch.undo()
    own, spool = village.spool.all_held, village.spool
    monkeypatch.setattr(spool, "all_held", lambda sort, *after: looked.append(sort) or own(sort, *after))
    for some, above in ((items[:200], 202), (items[200:-1], 303)):
        looked.clear()
        village.take(town.say(village, whole(some)))
        assert looked.count(signed.EPOCH) < 20 and village.core.identity.epoch[:4] == f"{above}-"
