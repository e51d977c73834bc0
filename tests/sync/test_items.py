"""State items: what is said comes back; what is malformed is refused as a whole item."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol import canonical, signed
from sync.protocol.errors import BadRecord, TheirFault, TooLarge
from sync.protocol.frame import StreamId
from sync.protocol.items import (
    Hello,
    Piece,
    decode_have_docs,
    decode_hello,
    decode_piece,
    decode_statement,
    decode_vector,
    decode_want_acts,
    decode_want_blobs,
    decode_want_docs,
    digest_of,
    doc_name,
    encode_have_docs,
    encode_hello,
    encode_piece,
    encode_statement,
    encode_vector,
    encode_want_acts,
    encode_want_blobs,
    encode_want_docs,
)
from sync.protocol.own.deltas import DocDelta, decode_delta, encode_delta, rebuild, squeeze
from sync.protocol.records import (
    DOC_DELTA,
    HAVE_DOCS,
    HELLO,
    PIECE,
    STATEMENT,
    VECTOR,
    WANT_ACTS,
    WANT_BLOBS,
    WANT_DOCS,
    Item,
    varint,
)
from sync.protocol.spool import Part
from tests.sync.made import BESIDE, DOWN, UP, make_statement

HELLO_SAID = Hello(2, 7, 1, "0123456789abcdef", 0, 1, 250, 1_790_000_000_000, ("ab" * 8, "cd" * 8))
DECODERS = {
    HELLO: decode_hello,
    VECTOR: decode_vector,
    STATEMENT: decode_statement,
    WANT_ACTS: decode_want_acts,
    WANT_BLOBS: decode_want_blobs,
    WANT_DOCS: decode_want_docs,
    DOC_DELTA: decode_delta,
    HAVE_DOCS: decode_have_docs,
    PIECE: decode_piece,
}
VECTORS = st.dictionaries(
    st.sampled_from([UP, DOWN, BESIDE, StreamId("511921", "9-00112233445566bb", "511921108")]),
    st.builds(Part, st.integers(0, 2**50), st.integers(0, 2**50), st.binary(min_size=32, max_size=32)),
)


@given(VECTORS)
def test_a_vector_comes_back_and_its_digest_is_the_same_in_any_order(parts):
    found = decode_vector(encode_vector(parts))
    assert found == parts
    assert digest_of(dict(reversed(list(parts.items())))) == digest_of(found)


@given(VECTORS, VECTORS)
def test_a_digest_tells_vectors_apart(one, two):
    assert (digest_of(one) == digest_of(two)) == (one == two)


@pytest.mark.parametrize(
    "stream",
    [UP._replace(src="511921|"), UP._replace(dst="00"), UP._replace(epoch="x" * 5000), UP._replace(src="")],
)
def test_a_vector_line_names_a_real_stream(stream):
    with pytest.raises(BadRecord):
        decode_vector(encode_vector({stream: Part(0, 1, bytes(32))}))


def test_hello_comes_back_and_may_say_more_than_we_understand():
    assert decode_hello(encode_hello(HELLO_SAID)) == HELLO_SAID
    fields = {**HELLO_SAID._asdict(), "dictionaries": list(HELLO_SAID.dictionaries), "weather": "fair"}
    assert decode_hello(Item(HELLO, canonical.dumps(fields))) == HELLO_SAID


@pytest.mark.parametrize(
    "field, value",
    [
        ("incarnation", -1),
        ("ack", "7"),
        ("room", -1),
        ("disk", "low"),
        ("full", []),
        ("digest", "long" * 99),
        ("digest", 5),
        ("dictionaries", 5),
        ("dictionaries", ["x"]),
        ("dictionaries", ["ab" * 8] * 9),
        ("dictionaries", [["ab" * 8]]),
    ],
)
def test_a_hello_with_one_field_damaged_is_refused(field, value):
    fields = {**HELLO_SAID._asdict(), "dictionaries": list(HELLO_SAID.dictionaries), field: value}
    with pytest.raises(BadRecord):
        decode_hello(Item(HELLO, canonical.dumps(fields)))
    if field in ("room", "disk"):
        return  # Left out by programs before them.
    with pytest.raises(BadRecord):
        decode_hello(Item(HELLO, canonical.dumps({k: v for k, v in fields.items() if k != field})))


@pytest.mark.parametrize("word", [5, "DELTA", "d" * 17, "a b", ["delta"]])
def test_how_documents_are_taken_is_a_word_or_not_said(word):
    plain = {**HELLO_SAID._asdict(), "dictionaries": list(HELLO_SAID.dictionaries)}
    with pytest.raises(BadRecord):
        decode_hello(Item(HELLO, canonical.dumps({**plain, "docs": word})))
    for good in ("delta", "whole", "of_a_later_one"):
        assert decode_hello(Item(HELLO, canonical.dumps({**plain, "docs": good}))).docs == good
    del plain["docs"]
    assert decode_hello(Item(HELLO, canonical.dumps(plain))).docs == ""
    assert b"docs" not in encode_hello(HELLO_SAID).text


@pytest.mark.parametrize("text", [b"", b"[]", b'"x"', b"7", b"{}", b"\xff", b"[" * 60_000, b"null"])
def test_no_hello_at_all_is_refused(text):
    with pytest.raises(BadRecord):
        decode_hello(Item(HELLO, text))


def test_statements_come_back_with_what_is_beside_them():
    statement = make_statement(signed.RECEIPT, word="yes")
    assert decode_statement(encode_statement(statement, b"content")) == (statement, b"content")
    unsigned = statement._replace(signatures=())
    assert decode_statement(encode_statement(unsigned)) == (unsigned, b"")


def test_a_sort_of_a_later_version_is_passed_over():
    assert decode_statement(Item(STATEMENT, varint(99) + b"whatever")) is None


def test_too_many_signatures_are_refused():
    statement = make_statement(signed.RECEIPT, word="yes")
    with pytest.raises(TooLarge):
        decode_statement(encode_statement(statement._replace(signatures=statement.signatures * 9)))


def test_wants_and_pieces_come_back():
    acts = ("ab" * 16, "00" * 16)
    assert decode_want_acts(encode_want_acts(acts)) == acts
    blobs = (("ab" * 32, 0), ("cd" * 32, 2**40))
    assert decode_want_blobs(encode_want_blobs(blobs)) == blobs
    docs = ("ab" * 32, "00" * 32)
    assert decode_want_docs(encode_want_docs(docs)) == docs
    names = tuple(map(doc_name, docs))
    assert decode_have_docs(encode_have_docs(names)) == names == ("ab" * 16, "00" * 16)
    assert decode_have_docs(encode_have_docs(())) == ()
    piece = Piece("ab" * 32, 5, 99, b"data")
    assert decode_piece(encode_piece(piece)) == piece


@pytest.mark.parametrize(
    "item",
    [
        Item(WANT_ACTS, b"", bytes(17)),
        Item(WANT_BLOBS, b"", bytes(31)),
        Item(WANT_BLOBS, b"", bytes(32)),
        Item(WANT_DOCS, b"", bytes(33)),
        Item(HAVE_DOCS, b"", bytes(31)),
        Item(DOC_DELTA, b"\1\1", bytes(32)),
        Item(DOC_DELTA, b"\1\1\0", bytes(31)),
        Item(DOC_DELTA, b"\1\1\1", bytes(111)),
        Item(PIECE, b"\0\0", bytes(31)),
        Item(PIECE, b"\0", bytes(40)),
        Item(VECTOR, b"\0\1\0\0\0", bytes(32)),
        Item(VECTOR, b"", b""),
        Item(STATEMENT, b"\6\x7f", b""),
        Item(STATEMENT, b"\6\0\1\0", bytes(10)),
    ],
)
def test_malformed_items_are_refused(item):
    with pytest.raises(BadRecord):
        DECODERS[item.kind](item)


@given(st.sampled_from(sorted(DECODERS)), st.binary(max_size=300), st.binary(max_size=300))
def test_arbitrary_bytes_raise_nothing_but_refusals(kind, text, raw):
    with suppress(TheirFault):
        DECODERS[kind](Item(kind, text, raw))


REAL = [
    encode_hello(HELLO_SAID),
    encode_vector({UP: Part(0, 5, bytes(32)), DOWN: Part(3, 9, bytes(32))}),
    encode_statement(make_statement(signed.SHELF, word="yes"), b"content"),
    encode_want_acts(("ab" * 16,)),
    encode_want_blobs((("ab" * 32, 300),)),
    encode_want_docs(("ab" * 32,)),
    encode_have_docs(("ab" * 16, "cd" * 16)),
    encode_delta(DocDelta("ab" * 32, 9, 300, (("cd" * 16, bytes(64)),), b"squeezed")),
    encode_piece(Piece("ab" * 32, 5, 99, b"data")),
]


@given(st.sampled_from(REAL), st.data())
def test_altered_items_raise_nothing_but_refusals(item, data):
    parts = [bytearray(item.text), bytearray(item.raw)]
    part = data.draw(st.sampled_from([p for p in parts if p]))
    part[data.draw(st.integers(0, len(part) - 1))] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(0, len(parts[0])))
    for text in (bytes(parts[0]), bytes(parts[0][:cut])):
        with suppress(TheirFault):
            DECODERS[item.kind](Item(item.kind, text, bytes(parts[1])))


@given(st.binary(max_size=3000), st.binary(max_size=3000), st.integers(0, 3000), st.binary(max_size=40))
def test_a_difference_becomes_the_same_bytes_again(former, fresh, at, news):
    """A small change and no likeness at all; None only where a whole one is no longer."""
    base = make_statement(signed.SHELF, content="former"), former
    for content in (fresh, former[:at] + news + former[at:]):
        statement = make_statement(signed.SHELF, content="next")
        delta = squeeze(base, statement, content)
        if delta is not None:
            assert rebuild(decode_delta(encode_delta(delta)), base) == (statement, content)


@given(st.binary(max_size=300), st.integers(0, 500), st.integers(0, 500), st.data())
def test_arbitrary_differences_raise_nothing_but_refusals(squeezed, payload_len, content_len, data):
    base = make_statement(signed.SHELF, content="former"), bytes(range(200))
    with suppress(TheirFault):
        rebuild(DocDelta("ab" * 32, payload_len, content_len, (), squeezed), base)
    good = squeeze(base, make_statement(signed.SHELF, content="next"), bytes(range(250)))
    assert good is not None
    altered = bytearray(good.squeezed)
    altered[data.draw(st.integers(0, len(altered) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(TheirFault):
        statement, content = rebuild(good._replace(squeezed=bytes(altered)), base)
        assert len(statement.payload) + len(content) == good.payload_len + good.content_len
