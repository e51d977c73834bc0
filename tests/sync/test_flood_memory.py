"""A stolen key piles up large frames that compress to nothing: no node reads all of them at once."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from sync.adapters.memory_spool import MemorySpool
from sync.protocol.acts.quarantine import PAST_CUT
from sync.protocol.canonical import dumps
from sync.protocol.frame import Frame
from sync.protocol.frame_items import encode_frames
from sync.protocol.incoming import asides
from sync.protocol.records import FRAMES, LOOSE
from sync.protocol.spool import GAP, UNKNOWN_KEY
from sync.protocol.stock import loose
from sync.protocol.trust.review import within_cut
from tests.sync.file_spool import files_in
from tests.sync.forgery import all_frames, other_at, resigned
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network, settle
from tests.sync.test_revocation import cut_off, said

BODY_BYTES, MANY = 60_000, 150
# Of nine megabytes that were made; what the things themselves take is below it by far.
PEAK_BYTES = 4_000_000


@pytest.fixture
def sites(tmp_path) -> dict[str, Site]:
    return make_network(spool=files_in(tmp_path))


def one_frame(site: Site, to: str) -> Frame:
    site.submit(said(1, to), (to,))
    return next(f for f in all_frames(site) if f.header.stream.src == site.address)


def flood(thief: Site, into: Site, kind: int, make: Callable[[bytes], Frame]) -> None:
    """Bring MANY frames whose bodies differ; each call of `take` is a unit of its own."""
    for start in range(0, MANY, 15):
        made = [make(b"%06d" % n + b"x" * BODY_BYTES) for n in range(start, start + 15)]
        into.take(thief.say_items(into, *(encode_frames(kind, [frame]) for frame in made)))


def peak_of(steps: Iterator[None]) -> list[int]:
    """Return the highest memory each step came to above what there was before the first."""
    tracemalloc.start()
    try:
        peaks = []
        for _ in steps:
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.reset_peak()
        return peaks
    finally:
        tracemalloc.stop()


def test_a_flood_beside_the_streams_does_not_fill_the_memory_of_who_takes_a_revocation_in(sites):
    """And of who opens the page on what still counts."""
    county, town, _ = sites.values()
    frame = one_frame(town, COUNTY)
    settle(sites, 3)
    flood(town, county, LOOSE, lambda content: other_at(town, frame, content))
    assert len({one.act for one in county.spool.loose_frames(999)}) == MANY

    def steps() -> Iterator[None]:
        cut_off(county, TOWN)
        yield
        with county.unit():
            within_cut(county.core, TOWN, 10)
            yield

    assert max(peak_of(steps())) < PEAK_BYTES
    rows = [county.spool.act(one.act) for one in county.spool.loose_frames(999)]
    assert {row.reason for row in rows} == {PAST_CUT}


def test_a_flood_in_a_stream_does_not_fill_the_memory_of_who_takes_a_revocation_in(sites):
    """Large acts stand within the cut, which the county cannot see and is told of, and past it."""
    county, town, village = sites.values()
    settle(sites, 2)

    def bring_many() -> None:
        for n in range(MANY):
            town.submit(dumps({"n": n, "to": [VILLAGE], "x": "x" * BODY_BYTES}), (VILLAGE,))
        while village.upto().get((TOWN, VILLAGE)) != town.upto()[TOWN, VILLAGE]:
            exchange(village, town)

    bring_many()
    exchange(village, county)
    cut_off(county, TOWN)
    bring_many()
    data = county.out(VILLAGE)

    def steps() -> Iterator[None]:
        village.take(data)
        yield

    assert max(peak_of(steps())) < 2 * PEAK_BYTES
    assert sum(row.reason == PAST_CUT for row in village.spool.parked()) == MANY


def test_of_what_is_beside_the_streams_no_more_is_in_memory_than_is_offered(sites, monkeypatch):
    monkeypatch.setattr(loose, "OFFERED_MAX", 20)
    county, town, _ = sites.values()
    frame = one_frame(town, VILLAGE)
    settle(sites, 3)
    flood(town, county, LOOSE, lambda content: other_at(town, frame, content))
    chosen: list[Frame] = []

    def steps() -> Iterator[None]:
        with county.unit():
            loose.owe_loose(county.core, VILLAGE)
            chosen.extend(loose.loose_for(county.core, county.core.neighbour(VILLAGE), 1).owed)
        yield

    assert max(peak_of(steps())) < PEAK_BYTES
    assert chosen == list(county.spool.loose_frames(20))


def test_frames_of_an_unknown_key_are_not_read_whenever_trust_is_new(sites):
    """A start makes it new, and each exchange that brings trust."""
    county, town, village = sites.values()
    frame = one_frame(town, VILLAGE)
    settle(sites, 3)
    strange = frame.header.stream._replace(epoch="9-" + "ab" * 8)
    flood(
        town, village, FRAMES, lambda content: resigned(town, other_at(town, frame, content), stream=strange)
    )
    assert village.spool.weigh_aside(UNKNOWN_KEY) > 3_000_000
    village.restart()
    data = county.out(VILLAGE)

    def steps() -> Iterator[None]:
        village.take(data)
        yield

    assert max(peak_of(steps())) < 1_000_000


@pytest.mark.parametrize("spool", ["sql", "memory"])
def test_large_frames_aside_leave_others_as_much_room_as_they_have(spool, tmp_path, monkeypatch):
    """By their bytes: of a kind no more is aside than a small node can read at once, whoever brings it."""
    monkeypatch.setattr(asides, "ASIDE_BYTES_MAX", 1_000_000)
    sites = make_network(spool=files_in(tmp_path) if spool == "sql" else MemorySpool)
    _, town, village = sites.values()
    frame = one_frame(village, COUNTY)
    settle(sites, 3)

    def beyond(content: bytes) -> Frame:
        fork = other_at(village, frame, content)
        return resigned(village, fork, seq=9 + int(content[:6]))

    town.codes()
    flood(village, town, FRAMES, beyond)
    assert 500_000 < town.spool.weigh_aside(GAP) < 600_000 and "S121" in town.codes()
    with town.unit():
        assert asides.room_for(town.core, GAP, VILLAGE) == 0
        assert asides.room_for(town.core, GAP, COUNTY) > 1000
        assert asides.room_for(town.core, UNKNOWN_KEY, VILLAGE) > 1000
    assert 0 < town.spool.count_aside(GAP) < MANY
