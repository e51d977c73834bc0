"""Case numbers: form, check character, epoch letters, and what a person types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.casework.rules import number

ADDRESSES = ("511921108203", "511921108", "511921", "51")
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

numbers = st.builds(
    number.make,
    st.sampled_from(ADDRESSES),
    st.integers(1, 2000),
    st.integers(1, 10**6),
    st.integers(0, 2**20 - 1),
)


@pytest.mark.parametrize(
    ("n", "letters"), [(1, "A"), (2, "B"), (26, "Z"), (27, "AA"), (52, "AZ"), (53, "BA"), (703, "AAA")]
)
def test_epochs_have_letters(n, letters):
    assert number.epoch_letters(n) == letters


def test_epochs_begin_with_one():
    with pytest.raises(ValueError):
        number.epoch_letters(0)


def test_no_two_epochs_share_letters():
    assert len({number.epoch_letters(n) for n in range(1, 5000)}) == 4999


def test_the_check_character_is_that_of_the_standard():
    """ISO/IEC 7064 MOD 37,36: the published example A12425GABC1234002 has the check character M."""
    assert number._check_character("A12425GABC1234002") == "M"


def test_a_number_has_its_parts():
    made = number.make("511921108203", 1, 17, 0b10011_00111_10110_10101)
    assert made[:-1] == "511921108203-A17-K7PN"
    assert number.check(made) and number.origin_of(made) == "511921108203"


@given(numbers)
def test_what_is_made_passes_the_check(made):
    assert number.check(made)
    assert number.normalise(made) == made


@given(numbers, st.data())
def test_one_wrong_sign_is_always_noticed(made, data):
    at = data.draw(st.sampled_from([i for i, sign in enumerate(made) if sign != "-"]))
    wrong = data.draw(st.sampled_from([sign for sign in SIGNS if sign != made[at]]))
    assert not number.check(made[:at] + wrong + made[at + 1 :])


@given(st.text(max_size=40))
def test_any_text_can_be_checked(text):
    number.check(text)
    number.check(number.normalise(text))


@given(numbers)
def test_what_people_type_is_understood(made):
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in made.lower())
    for typed in (made.lower(), f" {made} ", made.replace("-", "—"), made.replace("-", " - "), wide):
        assert number.normalise(typed) == made


def test_letters_misread_in_the_random_part_are_put_right():
    made = next(
        text for n in range(10**4) if "0" in (text := number.make("511921", 1, 1, n * 104_729 % 2**20))[-5:-1]
    )
    assert number.check(number.normalise(made[:-5] + made[-5:-1].replace("0", "O") + made[-1]))


@pytest.mark.parametrize(
    "parts", [("51192", 1, 1, 1), ("511921", 0, 1, 1), ("511921", 1, 0, 1), ("511921", 1, 1, 2**20)]
)
def test_parts_out_of_range_make_no_number(parts):
    with pytest.raises(ValueError):
        number.make(*parts)
