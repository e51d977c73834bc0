"""Enrolment: both sides believe each other by a code that is never sent; nobody else is believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol import canonical, signed
from sync.protocol.enrolment import (
    MESSAGE_BYTES_MAX,
    Request,
    address_in,
    make_code,
    read_answer,
    read_code,
    read_request,
    write_answer,
    write_request,
)
from sync.protocol.errors import BadEnrolment, NotACode, TheirFault
from tests.sync.made import VILLAGE, key_pair, make_statement

CODE = make_code(3, bytes(range(14)))
N, SECRET = read_code(CODE)
KEY = key_pair("new").public.as_fields()
REQUEST = Request(VILLAGE, KEY, make_statement(signed.EPOCH, word="epoch"), "ab" * 16)
ASKED = write_request(REQUEST, SECRET)
STATEMENTS = [make_statement(signed.ROOT, word="root"), make_statement(signed.ENTRY, word="entry")]
ANSWERED = write_answer(STATEMENTS, REQUEST.nonce, SECRET)


def test_a_code_says_the_epoch_and_hides_105_bits():
    assert N == 3 and len(SECRET) == 32
    assert make_code(3, bytes(range(1, 15))) != CODE
    letters = CODE.partition("-")[2].replace("-", "")
    assert len(letters) == 21 and not set(letters) & set("ILOU")


@given(st.binary(min_size=14, max_size=14), st.integers(1, 999_999))
def test_a_code_may_be_typed_as_people_type(random, number):
    code = make_code(number, random)
    meant = read_code(code)
    letters = code.partition("-")[2]
    alike = (
        letters.replace("0", "O").replace("1", "I"),
        letters.replace("1", "l"),
        letters.replace("-", " "),
    )
    for typed in (letters.lower(), f"{letters} ", *alike):
        assert read_code(f" {number} - {typed}") == meant


@pytest.mark.parametrize("dash", ["", " ", "　", "－", "–", "—", "‐", "·", "ー", "_", "--"])
def test_a_code_may_be_typed_with_any_dash_or_none_and_in_full_width(dash):
    """A Chinese input method gives a dash of its own; whoever reads aloud says none."""
    typed = CODE.replace("-", dash)
    full = "".join(chr(ord(sign) + 0xFEE0) if sign != " " and sign.isascii() else sign for sign in typed)
    for one in (typed, typed.lower(), full, full.lower()):
        assert read_code(one) == (N, SECRET)


NO_CODES = ["", "-", "3", "3-", CODE[:-1], CODE + "0", CODE[1:], CODE[:-1] + "U", CODE[:-1] + "甲"]
NO_CODES += [front + CODE[1:] for front in ("x", "三", "1234567")]


@pytest.mark.parametrize("text", NO_CODES)
def test_what_is_no_code_is_refused_and_told_how_one_looks(text):
    with pytest.raises(NotACode) as refused:
        read_code(text)
    assert refused.value.code == "S303" and "没有用掉" in refused.value.sentence


def test_code_needs_its_random_bytes():
    with pytest.raises(ValueError):
        make_code(1, bytes(13))


def test_request_and_answer_arrive_with_the_right_code():
    assert read_request(ASKED, SECRET) == REQUEST
    assert address_in(ASKED) == VILLAGE
    assert read_answer(ANSWERED, REQUEST.nonce, SECRET) == STATEMENTS


def test_the_code_is_never_sent():
    letters = CODE.partition("-")[2]
    for data in (ASKED, ANSWERED):
        assert SECRET not in data and SECRET.hex().encode() not in data
        assert letters.encode() not in data and letters.replace("-", "").encode() not in data


def test_another_code_another_request_another_kind_are_refused():
    other = read_code(make_code(3, bytes(14)))[1]
    for read in (
        lambda: read_request(ASKED, other),
        lambda: read_answer(ANSWERED, REQUEST.nonce, other),
        lambda: read_answer(ANSWERED, "cd" * 16, SECRET),
        lambda: read_request(ANSWERED, SECRET),
        lambda: read_answer(ASKED, REQUEST.nonce, SECRET),
    ):
        with pytest.raises(BadEnrolment):
            read()


@pytest.mark.parametrize("number", [3, 4])
def test_the_epoch_number_is_part_of_the_secret(number):
    letters = CODE.partition("-")[2]
    assert (read_code(f"{number}-{letters}")[1] == SECRET) == (number == 3)


@given(st.data())
def test_one_altered_byte_and_nothing_is_believed(data):
    for whole, read in ((ASKED, read_request), (ANSWERED, lambda d, s: read_answer(d, REQUEST.nonce, s))):
        altered = bytearray(whole)
        altered[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
        with pytest.raises(BadEnrolment):
            read(bytes(altered), SECRET)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_refusals(data):
    for read in (address_in, lambda d: read_request(d, SECRET), lambda d: read_answer(d, "n", SECRET)):
        with suppress(TheirFault):
            read(data)


JSON = st.recursive(
    st.integers(-9, 9) | st.text("abé0=", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(["v", "address", "key", "epoch", "nonce", "statements"]), JSON)
def test_fields_of_any_form_raise_nothing_but_refusals(name, value):
    """Made with the right code, by somebody who was given one and means harm."""
    for what, data in (("request", ASKED), ("answer", ANSWERED)):
        body = {**canonical.loads(canonical.loads(data)["body"].encode()), name: value}
        forged = wrapped(what, body)
        for read in (
            address_in,
            lambda d: read_request(d, SECRET),
            lambda d: read_answer(d, REQUEST.nonce, SECRET),
        ):
            with suppress(TheirFault):
                read(forged)


def wrapped(what: str, body: dict[str, Any]) -> bytes:
    text = canonical.dumps(body)
    mac = hmac.new(SECRET, f"liandong.{what}.v1".encode() + b"\0" + text, hashlib.sha256).hexdigest()
    return canonical.dumps({"body": text.decode(), "mac": mac})


@pytest.mark.parametrize("data", [b"", b"[]", b"5", b"{}", b'{"body":5,"mac":5}', b'{"body":"[]","mac":"x"}'])
def test_what_is_no_message_is_refused(data):
    for read in (address_in, lambda d: read_request(d, SECRET), lambda d: read_answer(d, "n", SECRET)):
        with pytest.raises(BadEnrolment):
            read(data)


def test_a_message_too_long_is_refused_unread():
    with pytest.raises(BadEnrolment):
        read_request(b" " * (MESSAGE_BYTES_MAX + 1), SECRET)


def test_a_statement_of_no_known_sort_is_refused():
    packed = {"sort": "spell", "payload": base64.b64encode(b"{}").decode(), "signatures": []}
    forged = wrapped("answer", {"v": 1, "nonce": REQUEST.nonce, "statements": [packed]})
    with pytest.raises(BadEnrolment):
        read_answer(forged, REQUEST.nonce, SECRET)
