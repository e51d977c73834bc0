"""The engine under bytes of every kind: altered, cut, arbitrary, inflated: it never raises."""

from __future__ import annotations

import time
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.protocol.exchange import read_head
from sync.protocol.offer import Budget
from sync.protocol.records import DEFLATED, PLAIN_BYTES_MAX
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def pieces(data: bytes, step: int = 1000) -> Iterator[bytes]:
    for at in range(0, len(data), step):
        yield data[at : at + step]


def test_bombs_are_bounded_in_memory_and_time(sites):
    """60 records that would each inflate to 16 MB, and 60 full of empty items."""
    _, town, village = sites.values()
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = bytes((DEFLATED, 0)) + squeezer.compress(bytes(16_000_000)) + squeezer.flush()
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    swarm = bytes((DEFLATED, 0)) + squeezer.compress(b"\x06\x00\x00" * 80_000) + squeezer.flush()
    assert max(len(bomb), len(swarm)) < PLAIN_BYTES_MAX
    data = village.say(town, [bomb, swarm] * 60)
    engine = town.engine()
    tracemalloc.start()
    begun = time.monotonic()
    report = engine.receive(pieces(data, 1 << 16))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (report.refused, report.complete) == (120, True)
    assert peak < 8_000_000
    assert time.monotonic() - begun < 10


def _real() -> tuple[Site, bytes]:
    sites = make_network()
    _, town, village = sites.values()
    for n in range(3):
        village.submit(b'{"n":%d}' % n, (COUNTY,), (village.paper(b"photo%d" % n * 50),))
    return town, village.out(TOWN, Budget(10**6, is_answered=False))


REAL_TOWN, REAL = _real()
REAL_BODY = read_head(REAL)[1]  # type: ignore[index]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, len(REAL) - 1), st.integers(1, 255)), min_size=1, max_size=4), st.data()
)
def test_altered_exchanges_never_raise(changes, data):
    altered = bytearray(REAL)
    for at, bits in changes:
        altered[at] ^= bits
    cut = data.draw(st.integers(0, len(REAL)))
    for whole in (bytes(altered), bytes(altered[:cut]), REAL[:cut]):
        report = REAL_TOWN.engine().receive(pieces(whole, 700))
        assert report.complete == (whole == REAL)
        assert (report.code == "") == report.complete


@settings(max_examples=100)
@given(st.lists(st.binary(max_size=120), max_size=6))
def test_any_records_from_an_enrolled_neighbour_never_raise(plains):
    village = VILLAGE_OF[REAL_TOWN.address]
    stored = [b"\0\0" + plain for plain in plains]
    report = REAL_TOWN.engine().receive([village.say(REAL_TOWN, [*plains, *stored] or [b"x"])])
    assert report.complete


VILLAGE_OF = {TOWN: make_network()[VILLAGE]}
