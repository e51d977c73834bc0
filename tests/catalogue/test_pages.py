"""The catalogue's pages at real nodes: list, form, preview, publication, versions, files, guide."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from common.catalogue.rules.item import parse_item
from common.catalogue.rules.schema import ITEM
from common.catalogue.rules.source_words import plain_source
from common.catalogue.rules.typed import HIDDEN
from common.catalogue.service import shipped_items
from county_node.pages.item_editor import SECTIONS
from tests.catalogue.forms import form_on
from tests.catalogue.sample import CODE, an_item, put
from tests.desk.three import COUNTY, DAY_MS, PROFILES, TOWN, VILLAGE, ThreeNodes, post

HOMESTEAD = "DEMO-511921-0101"
EDIT = f"/items/{HOMESTEAD}/edit"


def shipped(code: str = HOMESTEAD) -> dict[str, Any]:
    return next(dict(obj) for obj in shipped_items() if obj["code"] == code)


def send(client: FlaskClient, path: str, values: MultiDict[str, str], **changes: str) -> TestResponse:
    """Send a form back with some values typed anew, as a page without scripts does."""
    for key, value in changes.items():
        values[key.replace("__", ".")] = value
    return client.post(path, data=values)


def begun(client: FlaskClient, page: str = EDIT) -> MultiDict[str, str]:
    return form_on(client.get(page).text, "/items/preview")


def published(client: FlaskClient, values: MultiDict[str, str], **changes: str) -> TestResponse:
    """Go through the preview to publication, sending what the preview carries."""
    seen = send(client, "/items/preview", values, **changes)
    assert seen.status_code == 200, re.findall(r'href="#f-[^>]*>([^<]*)', seen.text)
    return client.post("/items/publish", data=form_on(seen.text, "/items/publish"))


def take(client: FlaskClient, obj: object) -> TestResponse:
    content = obj if isinstance(obj, bytes) else json.dumps(obj).encode()
    return post(client, "/items", {"file": (io.BytesIO(content), "road.json")}, "/items")


def test_every_part_of_an_item_stands_in_one_card_of_the_form() -> None:
    shown = [key for _title, keys in SECTIONS for key in keys]
    assert sorted(shown) == sorted(part.key for part in ITEM if part.key not in HIDDEN)


def test_the_list_counts_and_finds(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "clerk")
    page = client.get("/items").text
    assert "村、乡镇收件 → 乡镇初审 → 县受理 → 县决定" in page
    counts = dict(re.findall(r"show=(\w+)[^>]*>\D*?(\d+)</a>", page))
    in_force = three.node.catalogue.all_items()
    assert int(counts["village"]) == sum(item.may_be_filed_at("village") for item in in_force)
    assert int(counts["township"]) == sum(item.may_be_filed_at("township") for item in in_force)
    assert client.get("/items?show=instant").text.count("<tr>") == 1 + int(counts["instant"])
    assert "高龄津贴申领" in client.get("/items?q=gljt").text
    assert "没有找到" in client.get("/items?q=<script>").text
    assert client.get("/items/none").status_code == 404


def test_only_administrators_change_the_catalogue(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "clerk")
    page = client.get(f"/items/{HOMESTEAD}").text
    assert "/edit" not in page and "停办" not in page and "新增事项" not in client.get("/items").text
    for path in (EDIT, "/items/new", f"/items/{HOMESTEAD}/withdraw"):
        assert client.get(path).status_code == 403
    for path in (
        "/items",
        "/items/draft",
        "/items/preview",
        "/items/publish",
        f"/items/{HOMESTEAD}/withdraw",
    ):
        assert post(client, path, {}).status_code == 403
        assert three.client(COUNTY, "admin").post(path, data={}).status_code == 400, (
            "no form without its secret"
        )
        client = three.again("clerk")


def test_an_item_goes_through_its_form_unchanged(three: ThreeNodes) -> None:
    """All shipped items: opening the form and publishing it as it stands makes no new version."""
    client = three.client(COUNTY, "admin")
    for obj in shipped_items()[::9]:
        code = str(obj["code"])
        answer = published(client, begun(client, f"/items/{code}/edit"))
        assert answer.status_code == 303
        item = three.node.catalogue.item(code)
        assert item == parse_item(obj) and len(three.node.catalogue.history(code)) == 1


def test_a_change_is_previewed_published_and_travels_down(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    values = begun(client)
    seen = send(client, "/items/preview", values, promised__days="12", papers__0__name="建房申请表")
    assert seen.status_code == 200 and three.node.catalogue.item(HOMESTEAD).version == 1
    assert (
        "承诺办结时限 · 天数" in seen.text and "<del>15</del>" in seen.text and "<ins>12</ins>" in seen.text
    )
    assert "申请材料“application” · 材料名称" in seen.text and "受理后 12 个工作日" in seen.text
    answer = client.post("/items/publish", data=form_on(seen.text, "/items/publish"))
    assert answer.status_code == 303 and "第 2 版" in client.get(answer.location).text
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    item = three.node.catalogue.item(HOMESTEAD)
    assert (item.version, item.promised_days, item.papers[0].name) == (2, 12, "建房申请表")


def test_every_problem_is_shown_at_its_field_and_nothing_typed_is_lost(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    answer = send(
        client,
        "/items/preview",
        begun(client),
        promised__days="zwölf",
        papers__1__name="",
        fields__2__kind="",
        name="<script>新名</script>",
        conditions="第一条\n第二条",
    )
    assert answer.status_code == 400 and "E305" in answer.text
    for key, told in (
        ("promised-days", "承诺办结时限·天数：应为"),
        ("papers-1-name", "申请材料第 2 项·材料名称：应为"),
        ("fields-2-kind", "表单第 3 项·类型：应为"),
    ):
        assert f'href="#f-{key}">{told}' in answer.text and f'id="f-{key}"' in answer.text
    kept = form_on(answer.text, "/items/preview")
    assert (kept["promised.days"], kept["conditions"]) == ("zwölf", "第一条\n第二条")
    assert kept["name"] == "<script>新名</script>" and "<script>新名" not in answer.text
    again = begun(client)
    assert set(kept) == set(again)
    assert three.node.catalogue.item(HOMESTEAD).version == 1


def test_entries_are_added_moved_and_taken_out_without_scripts(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    values = begun(client)
    names = [values[f"papers.{place}.name"] for place in range(3)]
    moved = form_on(send(client, "/items/draft", values, then="up/papers.1").text, "/items/preview")
    assert [moved[f"papers.{place}.name"] for place in range(3)] == [names[1], names[0], names[2]]
    fewer = form_on(send(client, "/items/draft", moved, then="drop/papers.0").text, "/items/preview")
    assert [fewer[f"papers.{place}.name"] for place in range(2)] == [names[0], names[2]]
    more = form_on(send(client, "/items/draft", fewer, then="add/fees").text, "/items/preview")
    assert more["fees.0.name"] == "" and more["papers.0.name"] == names[0]
    for then in (
        "add/code",
        "drop/papers.x",
        "up/papers.0",
        "drop/papers.99",
        "drop/papers." + "9" * 5_000,
        "burn/papers.1",
        "add/",
        "///",
    ):
        assert send(client, "/items/draft", more, then=then).status_code == 200


def test_a_version_with_a_date_waits_and_a_past_date_is_refused(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    assert "不能早于今天" in send(client, "/items/preview", begun(client), effective_from="2026-03-02").text
    assert send(client, "/items/preview", begun(client), effective_from="1.4.2026").status_code == 400
    page = client.get(published(client, begun(client), visits="2", effective_from="2026-03-05").location).text
    assert "2026-03-05 起生效" in page and "2026-03-05 第 2 版生效" in page
    assert "待生效 1" in client.get("/items").text
    three.carry(COUNTY, TOWN)
    assert three.node.catalogue.item(HOMESTEAD).version == 1
    three.clock.advance(2 * DAY_MS)
    assert three.node.catalogue.item(HOMESTEAD).version == 2


def test_two_who_change_one_item_do_not_undo_each_other(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    mine, theirs = begun(client), begun(client)
    assert published(client, theirs, visits="7").status_code == 303
    answer = published(client, mine, hours="周一（示例）")
    assert answer.status_code == 409 and "E306" in answer.text
    assert form_on(answer.text, "/items/preview")["hours"] == "周一（示例）"
    assert three.node.catalogue.item(HOMESTEAD).visits == 7


def test_a_new_item_is_typed_in_and_a_code_is_not_taken_twice(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    empty = send(client, "/items/preview", begun(client, "/items/new"))
    assert empty.status_code == 400 and empty.text.count('<li><a href="#f-') > 40
    seen = take(client, an_item())
    assert seen.status_code == 200 and "这是新事项" in seen.text
    values = form_on(seen.text, "/items/publish")
    assert client.post("/items/publish", data=values).status_code == 303
    item = three.node.catalogue.item(CODE)
    assert item == parse_item(an_item()) and item.more == {"note": "示例"}
    again = send(client, "/items/preview", values, _base="0")
    assert again.status_code == 400 and "已经有这个编码" in again.text


def test_an_exported_file_can_be_taken_in_again(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    answer = client.get(f"/items/{HOMESTEAD}/versions/1.json")
    assert answer.mimetype == "application/json" and "attachment" in answer.headers["Content-Disposition"]
    obj = json.loads(answer.text)
    assert obj == shipped()
    assert "内容没有变化" in take(client, obj).text
    assert "<ins>9</ins>" in take(client, obj | {"visits": 9}).text
    assert client.get(f"/items/{HOMESTEAD}/versions/9.json").status_code == 404


def test_a_file_with_errors_names_file_field_and_reason_and_changes_nothing(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    wrong = put(shipped() | {"kind": "soon", "misspelt": "<script>"}, "promised.days", -1)
    wrong.pop("name")
    answer = take(client, wrong)
    assert answer.status_code == 400 and "E305" in answer.text
    for told in (
        "promised.days：应为",
        "kind：应为其中之一",
        "misspelt：不认识",
        "name：没有填写（事项名称）",
    ):
        assert f"road.json：{told}" in answer.text, told
    assert "<script>alert" not in answer.text
    assert three.node.catalogue.item(HOMESTEAD).version == 1


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe\x00", b"[" * 100_000, b'{"a": "' + b"x" * 300_000 + b'"}']
)
def test_a_file_that_is_no_item_is_refused_in_words(three: ThreeNodes, content: bytes) -> None:
    answer = take(three.client(COUNTY, "admin"), content)
    assert answer.status_code == 400 and "E305" in answer.text


def test_an_item_is_withdrawn_at_once_or_from_a_day_and_taken_up_again(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    path = f"/items/{HOMESTEAD}/withdraw"
    for day in ("2026-03-02", "2026-13-01", "bald"):
        answer = post(client, path, {"effective_from": day})
        assert answer.status_code == 400 and f'value="{day}"' in answer.text
    assert post(client, path, {"effective_from": "2026-03-31"}).status_code == 303
    assert "2026-03-31 停办" in client.get(f"/items/{HOMESTEAD}").text
    assert post(client, path, {"effective_from": ""}).status_code == 303
    assert three.node.catalogue.item(HOMESTEAD) is None
    assert "已停办 1" in client.get("/items").text and client.get(f"/guide/{HOMESTEAD}").status_code == 404
    assert three.again("clerk").get(f"/items/{HOMESTEAD}").status_code == 404
    assert post(client, path, {"effective_from": ""}).status_code == 404
    seen = send(client, "/items/preview", begun(client))
    assert "重新开办" in seen.text
    assert client.post("/items/publish", data=form_on(seen.text, "/items/publish")).status_code == 303
    assert three.node.catalogue.item(HOMESTEAD).version == 4


def test_the_versions_say_what_each_changed(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    published(client, begun(client), visits="3")
    values = begun(client)
    for name in [name for name in values if name.startswith("papers.1.")]:
        values.pop(name)
    published(client, values, subjects="2")
    page = client.get(f"/items/{HOMESTEAD}/versions").text
    newest, second, first = page.split("<section")[1:]
    assert "第 3 版" in newest and "现行" in newest and "申请材料“pledge”" in newest and "企业法人" in newest
    assert "<del>1</del>" in second and "到办事现场次数" in second and "首次发布" in first


def test_the_guide_is_open_to_everybody_at_every_tier(three: ThreeNodes) -> None:
    item = parse_item(shipped())
    for address in PROFILES:
        three.client(address, "admin")
        stranger = three.app.test_client()
        assert item.name in stranger.get("/guide?q=宅基地").text
        page = stranger.get(f"/guide/{HOMESTEAD}").text
        for heading in ("办什么", "怎么办", "要带什么材料", "多久办好", "收多少钱", "常见问题"):
            assert f"<h2>{heading}</h2>" in page
        said = (item.basis[0].document, item.steps[0].text, item.papers[0].name, item.questions[0].a)
        said += (item.consult_phone, item.complaint_phone, plain_source(item.source), item.promised.words)
        for words in said:
            assert words in page
        assert ("不在本站收件" in page) == (address == COUNTY)
        assert stranger.get("/guide/none").status_code == 404
