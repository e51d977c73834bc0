"""One byte form for every value, and one value for every byte form; anything else is refused."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from pytest import mark, raises

from sync.protocol.canonical import DEPTH_MAX, INTEGER_MAX, dumps, loads
from sync.protocol.errors import NotCanonical

texts = st.text(st.characters(exclude_categories=["Cs"]))
integers = st.integers(-INTEGER_MAX, INTEGER_MAX)
values = st.recursive(
    texts | integers, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=12
)


@given(values)
def test_what_was_written_is_read_back(value: Any) -> None:
    assert loads(dumps(value)) == value


@given(values)
def test_the_bytes_are_json_and_depend_on_the_value_alone(value: Any) -> None:
    data = dumps(value)
    assert json.loads(data) == value
    if isinstance(value, dict):
        assert dumps(dict(reversed(value.items()))) == data


@given(values, st.data())
def test_a_space_put_anywhere_outside_a_text_is_refused(value: Any, data: st.DataObject) -> None:
    encoded = dumps(value)
    place = data.draw(st.integers(0, len(encoded)))
    altered = encoded[:place] + data.draw(st.sampled_from([b" ", b"\n", b"\t"])) + encoded[place:]
    try:
        same = json.loads(altered) == value
    except ValueError:
        same = True
    # Inside a text a space is another value, not another form of the same one.
    assume(same)
    with raises(NotCanonical):
        loads(altered)


@given(st.dictionaries(texts, texts | integers, min_size=2, max_size=5), st.data())
def test_keys_in_another_order_are_refused(value: dict[str, Any], data: st.DataObject) -> None:
    order = data.draw(st.permutations(sorted(value)))
    assume(order != sorted(value))
    body = b",".join(dumps(key) + b":" + dumps(value[key]) for key in order)
    with raises(NotCanonical):
        loads(b"{" + body + b"}")


@given(texts, texts | integers, texts | integers)
def test_a_key_that_stands_twice_is_refused(key: str, one: Any, two: Any) -> None:
    body = dumps(key) + b":" + dumps(one) + b"," + dumps(key) + b":" + dumps(two)
    with raises(NotCanonical):
        loads(b"{" + body + b"}")


@given(st.floats())
def test_a_float_is_neither_written_nor_read(number: float) -> None:
    for value in (number, [number], {"a": {"b": [1, number]}}):
        with raises(NotCanonical):
            dumps(value)
        with raises(NotCanonical):
            loads(json.dumps(value, separators=(",", ":")).encode())


@mark.parametrize("word", [True, False, None])
def test_boolean_and_null_are_neither_written_nor_read(word: bool | None) -> None:
    for value in (word, [word], {"a": word}, {"a": [{"b": word}]}):
        with raises(NotCanonical):
            dumps(value)
        with raises(NotCanonical):
            loads(json.dumps(value, separators=(",", ":")).encode())


@mark.parametrize("word", ["true", "false", "null"])
def test_the_words_themselves_may_stand_in_texts(word: str) -> None:
    for value in (word, [word, 1], {word: word}):
        assert loads(dumps(value)) == value


@mark.parametrize("number", [INTEGER_MAX + 1, -INTEGER_MAX - 1, 10**40])
def test_an_integer_that_other_programs_could_not_hold_is_refused(number: int) -> None:
    with raises(NotCanonical):
        dumps([number])
    with raises(NotCanonical):
        loads(b"[%d]" % number)


@mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b"[1,]",
        b"[01]",
        b"[-0]",
        b"[+1]",
        b"[1e2]",
        b"[1E2]",
        b"[1.0]",
        b"[NaN]",
        b"[Infinity]",
        b"[-Infinity]",
        b"['a']",
        b'["\\u0041"]',
        b'["\\u901a"]',
        b'["\\/"]',
        b'["\\ud800"]',
        b'["\\ud83d\\ude00"]',
        b'["\t"]',
        b"\xef\xbb\xbf[]",
        b"[]x",
        b"[][]",
        b'["\xff"]',
        b'["\xed\xa0\x80"]',
        b'{"a":1}\n',
        b'{1:"a"}',
    ],
)
def test_any_other_form_of_a_value_is_refused(data: bytes) -> None:
    with raises(NotCanonical):
        loads(data)


@mark.parametrize("value", [{1: "a"}, {None: 1}, {("a",): 1}, b"bytes", {1, 2}, object(), 1 + 2j])
def test_what_json_does_not_know_is_not_written(value: Any) -> None:
    with raises(NotCanonical):
        dumps(value)


def test_half_a_character_is_not_written() -> None:
    with raises(NotCanonical):
        dumps(["\ud83d"])


def test_a_tuple_is_written_as_a_list() -> None:
    assert dumps((1, ("a",))) == b'[1,["a"]]'


@mark.parametrize("inside", ["", "null", "1"])
@mark.parametrize("depth", [*range(900, 1000, 7), 5_000, 200_000])
def test_nesting_without_end_is_refused_or_read_but_never_overruns(depth: int, inside: str) -> None:
    """A bomb of brackets must not look like a fault of this program."""
    data = ("[" * depth + inside + "]" * depth).encode()
    try:
        value = loads(data)
    except NotCanonical:
        return
    assert inside != "null"
    assert json.dumps(value, separators=(",", ":")).encode() == data


@given(st.binary(max_size=40))
def test_random_bytes_are_refused_or_are_exactly_the_form_of_their_value(data: bytes) -> None:
    try:
        value = loads(data)
    except NotCanonical:
        return
    assert dumps(value) == data


@mark.parametrize("leaf", [1, "text"])
def test_nesting_deeper_than_anything_needs_is_refused_both_ways(leaf):
    deep: Any = leaf
    for _ in range(DEPTH_MAX):
        deep = [deep]
    assert loads(dumps(deep)) == deep
    with raises(NotCanonical):
        dumps([deep])
    with raises(NotCanonical):
        loads(b"[" * 900 + b"1" + b"]" * 900)
