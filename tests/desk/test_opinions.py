"""A department that is asked gives its opinion through the page; others are told who is in charge."""

from __future__ import annotations

import re

from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from tests.desk.desk_pages import HOMESTEAD
from tests.desk.test_case_life import homestead, page_of, say
from tests.desk.three import COUNTY, DAY_MS, NOW, PASSWORD, TOWN, VILLAGE, ThreeNodes, post

LAND = "自然资源所"


def joint_case(three: ThreeNodes) -> str:
    """A joint case at the township, whose land office has a person of its own."""
    three.open(VILLAGE)
    number = three.file(HOMESTEAD)
    three.carry(VILLAGE, TOWN)
    person = NewStaff("land", "石国土", frozenset({Role.CLERK, Role.REVIEWER}), LAND, PASSWORD)
    ready = three.node.people.ready(person)
    with three.node.unit():
        three.node.people.add_staff(ready, "", NOW)
    return number


def test_what_a_department_lacks_is_said_before_acceptance(three: ThreeNodes) -> None:
    number = joint_case(three)
    land = three.client(TOWN, "land")
    form = f"/case/{number}/report/opinion"
    page = land.get(form).text
    assert "材料齐全" in page and 'name="lack-application"' in page and "一次说清" in page
    empty = post(land, form, {"verdict": "缺少材料", "note": "<b>"}, page=form)
    assert empty.status_code == 400 and "至少一项" in empty.text and "&lt;b&gt;" in empty.text
    typed = {"verdict": "缺少材料", "other-1-name": "红线<图>", "other-1-how": "盖章"}
    assert post(land, form, typed, page=form).status_code == 303
    page = land.get(f"/case/{number}").text
    assert "红线&lt;图&gt;" in page
    # Until the one full notice it may put right what it said; then its turn is over.
    typed = {"verdict": "缺少材料", "other-1-name": "宗地图", "other-1-how": "盖章"}
    assert post(land, form, typed, page=form).status_code == 303
    page = land.get(f"/case/{number}").text
    assert "宗地图" in page and "缺少红线" not in page
    (lacking,) = three.node.casework.case(number).facts.door[LAND]
    three.move(number, "ask_papers", Role.CLERK, lacking=[dict(lacking)])
    assert "/report/opinion" not in three.client(TOWN, "land").get(f"/case/{number}").text
    again = post(three.again("land"), form, typed, page="/line")
    assert again.status_code == 409 and "E117" in again.text


def test_an_opinion_against_it_needs_its_reason_and_then_stands_on_the_board(three: ThreeNodes) -> None:
    number = joint_case(three)
    three.move(number, "accept", Role.CLERK)
    land = three.client(TOWN, "land")
    form = f"/case/{number}/report/opinion"
    page = land.get(form).text
    assert "有条件同意" in page and "lack-application" not in page
    bare = post(land, form, {"verdict": "不同意", "note": " "}, page=form)
    assert bare.status_code == 400 and "请写明理由或条件" in bare.text
    assert re.search(r'value="不同意"[^>]* checked', bare.text)
    assert post(land, form, {"verdict": "不同意", "note": "占了农田"}, page=form).status_code == 303
    assert re.search(r'light bad">不同意.*?占了农田', land.get(f"/case/{number}").text, re.S)


def test_a_lead_of_a_township_notes_that_a_department_stays_away(three: ThreeNodes) -> None:
    number = joint_case(three)
    three.move(number, "accept", Role.CLERK)
    person = NewStaff("lead", "岳牵头", frozenset({Role.LEAD}), "村镇建设办公室", PASSWORD)
    ready = three.node.people.ready(person)
    with three.node.unit():
        three.node.people.add_staff(ready, "", NOW)
    lead = three.client(TOWN, "lead")
    form = f"/case/{number}/do/record_absence"
    assert form in lead.get(f"/case/{number}").text and f'value="{LAND}"' in lead.get(form).text
    typed = {"department": LAND, "note": "通知两次未到"}
    assert post(lead, form, typed, page=form).status_code == 303
    assert "通知两次未到" in lead.get(f"/case/{number}").text


def test_another_department_is_told_who_is_in_charge_and_what_to_do(three: ThreeNodes) -> None:
    number = joint_case(three)
    land = three.client(TOWN, "land")
    assert f"/case/{number}/do/accept" not in land.get(f"/case/{number}").text
    answer = post(land, f"/case/{number}/do/accept", {})
    assert answer.status_code == 403 and "E129" in answer.text
    assert "村镇建设办公室" in answer.text and "请交给主办部门的人员办理" in answer.text
    assert three.node.casework.case(number).state == "RECEIVED"


def test_the_board_tells_who_was_asked_who_has_answered_and_who_is_late(three: ThreeNodes) -> None:
    number = joint_case(three)
    clerk = three.client(TOWN, "clerk")
    door = clerk.get("/joint").text
    assert number in door and "等待答复材料是否齐全" in door and f"等 {LAND} <b>1</b>" in door
    three.move(number, "accept", Role.CLERK)
    page = three.client(TOWN, "clerk").get("/joint").text
    assert page.count("light warn") >= 2 and "前答复" in page and "承诺期限" in page
    land = three.again("land")
    form = f"/case/{number}/report/opinion"
    assert post(land, form, {"verdict": "同意", "note": ""}, page=form).status_code == 303
    page = land.get("/joint").text
    assert re.search(rf"<b>{LAND}</b>[^<]*(<[^>]+>)?[^<]*<span class=\"light good\">同意", page), page
    assert f"等 {LAND}" not in page
    three.clock.advance(30 * DAY_MS)
    late = three.client(TOWN, "clerk")
    assert "逾期未答复" in late.get("/joint").text
    # A department that is asked nothing any more narrows nothing.
    assert number in late.get(f"/joint?department={LAND}").text
    assert three.client(TOWN, "checker").get("/joint").status_code == 403


def test_the_board_tells_other_departments_no_more_than_the_case_s_page(three: ThreeNodes) -> None:
    """Who has answered is progress; what was answered, and why, may speak of the applicant's life."""
    number = joint_case(three)
    three.move(number, "accept", Role.CLERK)
    land = three.client(TOWN, "land")
    form = f"/case/{number}/report/opinion"
    assert post(land, form, {"verdict": "不同意", "note": "一户两宅"}, page=form).status_code == 303
    assert "一户两宅" in land.get("/joint").text
    person = NewStaff("social", "白社会", frozenset({Role.REVIEWER}), "社会事务办公室", PASSWORD)
    ready = three.node.people.ready(person)
    with three.node.unit():
        three.node.people.add_staff(ready, "", NOW)
    social = three.again("social")
    assert "办理进度" in social.get(f"/case/{number}").text
    board = social.get("/joint").text
    assert number in board and "一户两宅" not in board and "不同意" not in board
    assert f"<b>{LAND}</b>" in board and "已答复" in board and "等待答复" in board


def test_the_joint_board_shows_who_was_asked_and_what_they_said(three: ThreeNodes) -> None:
    number = homestead(three)
    page = page_of(three, number)
    assert page.count("等待答复") >= 2 and "2026-03-06 前答复" in page
    say(three, number, "opinion", "自然资源所", verdict="disagree", note="占了<农田>")
    page = page_of(three, number)
    assert "占了&lt;农田&gt;" in page and re.search(r'light bad">不同意', page)
    three.clock.advance(6 * DAY_MS)
    # The other department might have answered at the county, which has to be heard first.
    three.carry(TOWN, COUNTY)
    three.carry(COUNTY, TOWN)
    with three.node.unit():
        three.node.casework.do_timed_duties(("", ""), three.now())
    assert "逾期未答复，已催告" in page_of(three, number)
