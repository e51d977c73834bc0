"""Frames in a record: what is left out comes back to the very byte, and nothing else gets through."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.errors import BadFrame, BadRecord, TheirFault, TooLarge
from sync.protocol.frame import (
    BLOBS_MAX,
    SALT_BYTES,
    SEALED,
    SIGNED_AS,
    BlobRef,
    Evidence,
    Frame,
    Wrap,
    make_body,
    rebuild,
)
from sync.protocol.frame_items import check_fit, decode_frames, encode_frames, frame_weight
from sync.protocol.records import FRAMES, LOOSE, Item, pack_record
from tests.sync.made import BESIDE, DOWN, SUITE, UP, chain, key_pair, make_frame, make_header


def frame_with(body: bytes, blobs: tuple[BlobRef, ...] = (), wraps: tuple[Wrap, ...] = ()) -> Frame:
    header = make_header(UP, body=body)._replace(blobs=blobs)
    if wraps:
        header = header._replace(enc=SEALED)
    return rebuild(header, body, SUITE.sign(key_pair(UP.src), SIGNED_AS, header.encode()), wraps)


def headed(**fields: object) -> Frame:
    header = make_header()._replace(**fields)
    return rebuild(header, bytes(16), bytes(64))


def many_blobs(count: int) -> tuple[BlobRef, ...]:
    return tuple(BlobRef(f"{n:064x}", 1000 + n, "image/jpeg") for n in range(count))


def same(found: list[Frame], meant: list[Frame]) -> bool:
    return [tuple(f) for f in found] == [tuple(f) for f in meant]


def test_chains_of_several_streams_come_back_to_the_byte():
    frames = (
        [p.frame for p in chain(UP, 5)]
        + [p.frame for p in chain(DOWN, 3)]
        + [p.frame for p in chain(BESIDE, 2)]
    )
    random.Random(3).shuffle(frames)
    assert same(decode_frames(encode_frames(FRAMES, frames)), frames)


@pytest.mark.parametrize(
    "frame",
    [
        frame_with(make_body(bytes(16), b"")),
        frame_with(make_body(bytes(16), b"x" * 9000)),
        frame_with(bytes(16), many_blobs(BLOBS_MAX)),
        frame_with(bytes(16), wraps=tuple(Wrap(f"{n:032x}", bytes(80)) for n in range(16))),
        frame_with(make_body(bytes(16), b"purged"))._replace(body=b""),
    ],
    ids=["empty", "long", "12 papers", "16 wraps", "purged"],
)
def test_each_shape_comes_back(frame):
    item = encode_frames(LOOSE, [frame])
    assert item.kind == LOOSE and same(decode_frames(item), [frame])


def test_a_frame_that_follows_costs_neither_place_nor_predecessor():
    one, two = (p.frame for p in chain(UP, 2))
    together = len(encode_frames(FRAMES, [one, two]).raw)
    alone = len(encode_frames(FRAMES, [one]).raw) + len(encode_frames(FRAMES, [two]).raw)
    assert alone - together == 32


def test_the_signature_shows_a_wrong_guess():
    """A body altered on the way changes the header that is rebuilt, and so no signature fits."""
    frame = make_frame(UP)
    item = encode_frames(FRAMES, [frame])
    at = item.text.index(frame.content[:8])
    bad = decode_frames(replace_text(item, at))[0]
    assert bad.header.body_hash != frame.header.body_hash
    assert not SUITE.verify(key_pair(UP.src).public, SIGNED_AS, bad.header_bytes, bad.signature)


def replace_text(item: Item, at: int) -> Item:
    return item._replace(text=item.text[:at] + bytes((item.text[at] ^ 1,)) + item.text[at + 1 :])


def test_weights_are_near_the_truth():
    frame = frame_with(make_body(bytes(16), b"y" * 700), many_blobs(3))
    text, raw = frame_weight(frame)
    item = encode_frames(FRAMES, [frame])
    assert abs(text - len(item.text)) < 150 and abs(raw - len(item.raw)) < 50


@pytest.mark.parametrize(
    "frame, problem",
    [
        (frame_with(bytes(16), many_blobs(13)), TooLarge),
        (frame_with(bytes(16), wraps=tuple(Wrap("ab" * 16, b"x") for _ in range(17))), TooLarge),
        (frame_with(bytes(16), wraps=(Wrap("ab" * 16, bytes(257)),)), TooLarge),
        (frame_with(bytes(16), wraps=(Wrap("k" * 300, b"x"),)), BadFrame),
        (frame_with(bytes(16), (BlobRef("ab" * 32, 0, "image/jpeg"),)), TooLarge),
        (frame_with(bytes(16), (BlobRef("ab" * 32, 2**40, "image/jpeg"),)), TooLarge),
        (frame_with(bytes(16), (BlobRef("ab" * 32, 9, "../../etc"),)), BadFrame),
        (headed(stream=UP._replace(dst="00")), BadFrame),
        (headed(stream=UP._replace(src="511921|x")), BadFrame),
        (headed(stream=UP._replace(epoch="1-zz")), BadFrame),
        (headed(seq=2**60), BadFrame),
        (headed(seq=0), BadFrame),
        (headed(kind="Case Filed"), BadFrame),
        (headed(enc="rot13"), BadFrame),
        (headed(clock=Evidence(-1, "0badcafe", 1)), BadFrame),
        (headed(clock=Evidence(1, "nonsense", 1)), BadFrame),
    ],
)
def test_fields_out_of_range_are_refused(frame, problem):
    with pytest.raises(problem):
        decode_frames(encode_frames(FRAMES, [frame]))


def test_a_follower_without_its_predecessor_is_refused():
    item = encode_frames(FRAMES, [make_frame(UP)])
    # The flags stand right behind the table and the count.
    table_end = item.text.index(bytes((1, 0, 0, 1)))
    with pytest.raises(BadRecord):
        decode_frames(item._replace(text=item.text[: table_end + 1] + b"\x01" + item.text[table_end + 2 :]))


@pytest.mark.parametrize(
    "text, raw", [(b"", b""), (b"\0", b""), (b"\0\xff\xff\x03", b""), (b"\0\0x", b""), (b"\0\0", b"x")]
)
def test_malformed_items_are_refused(text, raw):
    with pytest.raises(BadRecord):
        decode_frames(Item(FRAMES, text, raw))


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_arbitrary_bytes_raise_nothing_but_refusals(text, raw):
    with suppress(TheirFault):
        decode_frames(Item(FRAMES, text, raw))


@given(st.data())
def test_altered_frames_never_pass_for_their_author(data):
    """One byte anywhere: refused, or no signature fits, or it was a byte nobody signs and nothing means."""
    frames = [p.frame for p in chain(UP, 3)]
    item = encode_frames(FRAMES, frames)
    text, raw = bytearray(item.text), bytearray(item.raw)
    part = data.draw(st.sampled_from([text, raw]))
    part[data.draw(st.integers(0, len(part) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = decode_frames(Item(FRAMES, bytes(text), bytes(raw)))
    except TheirFault:
        return
    key = key_pair(UP.src).public
    believed = [f for f in found if SUITE.verify(key, SIGNED_AS, f.header_bytes, f.signature)]
    assert all(f.header_bytes in [g.header_bytes for g in frames] for f in believed)


def test_what_fits_no_record_is_refused():
    noise = random.Random(5).randbytes(20_000)
    frame = frame_with(make_body(bytes(SALT_BYTES), noise))
    with pytest.raises(TooLarge):
        check_fit(frame)
    nearly = frame_with(make_body(bytes(SALT_BYTES), noise[:15_700]))
    check_fit(nearly, 0)
    assert len(pack_record([encode_frames(FRAMES, [nearly])], b"")) <= 16_368
    with pytest.raises(TooLarge):
        check_fit(nearly)
