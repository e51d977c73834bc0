"""Papers: judged by their bytes, kept whole or not at all, memory bounded."""

from __future__ import annotations

import errno
import io
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from common.errors import BadInput
from common.papers.rules import (
    EmptyPaper,
    NotAPaper,
    PaperDamaged,
    PaperNotHere,
    PaperTooLarge,
    media_type,
)
from common.papers.service import Papers
from common.store.database import DiskFull
from sync.adapters.blob_files import BlobFiles
from sync.protocol.frame import BlobRef

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 300_000
PNG = b"\x89PNG\r\n\x1a\n" + b"\x01" * 500
PDF = b"%PDF-1.7\n" + b"x" * 500


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return Papers(BlobFiles(tmp_path / "blobs"), bytes_max=1_000_000)


def _files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "blobs").rglob("*") if path.is_file() and path.suffix != ".put"]


class Dribble(io.RawIOBase):
    """A stream that gives one byte at a time, as a slow line may."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        """Return one byte, whatever was asked for."""
        return self._data.read(1)


GOOD = [(JPEG, "image/jpeg"), (PNG, "image/png"), (PDF, "application/pdf")]


@pytest.mark.parametrize(("data", "found"), GOOD)
def test_a_paper_comes_back_as_it_was_given(papers: Papers, data: bytes, found: str) -> None:
    ref = papers.take_in(io.BytesIO(data))
    assert ref == BlobRef(sha256(data).hexdigest(), len(data), found)
    assert b"".join(papers.content(ref)) == data
    assert papers.is_here(ref)


def test_a_stream_that_gives_little_at_a_time_is_read_to_its_end(papers: Papers) -> None:
    assert papers.take_in(Dribble(PNG)).hash == sha256(PNG).hexdigest()


@pytest.mark.parametrize(
    "data",
    [
        b"<html><script>",
        b"<svg onload=x>",
        b"GIF89a",
        b"MZ\x90",
        b"PK\x03\x04",
        b"\xff\xd8",
        b"%PDF",
        b" %PDF-1.7",
        b"\x00" * 100,
    ],
)
def test_what_is_no_picture_or_pdf_is_not_taken_whatever_it_is_called(
    papers: Papers, tmp_path: Path, data: bytes
) -> None:
    with pytest.raises(NotAPaper) as caught:
        papers.take_in(io.BytesIO(data))
    assert caught.value.problems[0].code == ("E328" if data.startswith(b"PK") else "E321")
    assert _files(tmp_path) == []


def test_an_empty_file_is_not_taken(papers: Papers) -> None:
    with pytest.raises(EmptyPaper):
        papers.take_in(io.BytesIO(b""))


def test_a_paper_over_the_limit_leaves_nothing_behind(papers: Papers, tmp_path: Path) -> None:
    papers.take_in(io.BytesIO(PNG + b"x" * (1_000_000 - len(PNG))))
    kept = _files(tmp_path)
    with pytest.raises(PaperTooLarge) as caught:
        papers.take_in(io.BytesIO(PNG + b"y" * (1_000_001 - len(PNG))))
    assert caught.value.status == 413
    assert isinstance(caught.value, BadInput)
    assert _files(tmp_path) == kept


def test_the_same_paper_is_kept_once(papers: Papers, tmp_path: Path) -> None:
    assert papers.take_in(io.BytesIO(PDF)) == papers.take_in(io.BytesIO(PDF))
    assert len(_files(tmp_path)) == 1


def test_a_paper_that_has_not_come_yet_is_said_to_be_on_its_way(papers: Papers) -> None:
    with pytest.raises(PaperNotHere) as caught:
        papers.content(BlobRef("0" * 64, 5, "image/png"))
    assert "还没传到的，线路空闲时自动传来" in caught.value.kept


def test_a_part_of_the_disk_that_cannot_be_read_damages_the_paper(tmp_path: Path) -> None:
    """Method: the second piece gives an input/output error, as a bad sector does."""

    class Worn(BlobFiles):
        def read(self, blob: str, offset: int, length: int) -> bytes:
            if offset:
                raise OSError(errno.EIO, "Input/output error")
            return super().read(blob, offset, length)

    papers = Papers(Worn(tmp_path / "blobs"))
    ref = papers.take_in(io.BytesIO(JPEG))
    with pytest.raises(PaperDamaged):
        papers.content(ref)
    assert not papers.is_intact(ref)


def test_an_act_that_is_wrong_about_the_length_does_not_cut_the_paper(papers: Papers) -> None:
    ref = papers.take_in(io.BytesIO(JPEG))
    for size in (1, len(JPEG) + 99):
        assert b"".join(papers.content(ref._replace(size=size))) == JPEG


def test_a_full_disk_is_a_clear_refusal() -> None:
    class FullStore:
        """A store on a disk without room."""

        def put(self, chunks: Iterator[bytes], media_type: str) -> BlobRef:
            raise OSError(errno.ENOSPC, "No space left on device")

        def has(self, blob: str) -> bool:
            return False

        def read(self, blob: str, offset: int, length: int) -> bytes:
            return b""

    with pytest.raises(DiskFull):
        Papers(FullStore()).take_in(io.BytesIO(PDF))


def test_memory_does_not_grow_with_the_paper(tmp_path: Path) -> None:
    """Method: 19 MB through a stream that makes its bytes as asked for; the peak stays under 2 MB."""

    class Long(io.RawIOBase):
        left = 19_000_000

        def read(self, size: int = -1) -> bytes:
            given = min(size, self.left)
            head = JPEG[:16] if self.left == 19_000_000 else b""
            self.left -= given
            return (head + b"\x00" * given)[:given]

    papers = Papers(BlobFiles(tmp_path / "blobs"))
    tracemalloc.start()
    ref = papers.take_in(Long())
    size = sum(len(piece) for piece in papers.content(ref))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (ref.size, size) == (19_000_000, 19_000_000)
    assert peak < 2_000_000


def test_the_type_is_found_in_the_first_bytes_alone() -> None:
    assert media_type(JPEG[:16]) == "image/jpeg"
