"""Hashes taken out of text and put back: exact for any bytes, bounded for hostile ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.errors import BadRecord
from sync.protocol.hexes import MARK, put_back, take_out
from sync.protocol.records import (
    PLAIN_BYTES_MAX,
    TEXT_BYTES_MAX,
    WITHOUT_HEXES,
    Item,
    fits_one_record,
    pack_record,
    unpack_record,
)

HASH = b"a54cd5deeb6b25420b81d4d69d1fe7af99b38952acbf55631eedc409342f80bb"
DICTIONARY = MARK + b'{"case":"","follows":"","sha256":""}'
PARTS = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [HASH, HASH[:32], HASH[:33], HASH * 5, b"\xff", b"\xff\xff\x80", b"0" * 31, HASH.upper()]
    ),
)


@given(st.lists(PARTS, max_size=12).map(b"".join))
def test_any_text_comes_back_exactly(text):
    short, runs = take_out(text)
    assert put_back(short, runs + b"rest", TEXT_BYTES_MAX) == (text, b"rest")
    items = [Item(17, text, b"raw"), Item(99, b"", b"\xff")]
    assert unpack_record(pack_record(items, DICTIONARY), DICTIONARY) == items


def test_a_hash_takes_its_bytes_and_one_that_came_before_three():
    short, runs = take_out(b'"' + HASH + b'","' + HASH + b'"')
    assert (len(short), runs) == (len('"","') + 1 + 2 + 3, bytes.fromhex(HASH.decode()))
    packed = pack_record([Item(17, b'{"follows":"%s"}' % HASH * 3)], DICTIONARY)
    assert packed[0] == WITHOUT_HEXES and len(packed) < 80


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_hostile_bytes_are_refused_or_read_and_nothing_else(short, runs):
    try:
        text, _ = put_back(short, runs, 500)
    except BadRecord:
        return
    assert len(text) <= 500


def test_no_few_bytes_grow_without_end():
    """A run of 127 bytes named again and again: told by its length before it is made."""
    short = b"\xff\x7f" + b"\xff\x80\x00" * (PLAIN_BYTES_MAX // 3)
    with pytest.raises(BadRecord):
        put_back(short, bytes(127), TEXT_BYTES_MAX)


@pytest.mark.parametrize(
    "short", [b"\xff", b"x\xff", b"\xff\x10", b"\xff\x80\x00", b"\xff\x80", b"\xff\xff\x01"]
)
def test_a_cut_or_false_mark_is_refused(short):
    with pytest.raises(BadRecord):
        put_back(short, b"short", TEXT_BYTES_MAX)


def test_a_dictionary_of_the_former_kind_writes_as_before():
    assert pack_record([Item(17, HASH * 4)], b"former")[0] != WITHOUT_HEXES


def test_digits_that_only_look_like_hashes_still_fit_as_was_promised():
    """Far too many different runs to take out, and yet next to nothing for plain deflate."""
    text = b"".join(b"%0254x" % number for number in range(230))
    item = Item(17, text, b"")
    plain = pack_record([item], DICTIONARY)
    assert fits_one_record(item) and len(plain) < PLAIN_BYTES_MAX and plain[0] != WITHOUT_HEXES
    assert unpack_record(plain, DICTIONARY) == [item]
