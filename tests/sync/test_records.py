"""Records: items in two parts, filled to the brim and bounded, whatever bytes come."""

from __future__ import annotations

import random
import time
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.errors import BadRecord, TheirFault, TooLarge
from sync.protocol.packer import Packer
from sync.protocol.records import (
    DEFLATED,
    DEFLATED_WITH,
    ITEMS_MAX,
    PLAIN_BYTES_MAX,
    STORED,
    TEXT_BYTES_MAX,
    Item,
    Reader,
    Table,
    fits_one_record,
    pack_record,
    pick,
    read_table,
    unpack_record,
    varint,
    zigzag,
)

ITEMS = st.lists(
    st.builds(Item, st.integers(0, 200), st.binary(max_size=300), st.binary(max_size=99)), max_size=9
)


@given(ITEMS, st.sampled_from([b"", b"words words words" * 9]))
def test_what_is_packed_is_unpacked(items, dictionary):
    assert unpack_record(pack_record(items, dictionary), dictionary) == items


def test_the_window_is_small_and_the_bytes_are_those_of_the_largest():
    """What was signed and measured with one program must not grow or shrink with another."""
    rng = random.Random(7)
    words = [rng.randbytes(rng.randrange(1, 30)).hex().encode() for _ in range(50)]
    sizes = [1, 40, *(2**bits - 300 + step for bits in range(9, 16) for step in (-9, -8, -3, 0, 2))]
    for size, dictionary in ((size, made) for size in sizes for made in (b"", b"".join(words[:9]))):
        text = b"".join(rng.choices(words, k=size // 2 + 1))[: max(1, size - len(dictionary))]
        plain = pack_record([Item(1, text)], dictionary)
        squeezer = zlib.compressobj(6, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary)
        whole = squeezer.compress(varint(1) + varint(len(text)) + varint(0) + text) + squeezer.flush()
        assert plain[0] == STORED or plain[2:] == whole


@given(st.integers(0, 2**62 - 1))
def test_integers_keep_their_value(value):
    assert Reader(varint(value)).varint() == value
    assert Reader(zigzag(value // 2)).zigzag() == value // 2
    assert Reader(zigzag(-value // 2)).zigzag() == -value // 2


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff" * 9 + b"\x01", b"\x80" * 20])
def test_an_integer_that_is_cut_or_endless_is_refused(data):
    with pytest.raises(BadRecord):
        Reader(data).varint()


def test_fields_beyond_the_end_are_refused():
    for read in (
        lambda: Reader(b"abc").take(4),
        lambda: Reader(b"\x05abc").word(),
        lambda: Reader(b"\x01\xff").word(),
    ):
        with pytest.raises(BadRecord):
            read()


def test_a_table_names_each_word_once():
    table = Table()
    assert [table.number(w) for w in ("one", "two", "one")] == [b"\0", b"\1", b"\0"]
    words = read_table(Reader(table.encode()))
    assert words == ["one", "two"] and pick(words, 1) == "two"
    for bad in (lambda: pick(words, 2), lambda: read_table(Reader(varint(5000)))):
        with pytest.raises(BadRecord):
            bad()


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\x07\x00abc",
        bytes((DEFLATED,)) + b"\x00" + b"not deflate",
        bytes((DEFLATED_WITH,)) + b"\x00" + zlib.compress(b"with a header"),
        bytes((STORED,)) + b"\x7fcut",
        bytes((STORED,)) + b"\x02ab",
        bytes((STORED,)) + b"\x00" + b"\x01\x09\x00ab",
        bytes((STORED,)) + b"\x00" + b"\x01\x00\x09",
    ],
)
def test_a_malformed_record_is_refused(plain):
    with pytest.raises(BadRecord):
        unpack_record(plain, b"")


def _bomb(size: int) -> bytes:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return bytes((DEFLATED,)) + b"\x00" + squeezer.compress(bytes(size)) + squeezer.flush()


def test_a_bomb_is_refused_in_little_memory_and_time():
    """200 MB of zeros squeeze into far more than a record; what fits one is still 16 MB."""
    plain = _bomb(16_000_000)
    assert len(plain) < PLAIN_BYTES_MAX
    tracemalloc.start()
    begun = time.monotonic()
    try:
        for _ in range(20):
            with pytest.raises(BadRecord):
                unpack_record(plain, b"")
        assert tracemalloc.get_traced_memory()[1] < 4 * TEXT_BYTES_MAX
    finally:
        tracemalloc.stop()
    assert time.monotonic() - begun < 2


def test_a_swarm_of_empty_items_is_refused():
    with pytest.raises(TooLarge):
        unpack_record(pack_record([Item(99, b"")] * (ITEMS_MAX + 1), b""), b"")
    assert len(unpack_record(pack_record([Item(99, b"")] * ITEMS_MAX, b""), b"")) == ITEMS_MAX


@given(st.binary(max_size=400), st.sampled_from([b"", b"dictionary"]))
def test_arbitrary_bytes_raise_nothing_but_refusals(plain, dictionary):
    with suppress(TheirFault):
        unpack_record(plain, dictionary)


@given(ITEMS, st.data())
def test_altered_records_raise_nothing_but_refusals(items, data):
    plain = bytearray(pack_record(items, b""))
    at = data.draw(st.integers(0, len(plain) - 1))
    plain[at] ^= data.draw(st.integers(1, 255))
    with suppress(TheirFault):
        unpack_record(bytes(plain[: data.draw(st.integers(0, len(plain)))]), b"")


@pytest.mark.parametrize("squeezable", [0.0, 0.5, 1.0])
def test_a_packer_fills_records_and_loses_nothing(squeezable):
    rng = random.Random(7)
    items = []
    for n in range(400):
        size = rng.randrange(1, 2_000)
        text = b"abcdefgh" * (size // 8) if rng.random() < squeezable else rng.randbytes(size)
        items.append(Item(n % 100, text, rng.randbytes(rng.randrange(100))))
    plains = list(Packer({}, "").items(items))
    assert [i for plain in plains for i in unpack_record(plain, b"")] == items
    assert all(len(plain) <= PLAIN_BYTES_MAX for plain in plains)
    # Filled on average to about half, be it by bytes or by text: halving may cost some, never most.
    texts = sum(len(item.text) for item in items)
    least = max(sum(map(len, plains)) / PLAIN_BYTES_MAX, texts / (TEXT_BYTES_MAX / 2))
    assert len(plains) <= 2 * least + 2


def test_a_packer_leaves_out_what_fits_no_record_and_says_so():
    big = Item(1, b"", random.Random(1).randbytes(PLAIN_BYTES_MAX))
    packer = Packer({}, "")
    plains = list(packer.items([Item(2, b"before"), big, Item(3, b"after")]))
    assert [i.kind for plain in plains for i in unpack_record(plain, b"")] == [2, 3]
    assert packer.left_out == 1
    assert not fits_one_record(big)


def test_own_things_leave_room_for_another_zlib():
    item = Item(1, b"", bytes(PLAIN_BYTES_MAX - 500))
    assert fits_one_record(item, 0) and not fits_one_record(item)
