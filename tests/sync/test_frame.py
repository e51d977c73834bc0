"""Headers have one byte form; every field that is not as it must be is refused; limits hold."""

from __future__ import annotations

import hashlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pytest import mark, raises

from sync.protocol import canonical
from sync.protocol.errors import BadFrame, BodyTooLarge, NotCanonical, TheirFault, TooLarge
from sync.protocol.frame import (
    BLOB_BYTES_MAX,
    BLOBS_MAX,
    BODY_BYTES_MAX,
    HEADER_BYTES_MAX,
    PLAIN,
    SALT_BYTES,
    SEALED,
    BlobRef,
    Evidence,
    Header,
    StreamId,
    check_body,
    decode_header,
    make_body,
    rebuild,
    restore,
)
from tests.sync.made import COUNTY, ROOT, UP, VILLAGE, blob_ref, make_frame, make_header, with_blobs

HASH = "ab" * 32
blobs = st.builds(
    BlobRef,
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    st.integers(1, BLOB_BYTES_MAX),
    st.from_regex(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,60}", fullmatch=True),
)
counts = st.integers(0, canonical.INTEGER_MAX)
headers = st.builds(
    Header,
    kind=st.from_regex(r"[a-z][a-z0-9]{0,23}(\.[a-z][a-z0-9_]{0,23}){1,3}", fullmatch=True),
    stream=st.builds(
        StreamId,
        st.sampled_from([VILLAGE, COUNTY, "51"]),
        st.from_regex(r"[1-9][0-9]{0,8}-[0-9a-f]{16}", fullmatch=True),
        st.sampled_from([VILLAGE, COUNTY, "511921108"]),
    ),
    seq=st.integers(1, canonical.INTEGER_MAX),
    prev=st.binary(min_size=32, max_size=32),
    body_hash=st.binary(min_size=32, max_size=32),
    body_len=st.integers(SALT_BYTES, BODY_BYTES_MAX),
    enc=st.sampled_from([PLAIN, SEALED]),
    blobs=st.lists(blobs, max_size=BLOBS_MAX).map(tuple),
    clock=st.builds(Evidence, counts, st.from_regex(r"[0-9a-f]{8}", fullmatch=True), counts),
    roster=counts,
)


def fields_of(header: Header) -> dict[str, Any]:
    """Return the fields a header stands for on the wire."""
    return canonical.loads(header.encode())


@given(headers)
def test_the_hand_written_form_is_the_canonical_form(header: Header) -> None:
    assert header.check() is header
    data = header.encode()
    assert data == canonical.dumps(fields_of(header))
    assert decode_header(data) == header
    assert len(data) <= HEADER_BYTES_MAX


def test_the_fields_on_the_wire_are_these() -> None:
    header = make_header(body=bytes(20))._replace(blobs=(BlobRef(HASH, 5, "image/jpeg"),))
    assert fields_of(header) == {
        "alg": "ed25519",
        "blobs": [[HASH, 5, "image/jpeg"]],
        "body": [hashlib.sha256(bytes(20)).hexdigest(), 20],
        "boot": "0badcafe",
        "dst": COUNTY,
        "enc": "",
        "epoch": UP.epoch,
        "kind": "case.filed",
        "mono": 12_345,
        "prev": ROOT.hex(),
        "roster": 3,
        "seq": 1,
        "src": VILLAGE,
        "v": 1,
        "wall": 1_790_000_000_000,
    }


NOT_TEXT: tuple[Any, ...] = (1, [], {}, ["a"])
WRONG: dict[str, tuple[Any, ...]] = {
    "alg": ("", "none", "ED25519", *NOT_TEXT),
    "v": (0, 2, "1", [1]),
    "kind": (
        "",
        "case",
        "Case.filed",
        "case.",
        ".filed",
        "case filed",
        "case.filed\n",
        "案.件",
        "a.b.c.d.e",
        *NOT_TEXT,
    ),
    "src": ("", "511", "00", "511921000000", "51192x", 511921, *NOT_TEXT),
    "dst": ("", "511", "00", "511921000000", "51192x", 511921, *NOT_TEXT),
    "epoch": (
        "",
        "0-" + "a" * 16,
        "1-" + "A" * 16,
        "1-abc",
        "01-" + "a" * 16,
        "1-" + "a" * 16 + "\n",
        *NOT_TEXT,
    ),
    "seq": (0, -1, "1", [1], {}),
    "wall": (-1, "1", [], {}),
    "mono": (-1, "1", [], {}),
    "roster": (-1, "1", [], {}),
    "boot": ("", "0badcaf", "0badcafe0", "0BADCAFE", "zzzzzzzz", *NOT_TEXT),
    "prev": ("", HASH[:-2], HASH + "00", HASH.upper(), "zz" * 32, " ".join(["ab"] * 32), *NOT_TEXT),
    "enc": ("plain", "sealed2", "SEALED1", *NOT_TEXT),
    "body": ("", [], [HASH], [HASH, 16, 1], [HASH, "16"], [HASH, 15], [HASH, -1], {}, {HASH: 1, "16": 2}, 7),
    "body ": ([HASH[:-2], 16], [HASH.upper(), 16], [7, 16], [HASH, BODY_BYTES_MAX + 1]),
    "blobs": (
        "",
        {},
        7,
        ["abc"],
        [[]],
        [[HASH, 1]],
        [[HASH, 1, "a/b", 1]],
        [{"a": 1}],
        [{"a": 1, "b": 2, "c": 3}],
    ),
    "blobs size": tuple([[HASH, size, "image/jpeg"]] for size in (0, -1, BLOB_BYTES_MAX + 1, "1", [])),
    "blobs name": tuple([[name, 1, "image/jpeg"]] for name in ("", HASH.upper(), HASH[:-1], "../" + HASH, 1)),
    "blobs type": tuple([[HASH, 1, kind]] for kind in ("", "jpeg", "IMAGE/JPEG", "image/", "a/b c", 1)),
    "blobs count": ([[HASH, 1, "image/jpeg"]] * (BLOBS_MAX + 1),),
}
DAMAGE = [(name.split(" ")[0], value) for name, found in WRONG.items() for value in found]


@mark.parametrize(("field", "value"), DAMAGE)
def test_a_header_with_one_field_damaged_is_refused(field: str, value: Any) -> None:
    """Method: every damage alone, in a header that is good without it, in canonical form."""
    fields = fields_of(make_header())
    assert decode_header(canonical.dumps(fields)) == make_header()
    with raises(TheirFault):
        decode_header(canonical.dumps({**fields, field: value}))


@mark.parametrize("field", sorted(fields_of(make_header())))
def test_a_header_with_a_field_missing_is_refused(field: str) -> None:
    fields = fields_of(make_header())
    del fields[field]
    with raises(BadFrame):
        decode_header(canonical.dumps(fields))


@mark.parametrize("field", ["", "ALG", "x", "zz", "seq2"])
def test_a_header_with_a_field_more_is_refused(field: str) -> None:
    with raises(BadFrame):
        decode_header(canonical.dumps({**fields_of(make_header()), field: 1}))


@mark.parametrize("data", [b"", b"[]", b"1", b'""', b"{}", b'{"alg": "ed25519"}', b"\xff", b"[" * 4096])
def test_what_is_no_header_is_refused(data: bytes) -> None:
    with raises((BadFrame, NotCanonical)):
        decode_header(data)


def test_a_header_longer_than_its_limit_is_refused_unread() -> None:
    with raises(TooLarge):
        decode_header(b"{" + b" " * HEADER_BYTES_MAX)


@given(st.integers(0, 8 * len(make_header().encode()) - 1))
def test_a_header_with_one_bit_turned_is_refused_or_another_header(bit: int) -> None:
    data = bytearray(make_header().encode())
    data[bit // 8] ^= 1 << bit % 8
    try:
        header = decode_header(bytes(data))
    except TheirFault:
        return
    assert header != make_header()
    assert header.encode() == data


@mark.parametrize(
    "change",
    [
        {"kind": "nodots"},
        {"seq": 0},
        {"prev": b"short"},
        {"body_hash": b""},
        {"body_len": SALT_BYTES - 1},
        {"enc": "x"},
        {"roster": -1},
        {"clock": Evidence(-1, "0badcafe", 0)},
        {"clock": Evidence(0, "boot", 0)},
        {"stream": StreamId("511921000000", UP.epoch, COUNTY)},
        {"stream": StreamId(VILLAGE, "1-x", COUNTY)},
    ],
)
def test_a_header_is_checked_before_it_is_signed(change: dict[str, Any]) -> None:
    with raises(BadFrame):
        make_header()._replace(**change).check()


def test_lengths_beyond_their_limits_have_their_own_refusal() -> None:
    for change in (
        {"body_len": BODY_BYTES_MAX + 1},
        {"blobs": (BlobRef(HASH, 1, "a/b"),) * (BLOBS_MAX + 1)},
        {"blobs": (BlobRef(HASH, BLOB_BYTES_MAX + 1, "a/b"),)},
        {"blobs": (BlobRef(HASH, 0, "a/b"),)},
    ):
        with raises(TooLarge):
            make_header()._replace(**change).check()


def test_a_body_is_salt_and_content_within_the_limit() -> None:
    content = bytes(BODY_BYTES_MAX - SALT_BYTES)
    assert make_body(b"s" * SALT_BYTES, content) == b"s" * SALT_BYTES + content
    with raises(BodyTooLarge):
        make_body(bytes(SALT_BYTES), content + b"x")
    with raises(ValueError, match="salt"):
        make_body(b"short", b"")


def test_a_body_must_be_the_one_the_header_names() -> None:
    frame = make_frame()
    check_body(frame.header, frame.body)
    for body in (b"", frame.body[:-1], frame.body + b"x", frame.body[:-1] + b"x"):
        with raises(BadFrame):
            check_body(frame.header, body)


def test_a_frame_is_found_again_from_its_bytes() -> None:
    frame = with_blobs(make_frame(word="通江"), blob_ref(b"one"), blob_ref(b"two"))
    assert restore(frame.header_bytes, frame.body, frame.signature, frame.wraps) == frame
    assert frame.hash == hashlib.sha256(frame.header_bytes).digest()
    assert frame.content == frame.body[SALT_BYTES:]


def test_a_frame_without_a_whole_signature_is_refused() -> None:
    with raises(BadFrame):
        rebuild(make_header(), bytes(16), bytes(63))
