"""Item files as they come: pasted from web pages, written twice, named so that no page opens them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.catalogue.rules.form import check_form
from common.catalogue.rules.item import CatalogueError, parse_item, read_stored
from tests.catalogue.forms import form_on
from tests.catalogue.sample import CODE, an_item
from tests.catalogue.test_pages import shipped, take
from tests.desk.three import COUNTY, ThreeNodes


def faults(**changes: Any) -> dict[str, str]:
    with pytest.raises(CatalogueError) as refused:
        parse_item(an_item(**changes))
    return {fault.path: fault.reason for fault in refused.value.faults}


@pytest.mark.parametrize("code", ["A/B", "/", "A\\B", ".", "..", "new"])
def test_an_item_that_no_page_could_open_is_not_published(code: str) -> None:
    """It would stand in every list, could be filed nowhere, and never be changed or ended."""
    assert "打不开" in faults(code=code)["code"]
    assert read_stored(an_item(code=code)).code == code, "one that was published goes on"


@pytest.mark.parametrize("sign", ["\u200b", "\u2060", "\ufeff", "\u202e", "\u2028", "\x00", "\x1b", "\ufffe"])
def test_signs_that_nobody_sees_are_not_published(sign: str) -> None:
    told = faults(name=f"低{sign}保", more={"keywords": [f"低保{sign}"]})
    assert set(told) == {"name", "more.keywords[0]"} and all("看不见" in reason for reason in told.values())
    assert read_stored(an_item(name=f"低{sign}保")).name == f"低{sign}保"


def test_a_choice_published_with_such_a_sign_can_be_chosen() -> None:
    """What is typed is read without them, so nobody could ever file the item."""
    fields = [
        {
            "key": "kind",
            "label": "类别",
            "kind": "choice",
            "required": 1,
            "choices": ["普\u200b通", "\ufeff特困"],
        }
    ]
    item = read_stored(an_item(fields=[{**fields[0], "group": "申请内容"}]))
    for choice in item.fields[0].choices:
        checked = check_form(item, {"kind": choice})
        assert (checked.values, checked.problems) == ({"kind": choice}, [])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"name": "a", "papers": [], "name": "b"}', "“name”写了两次"),
        (b'{"route": {"checker": "", "checker": "township"}}', "“checker”写了两次"),
        (json.dumps({**shipped(), "name": "低保\ud800"}).encode(), "不是 UTF-8 编码"),
        (b'{"more": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", "不是 JSON 格式"),
        (json.dumps(shipped()).encode("utf-16"), "不是 UTF-8 编码"),
    ],
)
def test_a_rotten_file_is_refused_in_words(three: ThreeNodes, content: bytes, told: str) -> None:
    client = three.client(COUNTY, "admin")
    answer = take(client, content)
    assert answer.status_code == 400 and told in answer.text


@pytest.mark.parametrize("depth", [33, 300, 700, 950])
def test_a_file_however_deep_breaks_no_page(three: ThreeNodes, depth: int) -> None:
    client = three.client(COUNTY, "admin")
    inner = "[" * depth + "]" * depth
    content = json.dumps({**shipped(), "code": "ZZ-1", "name": "新"})[:-1] + f', "more": {{"x": {inner}}}}}'
    assert take(client, content.encode()).status_code in (200, 400)


@pytest.mark.parametrize("key", ["topic", "then", "csrf_token", "elements", "dataset"])
def test_a_field_called_as_one_of_the_page_is_not_published(key: str) -> None:
    """Its answer would be the number of the page, or the secret of the form."""
    fields = [{**an_item()["fields"][0], "key": key}]
    assert "网页自己用的" in faults(fields=fields)["fields[0].key"]
    assert read_stored(an_item(fields=fields)).fields[0].key == key, "one that was published goes on"


@pytest.mark.parametrize(("key", "bound"), [("max", 2026), ("max", 20261301), ("min", 20260230), ("min", -1)])
def test_a_date_is_bounded_by_days(key: str, bound: int) -> None:
    """Of a year alone every day is too late, and nobody could ever file the item."""
    fields = [
        {"key": "since", "label": "开始日期", "kind": "date", "required": 1, "group": "情况", key: bound}
    ]
    assert "八位数字" in faults(fields=fields)[f"fields[0].{key}"]
    assert read_stored(an_item(fields=fields)).fields, "one that was published goes on"
    assert parse_item(an_item(fields=[{**fields[0], key: 20260131}]))


def test_a_file_whose_day_has_come_where_it_was_published_can_be_taken(three: ThreeNodes) -> None:
    """An export says from when it was in force there; nobody can take that out of the file on a page."""
    client = three.client(COUNTY, "admin")
    answer = take(client, an_item(effective_from="2026-01-01"))
    assert answer.status_code == 200
    done = client.post("/items/publish", data=form_on(answer.text, "/items/publish"))
    assert done.status_code == 303 and three.node.catalogue.item(CODE).effective_from == ""
    later = take(client, an_item(effective_from="2027-01-01", code="X-2", name="另一项"))
    assert form_on(later.text, "/items/publish")["effective_from"] == "2027-01-01"
