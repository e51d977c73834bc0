"""Packing keeps every value, has one form for each, and refuses everything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.proofs.errors import UnreadableClaim
from common.proofs.rules.packing import WORDS, pack, unpack, varint
from common.proofs.rules.text import from_text, to_text
from sync.protocol import canonical

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.from_regex(r"[0-9a-f]{2,40}", fullmatch=True),
    st.from_regex(r"[0-9]{1,20}", fullmatch=True),
    st.sampled_from(WORDS),
)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.one_of(TEXTS, INTEGERS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    """So the canonical bytes, which are what is signed, come back too."""
    assert canonical.dumps(unpack(pack(value))) == canonical.dumps(value)


@given(st.binary(max_size=60))
def test_bytes_are_refused_or_are_the_one_form_of_a_value(data: bytes) -> None:
    try:
        value = unpack(data)
    except UnreadableClaim:
        return
    assert pack(value) == data


def test_the_words_of_the_table_never_move() -> None:
    """Papers printed years ago are read by them; new words go to the end."""
    assert len(set(WORDS)) == len(WORDS)
    assert [WORDS.index(word) for word in ("network", "with", "vouch", "ARCHIVED")] == [2, 16, 38, 62]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x87",
        b"\x85\x81\x01" + b"\x00",
        b"\x86\x02\x01\x00\x01\x00",
        b"\x83\x01\xff",
        b"\x82\x02\xc3\x28",
        b"\x80" + varint(2**53),
        b"\x81" + varint(2**53),
        b"\x84" + varint(2**62),
    ],
    ids=[
        "nothing",
        "unknown tag",
        "list cut",
        "key twice",
        "short hex",
        "not UTF-8",
        "integer too large",
        "integer too small",
        "digits too many",
    ],
)
def test_what_is_no_value_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableClaim):
        unpack(data)


def test_more_items_than_any_claim_has_are_refused() -> None:
    """However many bytes follow: a list of 256 is read, one of 257 is not, nor so many fields."""
    assert unpack(b"\x85" + varint(256) + b"\x00" * 256) == [WORDS[0]] * 256
    fields = b"".join(b"\x82\x03" + b"%03d" % number + b"\x00" for number in range(257))
    for data in (b"\x85" + varint(257) + b"\x00" * 257, b"\x86" + varint(257) + fields):
        with pytest.raises(UnreadableClaim):
            unpack(data)


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(UnreadableClaim):
        unpack(b"\x85\x01" * 1000 + b"\x00")


@given(st.binary(min_size=1, max_size=80))
def test_text_is_read_however_it_was_typed(data: bytes) -> None:
    text = to_text("https://zw.example/", data)
    signs = text.partition("#")[2]
    full_width = "".join(chr(ord(sign) + 0xFEE0) for sign in signs)
    for typed in (text, signs, text.lower(), f" {text}\r\n", f"{signs[:9]}\n{signs[9:]}", full_width):
        assert from_text(typed) == data


@pytest.mark.parametrize(
    "text", ["", "#", "https://zw.example/v#", "AB", "A1", "王", "A" * 5000, "====", "AE======"]
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(UnreadableClaim):
        from_text(text)
