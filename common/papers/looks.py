"""What a paper's own bytes say of it: the size of a picture, the pages of a document, what is amiss. Pure.

Nothing is decoded into pixels here; streams of a PDF are unpacked piece by piece and thrown away, so a file
made to unfold without end costs a bounded time and little memory.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from itertools import islice

from common.papers.rules import PAPER_BYTES_MAX, PaperBomb

SMALL, LOCKED = "small", "locked"
DARK, BLURRED = "dark", "blurred"
NOTE_WORDS = {
    SMALL: "照片很小，可能看不清：请再看一眼，看不清的重拍。",
    DARK: "照片太暗，可能看不清：请到亮处重拍。",
    BLURRED: "照片可能模糊：请拿稳、对准后重拍。",
    LOCKED: "这个 PDF 加了密码，或者页数读不出来：请打开看看能不能看到内容。",
}
# The longer side of a page photographed so that 10-point print can be read.
_SIDE_MIN = 900
_PIXELS_MAX = 250_000_000
# A scanned page of A4 in full colour unfolds to 26 MB.
_STREAM_MAX = 96_000_000
_ALL_MAX = 768_000_000
_RATIO_MAX = 200
_PIECE = 1 << 20
_OBJECTS_MAX = 4_000_000
# A page has a few streams, a paper a few dozen pages: more are there to keep this busy.
_STREAMS_MAX = 50_000
_TREES_MAX = 5_000
_STREAM = re.compile(rb"stream\r?\n")
_PAGES = re.compile(rb"/Type\s*/Pages\b")
_COUNT = re.compile(rb"/Count\s+(\d{1,6})\b")
_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
_DICT_BYTES = 1_500


@dataclass(frozen=True, slots=True)
class Looks:
    """How a paper looks: `pages` of a document, `notes` what a person should look at (keys of NOTE_WORDS)."""

    pages: int = 1
    notes: tuple[str, ...] = ()


def looks_of(media_type: str, data: bytes) -> Looks:
    """Return how a whole paper looks, by its bytes.

    Raises:
        PaperBomb: it would unfold to a size no real paper has.
    """
    if media_type == "application/pdf":
        # One that is too large is refused for that; nobody looks through it first.
        return _pdf(data) if len(data) <= PAPER_BYTES_MAX else Looks()
    width, height = picture_size(data)
    if width * height > _PIXELS_MAX:
        raise PaperBomb()
    return Looks(1, (SMALL,) if 0 < max(width, height) < _SIDE_MIN else ())


def picture_size(data: bytes) -> tuple[int, int]:
    """Return width and height of a JPEG or PNG picture by its head, (0, 0) when it does not say."""
    if data.startswith(b"\x89PNG") and data[12:16] == b"IHDR" and len(data) >= 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        mark, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        # A frame header, of whichever process; C4, C8 and CC are tables.
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        at += 1 if mark == 0xFF else 2 + length
    return 0, 0


def _pdf(data: bytes) -> Looks:
    """Return how many pages a document has: what its page trees count, else the pages that are named."""
    objects = _unfolded(data)
    counts = [int(number) for part in (data, objects) for number in _counts(part)]
    pages = max(counts, default=0) or len(_PAGE.findall(data)) + len(_PAGE.findall(objects))
    if pages == 0 or b"/Encrypt" in data:
        return Looks(max(1, pages), (LOCKED,))
    return Looks(pages)


def _counts(part: bytes) -> list[bytes]:
    found = []
    for match in islice(_PAGES.finditer(part), _TREES_MAX):
        around = part[max(0, match.start() - 300) : match.end() + 300]
        begin = around.rfind(b"<<", 0, match.start() - max(0, match.start() - 300) + 1)
        found += _COUNT.findall(around[max(begin, 0) :].partition(b">>")[0])
    return found


def _unfolded(data: bytes) -> bytes:
    """Return the unpacked object streams, bounded; every packed stream is looked through for a bomb."""
    objects, all_bytes = bytearray(), 0
    for number, match in enumerate(_STREAM.finditer(data)):
        if number > _STREAMS_MAX:
            raise PaperBomb()
        head = data[max(0, match.start() - _DICT_BYTES) : match.start()]
        head = head[head.rfind(b"obj") + 3 :]
        if b"/FlateDecode" not in head or all_bytes > _ALL_MAX:
            continue
        keep = b"/ObjStm" in head and len(objects) < _OBJECTS_MAX
        size, kept = _inflated(data, match.end(), keep=keep)
        all_bytes += size
        objects += kept
    return bytes(objects)


def _inflated(data: bytes, start: int, *, keep: bool) -> tuple[int, bytes]:
    stream, at, size, kept = zlib.decompressobj(), start, 0, bytearray()
    waiting = b""
    # What follows is not copied for each stream: most end long before it.
    view = memoryview(data)
    while not stream.eof and (waiting or at < len(data)):
        piece = waiting or view[at : at + _PIECE]
        at += 0 if waiting else len(piece)
        try:
            out = stream.decompress(piece, _PIECE)
        except zlib.error:
            break
        waiting = stream.unconsumed_tail
        size += len(out)
        if keep and len(kept) < _OBJECTS_MAX:
            kept += out
        if size > _STREAM_MAX and size > _RATIO_MAX * (at - start):
            raise PaperBomb()
        if not out and not waiting and at >= len(data):
            break
    return size, bytes(kept)
