"""Papers changed on the disk by others: found once after a start, put aside; links are not followed."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sync.adapters import blob_files
from sync.adapters.blob_files import BlobFiles
from tests.sync.blob_contract import NAME, PAPER
from tests.sync.network import COUNTY, TOWN, exchange, make_network


def test_what_is_left_of_a_damaged_paper_is_kept_until_a_good_one_comes(tmp_path: Path) -> None:
    store = BlobFiles(tmp_path)
    store.put(iter([PAPER]), "image/jpeg")
    whole = tmp_path / NAME[:2] / NAME[2:4] / NAME
    whole.write_bytes(PAPER[:-1] + b"?")
    store = BlobFiles(tmp_path)
    assert not store.is_sound(NAME)
    left = tmp_path / "part" / f"{NAME}.bad"
    assert left.read_bytes() == PAPER[:-1] + b"?"
    assert BlobFiles(tmp_path).sweep() == 0 and left.exists()
    store.append(NAME, 0, PAPER)
    assert store.finish(NAME, len(PAPER)) and not left.exists()


def test_a_paper_is_looked_at_once_after_a_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    BlobFiles(tmp_path).put(iter([PAPER]), "image/jpeg")
    store, read = BlobFiles(tmp_path), []
    real = blob_files.reads_as
    monkeypatch.setattr(blob_files, "reads_as", lambda path, name: (read.append(name), real(path, name))[1])
    assert all(store.is_sound(NAME) for _ in range(5)) and read == [NAME]


@pytest.mark.parametrize(
    ("number", "is_lost"), [(errno.EIO, True), (errno.EUCLEAN, True), (errno.EMFILE, False)]
)
def test_only_a_disk_that_lost_it_makes_a_paper_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_lost: bool
) -> None:
    BlobFiles(tmp_path).put(iter([PAPER]), "image/jpeg")
    store = BlobFiles(tmp_path)

    def refuse(path: Path) -> str:
        raise OSError(number, "refused")

    monkeypatch.setattr("sync.adapters.file_steps.hash_of", refuse)
    if is_lost:
        assert not store.is_sound(NAME) and not store.has(NAME)
    else:
        with pytest.raises(OSError, match="refused"):
            store.is_sound(NAME)
        assert store.has(NAME)


def test_a_place_that_the_disk_lost_under_a_paper_holds_up_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was sound after the start. Acts go and answers come; then it is put aside, to be asked for again."""
    _, town, village = make_network().values()
    village.blobs = BlobFiles(tmp_path)  # type: ignore[assignment]
    village.restart()
    bad, good = village.paper(PAPER), village.paper(PAPER[::-1])
    village.submit(b"{}", (COUNTY,), (bad, good))
    exchange(village, town)
    real, fails = os.pread, {bad.hash: errno.EMFILE}

    def pread(file: int, length: int, offset: int) -> bytes:
        name = Path(f"/proc/self/fd/{file}").readlink().name
        if name in fails:
            raise OSError(fails[name], "refused")
        return real(file, length, offset)

    monkeypatch.setattr(os, "pread", pread)
    with pytest.raises(OSError, match="refused"):
        village.out(TOWN)
    fails[bad.hash] = errno.EIO
    act = village.submit(b"{}", (COUNTY,))
    exchange(village, town)
    assert act in town.application.ids and town.blobs.has(good.hash) and not town.blobs.has(bad.hash)
    monkeypatch.setattr(blob_files, "reads_as", lambda path, name: name not in fails)
    exchange(village, town)
    assert not village.blobs.has(bad.hash)


def test_a_link_in_place_of_a_part_is_not_followed(tmp_path: Path) -> None:
    store = BlobFiles(tmp_path / "papers")
    outside = tmp_path / "outside"
    outside.write_bytes(b"")
    (tmp_path / "papers" / "part" / f"{NAME}.part").symlink_to(outside)
    offset = store.offset(NAME)
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        store.append(NAME, offset, b"spill")
    assert outside.read_bytes() == b""
