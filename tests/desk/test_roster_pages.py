"""The county's roster pages: a township is cut off, what it sent is looked through and decided on."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from common.casework.rules.flow import State
from common.people.rules.roles import Role
from county_node.pages import roster
from county_node.pages.roster_held import Receipts
from sync.protocol.trust import registrar
from sync.protocol.trust.revocation import Mark
from tests.desk.three import COUNTY, RELIEF, TOWN, VILLAGE, ThreeNodes, post
from tests.sync.made import key_pair

MARK = Mark(COUNTY, 9, 0)


def test_a_stolen_township_is_dealt_with_on_pages(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    cases = [three.file(RELIEF, seed=n) for n in range(3)]
    three.carry(VILLAGE, TOWN)
    three.move(cases[0], "accept", Role.CLERK)
    three.carry(TOWN, VILLAGE)
    three.carry(VILLAGE, TOWN)
    for case in cases[1:]:
        three.move(case, "accept", Role.CLERK)
    three.carry(TOWN, COUNTY)
    three.carry(COUNTY, TOWN)
    client = three.client(COUNTY, "admin")
    assert "青峪" in client.get("/roster").text and "没有等待处理" in client.get("/roster/held").text
    page = f"/roster/{TOWN}/revoke"
    form = client.get(page).text
    # What the township sent to its village did not pass the county, which goes by the village's word.
    assert "县里没有这一段的副本" in form
    fields = re.findall(r'name="(cut:[^"]+)" value="(\d+)"', form)
    assert fields and "收到第" in form
    cut = {html.unescape(name): str(max(0, int(value) - 2)) for name, value in fields}
    unsure = post(client, page, {**cut, "reason": "stolen"})
    assert unsure.status_code == 400 and "请先勾选确认" in unsure.text
    bad = post(client, page, {**cut, next(iter(cut)): "-1", "reason": "stolen", "sure": "1"})
    assert bad.status_code == 400 and "请填数字" in bad.text
    home = client.get("/").text
    assert 'class="light good">刚刚' in home and "联系已断开" not in home
    assert post(client, page, {**cut, "reason": "stolen", "sure": "1"}).status_code == 303
    for home in (client.get("/").text, client.get("/line").text, client.get("/roster").text):
        assert 'class="light good">刚刚' not in home and ("联系已断开" in home or "没有可用的钥匙" in home)
    shown = client.get(f"/roster/{TOWN}").text
    assert "已作废（被盗）" in shown and cases[0] in shown and 'aria-current="location">名册' in shown
    assert post(client, page, {**cut, "reason": "stolen", "sure": "1"}).status_code == 409
    held = client.get("/roster/held").text
    assert all(words in client.get("/roster").text for words in ("份报文暂扣", "没有可用的钥匙"))
    acts = dict(re.findall(r'name="act" value="(\w+)".*?/case/([\w-]+)"', held, re.S))
    assert set(acts.values()) == set(cases[1:])
    shown_beyond_the_limit(three, client, acts)
    look_and_decide(client, acts, cases)
    states = [three.node.casework.case(case).state for case in cases]
    assert states == [State.ACCEPTED, State.ACCEPTED, State.RECEIVED]


def shown_beyond_the_limit(three: ThreeNodes, client: FlaskClient, acts: dict[str, str]) -> None:
    """What a filter leaves out takes no place on the page from what it shows."""
    places = three.node.peer.core.spool.places_of_acts(acts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roster, "HELD_SHOWN", 1)
        for act in acts:
            alone = places[act][0]
            patch.setattr(Receipts, "on", lambda _self, place, alone=alone: [] if place == alone else [MARK])
            page = client.get("/roster/held?receipts=0").text
            assert re.findall(r'name="act" value="(\w+)"', page) == [act] and "只列最早的 1 份" in page


def look_and_decide(client: FlaskClient, acts: dict[str, str], cases: list[str]) -> None:
    """Release the act on the second case, and strike the rest of the page out."""
    page, both = "/roster/held", list(acts)
    held = client.get(page).text
    assert held.count("的回执）") >= 2 and "号码无从核对" not in held
    assert all(act in client.get(f"{page}?receipts=1").text for act in both)
    assert "这一类没有" in client.get(f"{page}?receipts=0").text
    for lazy in ({"do": "release"}, {"why": "x", "do": "strike"}):
        assert "请勾选要处理的报文" in (none := post(client, page, lazy).text) and "请写明理由" not in none
    for wrong in ({"why": "x", "do": "release"}, {"act": both, "do": "release"}, {"act": both, "why": "x"}):
        assert post(client, page, wrong).status_code == 400
    good = next(act for act, case in acts.items() if case == cases[1])
    assert post(client, page, {"act": good, "why": "核实", "do": "release"}).status_code == 303
    assert "已放行 1 份" in client.get(page).text
    rest = {"all": "1", "shown": [act for act in both if act != good], "why": "冒用", "do": "strike"}
    # All, and some ticked besides, is not clear; all are struck out only once their number was confirmed.
    unclear = post(client, page, {**rest, "act": rest["shown"][:1]})
    assert unclear.status_code == 400 and "又选了处理本页全部 1 份" in unclear.text
    unsure = post(client, page, rest)
    assert unsure.status_code == 400 and "将剔除本页全部 1 份" in unsure.text and 'name="sure"' in unsure.text
    assert post(client, page, {**rest, "sure": "2"}).status_code == 400
    assert post(client, page, {**rest, "sure": "1"}).status_code == 303
    assert "已剔除 1 份，各级站点" in client.get(page).text
    # Another page of the same acts may be open still.
    again = {"act": rest["shown"], "why": "冒用", "do": "strike"}
    assert post(client, page, again).status_code == 303
    assert "有 1 份原先已经剔除，没有再办" in (told := client.get(page).text) and "已剔除 0 份" not in told


def test_the_roster_in_english_shows_who_is_below_whom_and_breaks_long_keys(three: ThreeNodes) -> None:
    """Blanks of Chinese width are kept, and a column is not called as the badge of a neighbour is."""
    client = three.client(COUNTY, "admin")
    assert post(client, "/preferences", {"language": "en"}, "/preferences").status_code == 303
    page = client.get("/roster").text
    assert 'lang="zh-CN">└ </span>' in page and 'lang="zh-CN">　└ </span>' in page
    assert "<th>Site above</th>" in page and ">none</td>" in page
    key = three.node.trust.entry(TOWN).good_keys[-1].id
    assert f"{key[:16]}<wbr>{key[16:]}" in client.get(f"/roster/{TOWN}").text


@pytest.mark.parametrize(("step", "typed"), [("revoke", {"reason": "stolen"}), ("retire", {"why": "并村"})])
def test_a_tick_that_is_missing_is_told_above_it_and_read_out(
    three: ThreeNodes, step: str, typed: dict[str, str]
) -> None:
    page = f"/roster/{TOWN}/{step}"
    told = post(three.client(COUNTY, "admin"), page, typed).text
    assert re.search(r'id="sure-problem">请先勾选确认。</p>\s*<div class="choices">', told)
    assert re.search(r'name="sure"[^>]* aria-describedby="sure-problem" aria-invalid="true"', told)


def test_only_the_administrator_changes_where_nodes_stand(three: ThreeNodes) -> None:
    clerk = three.client(COUNTY, "approver")
    assert clerk.get("/roster").status_code == 403
    assert post(clerk, f"/roster/{TOWN}/relieve", {"why": "x"}).status_code == 403
    client = three.again("admin")
    for nowhere in (
        "/roster/nonsense",
        "/roster/511921999",
        f"/roster/{TOWN}/boil",
        f"/roster/{TOWN}/restore",
    ):
        assert client.get(nowhere).status_code == 404
    # Who is to stand elsewhere must find the way there: whose address on the net is lacking is said before.
    assert client.get(f"/roster/{VILLAGE}/move").text.count("（没有填网址）") == 2
    assert "县级还没有填网址" in client.get(f"/roster/{TOWN}/relieve").text
    assert post(client, f"/roster/{COUNTY}/url", {"url": "https://county.example:8600"}).status_code == 303
    assert client.get(f"/roster/{VILLAGE}/move").text.count("（没有填网址）") == 1
    assert "县级还没有填网址" not in client.get(f"/roster/{TOWN}/relieve").text
    assert post(client, f"/roster/{TOWN}/url", {"url": "ftp://x"}).status_code == 400
    assert post(client, f"/roster/{TOWN}/url", {"url": "https://town.example:8600"}).status_code == 303
    assert post(client, f"/roster/{VILLAGE}/move", {"parent": COUNTY}).status_code == 303
    assert three.node.tree().parent(VILLAGE) == COUNTY
    again = post(client, f"/roster/{VILLAGE}/move", {"parent": COUNTY})
    assert again.status_code == 409 and "已经是这样，没有改动" in again.text
    assert post(client, f"/roster/{COUNTY}/relieve", {"why": "x"}).status_code == 409
    nameless = post(client, f"/roster/{TOWN}/relieve", {"why": ""})
    assert nameless.status_code == 400 and "<h2>请写明理由" not in nameless.text
    assert post(client, f"/roster/{TOWN}/relieve", {"why": "电脑烧毁"}).status_code == 303
    assert "已停用" in client.get("/roster").text
    assert post(client, f"/roster/{TOWN}/restore", {"why": "修好"}).status_code == 303
    assert post(client, f"/roster/{TOWN}/retire", {"why": "撤并", "sure": "1"}).status_code == 303
    page = client.get(f"/roster/{TOWN}").text
    assert "已撤销" in page and f"/roster/{TOWN}/url" not in page and "发新的入网码" not in page
    assert three.client(TOWN, "admin").get("/roster").status_code == 404


def test_what_came_before_the_theft_was_known_is_told_from_what_came_after(three: ThreeNodes) -> None:
    """The receipts of today cover both; only those of when the key was revoked tell one from the other."""
    three.open(VILLAGE)
    before = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    client, page = three.client(COUNTY, "admin"), f"/roster/{VILLAGE}/revoke"
    fields = re.findall(r'name="(cut:[^"]+)" value="(\d+)"', client.get(page).text)
    cut = {html.unescape(name): "0" for name, _ in fields}
    assert post(client, page, {**cut, "reason": "stolen", "sure": "1"}).status_code == 303
    three.open(VILLAGE)
    after = three.file(RELIEF, seed=1)
    # The township has not heard of it yet.
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    client = three.client(COUNTY, "admin")
    shown = client.get("/roster/held").text
    assert before in shown and after in shown and "作废以后才收到" in shown
    # A case taken back has no page: what it is and whose, masked, is told here.
    assert f'/case/{before}"' not in shown and "临时救助（小额）" in shown and "*" in shown
    earlier, later = (client.get(f"/roster/held?receipts={wanted}").text for wanted in "10")
    assert before in earlier and after not in earlier and "的回执）" in earlier
    assert after in later and before not in later and "的回执）" not in later


def test_to_revoke_the_next_key_only_its_own_streams_are_asked_about(three: ThreeNodes) -> None:
    """Those of the key that is revoked already were cut then."""
    three.open(VILLAGE)
    three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    client, page = three.client(COUNTY, "admin"), f"/roster/{VILLAGE}/revoke"
    assert 'name="cut:' in client.get(page).text
    assert post(client, page, {"reason": "stolen", "sure": "1"}).status_code == 303
    core = three.node.peer.core
    with three.node.unit():
        child = {"address": VILLAGE, "key": key_pair("next").public.as_fields()}
        registrar.admit_child(core, core.means.roster_key, child, three.now())
    form = client.get(page).text
    assert "请先勾选" not in form and 'name="sure"' in form and 'name="cut:' not in form
