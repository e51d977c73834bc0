"""What only halls have: home pages with counts, nodes below and their codes, the catalogue at the county."""

from __future__ import annotations

import re

import pytest

from common.config import read_config, write_config
from common.node.verbs import commands
from tests.desk.three import (
    COUNTY,
    DAY_MS,
    PEOPLE,
    PROFILES,
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


def test_lists_are_called_in_the_menu_what_their_pages_are_called(three: ThreeNodes) -> None:
    """A column's word (账号, 事项) means one of them and reads so in English; the menu means them all."""
    for address, login in ((COUNTY, "admin"), (COUNTY, "clerk"), (VILLAGE, "agent")):
        client = three.client(address, login)
        home = client.get("/").text
        for path, words in re.findall(r'<li[^>]*><a href="(/items|/accounts|/letters)"[^>]*>([^<]+)<', home):
            assert f"<h1>{words}</h1>" in client.get(path).text, (address, path)


def test_departments_offered_for_staff_are_those_that_cases_are_given_to(three: ThreeNodes) -> None:
    """By the name of an item's organ (通江县民政局) nothing ever came: in charge is 县民政局."""
    client = three.client(COUNTY, "admin")
    page = client.get("/accounts/new").text
    offered = set(re.findall(r'<option value="([^"]+)">', page))
    assert "县民政局" in offered and "通江县民政局" not in offered
    assert three.node.catalogue.departments() <= offered


def test_staff_of_a_department_that_no_case_is_given_to_are_marked(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    mark, told = "没有件归这个部门", "没有事项由“通江县民政局”办"
    assert mark not in client.get("/accounts").text
    assert post(client, "/accounts/reviewer/department", {"department": "通江县民政局"}).status_code == 303
    assert mark in client.get("/accounts").text and told in client.get("/accounts/reviewer").text
    post(client, "/accounts/reviewer/department", {"department": "县民政局"})
    assert mark not in client.get("/accounts").text and told not in client.get("/accounts/reviewer").text


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


def answers_without_secret(three: ThreeNodes, address: str) -> dict[str, set[str]]:
    """Return what each form of a tier says, to everybody who works there, of a secret that is none."""
    said: dict[str, set[str]] = {}
    three.client(address, "admin")
    for login in (one for one, (_, roles) in PEOPLE.items() if roles <= set(three.node.profile.roles)):
        client = three.again(login)
        for rule in three.app.url_map.iter_rules():
            view = three.app.view_functions[rule.endpoint]
            if "POST" not in (rule.methods or ()) or view.guard.kind == "node":  # type: ignore[attr-defined]
                continue
            path = re.sub(r"<[^>]+>", "x", re.sub(r"<int:[^>]+>", "7", rule.rule))
            answer = client.post(path, data={"csrf_token": "made up"}, follow_redirects=True)
            is_asked = "这个页面放得太久" in answer.text
            said.setdefault(rule.rule, set()).add("asked" if is_asked else str(answer.status_code))
    return said


def test_every_form_of_every_tier_asks_for_its_secret(three: ThreeNodes) -> None:
    """Whoever has not the post for it is told that before; somebody has it, but for supervisors' forms."""
    for address in PROFILES:
        said = answers_without_secret(three, address)
        assert {form: one for form, one in said.items() if not one <= {"asked", "403"}} == {}, address
        assert sum("asked" in one for one in said.values()) > 0.9 * len(said), (address, said)


def test_administration_is_for_administrators(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "clerk")
    assert client.get("/nodes").status_code == 403
    assert post(client, "/nodes/code", {"address": TOWN}).status_code == 403
    assert post(client, "/items", {}).status_code == 403
    assert client.get("/items").status_code == 200 and "新增事项" not in client.get("/items").text


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
