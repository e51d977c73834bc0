"""An act made in a part of a unit that is then undone leaves no hole in its stream and no trace of itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from sync.adapters.memory_blobs import MemoryBlobs
from sync.adapters.memory_spool import MemorySpool
from sync.adapters.spool import SqlSpool
from sync.adapters.spool_schema import create
from sync.protocol.core import Means
from sync.protocol.frame import StreamId
from sync.protocol.peer import Peer
from sync.protocol.spool import Identity
from tests.sync.made import CLOCK, COUNTY, SUITE, TOWN, VILLAGE, key_pair
from tests.sync.spool_store import Cut, open_file, sql_unit


def speak_around_a_failure(
    spool: Any,
    unit: Callable[[], AbstractContextManager[None]],
    block: Callable[[], AbstractContextManager[Any]],
) -> None:
    """Submit before, inside and after a block that is undone; then in a unit of its own."""
    key = key_pair(VILLAGE)
    peer = Peer(Means(spool, MemoryBlobs(), SUITE, bytes, {key.id: key}))

    def say(word: bytes, *to: str) -> str:
        return peer.submit(("case.moved", b'"' + word + b'"'), to, (), CLOCK)

    with unit():
        spool.put_identity(Identity(VILLAGE, "i", "f"))
        peer.begin()
        peer.open_epoch(key, "first", 0)
        peer.end()
    with unit():
        peer.begin()
        first = say(b"first", COUNTY)
        with pytest.raises(Cut), block():
            lost = say(b"lost", COUNTY, TOWN)
            assert len(peer.core.streams()) == 2
            raise Cut
        second = say(b"second", COUNTY)
        peer.end()
    with unit():
        peer.begin()
        third = say(b"third", TOWN, COUNTY)
        peer.end()

    check_streams(spool, (first, second, third), lost)


def check_streams(spool: Any, acts: tuple[str, str, str], lost: str) -> None:
    """What was said outside the block has gap-free, chained places; what was said inside has none."""
    third = acts[2]
    streams = {s.id.dst: s for s in spool.streams()}
    starts = {s.id: 0 for s in streams.values()}
    frames = [placed.frame for placed in spool.frames_after(starts, 0, 99)]
    up = [f for f in frames if f.header.stream.dst == COUNTY]
    assert [f.act for f in up] == list(acts)
    assert [f.header.seq for f in up] == [1, 2, 3]
    assert [f.header.prev for f in up[1:]] == [f.hash for f in up[:-1]]
    assert (streams[COUNTY].upto, streams[COUNTY].head) == (3, up[-1].hash)
    assert [(f.act, f.header.seq) for f in frames if f.header.stream.dst == TOWN] == [(third, 1)]
    assert spool.known_acts([*acts, lost]) == set(acts)
    assert spool.places_of_act(third) == [
        (StreamId(VILLAGE, streams[TOWN].id.epoch, TOWN), 1),
        (StreamId(VILLAGE, streams[TOWN].id.epoch, COUNTY), 3),
    ]


def test_in_memory() -> None:
    spool = MemorySpool()
    speak_around_a_failure(spool, spool.unit, spool.savepoint)


def test_on_disk(tmp_path: Path) -> None:
    database = open_file(tmp_path / "node.db")
    with database.atomic():
        create(database)
    spool = SqlSpool(database)
    speak_around_a_failure(spool, lambda: sql_unit(spool, database), database.atomic)
    database.close()
