"""Both stores of papers keep the one contract; files also stand up to full disks and leftovers of a crash."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.adapters import blob_files
from sync.adapters.blob_files import BlobFiles
from sync.adapters.memory_blobs import MemoryBlobs
from sync.adapters.memory_spool import MemorySpool
from sync.protocol.core import Core, Means
from sync.protocol.frame import BlobRef
from sync.protocol.items import Piece
from sync.protocol.spool import Identity
from sync.protocol.stock.blobs import take_piece
from sync.protocol.streams import Stream
from tests.sync.blob_contract import NAME, OLD, PAPER, BlobContract, BlobPlace, damage_in, spoil_below
from tests.sync.made import COUNTY, ROOT, SUITE, UP


class TestMemoryBlobs(BlobContract):
    """The contract, in memory."""

    @pytest.fixture
    def place(self) -> BlobPlace:
        store = MemoryBlobs(lambda: OLD)

        def wait() -> None:
            store._put_at.update(dict.fromkeys(store._put_at, 0))

        return BlobPlace(store, store.crash, wait, damage_in(store._whole))

    def test_what_was_not_flushed_is_gone(self, place: BlobPlace) -> None:
        place.store.append(NAME, 0, PAPER[:100])
        place.store.flush()
        place.store.append(NAME, 100, PAPER[100:200])
        place.store.append("ab" * 32, 0, b"never flushed")
        place.cut_power()
        assert place.store.offset(NAME) == 100
        assert place.store.offset("ab" * 32) == 0


class TestBlobFiles(BlobContract):
    """The contract, on real files."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> BlobPlace:
        def wait() -> None:
            for note in (tmp_path / "papers" / "part").glob("*.put"):
                os.utime(note, (0, 0))

        place = BlobPlace(
            BlobFiles(tmp_path / "papers"), lambda: None, wait, spoil_below(tmp_path / "papers")
        )
        # Another process starting on the same folder sees what a restart would.
        place.cut_power = lambda: setattr(place, "store", BlobFiles(tmp_path / "papers"))
        return place


def files_in(folder: Path) -> list[str]:
    """Return every file below a folder, by path."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def failing(number: int, after: int = 0) -> Callable[..., Any]:
    """Return a call that fails with `number`, after it did its work `after` times."""
    real = os.fsync
    calls = [0]

    def call(*given: Any) -> Any:
        calls[0] += 1
        if calls[0] <= after:
            return real(*given)
        raise OSError(number, os.strerror(number))

    return call


def test_papers_stand_where_the_plan_says(tmp_path: Path) -> None:
    store = BlobFiles(tmp_path)
    store.put(iter([PAPER]), "image/jpeg")
    store.append("ab" * 32, 0, b"begun")
    expected = [f"{NAME[:2]}/{NAME[2:4]}/{NAME}", f"part/{'ab' * 32}.part", f"part/{NAME}.put"]
    assert files_in(tmp_path) == sorted(expected)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_full_disk_leaves_a_part_as_long_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Method: the disk takes some of the bytes, then fails."""
    store = BlobFiles(tmp_path)
    store.append(NAME, 0, PAPER[:100])
    real = os.pwrite

    def some_then_fail(file: int, data: Any, offset: int) -> int:
        if len(data) > 10:
            return real(file, bytes(data)[: len(data) // 2], offset)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(blob_files.os, "pwrite", some_then_fail)
    with pytest.raises(OSError, match=os.strerror(number)):
        store.append(NAME, 100, PAPER[100:])
    with pytest.raises(OSError, match=os.strerror(number)):
        store.append("ab" * 32, 0, PAPER)
    with pytest.raises(OSError, match=os.strerror(number)):
        store.put(iter([PAPER]), "image/jpeg")
    assert files_in(tmp_path) == [f"part/{NAME}.part"]
    monkeypatch.undo()
    assert store.offset(NAME) == 100
    assert store.append(NAME, 100, PAPER[100:])
    assert store.finish(NAME, len(PAPER))


def test_a_disk_that_is_really_full_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    """Method: a process whose files may not grow beyond 4 KiB, as the system enforces it."""
    script = (
        "import sys, signal, resource\n"
        "from sync.adapters.blob_files import BlobFiles\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "store = BlobFiles(sys.argv[1])\n"
        "for attempt in (lambda: store.put(iter([bytes(3000), bytes(3000)]), 'image/jpeg'),\n"
        "                lambda: store.append('ab' * 32, 0, bytes(6000))):\n"
        "    try:\n"
        "        attempt()\n"
        "    except OSError:\n"
        "        continue\n"
        "    sys.exit('no error')\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, timeout=60, cwd=root)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("after", range(4))
def test_a_paper_that_may_not_be_durable_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Method: the n-th fsync of a `put` fails; whatever was made before is taken back."""
    store = BlobFiles(tmp_path)
    counted = failing(errno.EIO, after)
    monkeypatch.setattr(blob_files.os, "fsync", counted)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        store.put(iter([PAPER]), "image/jpeg")
    assert files_in(tmp_path) == []
    assert not store.has(NAME)
    monkeypatch.undo()
    assert store.put(iter([PAPER]), "image/jpeg").hash == NAME


def test_a_paper_whose_finishing_failed_can_be_finished_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = BlobFiles(tmp_path)
    store.append(NAME, 0, PAPER)
    monkeypatch.setattr(blob_files.os, "fsync", failing(errno.EIO))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        store.flush()
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        store.finish(NAME, len(PAPER))
    assert not store.has(NAME)
    assert store.offset(NAME) == len(PAPER)
    monkeypatch.undo()
    store.flush()
    assert store.finish(NAME, len(PAPER))


def test_everything_acknowledged_was_synced_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Method: note which files are synced; the paper first, then the folders whose names changed."""
    store = BlobFiles(tmp_path)
    synced: list[str] = []
    real = os.fsync

    def note(file: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{file}"))
        real(file)

    monkeypatch.setattr(blob_files.os, "fsync", note)
    store.append(NAME, 0, PAPER)
    assert synced == []
    store.flush()
    assert synced == [str(tmp_path / "part" / f"{NAME}.part"), str(tmp_path / "part")]
    store.flush()
    assert len(synced) == 2
    store.finish(NAME, len(PAPER))
    leaf = tmp_path / NAME[:2] / NAME[2:4]
    assert synced[2] == str(tmp_path / "part" / f"{NAME}.part")
    assert set(synced[3:]) == {str(p) for p in (tmp_path, leaf.parent, leaf, tmp_path / "part")}
    assert synced.index(str(leaf)) > 2
    synced.clear()
    ref = store.put(iter([b"another"]), "image/jpeg")
    assert synced[0].endswith(".new")
    assert str(tmp_path / ref.hash[:2] / ref.hash[2:4]) in synced[1:]


def test_sweeping_removes_leftovers_and_keeps_what_is_arriving(tmp_path: Path) -> None:
    store = BlobFiles(tmp_path)
    store.append("ab" * 32, 0, b"arriving")
    store.put(iter([PAPER]), "image/jpeg")
    part = tmp_path / "part"
    (part / "tmpcrashed.new").write_bytes(b"half of a paper")
    (part / f"{NAME}.part").write_bytes(b"of a paper now whole")
    assert store.sweep() == 2
    assert {p.name for p in part.iterdir()} == {f"{'ab' * 32}.part", f"{NAME}.put"}
    assert store.has(NAME)
    assert store.sweep() == 0


def test_sweeping_does_not_touch_a_paper_being_put(tmp_path: Path) -> None:
    """A second process may start, and sweep, while the first is taking a paper in."""
    store, second = BlobFiles(tmp_path), BlobFiles(tmp_path)

    def slow() -> Iterator[bytes]:
        yield PAPER[:100]
        assert second.sweep() == 0
        yield PAPER[100:]

    assert store.put(slow(), "image/jpeg").hash == NAME
    assert store.has(NAME)


def test_papers_are_put_in_bounded_memory(tmp_path: Path) -> None:
    """Method: 40 MiB go through a process that may not have 40 MiB more than it started with."""
    script = (
        "import sys, resource\n"
        "from sync.adapters.blob_files import BlobFiles\n"
        "store = BlobFiles(sys.argv[1])\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + (20 << 20), used + (20 << 20)))\n"
        "ref = store.put((bytes([n]) * (1 << 20) for n in range(40)), 'image/jpeg')\n"
        "assert ref.size == 40 << 20\n"
        "for offset in range(0, 40 << 20, 1 << 20):\n"
        "    assert store.append('0' * 64, offset, store.read(ref.hash, offset, 1 << 20))\n"
        "assert not store.finish('0' * 64, 40 << 20)\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, timeout=60, cwd=root)


def test_threads_taking_in_one_paper_and_others_get_them_all(tmp_path: Path) -> None:
    store = BlobFiles(tmp_path)
    papers = [bytes([n]) * 5000 for n in range(8)]
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for paper in papers:
                assert store.put(iter([paper[:99], paper[99:]]), "image/jpeg").size == 5000
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert all(store.read(hashlib.sha256(p).hexdigest(), 0, 5000) == p for p in papers)
    assert len([name for name in files_in(tmp_path) if not name.startswith("part/")]) == 8


def test_a_paper_that_is_whole_without_its_row_is_taken_for_held_at_the_next_piece() -> None:
    """The power may go after the file got its name and before the unit committed; nobody waits for ever."""
    spool, store = MemorySpool(), MemoryBlobs()
    core = Core(Means(spool, store, SUITE, bytes, {}))
    paper = BlobRef(NAME, len(PAPER), "image/jpeg")
    with spool.unit():
        spool.put_identity(Identity(COUNTY, "i", "f"))
        spool.put_stream(Stream(UP, 0, ROOT, 3, ROOT))
        spool.add_gaps(Stream(UP, 0, ROOT, 3, ROOT), [(2, paper)])
    store.put(iter([PAPER]), "image/jpeg")
    with spool.unit():
        core.begin()
        assert take_piece(core, Piece(NAME, 0, len(PAPER), PAPER[:100]))
        core.end()
    assert spool.gap_streams() == []
    assert spool.blob(NAME) == paper
    found = spool.stream(UP)
    assert found is not None
    assert found.papers == 3
