"""The exchange as bytes: what opened stays open; what was altered, cut or moved does not open."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol import canonical
from sync.protocol.errors import BadExchange, BadRecord, CannotOpen, TheirFault, UnknownVersion
from sync.protocol.exchange import HEAD_BYTES_MAX, MAGIC, SIGNED_AS, Head, Opener, read_head, write
from sync.protocol.records import RECORD_BYTES_MAX
from tests.sync.made import COUNTY, SUITE, TOWN, key_pair

SENDER, RECEIVER = key_pair("sender"), key_pair("receiver")
HEAD = Head("ab" * 8, TOWN, COUNTY, SENDER.id, RECEIVER.id, "cd" * 8, 1, "1-" + "ef" * 8, 3, "", b"")
PLAINS = [b"one", b"two" * 1000, b"three"]


def made(plains: list[bytes] | Iterator[bytes], key: bytes = b"k" * 32) -> bytes:
    return b"".join(write(HEAD, (SENDER, RECEIVER.public), key, plains, SUITE))


DATA = made(PLAINS)
USED = read_head(DATA)[1]  # type: ignore[index]


def opened(data: bytes, step: int = 1 << 20, key: Any = RECEIVER) -> list[bytes]:
    """Return the plaintexts that open, up to where it breaks off."""
    parsed = read_head(data)
    assert parsed is not None
    opener, found = Opener(parsed[0], key, SUITE), []
    try:
        for at in range(parsed[1], len(data), step):
            found += opener.feed(data[at : at + step])
        opener.end()
    except BadRecord:
        found.append(b"broken")
    return found


def records() -> list[bytes]:
    """Return the records of DATA, each with its length."""
    found, at = [], USED
    while at < len(DATA):
        end = at + 2 + int.from_bytes(DATA[at : at + 2], "big")
        found.append(DATA[at:end])
        at = end
    return found


def test_the_head_says_who_to_whom_and_is_signed():
    head, used = read_head(DATA)
    assert (head.sender, head.receiver, head.counter, head.epoch) == (TOWN, COUNTY, 3, HEAD.epoch)
    assert SUITE.verify(SENDER.public, SIGNED_AS, head.payload, head.signature)
    assert used == USED
    assert head._replace(sealed=b"", payload=b"", signature=b"") == HEAD


@pytest.mark.parametrize("step", [1, 2, 3, 17, 1000, 1 << 20])
def test_what_is_written_is_opened_however_it_comes(step):
    assert opened(DATA, step) == PLAINS


def test_an_exchange_of_nothing_still_has_an_end():
    assert opened(made([])) == [b""]


def test_the_same_plaintext_never_gives_the_same_record():
    one, two = made([b"same", b"same"]), made([b"same"], b"l" * 32)
    length = 2 + len(b"same") + 16
    assert len({one[-length:], one[-2 * length : -length], two[-length:]}) == 3


@pytest.mark.parametrize("cut", range(USED, len(DATA), 37))
def test_a_cut_loses_the_tail_and_shows(cut):
    found = opened(DATA[:cut])
    assert found[-1] == b"broken"
    assert found[:-1] == PLAINS[: len(found) - 1]


def test_records_moved_repeated_left_out_or_from_elsewhere_do_not_open():
    one, two, three = records()
    start = DATA[:USED]
    elsewhere = made(PLAINS, b"m" * 32)[USED:]
    assert opened(start + two + one + three) == [b"broken"]
    assert opened(start + one + three) == [PLAINS[0], b"broken"]
    assert opened(start + one + one + two + three) == [PLAINS[0], b"broken"]
    assert opened(start + one + two) == [*PLAINS[:2], b"broken"]
    assert opened(start + one + two + three + three) == [*PLAINS, b"broken"]
    assert opened(start + elsewhere) == [b"broken"]


@pytest.mark.parametrize("length", [0, 15, RECORD_BYTES_MAX + 1, 65_535])
def test_a_record_of_a_length_that_cannot_be_is_refused_before_it_came(length):
    opener = Opener(read_head(DATA)[0], RECEIVER, SUITE)
    with pytest.raises(BadRecord):
        opener.feed(length.to_bytes(2, "big"))


@pytest.mark.parametrize("epoch", ["", "1", "0-" + "ef" * 8, "\u00b2-" + "ef" * 8, "9" * 40 + "-" + "ef" * 8])
def test_a_head_without_the_name_of_an_epoch_is_refused(epoch):
    """An enrolled node could else stop its receiver by a number that is none, or too long for a row."""
    data = b"".join(write(HEAD._replace(epoch=epoch), (SENDER, RECEIVER.public), b"k" * 32, [], SUITE))
    with pytest.raises(BadExchange):
        read_head(data)


@given(st.integers(USED, len(DATA) - 1), st.integers(1, 255))
def test_one_altered_byte_and_nothing_after_it_opens(at, bits):
    data = bytearray(DATA)
    data[at] ^= bits
    found = opened(bytes(data), 64)
    assert found[-1] == b"broken" and found[:-1] == PLAINS[: len(found) - 1]


def test_only_the_receiver_can_open():
    with pytest.raises(CannotOpen):
        Opener(read_head(DATA)[0], key_pair("another"), SUITE)


@pytest.mark.parametrize("sealed", [b"", b"x", bytes(80), bytes(32) + bytes(48)])
def test_a_sealed_key_that_is_none_is_refused(sealed):
    with pytest.raises(CannotOpen):
        Opener(read_head(DATA)[0]._replace(sealed=sealed), RECEIVER, SUITE)


def test_a_sealed_key_of_another_exchange_opens_nothing():
    """Head and records are bound together: a head with a later counter cannot take over old records."""
    later = b"".join(write(HEAD._replace(counter=4), (SENDER, RECEIVER.public), b"k" * 32, [], SUITE))
    assert opened(later[: read_head(later)[1]] + DATA[USED:]) == [b"broken"]


def test_a_record_longer_than_the_format_is_a_fault_of_ours():
    with pytest.raises(ValueError):
        made([bytes(RECORD_BYTES_MAX)])


@pytest.mark.parametrize("short", range(0, USED, 41))
def test_a_short_head_asks_for_more(short):
    assert read_head(DATA[:short]) is None


@pytest.mark.parametrize(
    "data, problem",
    [
        (b"PK\x03\x04 a zip file", BadExchange),
        (b"\x00", BadExchange),
        (b"LDX2" + bytes(90), UnknownVersion),
        (MAGIC + b"\x00\x01", BadExchange),
        (MAGIC + (HEAD_BYTES_MAX + 1).to_bytes(2, "big"), BadExchange),
        (MAGIC + b"\x00\x02[]" + bytes(64), BadExchange),
        (MAGIC + b"\x00\x02{}" + bytes(64), BadExchange),
        (MAGIC + b"\x00\x03\xff\xff\xff" + bytes(64), BadExchange),
    ],
)
def test_what_is_no_exchange_of_ours_is_told_at_once(data, problem):
    with pytest.raises(problem):
        read_head(data)


def with_fields(**fields: object) -> bytes:
    whole = {**HEAD.fields(), "sealed": base64.b64encode(bytes(80)).decode(), **fields}
    payload = canonical.dumps({k: v for k, v in whole.items() if v != "gone"})
    return MAGIC + len(payload).to_bytes(2, "big") + payload + bytes(64)


@pytest.mark.parametrize("name", [*HEAD.fields()])
@pytest.mark.parametrize("value", ["gone", -1, [], {"a": 1}, "é" * 100], ids=str)
def test_a_head_with_one_field_damaged_is_refused(name, value):
    with pytest.raises((BadExchange, UnknownVersion)):
        read_head(with_fields(**{name: value}))


def test_a_head_may_say_more_than_we_understand():
    assert read_head(with_fields(later="yes")) is not None


@given(st.binary(max_size=300), st.booleans())
def test_arbitrary_heads_raise_nothing_but_refusals(data, ours):
    with suppress(TheirFault):
        read_head(MAGIC + data if ours else data)


@given(st.integers(0, USED - 1), st.integers(1, 255))
def test_an_altered_head_is_refused_or_not_signed(at, bits):
    data = bytearray(DATA)
    data[at] ^= bits
    try:
        parsed = read_head(bytes(data))
    except TheirFault:
        return
    if parsed is not None:
        assert not SUITE.verify(SENDER.public, SIGNED_AS, parsed[0].payload, parsed[0].signature)


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_arbitrary_records_raise_nothing_but_refusals(chunks):
    opener = Opener(read_head(DATA)[0], RECEIVER, SUITE)
    with suppress(TheirFault):
        for chunk in chunks:
            assert opener.feed(chunk) == []
        opener.end()
