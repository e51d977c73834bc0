"""Both spools keep the one contract; the SQL one also shows each process and thread what others committed."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peewee
import pytest

from sync.adapters.memory_spool import MemorySpool, PlaceTaken
from sync.adapters.spool import SqlSpool
from sync.adapters.spool_rows import OutsideUnit
from sync.adapters.spool_schema import create
from sync.protocol.frame import restore
from sync.protocol.spool import Identity, Placed
from sync.protocol.streams import Stream
from tests.sync.made import (
    BESIDE,
    DOWN,
    ROOT,
    UP,
    VILLAGE,
    blob_ref,
    chain,
    make_frame,
    stream_upto,
    with_blobs,
)
from tests.sync.spool_contract import SpoolContract
from tests.sync.spool_store import Cut, Store, act, open_file, sql_unit


@pytest.fixture
def sql_store(tmp_path: Path) -> Iterator[Store]:
    """A SQL spool on a fresh file; `reopen` reads it through a connection of its own."""
    database, second = open_file(tmp_path / "node.db"), open_file(tmp_path / "node.db")
    with database.atomic():
        create(database)
    spool = SqlSpool(database)
    yield Store(
        spool,
        unit=lambda: sql_unit(spool, database),
        savepoint=database.atomic,
        reopen=lambda: SqlSpool(second),
        refusal=peewee.IntegrityError,
    )
    database.close()
    second.close()


@pytest.fixture
def memory_store() -> Store:
    """A memory spool; what was committed is what it holds."""
    spool = MemorySpool()
    return Store(spool, spool.unit, spool.savepoint, lambda: spool, PlaceTaken)


class TestMemorySpool(SpoolContract):
    """The contract, in memory."""

    @pytest.fixture
    def store(self, memory_store: Store) -> Store:
        return memory_store

    def test_a_unit_inside_a_unit_is_refused(self, store: Store) -> None:
        with pytest.raises(RuntimeError), store.unit():
            store.spool.begin()


class TestSqlSpool(SpoolContract):
    """The contract, on a real SQLite file."""

    @pytest.fixture
    def store(self, sql_store: Store) -> Store:
        return sql_store

    def test_a_unit_that_failed_without_an_end_is_not_remembered(self, store: Store) -> None:
        """`begin` in one transaction gives no right to write in the next, on the same thread."""
        with store.unit():
            store.spool.put_identity(Identity(VILLAGE, "i", "f"))
        database = store.spool._database
        with pytest.raises(Cut), database.atomic():
            store.spool.begin()
            store.spool.identity().stamp = 40
            raise Cut
        with database.atomic():
            assert store.spool.identity().stamp == 0
            with pytest.raises(OutsideUnit):
                store.spool.want(act(1))

    def test_a_number_from_a_failed_unit_is_not_remembered(self, store: Store) -> None:
        """The number may name another stream by now, if another process gave it."""
        with pytest.raises(Cut), store.unit():
            store.spool.put_stream(Stream(DOWN, 0, ROOT, 0, ROOT))
            raise Cut
        other = store.reopen()
        with sql_unit(other, other._database):
            other.put_stream(stream_upto(chain(BESIDE, 2)))
            other.add_frames(chain(BESIDE, 2))
        assert store.spool.frames_after({DOWN: 0}, 0, 9) == []

    def test_begin_needs_a_transaction(self, store: Store) -> None:
        with pytest.raises(OutsideUnit):
            store.spool.begin()

    def test_a_stored_row_is_the_frame_that_strict_reading_gives(self, store: Store) -> None:
        """Rows are read without checking their form again; the strict reader must find the same frame."""
        frame = with_blobs(make_frame(UP, 1, word="同一"), blob_ref(b"x"), blob_ref(b"y", "application/pdf"))
        with store.unit():
            store.spool.put_stream(stream_upto([Placed(1, frame)]))
            store.spool.add_frames([Placed(1, frame)])
        found = store.spool.frame_of_act(frame.act)
        assert found == restore(found.header_bytes, found.body, found.signature, found.wraps)

    def test_a_bit_that_changed_on_the_disk_changes_the_hash(self, store: Store) -> None:
        """The hash is computed from the bytes as they are now, so the chain breaks where the damage is."""
        placed = chain(UP, 1)[0]
        with store.unit():
            store.spool.put_stream(stream_upto([placed]))
            store.spool.add_frames([placed])
        damage = "UPDATE sync_frame SET header = CAST(replace(header, 'case.filed', 'case.piled') AS BLOB)"
        store.spool._database.execute_sql(damage)
        found = store.spool.frames_after({UP: 0}, 0, 1)[0].frame
        assert found.hash != placed.frame.hash


_OTHER_PROCESS = """
import sys
from pathlib import Path
from tests.sync.made import UP, chain, stream_upto
from tests.sync.spool_store import open_file, sql_unit
from sync.adapters.spool import SqlSpool
database = open_file(Path(sys.argv[1]))
spool = SqlSpool(database)
with sql_unit(spool, database):
    identity = spool.identity()
    identity.position += 2
    frames = chain(UP, 3)
    assert spool.stream(UP).upto == 1, "sees what the other process committed"
    spool.put_stream(stream_upto(frames))
    spool.add_frames(frames[1:])
"""


def test_a_spool_sees_what_another_process_committed(sql_store: Store) -> None:
    """The command that imports a stick writes while the site runs: the site's next unit must know."""
    spool = sql_store.spool
    frames = chain(UP, 4)
    with sql_store.unit():
        spool.put_identity(Identity(VILLAGE, "i", "f", position=1))
        spool.put_stream(stream_upto(frames[:1]))
        spool.add_frames(frames[:1])
    path = spool._database.database
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", _OTHER_PROCESS, path], check=True, timeout=60, cwd=root)
    with sql_store.unit():
        assert spool.identity().position == 3
        assert spool.stream(UP).upto == 3
        spool.put_stream(stream_upto(frames))
        spool.add_frames(frames[3:])
    assert spool.frames_after({UP: 0}, 0, 9) == frames


def test_threads_with_a_spool_each_lose_nothing(sql_store: Store) -> None:
    """Two threads, one file: each takes the counters where the other left them."""
    path = Path(sql_store.spool._database.database)
    with sql_store.unit():
        sql_store.spool.put_identity(Identity(VILLAGE, "i", "f"))
        for stream_id in (UP, DOWN):
            sql_store.spool.put_stream(Stream(stream_id, 0, ROOT, 0, ROOT))
    failures: list[BaseException] = []

    def fill(frames: list[Placed]) -> None:
        database = open_file(path)
        spool = SqlSpool(database)
        try:
            for placed in frames:
                with sql_unit(spool, database):
                    identity = spool.identity()
                    assert identity is not None
                    identity.position += 1
                    stream = spool.stream(placed.frame.header.stream)
                    assert stream is not None
                    stream.upto, stream.head = placed.frame.header.seq, placed.frame.hash
                    spool.put_stream(stream)
                    spool.add_frames([Placed(identity.position, placed.frame)])
        except BaseException as error:
            failures.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=fill, args=(chain(s, 25),)) for s in (UP, DOWN)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    found = sql_store.spool.frames_after({UP: 0, DOWN: 0}, 0, 99)
    assert [p.position for p in found] == list(range(1, 51))
    assert [p.frame for p in found if p.frame.header.stream == UP] == [p.frame for p in chain(UP, 25)]


def test_a_reader_beside_an_open_unit_sees_only_what_is_committed(sql_store: Store) -> None:
    """A page on another thread shares the spool object of the thread that is writing."""
    spool = sql_store.spool
    with sql_store.unit():
        spool.put_identity(Identity(VILLAGE, "i", "f", stamp=1))
    seen: list[Any] = []

    def look() -> None:
        seen.append((spool.identity().stamp, spool.stream(UP), spool.wants(5)))
        spool._database.close()

    with sql_store.unit():
        spool.identity().stamp = 9
        spool.put_stream(Stream(UP, 0, ROOT, 0, ROOT))
        spool.want(act(1))
        reader = threading.Thread(target=look)
        reader.start()
        reader.join(30)
    assert seen == [(1, None, [])]
