"""Own acts: each gets its places, signed, in the unit that made it, or there is no trace of it."""

from __future__ import annotations

import hashlib
import random

import pytest

from sync.protocol import signed
from sync.protocol.errors import BodyTooLarge, NotEnrolled
from sync.protocol.frame import SALT_BYTES, SIGNED_AS
from sync.protocol.offer import Budget
from sync.protocol.own import issue
from sync.protocol.spool import OWN
from sync.protocol.streams import read_epoch
from tests.sync.network import COUNTY, START_MS, SUITE, TOWN, VILLAGE, Site, exchange, make_network, settle


@pytest.fixture
def village() -> Site:
    return make_network()[VILLAGE]


def test_an_act_has_one_place_in_each_stream_and_is_the_same_in_all(village):
    act = village.submit(b'{"a":1}', (COUNTY, TOWN))
    places = village.spool.places_of_act(act)
    assert [(p.dst, seq) for p, seq in places] == [(COUNTY, 1), (TOWN, 1)]
    assert village.spool.act(act).state == OWN
    assert village.application.acts == []


def test_streams_are_chained_from_the_epoch_record_and_signed(village):
    for n in range(3):
        village.submit(b'{"n":%d}' % n, (COUNTY,))
    prev = read_epoch(village.spool.all_held(signed.EPOCH)[0].statement).root
    for placed in village.spool.frames_after({village.stream(VILLAGE, COUNTY).id: 0}, 0, 9):
        frame = placed.frame
        assert frame.header.prev == prev
        assert SUITE.verify(village.key.public, SIGNED_AS, frame.header_bytes, frame.signature)
        assert hashlib.sha256(frame.body).digest() == frame.header.body_hash
        prev = frame.hash


def test_the_same_words_twice_are_two_acts(village):
    assert village.submit(b"{}", (COUNTY,)) != village.submit(b"{}", (COUNTY,))


@pytest.mark.parametrize("size", [16_000, 70_000])
def test_what_fits_no_record_is_refused_before_anything_is_written(village, size):
    noise = b'"%s"' % random.Random(1).randbytes(size).hex().encode()
    before = village.state()
    with pytest.raises(BodyTooLarge):
        village.submit(noise, (COUNTY,))
    assert village.state() == before
    village.submit(b"{}", (COUNTY,))
    assert village.upto()[VILLAGE, COUNTY] == 1


def test_long_text_that_squeezes_well_travels(village):
    long = '"同意，请尽快办理。"'.encode() * 2_000
    assert village.submit(long, (COUNTY,))
    assert len(village.out(COUNTY)) < 10_000


def test_without_an_epoch_nothing_is_signed(village):
    bare = Site(VILLAGE, "00" * 32, 1)
    with pytest.raises(NotEnrolled):
        bare.submit(b"{}", (COUNTY,))


def test_a_new_epoch_names_the_one_before_and_what_it_reached(village):
    for _ in range(3):
        village.submit(b"{}", (COUNTY,))
    head = village.stream(VILLAGE, COUNTY).head
    former = village.spool.all_held(signed.EPOCH)[0].statement
    with village.unit():
        second = village.peer.open_epoch(village.key, "rollback", START_MS)
    fields = second.statement.fields()
    assert (second.n, second.prev, fields["reason"]) == (2, former.hash, "rollback")
    assert fields["heads"] == {COUNTY: [3, head.hex()]}
    village.submit(b"{}", (COUNTY,))
    assert sorted(s.upto for s in village.spool.streams()) == [1, 3]


def test_acts_of_two_epochs_all_arrive():
    sites = make_network()
    village = sites[VILLAGE]
    acts = [village.submit(b"{}", (COUNTY,))]
    settle(sites, 2)
    with village.unit():
        village.peer.open_epoch(village.key, "rollback", START_MS)
    acts.append(village.submit(b"{}", (COUNTY,)))
    settle(sites, 3)
    assert sites[COUNTY].application.ids == acts


def test_a_county_of_a_thousand_villages_can_open_an_epoch():
    """The record must fit one record of an exchange: many heads are named by their hash alone."""
    sites = make_network()
    county = sites[COUNTY]
    for n in range(1000):
        county.submit(b"{}", (f"511921{100 + n // 100}{200 + n % 100}",))
    with county.unit():
        record = county.peer.open_epoch(county.key, "rotation", START_MS)
    fields = record.statement.fields()
    assert fields["heads"] == {} and len(fields["heads_hash"]) == 64
    exchange(sites[TOWN], county)
    assert sites[TOWN].spool.held(signed.EPOCH, f"{COUNTY}|{record.id}") is not None
    assert issue.HEADS_MAX < 1000


def test_documents_on_the_shelf_get_versions_and_a_limit(village):
    one = village.publish("notice", b"one", VILLAGE)
    two = village.publish("notice", b"two", VILLAGE)
    assert (one.version, two.version, two.prev) == (1, 2, one.statement.hash)
    with pytest.raises(BodyTooLarge):
        village.publish("big", random.Random(1).randbytes(30_000), VILLAGE)
    village.out(TOWN, Budget(0))


def test_salts_come_from_the_given_randomness(village):
    village.submit(b"{}", (COUNTY,))
    frame = village.spool.frames_after({village.stream(VILLAGE, COUNTY).id: 0}, 0, 1)[0].frame
    assert len(set(frame.body[:SALT_BYTES])) > 1 and frame.content == b"{}"
