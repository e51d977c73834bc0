"""Taking in: a good place or none. What a hostile neighbour brings changes nothing and stops nobody."""

from __future__ import annotations

import random

import pytest

from sync.protocol import signed
from sync.protocol.frame import BlobRef, StreamId
from sync.protocol.frame_items import encode_frames
from sync.protocol.incoming import asides, intake
from sync.protocol.items import encode_statement
from sync.protocol.offer import Budget
from sync.protocol.records import FRAMES, LOOSE, pack_record
from sync.protocol.spool import GAP, UNKNOWN_KEY
from tests.sync.forgery import all_frames, bring, other_at, resigned
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    START_MS,
    TOWN,
    VILLAGE,
    Site,
    enter,
    exchange,
    make_network,
    new_site,
    settle,
)


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def test_frames_out_of_order_wait_aside_and_are_applied_in_order(sites):
    _, town, village = sites.values()
    acts = [village.submit(b'{"n":%d}' % n, (COUNTY,)) for n in range(5)]
    exchange(village, town)  # trust; and the frames
    county = sites[COUNTY]
    exchange(town, county)
    late = [village.submit(b'{"l":%d}' % n, (COUNTY,)) for n in range(4)]
    frames = all_frames(village)[5:]
    for index in (3, 1, 2):
        bring(village, town, frames[index])
    assert town.application.ids == acts
    assert town.spool.count_aside(GAP) == 3
    bring(village, town, frames[0])
    assert town.application.ids == acts + late
    assert town.spool.count_aside() == 0


def test_frames_of_an_unknown_epoch_wait_until_it_is_known(sites):
    _, town, village = sites.values()
    act = village.submit(b"{}", (COUNTY,))
    bring(village, town, *all_frames(village))
    assert (town.application.ids, town.spool.count_aside(UNKNOWN_KEY)) == ([], 1)
    exchange(village, town)
    assert (town.application.ids, town.spool.count_aside()) == ([act], 0)


def test_a_key_the_roster_does_not_know_waits_for_the_roster(sites):
    """A newcomer's frames, brought by its parent, are taken when the entry comes."""
    county, town, _ = sites.values()
    newcomer = new_site(county, "511921108207")
    act = newcomer.submit(b"{}", (COUNTY,))
    bring(town, county, *all_frames(newcomer))
    assert county.spool.count_aside(UNKNOWN_KEY) == 1
    with county.unit():
        enter(county, newcomer.key, newcomer.address)
    epoch = newcomer.spool.all_held(signed.EPOCH)[0].statement
    county.take(town.say_items(county, encode_statement(epoch)))
    assert (county.application.ids, county.spool.count_aside()) == ([act], 0)


def test_altered_foreign_and_misplaced_frames_are_noted_and_stop_nothing(sites):
    _, town, village = sites.values()
    exchange(village, town)
    act = village.submit(b"{}", (COUNTY,))
    frame = all_frames(village)[0]
    epoch = frame.header.stream.epoch
    town.codes()
    bad = {
        "S103": [frame._replace(signature=bytes(64)), other_at(sites[COUNTY], frame, b"{}")],
        "S111": [resigned(village, frame, stream=StreamId(OTHER_VILLAGE, epoch, OTHER_TOWN))],
    }
    for code, frames in bad.items():
        for each in frames:
            before = town.state()
            bring(village, town, each)
            # Whose a frame is that is not taken anybody may write: it is told of who brought it.
            assert [(note.code, note.address) for note in town.peer.take_notes()] == [(code, VILLAGE)]
            assert town.state() == before
    bring(village, town, *bad["S103"], frame, *bad["S111"])
    assert town.application.ids == [act]


def test_a_body_cut_out_by_a_relay_takes_no_place(sites):
    """Else a township could make the county receipt what nobody there can read, and the village delete it."""
    county, town, village = sites.values()
    act = village.submit(b"{}", (COUNTY,))
    settle({VILLAGE: village, TOWN: town, COUNTY: county}, 1)
    second = village.submit(b'{"n":2}', (COUNTY,))
    frame = all_frames(village)[1]
    for receiver in (town, county):
        receiver.codes()
        bring(village, receiver, frame._replace(body=b""))
        assert receiver.codes() == ["S102"]
    bring(town, county, frame._replace(body=b""), kind=LOOSE)
    settle(sites)
    assert county.application.ids == [act, second]
    assert all(f.body for f in all_frames(county))


def test_a_body_deleted_by_rule_leaves_its_place_to_who_comes_later(sites):
    """The destination has said that it holds it: a relay that missed it may have the header alone."""
    county, town, village = sites.values()
    village.submit(b"{}", (COUNTY,))
    exchange(village, county)
    frame = all_frames(village)[0]
    with county.unit():
        county.peer.plan(VILLAGE, Budget(0), county.now())
    receipts = [h.statement for h in county.spool.all_held(signed.RECEIPT)]
    epoch = village.spool.all_held(signed.EPOCH)[0].statement
    items = [encode_statement(epoch), *(encode_statement(r) for r in receipts)]
    town.take(village.say_items(town, *items, encode_frames(FRAMES, [frame._replace(body=b"")])))
    assert town.upto()[VILLAGE, COUNTY] == 1
    assert town.application.ids == []
    # The body comes another way after all.
    with town.unit():
        town.spool.want(frame.act)
    bring(village, town, frame, kind=LOOSE)
    assert town.application.ids == [frame.act]


def test_a_frame_that_could_not_be_passed_on_is_not_taken(sites):
    _, town, village = sites.values()
    exchange(village, town)
    village.submit(b"{}", (COUNTY,))
    frame = all_frames(village)[0]
    noise = random.Random(1).randbytes(16_300)
    big = other_at(village, frame, noise)
    town.codes()
    with town.unit():
        assert intake.take_frames(town.core, [big], START_MS) == []
    assert town.codes() == ["S110"]


def test_streams_to_addresses_nobody_knows_take_no_place(sites):
    """A village may not open a stream on every node for each of a million invented addresses."""
    county, town, village = sites.values()
    exchange(village, town)
    village.submit(b"{}", (COUNTY,))
    frame = all_frames(village)[0]
    invented = [
        resigned(village, frame, stream=frame.header.stream._replace(dst=f"511921{n}"))
        for n in range(200, 260)
    ]
    before = town.upto()
    bring(village, town, *invented)
    assert town.upto() == before
    # From above it may be for a village that is not enrolled yet.
    act = county.submit(b"{}", ("511921108299",))
    exchange(town, county)
    exchange(town, county)
    assert act in town.application.ids


def test_the_bounds_on_what_waits_hold_each_for_itself(sites, monkeypatch):
    monkeypatch.setitem(asides.ASIDE_MAX, UNKNOWN_KEY, 6)
    county, town, village = sites.values()
    exchange(village, town)
    for n in range(9):
        village.submit(b'{"n":%d}' % n, (COUNTY,))
    frames = all_frames(village)
    strange = [resigned(village, f, stream=f.header.stream._replace(epoch="9-" + "ab" * 8)) for f in frames]
    town.codes()
    bring(village, town, *strange)
    assert town.spool.count_aside(UNKNOWN_KEY) == 3
    assert set(town.codes()) == {"S121"}
    bring(village, town, frames[5])
    assert town.spool.count_aside(GAP) == 1
    settle(sites)
    assert len(county.application.ids) == 9


def test_whoever_floods_what_waits_leaves_the_others_their_room(monkeypatch):
    """The thief of a key brings frames of unknown keys under other names, and leaves gaps of its own."""
    for why in (UNKNOWN_KEY, GAP):
        monkeypatch.setitem(asides.ASIDE_MAX, why, 40)
    sites = make_network((COUNTY, TOWN, VILLAGE, "511921108204"))
    county, town, thief, other = sites.values()
    settle(sites, 2)
    acts = [[site.submit(b'{"n":%d}' % n, (COUNTY,)) for n in range(60)] for site in (thief, other)]
    flood, good = all_frames(thief), all_frames(other)
    unknown = "9-" + "ab" * 8
    names = [other.address, TOWN, COUNTY, thief.address]
    for n, src in enumerate(names * 2):
        strange = StreamId(src, unknown, VILLAGE if src == COUNTY else COUNTY)
        bring(thief, town, *(resigned(thief, f, stream=strange) for f in flood[n * 7 : n * 7 + 7]))
        # Trust that changes gives what it cannot place yet to nobody else.
        town.restart()
    bring(thief, town, *flood[1:])
    assert town.spool.count_aside(UNKNOWN_KEY) == town.spool.count_aside(GAP) == 20
    new = [resigned(other, f, stream=f.header.stream._replace(epoch=unknown)) for f in good[:10]]
    bring(other, town, *new, *good[1:11])
    assert [town.spool.count_aside(why, other.address) for why in (UNKNOWN_KEY, GAP)] == [10, 10]
    assert [town.spool.count_aside(why, VILLAGE) for why in (UNKNOWN_KEY, GAP)] == [20, 20]
    settle(sites, 4)
    assert {*acts[0], *acts[1]} <= set(county.application.ids)


def test_a_flood_of_bad_items_leaves_few_notes(sites):
    _, town, village = sites.values()
    plain = pack_record([encode_frames(FRAMES, [])], b"")
    junk = [bytes((9,)) + plain] * 3_000
    incoming = town.take(village.say(town, junk))
    assert incoming.refused == 3_000
    notes = town.codes()
    assert len(notes) <= 501 and notes[-1] == "S124"


def test_papers_of_wrong_size_do_not_keep_the_paper_away(sites):
    """A township names a village's paper under a size of its own: it completes all the same."""
    county, town, village = sites.values()
    photo = village.paper(b"photo" * 9_000)
    lie = BlobRef(photo.hash, 7, "image/jpeg")
    with town.unit():
        town.peer.submit(("case.moved", b"{}"), (COUNTY,), (lie,), town.now())
    exchange(town, county)
    village.submit(b"{}", (COUNTY,), (photo,))
    settle(sites)
    assert county.blobs.has(photo.hash)
    assert county.stream(VILLAGE, COUNTY).papers == 1


def test_the_places_of_what_comes_are_asked_for_of_revoked_authors_alone(sites, monkeypatch):
    """For every act that came the database was asked once more than needed, on the way of all that comes."""
    town, village = sites[TOWN], sites[VILLAGE]
    exchange(village, town)
    for number in range(5):
        village.submit(b'{"n":%d}' % number, (COUNTY,))
    asked, spool = [], town.core.spool
    places = spool.places_of_act
    monkeypatch.setattr(spool, "places_of_act", lambda act: asked.append(act) or places(act))
    bring(village, town, *all_frames(village))
    assert len(town.application.ids) == 5 and asked == []
