"""An item as the text of its form and back, and the differences between two versions in words."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.catalogue.rules.differences import Difference, differences
from common.catalogue.rules.item import CatalogueError, parse_item, second_parts
from common.catalogue.rules.schema import ITEM
from common.catalogue.rules.typed import (
    key_of,
    moved_up,
    object_of,
    path_words,
    places,
    renumbered,
    typed_of,
    with_entry,
    without_entry,
)
from common.catalogue.service import shipped_items
from tests.catalogue.sample import a_first_item, an_item, put


def through_the_form(obj: dict[str, Any]) -> dict[str, Any]:
    kept = {key: obj[key] for key in ("format", "version", "more") if key in obj}
    return {**object_of(typed_of(second_parts(obj))), **kept}


def test_an_item_comes_back_from_its_form_as_it_was() -> None:
    for obj in (an_item(), an_item(effective_from="2027-01-01"), *shipped_items()):
        assert parse_item(through_the_form(obj)) == parse_item(obj)


def test_what_is_typed_is_not_mended_in_secret() -> None:
    typed = typed_of(an_item()) | {"visits": "zwei", "papers.0.required": "2", "promised.days": " 7 "}
    obj = object_of(typed)
    assert (obj["visits"], obj["papers"][0]["required"], obj["promised"]["days"]) == ("zwei", 2, 7)
    assert object_of({})["papers"] == [] and object_of({})["name"] == ""


def test_a_condition_left_empty_is_left_out_and_half_a_condition_is_not() -> None:
    typed = typed_of(an_item())
    assert (
        "show_if"
        not in object_of(typed | {"fields.1.show_if.field": "", "fields.1.show_if.equals": ""})["fields"][1]
    )
    half = object_of(typed | {"fields.1.show_if.equals": ""})["fields"][1]
    assert half["show_if"] == {"field": "reason", "equals": ""}


def test_line_ends_and_empty_lines_of_a_browser_are_read() -> None:
    typed = typed_of(an_item()) | {"conditions": " 甲 \r\n\r\n乙\r\n", "remedies": "一\r\n二"}
    obj = object_of(typed)
    assert (obj["conditions"], obj["remedies"]) == (["甲", "乙"], "一\n二")


def test_entries_are_added_moved_and_taken_out() -> None:
    typed = typed_of(an_item())
    assert places(moved_up(typed, "papers", 1), "papers") == [0, 1]
    assert moved_up(typed, "papers", 1)["papers.0.name"] == "恢复方案"
    assert moved_up(typed, "papers", 0) == moved_up(typed, "papers", 9) == typed
    part = next(part for part in ITEM if part.key == "papers")
    assert object_of(with_entry(typed, part, "papers"))["papers"][2]["name"] == ""
    assert places(with_entry({}, part, "papers"), "papers") == [0]
    gone = without_entry(typed, "fields", 0)
    assert places(gone, "fields") == [1, 2, 3, 4, 5]
    assert places(renumbered(gone), "fields") == [0, 1, 2, 3, 4]
    assert renumbered(gone)["fields.0.label"] == "其他原因"


def test_a_path_is_said_in_words_and_leads_to_its_field() -> None:
    assert key_of("fields[1].show_if.field") == "fields.1.show_if.field"
    assert path_words("papers[0].name") == "申请材料第 1 项·材料名称"
    assert path_words("fields[1].show_if") == "表单第 2 项·只在以下情况填写"
    assert path_words("") == "" and path_words("typo[3]") == "typo[3]"


@given(st.dictionaries(st.sampled_from([*typed_of(an_item()), "papers.x.name", "papers.999999.key", ".", ""]),
                       st.text(max_size=30)))  # fmt: skip
def test_nothing_typed_makes_reading_the_form_fail(changes: dict[str, str]) -> None:
    """Method: any text in any fields, strange keys too; it is an item or its faults are told."""
    try:
        parse_item({"format": 2, "version": 1, **object_of(renumbered(typed_of(an_item()) | changes))})
    except CatalogueError as error:
        assert all(path_words(fault.path) or not fault.path for fault in error.faults)


def changes_of(after: dict[str, Any], before: dict[str, Any] | None = None) -> list[Difference]:
    return differences(second_parts(before or an_item()), second_parts(after))


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("name", "新名", ("事项名称", "临时占用道路许可", "新名")),
        ("kind", "instant", ("办件类型", "承诺件", "即办件")),
        ("promised.days", 9, ("承诺办结时限 · 天数", "8", "9")),
        ("subjects", ["1"], ("服务对象", "企业法人", "")),
        ("conditions", ["确需占用道路", "新条件"], ("受理条件", "有恢复措施", "新条件")),
        ("subjects", ["2", "1"], ("服务对象 · 次序", "自然人\n企业法人", "企业法人\n自然人")),
        ("papers.1.required", 0, ("申请材料“plan” · 必交", "是", "否")),
        ("quantity_limit", ..., ("数量限制", "同一路段不重复批准", "")),
        ("fields.1.show_if.equals", "施工", ("表单“other_reason” · 只在以下情况填写 · 等于", "其他", "施工")),
        ("questions.0.a", "不可以。", ("常见问题“第 1 项” · 答", "可以，带委托书。", "不可以。")),
        ("more", {"x": 1}, ("其他", '{"note": "示例"}', '{"x": 1}')),
        ("version", 2, None),
    ],
)  # fmt: skip
def test_a_change_is_said_where_it_is(path: str, value: Any, told: tuple[str, str, str] | None) -> None:
    assert changes_of(put(an_item(), path, value)) == ([Difference(*told)] if told else [])


def test_papers_are_compared_by_their_key_wherever_they_stand() -> None:
    obj = an_item()
    obj["papers"] = [
        *copy.deepcopy(obj["papers"][::-1]),
        {**obj["papers"][0], "key": "map", "name": "位置图"},
    ]
    added, order = changes_of(obj)
    assert added.where == "申请材料“map”" and added.before == "" and "材料名称：位置图" in added.after
    assert order == Difference("申请材料 · 次序", "application、plan", "plan、application")
    (gone,) = changes_of(put(an_item(), "papers.1", ...))
    assert gone.where == "申请材料“plan”" and gone.after == "" and "可以容缺（后补）：是" in gone.before


def test_a_version_in_format_1_is_compared_with_one_in_format_2() -> None:
    told = {change.where: change for change in changes_of(an_item(), a_first_item())}
    assert told["承诺办结时限 · 天数"] == Difference("承诺办结时限 · 天数", "5", "8")
    assert told["申请材料“id_card”"].after == ""


NUMBERED = [
    {"key": "owners", "label": "共有人数", "kind": "number", "required": 1, "group": "情况"},
    {
        "key": "why",
        "label": "说明",
        "kind": "text",
        "required": 1,
        "group": "情况",
        "show_if": {"field": "owners", "equals": 1},
    },
]


def test_a_condition_on_a_number_comes_back_as_one() -> None:
    obj = an_item(fields=NUMBERED)
    assert through_the_form(obj)["fields"] == NUMBERED and parse_item(through_the_form(obj)) == parse_item(
        obj
    )
    odd = object_of(typed_of(obj) | {"fields.1.show_if.equals": "一"})
    assert odd["fields"][1]["show_if"]["equals"] == "一", "reading says that it is no number"
