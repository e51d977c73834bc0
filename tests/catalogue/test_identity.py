"""Identity numbers: the standards' own examples, every changed digit caught, no region refused."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from common.catalogue.rules.identity import (
    CREDIT_CODE_SENTENCES,
    ID_NUMBER_SENTENCES,
    birth_date,
    credit_check_character,
    credit_code_problem,
    id_check_character,
    id_number_problem,
    is_mobile,
    is_phone,
    mask_id_number,
    mask_name,
    mask_phone,
    sex,
)

TODAY = date(2026, 11, 23)
CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"

dates = st.dates(date(1850, 1, 1), TODAY)


@st.composite
def id_numbers(draw):
    """Valid ID numbers of any region, birth date and serial."""
    region = draw(st.integers(0, 999_999))
    serial = draw(st.integers(0, 999))
    first_17 = f"{region:06d}{draw(dates):%Y%m%d}{serial:03d}"
    return first_17 + id_check_character(first_17)


@st.composite
def credit_codes(draw):
    """Valid unified social credit codes."""
    signs = st.sampled_from(CREDIT_SIGNS)
    first_17 = "".join(draw(st.lists(signs, min_size=2, max_size=2)))
    first_17 += f"{draw(st.integers(0, 999_999)):06d}"
    first_17 += "".join(draw(st.lists(signs, min_size=9, max_size=9)))
    return first_17 + credit_check_character(first_17)


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_examples_of_gb_11643_are_right(number):
    assert id_number_problem(number, TODAY) == ""


def test_the_example_of_gb_32100_is_right():
    assert credit_code_problem("91350100M000100Y43") == ""


def test_what_an_id_number_tells():
    assert birth_date("11010519491231002X") == date(1949, 12, 31)
    assert sex("11010519491231002X") == 2
    assert sex("440524188001010014") == 1


@given(id_numbers())
def test_every_valid_number_is_taken_whatever_its_region(number):
    assert id_number_problem(number, TODAY) == ""


@given(id_numbers(), st.integers(0, 17), st.integers(1, 10))
def test_one_changed_digit_is_always_caught(number, place, shift):
    """Method: one place of a valid number is replaced by another sign it may hold."""
    signs = "0123456789X" if place == 17 else "0123456789"
    changed = signs[(signs.index(number[place]) + shift) % len(signs)]
    assume(changed != number[place])
    assert id_number_problem(number[:place] + changed + number[place + 1 :], TODAY) != ""


@given(id_numbers(), st.integers(0, 15))
def test_two_neighbours_exchanged_are_always_caught(number, place):
    """Method: two neighbouring digits before the check character change places."""
    assume(number[place] != number[place + 1])
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert id_number_problem(swapped, TODAY) != ""


@given(credit_codes(), st.integers(0, 17), st.integers(1, 30))
def test_one_changed_sign_of_a_credit_code_is_always_caught(code, place, shift):
    signs = CREDIT_SIGNS if not 2 <= place < 8 else "0123456789"
    changed = signs[(signs.index(code[place]) + shift) % len(signs)]
    assume(changed != code[place])
    assert credit_code_problem(code) == ""
    assert credit_code_problem(code[:place] + changed + code[place + 1 :]) == "credit_check_digit"


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("", "id_format"),
        ("11010519491231002", "id_format"),
        ("11010519491231002x", "id_format"),
        ("11010519491231002X\n", "id_format"),
        ("１１０１０５１９４９１２３１００２Ｘ", "id_format"),
        ("1101051949123100٢X", "id_format"),
        ("110105194912310021", "id_check_digit"),
        ("11010519490231002X", "id_birth_date"),
        ("11010519491331002X", "id_birth_date"),
        ("11010500001231002X", "id_birth_date"),
    ],
)
def test_each_fault_has_its_own_code(number, problem):
    assert id_number_problem(number, TODAY) == problem
    assert problem in ID_NUMBER_SENTENCES


def test_nobody_is_born_tomorrow():
    tomorrow = TODAY + timedelta(days=1)
    first_17 = f"511921{tomorrow:%Y%m%d}001"
    number = first_17 + id_check_character(first_17)
    assert id_number_problem(number, TODAY) == "id_future"
    assert id_number_problem(number, tomorrow) == ""
    assert id_number_problem(number) == ""


@given(st.text(max_size=30))
def test_no_text_makes_a_check_raise(text):
    assert id_number_problem(text, TODAY) in ("", *ID_NUMBER_SENTENCES)
    assert credit_code_problem(text) in ("", *CREDIT_CODE_SENTENCES)
    assert is_mobile(text) in (True, False)
    for mask in (mask_name, mask_id_number, mask_phone):
        assert len(mask(text)) == len(text)


@pytest.mark.parametrize("number", ["", "11010519491331002X", "short"])
def test_nothing_is_read_from_what_is_no_number(number):
    with pytest.raises(ValueError):
        birth_date(number)


def test_no_sex_is_read_from_what_is_no_number():
    with pytest.raises(ValueError):
        sex("1234")


@pytest.mark.parametrize(
    "code", ["91350100M000100Y4", "91350100M000100I43", "91350100m000100Y43", "9135010OM000100Y43"]
)
def test_what_is_no_credit_code(code):
    assert credit_code_problem(code) == "credit_format"


def test_phones():
    assert is_mobile("13800138000")
    assert not is_mobile("12800138000")
    assert not is_mobile("1380013800")
    assert not is_mobile("13800138000\n")
    assert is_phone("0827-7221234")
    assert is_phone("02887654321")
    assert not is_phone("7221234")


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王*明"),
        ("王明", "王*"),
        ("欧阳小明", "欧**明"),
        ("王", "*"),
        ("", ""),
        ("𰻝小明", "𰻝*明"),
    ],
)
def test_names_are_masked(name, masked):
    assert mask_name(name) == masked


def test_numbers_are_masked():
    assert mask_id_number("511921195103251234") == "5119**********1234"
    assert mask_phone("13812341234") == "138****1234"
    assert mask_id_number("12345") == "*****"
    assert mask_phone("12345678") == "********"


@given(id_numbers())
def test_masking_hides_the_birth_date(number):
    assert number[6:14] not in mask_id_number(number)
