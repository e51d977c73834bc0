"""Taking a case in through the pages: real database, catalogue and casework; nothing typed is lost."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Any

from common.casework.rules.staff_words import staff_sentence
from common.node.demo_data.people import fill, resident_for
from common.store.database import close_database, run, unit_of_work
from sync.protocol.address import Tree
from tests.desk.filing.agent import OLD_AGE, RELIEF, Desk, cases, problems_on
from tests.desk.filing.village import COUNTY, TOWNSHIP, VILLAGE, DeskNode, desk_app


def test_a_case_is_filed_page_by_page_and_its_slip_says_it_is_not_accepted(
    node: DeskNode, desk: Desk
) -> None:
    desk.fill_in(node)
    assert "高龄津贴申请审批表" in desk.get(f"{desk.path}/check").text
    answer = desk.post(f"{desk.path}/check")
    (case,) = cases()
    assert (answer.status_code, answer.location) == (303, f"/file/slip/{case}")
    slip = desk.get(answer.location).text
    # The button said that it prints: once, and not when the slip is looked at again.
    assert 'data-print="now"' in slip and 'data-print="now"' not in desk.get(answer.location).text
    assert case in slip and "收件不是受理" in slip and "<svg" in slip and "申请人居民身份证" in slip
    kind, body, blobs = node.outbox.acts[0]
    assert (kind, body["item"], body["place"], body["to"]) == ("case.filed", OLD_AGE, VILLAGE, [COUNTY])
    assert [entry["key"] for entry in body["data"]["papers"]] == ["id_card"]
    assert node.papers.is_here(blobs[0]) and blobs[0].type == "image/jpeg"
    assert node.wakes == 1
    for asked, is_roll in (("?paper=narrow", True), ("", True), ("?paper=a4", False), ("", False)):
        # The paper that this computer's printer has is chosen once.
        page = desk.get(f"/file/slip/{case}{asked}").text
        assert ("slip apart roll" in page) == is_roll and ("换 A4 纸" in page) == is_roll, asked


def test_the_slip_names_what_was_handed_in_and_what_is_still_lacking(node: DeskNode, desk: Desk) -> None:
    desk.fill_in(node)
    slip = desk.get(desk.post(f"{desk.path}/check").location).text
    assert re.search(r'<p class="issuer">[^<]*便民服务室</p><h1>收件凭证', slip)
    assert "收件站点" in slip and "开具站点" not in slip, "it is the same site"
    brought, _, lacking = slip.partition("收件时还缺的材料")
    assert "申请人居民身份证（原件 1 份核对后退还，复印件 1 份），影像 1 份" in brought
    assert "受理后 " in slip and f"受理后 {node.catalogue.item(OLD_AGE).promised.words}" in slip
    item = node.catalogue.item(OLD_AGE)
    assert item is not None
    missing = [paper.name for paper in item.papers if paper.required and paper.key != "id_card"]
    assert missing and all(f"<li>{name}</li>" in lacking for name in missing)
    assert "申请人居民身份证" in brought and "申请人居民身份证" not in lacking
    # The sentence for staff is none for residents.
    assert staff_sentence("RECEIVED", "check") not in slip


def test_an_instant_item_is_settled_at_once(node: DeskNode, desk: Desk) -> None:
    code = next(found.code for found in node.catalogue.items_for("village") if found.is_instant)
    desk.fill_in(node, code)
    wrong = desk.post(f"{desk.path}/check", {"result_number": "第1号", "valid_until": "2026-02-30"})
    assert wrong.status_code == 400 and problems_on(wrong.text) == ["有效期至：没有这一天。"]
    assert 'value="第1号"' in wrong.text and cases() == []
    answer = desk.post(f"{desk.path}/check", {"result_number": "第1号", "valid_until": ""})
    (case,) = cases()
    state = node.casework.case(case)
    assert (state.state, state.result["number"]) == ("ISSUED", "第1号")
    assert "办结凭证" in desk.get(answer.location).text


def test_nobody_settles_alone_what_they_ask_for_themselves(node: DeskNode, desk: Desk) -> None:
    """Nobody else looks at such a case: an agent with the applicant's name says that it is not they."""
    code = next(found.code for found in node.catalogue.items_for("village") if found.is_instant)
    desk.fill_in(node, code)
    agent = next(one.name for one in node.people.staff() if one.login == "zhou")
    person = resident_for(node.catalogue.item(code), 1, VILLAGE)
    assert "申请人或其代理人与您同名" not in desk.get(f"{desk.path}/check").text
    desk.send("applicant", {**person.as_applicant(), "name": agent, "place": VILLAGE})
    assert "申请人或其代理人与您同名" in desk.get(f"{desk.path}/check").text
    refused = desk.post(f"{desk.path}/check", {"result_number": "第1号"})
    assert refused.status_code == 400 and "E180" in refused.text and cases() == []
    desk.post(f"{desk.path}/check", {"result_number": "第1号", "not_the_applicant": "1"})
    (case,) = cases()
    assert node.casework.case(case).state == "ISSUED"


def test_all_problems_are_shown_at_once_and_everything_typed_is_kept(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    typed = {
        "name": "",
        "id_number": "51192119480307214X",
        "phone": "12",
        "address": "三组<b>",
        "place": VILLAGE,
    }
    answer = desk.send("applicant", typed)
    assert answer.status_code == 400
    assert [line.partition("：")[0] for line in problems_on(answer.text)] == [
        "申请人姓名",
        "身份证号码",
        "联系电话",
    ]
    assert 'href="#f-id-number"' in answer.text
    assert 'value="51192119480307214X"' in answer.text and 'value="三组&lt;b&gt;"' in answer.text
    again = desk.get(f"{desk.path}/applicant").text
    assert 'value="12"' in again and problems_on(again) == []


def test_every_field_of_a_form_is_judged_together(node: DeskNode, desk: Desk) -> None:
    desk.begin(RELIEF)
    answer = desk.send("form", {"cause": "下雨", "family_size": "零", "spent": "-1", "account": "难" * 801})
    required = [spec.label for spec in node.catalogue.item(RELIEF).fields if spec.required]
    assert [line.partition("：")[0] for line in problems_on(answer.text)] == required
    assert "难" * 801 in answer.text


def test_what_is_not_right_yet_cannot_be_filed_but_leads_to_the_field(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    page = desk.get(f"{desk.path}/check").text
    assert f"{desk.path}/applicant#f-name" in page and f"{desk.path}/form?topic=1#f-bank-account" in page
    answer = desk.post(f"{desk.path}/check")
    assert answer.status_code == 400 and cases() == [] and node.outbox.acts == []


def test_what_the_id_number_says_is_not_asked_again(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    person = resident_for(node.catalogue.item(OLD_AGE), 1, VILLAGE)
    desk.send("applicant", {**person.as_applicant(), "place": VILLAGE}, leads_to="form")
    assert f'value="{person.born.isoformat()}"' in desk.get(f"{desk.path}/form").text


def test_those_who_take_no_cases_in_see_no_filing(node: DeskNode) -> None:
    assert "为群众办事" not in Desk(desk_app(node)).sign_in("boss").get("/").text
    assert Desk(desk_app(node)).sign_in("boss").get("/file").status_code == 403


def test_the_home_page_counts_how_far_cases_have_got(node: DeskNode, desk: Desk) -> None:
    desk.fill_in(node).post(f"{desk.path}/check")
    instant = next(found.code for found in node.catalogue.items_for("village") if found.is_instant)
    desk.fill_in(node, instant, seed=2).post(f"{desk.path}/check")
    page = desk.get("/").text
    counts = re.findall(r"(本站已存|乡镇已收|县已收齐|已决定)</span>\s*</dt><dd><b>(\d+) 件", page)
    assert counts == [("本站已存", "1"), ("乡镇已收", "0"), ("县已收齐", "0"), ("已决定", "1")]
    assert "待送达" in page


def test_items_are_found_by_initials_and_an_empty_catalogue_says_what_to_do(
    tmp_path: Path, desk: Desk
) -> None:
    found = desk.get("/file?q=gljt").text
    assert "高龄津贴申领" in found and "临时救助" not in found
    assert "没有找到" in desk.get("/file?q=zzzz").text
    with unit_of_work():
        run("DELETE FROM item_version")
    assert "与上级站点联系一次" in desk.get("/file").text
    assert desk.post("/file/begin", {"item": OLD_AGE}).status_code == 404


def test_a_township_hall_files_for_its_villages(tmp_path: Path) -> None:
    node = DeskNode(tmp_path, TOWNSHIP)
    desk: Any = Desk(desk_app(node)).sign_in("zhou")
    person = resident_for(node.catalogue.item(OLD_AGE), 1, VILLAGE)
    desk.begin()
    refused = desk.send("applicant", {**person.as_applicant(), "place": "511999999999", "hand_over": "5119"})
    assert len(problems_on(refused.text)) == 2
    typed = {**person.as_applicant(), "place": VILLAGE, "hand_over": VILLAGE}
    desk.send("applicant", typed, leads_to="form")
    desk.send("form", fill(node.catalogue.item(OLD_AGE), person, Random(1)), leads_to="papers")
    desk.send("papers", {}, leads_to="check")
    bare = desk.post(f"{desk.path}/check")
    assert bare.status_code == 400 and "没有收到任何材料，仍要收件？" in bare.text
    assert desk.post(f"{desk.path}/check", {"no_papers": "1"}).status_code == 303
    state = node.casework.case(cases()[0])
    assert (state.place, state.parties["origin"], state.parties["hand_over"]) == (VILLAGE, TOWNSHIP, VILLAGE)
    close_database()


NEW = "511921108299"


class NewVillageNode(DeskNode):
    """One of a tree with a village that is on no list yet, as after `init --unlisted`."""

    def tree(self) -> Tree:
        return Tree({COUNTY: "", TOWNSHIP: COUNTY, VILLAGE: TOWNSHIP, NEW: TOWNSHIP})


def test_a_village_that_is_on_no_list_yet_takes_cases_in(tmp_path: Path) -> None:
    node = NewVillageNode(tmp_path, NEW)
    desk: Any = Desk(desk_app(node)).sign_in("zhou")
    item = node.catalogue.item(RELIEF)
    person = resident_for(item, 1, VILLAGE)
    desk.begin(RELIEF)
    desk.send("applicant", {**person.as_applicant(), "place": NEW}, leads_to="form")
    desk.send("form", fill(item, person, Random(1)), leads_to="papers")
    desk.send("papers", {}, leads_to="check")
    assert f"青峪镇{NEW}" in desk.get(f"{desk.path}/check").text
    desk.post(f"{desk.path}/check", {"no_papers": "1"})
    assert node.casework.case(cases()[0]).place == NEW
    close_database()


def test_the_hall_above_files_for_a_village_that_is_on_no_list_yet(tmp_path: Path) -> None:
    node = NewVillageNode(tmp_path, TOWNSHIP)
    desk: Any = Desk(desk_app(node)).sign_in("zhou")
    desk.begin()
    desk.get(f"{desk.path}/applicant")
    assert re.search(rf'<option value="{NEW}"\s*>青峪镇{NEW}</option>', desk.page)
    person = resident_for(node.catalogue.item(OLD_AGE), 1, VILLAGE)
    desk.send("applicant", {**person.as_applicant(), "place": NEW}, leads_to="form")
    close_database()
