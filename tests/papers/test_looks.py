"""What bytes say of a paper, and pictures made smaller or turned by the bounded process."""

from __future__ import annotations

import base64
import io
import time
import zlib
from contextlib import suppress

import pytest
from PIL import Image, ImageDraw, ImageFilter

from common.papers import old_packing, pictures
from common.papers.looks import BLURRED, DARK, LOCKED, SMALL, looks_of, picture_size
from common.papers.pictures import Change, changed
from common.papers.rules import HeicPicture, NotAPaper, OfficeFile, PaperBomb, media_type

PDF = "application/pdf"


def page_of_print(size: tuple[int, int] = (1500, 2000)) -> Image.Image:
    """Return a white page full of lines of print."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for y in range(40, size[1] - 60, 40):
        pen.text((60, y), "Liandong 2026 0123456789 " * 8, fill="black", font_size=24)
    return picture


def as_bytes(picture: Image.Image, kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def stream(content: bytes, more: bytes = b"") -> bytes:
    return (
        b"7 0 obj<</Filter/FlateDecode" + more + b">>stream\n" + zlib.compress(content, 9) + b"\nendstream\n"
    )


@pytest.mark.parametrize(
    ("data", "pages", "notes"),
    [
        (b"%PDF-1.4 1 0 obj<</Type/Pages/Kids[]/Count 3>>", 3, ()),
        (b"%PDF-1.4 <</Type /Page /X 1>> <</Type/Page>> <</Type/Pages>>", 2, ()),
        (b"%PDF-1.5 " + stream(b"<</Count 12/Type /Pages>>", b"/Type/ObjStm"), 12, ()),
        (b"%PDF-1.5 " + stream(b"<</Count 12/Type /Pages>>"), 1, (LOCKED,)),
        (b"%PDF-1.5 <</Type/Pages/Count 2>> /Encrypt 9 0 R", 2, (LOCKED,)),
        (b"%PDF-1.5 stream\n not packed at all", 1, (LOCKED,)),
        (b"%PDF-1.5 7 0 obj<</Filter/FlateDecode>>stream\nbroken", 1, (LOCKED,)),
    ],
)
def test_pages_of_a_document_are_counted(data: bytes, pages: int, notes: tuple[str, ...]) -> None:
    found = looks_of(PDF, data)
    assert (found.pages, found.notes) == (pages, notes)


def test_what_unfolds_without_end_is_refused_and_a_blank_scan_is_not() -> None:
    with pytest.raises(PaperBomb):
        looks_of(PDF, b"%PDF-1.4 " + stream(b"\0" * 120_000_000))
    assert looks_of(PDF, b"%PDF-1.4 <</Type/Pages/Count 1>>" + stream(b"\xff" * 26_000_000)).pages == 1


def zeros(megabytes: int) -> bytes:
    """Return so many megabytes of nothing, packed."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()


BOMB = zeros(240)


@pytest.mark.parametrize(
    ("says", "packed"),
    [
        (b"/Filter[/FlateDecode/FlateDecode]", zlib.compress(BOMB, 9)),
        (b"/Filter/Fl#61teDecode", BOMB),
        (b"/Filter 9 0 R", BOMB),
        (b"/Filter/FlateDecode/Note(" + b"x" * 3_000 + b")", BOMB),
        (b"/Filter/FlateDecode/Note( obj )", BOMB),
        (b"/Filter[/ASCIIHexDecode/FlateDecode]", BOMB.hex().encode() + b">"),
        (b"/Filter[/ASCII85Decode/FlateDecode]", base64.a85encode(BOMB) + b"~>"),
        (b"/Filter[/#41SCIIHexDecode/FlateDecode]", BOMB.hex().encode() + b">"),
        (b"/Filter[/A#385/FlateDecode]", base64.a85encode(BOMB) + b"~>"),
        (b"/Filter 9 0 R", BOMB.hex().encode() + b">"),
        (b"/Filter 9 0 R", b"\n" + base64.a85encode(BOMB, wrapcol=72) + b"~>"),
        (b"/Filter[/A85/FlateDecode]", base64.a85encode(BOMB + b"x" * (-len(BOMB) % 4)) + b"uuuuu~>"),
        (b"/Filter[/AHx/FlateDecode]", BOMB.hex().encode() + b"0 x0>"),
        (b"/Filter/FlateDecode", zlib.compress(zlib.compress(zlib.compress(zlib.compress(BOMB))))),
    ],
)
def test_a_bomb_is_found_whatever_its_stream_says_of_itself(says: bytes, packed: bytes) -> None:
    document = b"%PDF-1.4 <</Type/Pages/Count 1>> 7 0 obj<<" + says + b">>stream \n" + packed
    with pytest.raises(PaperBomb):
        looks_of(PDF, document + b"\nendstream\n")


def test_letters_that_are_every_streams_are_not_read_for_each() -> None:
    """Without an end between them each of ten thousand streams goes on to the end of the document."""
    document = b"%PDF-1.4 " + b"obj<</Filter/AHx>>stream\n" * 10_000 + b"78 " * 1_000_000
    with pytest.raises(PaperBomb):
        looks_of(PDF, document)


def lzw(megabytes: int, early: int = 1) -> bytes:
    """Return so many megabytes of nothing, packed by LZW; each code is one sign longer than the last."""
    bits, size, last, words, width = [f"{256:09b}"], 0, 0, 258, 9
    while size < megabytes * 1_000_000:
        code = (words if words < 4_095 else 4_094) if last else 0
        bits.append(f"{code:0{width}b}")
        last = last + 1 if code in (0, words) else last
        words += 1 if code == words else 0
        size += last
        width = min(12, (words + early).bit_length())
    whole = "".join(bits) + f"{257:0{width}b}"
    whole += "0" * (-len(whole) % 8)
    return int(whole, 2).to_bytes(len(whole) // 8, "big")


LZW = lzw(240)


@pytest.mark.parametrize(
    ("says", "packed"),
    [
        (b"/Filter/LZWDecode", LZW),
        (b"/Filter/LZ#57Decode", LZW),
        (b"/Filter[/ASCIIHexDecode/LZW]", LZW.hex().encode() + b">"),
        (b"/Filter[/ASCII#48exDecode/LZW]", LZW.hex().encode() + b">"),
        (b"/Filter/LZWDecode/DecodeParms<</EarlyChange 0>>", lzw(240, 0)),
        (b"/Filter 9 0 R/Note(/Filter/DCTDecode)", LZW),
        (b"/Filter/LZWDecode/Note(" + b"x" * 3_000 + b")", LZW),
        (b"/Filter[/LZWDecode/LZWDecode]", b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01"),
        (b"/Filter[/RunLengthDecode %\n /RunLengthDecode]", b"\x81\x00\x80"),
        (b"/Filter[/FlateDecode/RL]", zlib.compress(b"\x81\x00\x80")),
        (b"/Filter[9 0 R 9 0 R]", b"\x81\x00\x80"),
    ],
)
def test_a_bomb_in_a_packing_without_a_mark_of_its_own_is_found(says: bytes, packed: bytes) -> None:
    document = b"%PDF-1.4 <</Type/Pages/Count 1>> 9 0 obj /LZWDecode endobj 7 0 obj<<" + says + b">>stream\n"
    with pytest.raises(PaperBomb):
        looks_of(PDF, document + packed + b"\nendstream\n")


def test_an_old_document_packed_by_lzw_is_a_paper_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve pages of a book packed so long ago, and a stream that only names the packing in its text."""
    says = b"7 0 obj<</Filter/LZWDecode>>stream\n"
    document = b"%PDF-1.2 <</Type/Pages/Count 12>> " + (says + lzw(26) + b"\nendstream\n") * 12
    assert looks_of(PDF, document).pages == 12
    assert looks_of(PDF, document + stream(b"(/LZWDecode /FlateDecode)")).pages == 12
    # What is looked through is bounded: else one document would keep a page's thread for minutes.
    monkeypatch.setattr(old_packing, "_LOOKED_MAX", 10_000)
    with pytest.raises(PaperBomb):
        looks_of(PDF, b"%PDF-1.2 <</Type/Pages/Count 1>> " + says + bytes(20_000))


@pytest.mark.parametrize(
    "piece", [b"[", b"/Filter[", b"/Filter ", b"/LZW ", b"[/LZW", b"#41", b"/", b"/Fl/RL "]
)
def test_a_document_full_of_names_keeps_nobody_waiting(piece: bytes) -> None:
    begun = time.process_time()
    document = b"%PDF-1.4 <</Type/Pages/Count 1>> [/LZW] " + piece * (8_000_000 // len(piece))
    with suppress(PaperBomb):
        looks_of(PDF, document)
    assert time.process_time() - begun < 5


def test_what_only_begins_like_something_packed_is_read_as_it_is() -> None:
    """The numbers 80, or a word, at the head of an object stream look like the head of a packed one."""
    for head in (b"80 0 ", b"x\x9c", b"h\x81"):
        document = b"%PDF-1.5 " + stream(head + b"<</Count 12/Type /Pages>>", b"/Type/ObjStm")
        assert looks_of(PDF, document).pages == 12
    good = base64.a85encode(zlib.compress(b"q 1 0 0 1 0 0 cm Q" * 90)) + b"~>"
    written = b"7 0 obj<</Filter[/ASCII85Decode/FlateDecode]>>stream\n" + good + b"\nendstream"
    assert looks_of(PDF, b"%PDF-1.4 <</Type/Pages/Count 2>> " + written).pages == 2


def test_a_picture_with_something_between_its_segments_is_measured_all_the_same() -> None:
    good = as_bytes(Image.new("RGB", (640, 480)))
    assert picture_size(good[:20] + b"between" + good[20:]) == (640, 480)
    assert picture_size(good[:2] + b"\xff\xd0\xff\x01" + good[2:]) == (640, 480)
    size = b"\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    with pytest.raises(PaperBomb):
        looks_of("image/jpeg", b"\xff\xd8\xff\xe0\x00\x04abbetween" + size + bytes(50))


def test_a_document_made_of_heads_of_streams_keeps_nobody_waiting() -> None:
    head = b"1 0 obj<</Filter/FlateDecode>>stream\n"
    begun = time.process_time()
    assert looks_of(PDF, b"%PDF-1.4 <</Type/Pages/Count 1>>" + head * 20_000).pages == 1
    with pytest.raises(PaperBomb):
        looks_of(PDF, b"%PDF-1.4 " + head * 100_000)
    # Each head once cost a copy of all that followed it: many seconds of this.
    assert time.process_time() - begun < 5
    # What is too large is refused for that, without a look.
    assert looks_of(PDF, b"%PDF-1.4 " + head * 600_000).notes == ()
    huge = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2
    with pytest.raises(PaperBomb):
        looks_of("image/png", huge)


def test_the_size_of_a_picture_is_read_from_its_head_whatever_follows() -> None:
    for kind in ("JPEG", "PNG"):
        assert picture_size(as_bytes(Image.new("RGB", (640, 480)), kind)[:700]) == (640, 480)
    assert looks_of("image/jpeg", as_bytes(Image.new("RGB", (640, 480)))).notes == (SMALL,)
    assert picture_size(b"\xff\xd8\xff\xe0") == picture_size(b"\xff\xd8" + b"\xff" * 50) == (0, 0)


@pytest.mark.parametrize(
    ("head", "error"),
    [
        (b"\0\0\0\x18ftypheic", HeicPicture),
        (b"\0\0\0\x1cftypmif1", HeicPicture),
        (b"\0\0\0\x1cftypavif", HeicPicture),
        (b"PK\x03\x04", OfficeFile),
        (b"\xd0\xcf\x11\xe0", OfficeFile),
        (b"\0\0\0\x18ftypmp42", NotAPaper),
        (b"<svg ", NotAPaper),
    ],
)
def test_each_kind_of_wrong_file_has_its_own_sentence(head: bytes, error: type[NotAPaper]) -> None:
    with pytest.raises(error) as caught:
        media_type(head)
    assert type(caught.value) is error and caught.value.advice


def test_a_large_picture_is_shrunk_upright_and_looked_at() -> None:
    """A photograph taken sideways keeps its direction; a clear ground becomes white, not black."""
    sideways = page_of_print((3000, 4000))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    sideways.save(out, "JPEG", exif=exif)
    done = changed(out.getvalue(), Change.SHRINK)
    assert done is not None and done.notes == ()
    with Image.open(io.BytesIO(done.data)) as small:
        assert small.size == (2400, 1800)
    clear = changed(as_bytes(Image.new("RGBA", (1000, 1000), (0, 0, 0, 0)), "PNG"), Change.TURN)
    assert clear is not None
    with Image.open(io.BytesIO(clear.data)) as white:
        assert white.getpixel((500, 500))[0] > 250  # type: ignore[index]


def test_dark_and_blurred_pages_are_noticed_and_a_good_one_is_not() -> None:
    good = page_of_print()
    for picture, note in (
        (good.filter(ImageFilter.GaussianBlur(14)), BLURRED),
        (good.point(lambda value: value // 6), DARK),
    ):
        done = changed(as_bytes(picture), Change.SHRINK)
        assert done is not None and note in done.notes
    done = changed(as_bytes(good), Change.SHRINK)
    assert done is not None and done.notes == ()


def test_what_cannot_be_decoded_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    assert changed(b"\xff\xd8\xff\xe0" + b"p" * 200, Change.SHRINK) is None
    monkeypatch.setattr(pictures, "find_spec", lambda _: None)
    assert changed(as_bytes(page_of_print()), Change.SHRINK) is None
