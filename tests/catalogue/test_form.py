"""Forms: all problems at once in Chinese, typed values kept, integers and strings, never an exception."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.catalogue.rules.applicant import APPLICANT_FIELDS
from common.catalogue.rules.codes import FIELD_KIND_NAMES
from common.catalogue.rules.form import asked, check_fields, check_form, condition_words
from common.catalogue.rules.item import FieldSpec, ShowIf, parse_item
from tests.catalogue.sample import an_item

FOLDER = Path(__file__).parents[2] / "common" / "catalogue" / "data" / "items"
ITEMS = {file.stem: parse_item(json.loads(file.read_text("utf-8"))) for file in sorted(FOLDER.glob("*.json"))}
TODAY = date(2026, 11, 23)


def spec(kind, **parts):
    """Return a required field of one kind."""
    given = {"choices": (), "minimum": None, "maximum": None, "max_length": 20, "hint": "", "required": True}
    return FieldSpec(key="it", label="某项", kind=kind, **(given | parts))


def read(field, typed):
    """Return the value of one field, or the code of its only problem in angle brackets."""
    result = check_fields((field,), {"it": typed}, today=TODAY, places={"511921126200"})
    if result.problems:
        assert len(result.problems) == 1 and "it" not in result.values
        return f"<{result.problems[0].code}>"
    return result.values.get("it")


CHOICE = {"choices": ("皆伐", "200")}


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        (spec("text"), "  王小明　", "王小明"),
        (spec("text"), "３组１２号", "3组12号"),
        (spec("text"), "𰻝𱬸", "𰻝𱬸"),
        (spec("text"), "甲\u200b乙\ufeff", "甲乙"),
        # Two people whose names differ by what nobody sees would be one on a slip.
        (spec("text"), "王\u200d秀\u200e英\u061c\u00ad\u3164\U000e0041", "王秀英"),
        # Which way a rare sign is written, and a Mongolian one, is seen.
        (spec("text"), "葛\U000e0100ᠠ᠋", "葛\U000e0100ᠠ᠋"),
        (spec("text"), "   ", "<required>"),
        (spec("text"), "\u200b", "<required>"),
        (spec("text"), "一" * 20, "一" * 20),
        (spec("text"), "一" * 21, "<too_long>"),
        (spec("text"), "两\n行", "<line_break>"),
        (spec("text"), "坏\x00字", "<bad_character>"),
        (spec("text"), "坏\ud800字", "<bad_character>"),
        (spec("text"), "反\u202e转", "<bad_character>"),
        (spec("text"), "坏\uffff字", "<bad_character>"),
        (spec("textarea"), "两\r\n行", "两\n行"),
        (spec("textarea"), "坏\x07字", "<bad_character>"),
        (spec("number"), " １，２３４ ", 1234),
        (spec("number"), "-5", -5),
        (spec("number"), "1.5", "<not_a_number>"),
        (spec("number"), "三", "<not_a_number>"),
        (spec("number"), "٣", "<not_a_number>"),
        (spec("number"), "9" * 5000, "<too_large>"),
        (spec("number", minimum=1, maximum=3), "0", "<too_small>"),
        (spec("number", minimum=1, maximum=3), "4", "<too_large>"),
        (spec("number", minimum=1, maximum=3), "3", 3),
        (spec("money_fen"), "12.5", 1250),
        (spec("money_fen"), "１２．０５元", 1205),
        (spec("money_fen"), "1,000", 100_000),
        (spec("money_fen"), "1,234,567.8 元", 123_456_780),
        # A comma beside the point on the keyboard: a hundred times as much.
        (spec("money_fen"), "12,50", "<not_money>"),
        (spec("money_fen"), "1,23", "<not_money>"),
        (spec("money_fen"), "1，5", "<not_money>"),
        (spec("money_fen"), "12.5,0", "<not_money>"),
        (spec("number"), "1,5", "<not_a_number>"),
        (spec("number"), "-1,234", -1234),
        (spec("money_fen"), "0.001", "<not_money>"),
        (spec("money_fen"), "-1", "<not_money>"),
        (spec("money_fen"), "9" * 400, "<too_large>"),
        (spec("money_fen", minimum=100), "0.99", "<too_small>"),
        (spec("money_fen", maximum=100), "1.01", "<too_large>"),
        (spec("date"), "2026-3-5", "2026-03-05"),
        (spec("date"), "2026年3月5日", "2026-03-05"),
        (spec("date"), "２０２６／０３／０５", "2026-03-05"),
        (spec("date"), "20260305", "2026-03-05"),
        (spec("date"), "2026-02-29", "<no_such_date>"),
        (spec("date"), "5/3/2026", "<not_a_date>"),
        (spec("date", minimum=20260101), "2025-12-31", "<too_small>"),
        (spec("date", maximum=20260101), "2026-01-02", "<too_large>"),
        (spec("choice", **CHOICE), "皆伐", "皆伐"),
        (spec("choice", **CHOICE), "２００", "200"),
        (spec("choice", **CHOICE), "择伐", "<not_a_choice>"),
        (spec("choice", **CHOICE), "", "<required>"),
        (spec("yesno"), "是", 1),
        (spec("yesno"), "０", 0),
        (spec("yesno"), "也许", "<not_yes_or_no>"),
        (spec("phone"), "+86 138-0013-8000", "13800138000"),
        (spec("phone"), "１３８００１３８０００", "13800138000"),
        (spec("phone"), "0827-7221234", "0827-7221234"),
        (spec("phone"), "12345", "<not_a_phone>"),
        # As telephones, spreadsheets and text programs paste them: what is wrong with them nobody sees.
        (spec("phone"), "\u202d138\xa00013\u20098000\u202c", "13800138000"),
        (spec("phone"), "0827\u20137221234", "0827-7221234"),
        (spec("id_number"), "\u200e110105\xa019491231\xa0002X", "11010519491231002X"),
        (spec("number"), "\u202a12\u202c", 12),
        (spec("money_fen"), "\u206612.5\u2069", 1250),
        (spec("date"), "2026 年 3 月 5 日", "2026-03-05"),
        (spec("text"), "王秀\u200e英\u00ad", "王秀英"),
        (spec("id_number"), "110105 19491231 002x", "11010519491231002X"),
        (spec("id_number"), "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        (spec("id_number"), "110105-19491231-002x", "11010519491231002X"),
        # The first cards, as of a parent or spouse: what the page calls right is taken.
        (spec("id_number"), "110105 491231 002", "110105491231002"),
        (spec("id_number"), "110105491331002", "<id_birth_date>"),
        (spec("id_number"), "110105194912310021", "<id_check_digit>"),
        (spec("id_number"), "110105209912310021", "<id_future>"),
        (spec("place"), "511921126200", "511921126200"),
        (spec("place"), "511921126201", "<unknown_place>"),
        (spec("place"), "51", "<not_a_place>"),
        (spec("place"), "青龙石村", "<not_a_place>"),
        (spec("text", required=False), "", None),
        (spec("id_number", required=False), " ", None),
    ],
    ids=lambda value: value.kind if isinstance(value, FieldSpec) else repr(value)[:24],
)
def test_each_kind_of_field_is_read(field, typed, value):
    assert read(field, typed) == value


@pytest.mark.parametrize("stem", ITEMS)
def test_an_empty_form_tells_every_required_field_at_once(stem):
    item = ITEMS[stem]
    result = check_form(item, {})
    assert [problem.field for problem in result.problems] == [
        spec.key for spec in item.fields if spec.required and spec.show_if is None
    ]
    assert {problem.code for problem in result.problems} == {"required"}
    assert result.values == {}
    for problem in result.problems:
        assert problem.sentence.startswith(f"{problem.label}：")
        assert problem.sentence.endswith("。")


def test_what_was_typed_is_kept_as_typed_and_the_good_fields_have_values():
    typed = {"household_size": "三口", "floors": " ２ ", "plot_area": "9999", "unknown": "x"}
    result = check_form(ITEMS["homestead"], typed)
    assert result.typed["household_size"] == "三口"
    assert result.typed["floors"] == " ２ "
    assert "unknown" not in result.typed
    assert result.values == {"floors": 2}
    codes = {problem.field: problem.code for problem in result.problems}
    assert codes["household_size"] == "not_a_number"
    assert codes["plot_area"] == "too_large"
    assert codes["plot_location"] == "required"


def test_a_field_is_asked_only_when_its_condition_holds():
    item = parse_item(an_item())
    always = {"area": "3", "digs": "否"}
    result = check_form(item, {**always, "reason": "施工", "other_reason": "一" * 99, "depth": "深"})
    assert result.problems == [] and result.values == {"reason": "施工", "area": 3, "digs": 0}
    assert result.typed["other_reason"] == "一" * 99
    assert [spec.key for spec in asked(item.fields, result.values)] == ["reason", "area", "digs", "until"]
    asking = check_form(item, {**always, "reason": "其他", "digs": "是"})
    assert [(problem.field, problem.code) for problem in asking.problems] == [
        ("other_reason", "required"),
        ("depth", "required"),
    ]


def test_a_field_that_hangs_on_one_that_is_not_asked_is_not_asked_either():
    first = spec("yesno")
    second = replace(spec("yesno", show_if=ShowIf("it", 1)), key="second")
    third = replace(spec("text", show_if=ShowIf("second", 1)), key="third")
    result = check_fields((first, second, third), {"it": "否", "second": "是"})
    assert result.problems == [] and result.values == {"it": 0}


def test_a_condition_is_said_in_words():
    fields = parse_item(an_item()).fields
    assert [condition_words(field, fields) for field in fields] == [
        "",
        "“占用原因”为“其他”时填写",
        "",
        "",
        "“是否挖掘”为“是”时填写",
        "",
    ]


def test_without_a_list_of_places_any_address_will_do():
    assert check_fields((spec("place"),), {"it": "511921126000"}).values == {"it": "511921126"}


def test_the_applicant_is_checked_by_the_same_rules():
    typed = {"name": "王小明", "id_number": "110105194912310021", "phone": "1", "address": ""}
    result = check_fields(APPLICANT_FIELDS, typed, today=TODAY)
    assert {problem.field: problem.code for problem in result.problems} == {
        "id_number": "id_check_digit",
        "phone": "not_a_phone",
        "address": "required",
    }
    assert result.values == {"name": "王小明"}


odd_text = st.text(st.characters(), max_size=40) | st.text(
    alphabet="0123456789.-/年月日０９XxＸ是否元,，+ \n", max_size=30
)
bounds = st.none() | st.integers(-(2**53), 2**53)
specs = st.builds(
    FieldSpec,
    key=st.just("it"),
    label=st.just("某项"),
    kind=st.sampled_from(tuple(FIELD_KIND_NAMES)),
    required=st.booleans(),
    choices=st.lists(st.text(min_size=1, max_size=5), max_size=3).map(tuple),
    minimum=bounds,
    maximum=bounds,
    max_length=st.integers(1, 50),
    hint=st.just(""),
)


@given(specs, odd_text)
def test_nothing_typed_makes_the_check_raise(field, typed):
    """Method: any field with any bounds and any text; the outcome is a signable value or a problem."""
    result = check_fields((field,), {"it": typed}, today=TODAY)
    assert result.typed == {"it": typed}
    assert len(result.problems) + len(result.values) <= 1
    for value in result.values.values():
        assert type(value) in (int, str)
        if isinstance(value, str) and field.kind != "choice":
            value.encode("utf-8")
        if isinstance(value, int):
            assert abs(value) < 2**53
    if field.required:
        assert len(result.problems) + len(result.values) == 1


@given(st.sampled_from(sorted(ITEMS)), st.dictionaries(st.text(max_size=20), odd_text), st.data())
def test_no_form_makes_the_check_raise(stem, noise, data):
    """Method: any text in any of a real item's fields, and keys nobody asked for."""
    item = ITEMS[stem]
    typed = noise | {spec.key: data.draw(odd_text) for spec in item.fields}
    result = check_form(item, typed, today=TODAY)
    fields = {spec.key for spec in item.fields}
    assert set(result.typed) == fields
    assert set(result.values) | {problem.field for problem in result.problems} <= fields
    assert not set(result.values) & {problem.field for problem in result.problems}


@given(st.integers(0, 10**12))
def test_money_typed_in_yuan_comes_back_in_fen(fen):
    assert read(spec("money_fen"), f"{fen // 100}.{fen % 100:02d}") == fen


def test_a_value_of_another_type_counts_as_empty():
    result = check_fields((spec("text"),), {"it": None})
    assert result.problems[0].code == "required"
