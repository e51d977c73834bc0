"""What a paper's own bytes say of it: the size of a picture, the pages of a document, what is amiss. Pure.

Nothing is decoded into pixels here; streams of a PDF are unpacked piece by piece and thrown away, so a file
made to unfold without end costs a bounded time and little memory.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from common.papers.letters import may_be_letters, named_in, read_out
from common.papers.old_packing import Scale, names_old_packing
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
_ALL_MAX = 2_000_000_000
_RATIO_MAX = 200
# No program packs a stream more than twice.
_LAYERS_MAX = 4
_HEAD = 512
_PIECE = 1 << 20
_OBJECTS_MAX = 4_000_000
# A page has a few streams, a paper a few dozen pages: more are there to keep this busy.
_STREAMS_MAX = 50_000
_TREES_MAX = 5_000
# Each stream ends where the next begins: together they have no more letters than the document.
_LETTERS_MAX = 3 * PAPER_BYTES_MAX
_STREAM = re.compile(rb"stream[ \t]*(?:\r\n|\n|\r)")
_PAGES = re.compile(rb"/Type\s*/Pages\b")
_COUNT = re.compile(rb"/Count\s+(\d{1,6})\b")
_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
_DICT_BYTES = 1_500
# Marks in a JPEG: those that stand alone, and the one after which the picture itself begins.
_LONE, _SCAN = frozenset({0x00, 0x01, *range(0xD0, 0xD9), 0xFF}), 0xDA


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
    while 0 <= (at := data.find(b"\xff", at)) < len(data) - 9:
        mark, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        # A frame header, of whichever process; C4, C8 and CC are tables.
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        if mark == _SCAN:
            break
        # Whoever decodes it passes over what stands between two segments, and marks without a length.
        at += 1 if mark in _LONE else 2 + length
    return 0, 0


def _pdf(data: bytes) -> Looks:
    """Return how many pages a document has: what its page trees count, else the pages that are named."""
    objects = _unfolded(data)
    if names_old_packing((data, objects)):
        _weigh_old(data)
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
    """Return the unpacked object streams, bounded; every stream is looked through for a bomb.

    What a stream says of itself is not asked: whether it is packed, and packed once more, its bytes tell. A
    dictionary may spell the name of a filter in many ways, or leave it to another object.
    """
    objects, all_bytes, read = bytearray(), 0, list[int]()
    for number, match in enumerate(_STREAM.finditer(data)):
        if number > _STREAMS_MAX or all_bytes > _ALL_MAX:
            raise PaperBomb()
        head = _head(data, match.start())
        keep = b"/ObjStm" in head and len(objects) < _OBJECTS_MAX
        size, kept = _inflated(_raw(data, match.end(), head, read), keep=keep)
        all_bytes += size
        objects += kept
    return bytes(objects)


def _weigh_old(data: bytes) -> None:
    """Look through the streams of a document that names packings which show themselves by no mark."""
    scale, all_bytes, read = Scale(data), 0, list[int]()
    for match in _STREAM.finditer(data):
        raw = _raw(data, match.end(), _head(data, match.start()), read)
        # What is packed in today's way was looked through already.
        if not _is_packed(raw[:_HEAD]):
            all_bytes += scale.weigh(raw)
        if all_bytes > _ALL_MAX:
            raise PaperBomb()


def _head(data: bytes, end: int) -> bytes:
    """Return what a stream says of itself."""
    head = data[max(0, end - _DICT_BYTES) : end]
    return head[head.rfind(b"obj") + 3 :]


def _raw(data: bytes, start: int, head: bytes, read: list[int]) -> memoryview:
    """Return what follows the head of a stream; where that was written out in letters, as it was before.

    Args:
        read: how many letters were read in this document until now.

    Raises:
        PaperBomb: the same letters are read again and again.
    """
    # What follows is not copied for each stream: most end long before it.
    view = memoryview(data)[start:]
    way, begins = named_in(head), bytes(view[:_HEAD])
    if not way and may_be_letters(begins):
        way = next((one for one in ("hex", "85") if _is_packed_in(one, begins)), "")
    if not way:
        return view
    end = data.find(b"endstream", start)
    text = bytes(view[: (end if end >= 0 else len(data)) - start])
    read[:] = [sum(read) + len(text)]
    if read[0] > _LETTERS_MAX:
        raise PaperBomb()
    return memoryview(read_out(way, text))


class _Stream:
    """A stream read a piece at a time; `fed` is how many of its bytes were read so far."""

    def __init__(self, raw: memoryview) -> None:
        self._raw = raw
        self.fed = 0

    def pieces(self) -> Iterator[bytes | memoryview]:
        """Yield its bytes."""
        while self.fed < len(self._raw):
            piece = self._raw[self.fed : self.fed + _PIECE]
            self.fed += len(piece)
            yield piece

    def unpacked(self, packed: Iterable[bytes | memoryview]) -> Iterator[bytes]:
        """Yield what one layer of it unfolds to.

        Raises:
            PaperBomb: that is more than any real one.
        """
        layer, size = zlib.decompressobj(), 0
        for piece in packed:
            waiting: bytes | memoryview = piece
            while waiting and not layer.eof:
                try:
                    out = layer.decompress(waiting, _PIECE)
                except zlib.error:
                    return
                waiting = layer.unconsumed_tail
                size += len(out)
                if size > _STREAM_MAX and size > _RATIO_MAX * self.fed:
                    raise PaperBomb()
                yield out
            if layer.eof:
                return


def _inflated(raw: memoryview, *, keep: bool) -> tuple[int, bytes]:
    """Return how many bytes come of a packed stream, all its layers taken off, and the first of them.

    Raises:
        PaperBomb: a layer of it unfolds to more than any real one, or there is no end of layers.
    """
    stream, layers, size, kept = _Stream(raw), 0, 0, bytearray()
    pieces: Iterator[bytes | memoryview] = stream.pieces()
    first = next(pieces, b"")
    while _is_packed(first):
        layers += 1
        if layers > _LAYERS_MAX:
            raise PaperBomb()
        pieces = stream.unpacked(chain([first], pieces))
        first = next(pieces, b"")
    for piece in chain([first], pieces) if layers else ():
        size += len(piece)
        if keep and len(kept) < _OBJECTS_MAX:
            kept += piece
    return size, bytes(kept)


def _is_packed_in(way: str, letters: bytes) -> bool:
    """Say the same of what was written out in letters; of most their first few tell that it is not."""
    begins = read_out(way, letters.lstrip()[:12])
    return _has_mark(begins) and _is_packed(read_out(way, letters))


def _has_mark(piece: bytes | memoryview) -> bool:
    return len(piece) >= 2 and piece[0] & 0x0F == 8 and not (piece[0] << 8 | piece[1]) % 31


def _is_packed(piece: bytes | memoryview) -> bool:
    """Say whether bytes begin as what zlib packed (RFC 1950); digits and words may look like its head."""
    if not _has_mark(piece):
        return False
    try:
        zlib.decompressobj().decompress(piece[:_HEAD], _HEAD)
    except zlib.error:
        return False
    return True
