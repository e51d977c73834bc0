"""What only halls have: home pages with counts, nodes below and their codes, the catalogue at the county."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from common.catalogue.service import shipped_items
from common.config import read_config, write_config
from common.node import commands
from tests.desk.three import (
    COUNTY,
    DAY_MS,
    PROFILES,
    SUBSISTENCE,
    TOWN,
    VILLAGE,
    ThreeNodes,
    post,
)


def test_each_tier_has_its_menu_and_every_entry_opens(three: ThreeNodes) -> None:
    for address in PROFILES:
        client = three.client(address, "admin")
        home = client.get("/").text
        menu = home[home.index('<nav class="menu"') : home.index("</nav>")]
        for path in re.findall(r'href="([^"]+)"', menu):
            assert client.get(path).status_code == 200, (address, path)
        assert ("/items" in menu) == (address == COUNTY)
        assert ("事项目录</h2>" in home) == (address == COUNTY)
        assert ("/nodes" in menu) == (address != VILLAGE)


def test_every_page_of_every_tier_asks_who_is_there(three: ThreeNodes) -> None:
    for address in PROFILES:
        three.client(address, "admin")
        stranger = three.app.test_client()
        for rule in three.app.url_map.iter_rules():
            view = three.app.view_functions[rule.endpoint]
            if rule.endpoint == "static" or view.guard.kind != "staff":  # type: ignore[attr-defined]
                continue
            path = re.sub(r"<[^>]+>", "x", re.sub(r"<int:[^>]+>", "7", rule.rule))
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            answer = stranger.open(path, method=method)
            assert answer.status_code == 303 and "/sign-in" in answer.location, (address, rule.rule)


def test_administration_is_for_administrators(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "clerk")
    assert client.get("/nodes").status_code == 403
    assert post(client, "/nodes/code", {"address": TOWN}).status_code == 403
    assert post(client, "/items", {}).status_code == 403
    assert client.get("/items").status_code == 200 and "检查并发布" not in client.get("/items").text


def test_a_village_that_is_silent_stands_out(three: ThreeNodes) -> None:
    client = three.client(TOWN, "checker")
    page = client.get("/").text
    assert "鹿角坪村" in page and "light good" in page
    three.clock.advance(2 * DAY_MS)
    page = three.client(TOWN, "checker").get("/").text
    assert "1 个站点一天以上没有联系" in page and "light warn" in page
    three.clock.advance(2 * DAY_MS)
    assert "light bad" in three.client(TOWN, "checker").get("/").text


def test_the_home_page_counts_cases_by_state(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    three.file()
    three.carry(VILLAGE, COUNTY)
    page = three.client(COUNTY, "reviewer").get("/").text
    assert "state=RECEIVED" in page and "1 件" in page and "现在没有等您办理的件" in page


def test_a_code_is_shown_once_on_a_sheet_and_lets_a_node_in(three: ThreeNodes) -> None:
    client = three.client(TOWN, "admin")
    village = "511921126200"
    sheet = post(client, "/nodes/code", {"address": village, "name": ""}, "/nodes").text
    code = re.search(r'class="code digits">([^<]+)<', sheet)
    assert code and "青龙石村" in sheet and "网络指纹" in sheet and "village_node" in sheet
    listed = client.get("/nodes").text
    assert "青龙石村" in listed and "待使用" in listed and code[1] not in listed
    request, answer = three.folder / "request", three.folder / "answer"
    folder = three.folder / village
    folder.mkdir()
    write_config(folder, {"address": village})
    commands.init(read_config(folder, {}), PROFILES[VILLAGE])
    commands.enrol_request(three.open(village), code[1], request)
    commands.enrol_answer(three.open(TOWN), request, answer)
    commands.enrol_finish(three.open(village), code[1], answer)
    assert three.node.tree().parent(village) == TOWN
    assert "已登记" in three.client(TOWN, "admin").get("/nodes").text


@pytest.mark.parametrize("address", ["", "511921", "511921108203", "511921126", "<script>"])
def test_no_code_for_a_place_that_is_not_below(three: ThreeNodes, address: str) -> None:
    client = three.client(TOWN, "admin")
    answer = post(client, "/nodes/code", {"address": address, "name": "某<村>"}, "/nodes")
    assert answer.status_code == 400 and "E244" in answer.text and "某&lt;村&gt;" in answer.text


def published(client: FlaskClient, content: bytes) -> TestResponse:
    return post(client, "/items", {"file": (io.BytesIO(content), "item.json")}, "/items")


def shipped(code: str = SUBSISTENCE) -> dict[str, Any]:
    return next(dict(obj) for obj in shipped_items() if obj["code"] == code)


def test_the_catalogue_shows_each_item_with_its_way(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "clerk")
    page = client.get("/items").text
    assert "村、乡镇收件 → 乡镇初审 → 县受理 → 县决定" in page
    assert "高龄津贴申领" in client.get("/items?q=gljt").text
    one = client.get(f"/items/{SUBSISTENCE}").text
    assert "社会救助暂行办法" in one and "25 个工作日" in one
    assert client.get("/items/none").status_code == 404


def test_a_new_version_goes_out_to_the_villages(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    changed = shipped() | {"promised": {"days": 20, "unit": "work"}}
    answer = published(client, json.dumps(changed).encode())
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "第 2 版" in page and "20 个工作日" in page
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    item = three.node.catalogue.item(SUBSISTENCE)
    assert item is not None and (item.version, item.promised_days) == (2, 20)


def test_the_same_item_again_makes_no_new_version(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    assert published(client, json.dumps(shipped()).encode()).status_code == 303
    assert "没有重复发布" in client.get("/items").text


def test_every_problem_of_an_item_is_shown_and_nothing_changes(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    wrong = shipped() | {"promised_days": -1, "kind": "soon", "misspelt": "<script>"}
    wrong.pop("name")
    answer = published(client, json.dumps(wrong).encode())
    assert answer.status_code == 400 and "E305" in answer.text
    for key in ("promised_days", "kind", "misspelt", "name"):
        assert key in answer.text, key
    assert "<script>alert" not in answer.text
    item = three.node.catalogue.item(SUBSISTENCE)
    assert item is not None and item.version == 1


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe\x00", b"[" * 100_000, b'{"a": "' + b"x" * 300_000 + b'"}']
)
def test_a_file_that_is_no_item_is_refused_in_words(three: ThreeNodes, content: bytes) -> None:
    answer = published(three.client(COUNTY, "admin"), content)
    assert answer.status_code == 400 and "E305" in answer.text
