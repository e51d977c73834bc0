"""The county's pages for taking cases over: what is listed, who may, what is refused, what comes of it."""

from __future__ import annotations

import re

import pytest

from common.casework.jobs import do_what_days_bring
from common.casework.rules.flow import State
from common.days import local_day
from common.people.rules.roles import Role
from common.store import audit
from tests.catalogue.forms import form_on
from tests.desk.test_served_later import NAME, TOLD
from tests.desk.three import COUNTY, DAY_MS, RELIEF, TOWN, VILLAGE, ThreeNodes, post

WHY = "青峪镇的电脑坏了，<半个月>修不好"


def test_cases_left_unanswered_are_ticked_confirmed_and_taken_over(three: ThreeNodes) -> None:
    """Two cases wait at the township without a word; one of them is taken, then the other is refused once."""
    three.open(VILLAGE)
    first, second = three.file(RELIEF), three.file(RELIEF, seed=1)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    client = three.client(COUNTY, "approver")
    page = f"/take-over/{TOWN}"
    early = client.get(page).text
    assert first in early and 'name="case"' not in early and "现在不能接管" in early
    assert post(client, page, {"case": first, "note": WHY}).status_code == 409
    three.clock.advance(8 * DAY_MS)
    client = three.client(COUNTY, "approver")
    told = client.get("/take-over").text
    assert "2 件没有按期答复" in told and "改到县级领取" in told, "nothing is fetched where nobody is"
    assert f"/take-over/{TOWN}?case={first}" in client.get(f"/case/{first}").text
    for wrong in ({"note": WHY}, {"case": first, "note": " "}):
        refused = post(client, f"{page}/check", wrong)
        assert refused.status_code == 400 and first in refused.text
    shown = post(client, f"{page}/check", {"case": first, "note": WHY})
    assert "确认接管 1 件" in shown.text and "&lt;半个月&gt;" in shown.text
    assert "自 2026-03-03 起视为受理" in shown.text
    # Of two hundred people at once, whose cases nobody has opened, no name is shown whole.
    for listed in (client.get(page).text, client.get("/take-over/unanswered").text, shown.text):
        assert "王*英" in listed and "王秀英" not in listed
    assert three.node.casework.case(first).holder == TOWN
    done = client.post(page, data=form_on(shown.text, page))
    assert (done.status_code, done.headers["Location"]) == (303, "/take-over")
    state = three.node.casework.case(first)
    assert (state.state, state.holder, state.facts.deemed_on) == (State.ACCEPTED, COUNTY, "2026-03-03")
    again = post(client, page, {"case": first, "note": WHY})
    assert again.status_code == 409 and "已由县级办理" in again.text
    both = post(client, page, {"case": [first, second], "note": WHY})
    assert both.status_code == 200 and "1 件没有接管" in both.text and first in both.text
    assert three.node.casework.case(second).holder == COUNTY
    told = client.get(f"/case/{first}").text
    assert "上级接管" in told and "接管原因：" in told
    three.carry(COUNTY, TOWN)
    assert three.node.casework.case(first).holder == COUNTY
    assert three.client(TOWN, "approver").get("/take-over").status_code == 404


def test_in_a_day_in_doubt_it_is_asked_whether_today_is_today(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    case = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    with three.node.unit():
        three.node.trust.relieve(TOWN, ("", three.now()), WHY)
    do_what_days_bring(three.node.casework, three.node.unit, "c", three.now())
    three.clock.set_wall(three.now() + 26_000 * DAY_MS)
    today, page = local_day(three.now()), f"/take-over/{TOWN}"
    client = three.client(COUNTY, "approver")
    assert f"今天是 {today} 吗" in client.get(page).text
    said = {"case": case, "note": WHY}
    for path in (f"{page}/check", page):
        refused = post(client, path, {**said, "day_seen": "2026-03-03"}, page)
        assert refused.status_code == 400 and "请核对今天的日期" in refused.text and case in refused.text
    assert three.node.casework.case(case).holder == TOWN
    shown = post(client, f"{page}/check", {**said, "day_seen": today}, page)
    assert client.post(page, data=form_on(shown.text, page)).status_code == 303
    assert three.node.casework.case(case).holder == COUNTY
    assert (audit.rows(case)[-1].actor, audit.rows(case)[-1].action) == ("approver", "case.look_at_day")


def test_only_approvers_and_administrators_see_it(three: ThreeNodes) -> None:
    for login in ("clerk", "reviewer"):
        client = three.client(COUNTY, login)
        assert client.get("/take-over").status_code == 403
        assert post(client, f"/take-over/{TOWN}", {"case": "x", "note": WHY}).status_code == 403
    admin = three.again("admin")
    assert admin.get("/take-over").status_code == 200
    assert admin.get("/take-over/nonsense").status_code == 303
    assert post(admin, f"/take-over/{TOWN}", {"case": "x", "note": WHY}).status_code == 404
    many = [f"511921126204-A1-{n}" for n in range(201)]
    assert "一次最多接管 200 件" in post(admin, f"/take-over/{TOWN}/check", {"case": many, "note": "x"}).text


def test_the_village_goes_straight_to_the_county_and_an_old_computer_comes_back(
    three: ThreeNodes,
) -> None:
    """The township accepted a case while its line was down; the county had taken it over for its silence."""
    three.open(VILLAGE)
    case = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    three.clock.advance(8 * DAY_MS)
    client = three.client(COUNTY, "admin")
    page = f"/take-over/{TOWN}"
    assert post(client, page, {"case": case, "note": WHY}).status_code == 303
    three.carry(COUNTY, VILLAGE)
    village = three.node.casework.case(case)
    assert (village.state, village.holder, village.facts.deemed_on) == (State.ACCEPTED, COUNTY, "2026-03-03")
    three.open(TOWN)
    three.move(case, "accept", Role.CLERK)
    three.carry(TOWN, COUNTY)
    county = three.node.casework.case(case)
    assert (county.holder, county.forks, len(county.struck)) == (COUNTY, (), 1)
    three.carry(COUNTY, TOWN)
    town = three.node.casework.case(case)
    assert (town.chain, town.struck) == (county.chain, county.struck)
    text = three.client(TOWN, "clerk").get(f"/case/{case}").text
    assert "本件已由县级接管" in text and "&lt;半个月&gt;" in text
    three.carry(VILLAGE, COUNTY)
    for action, role in (("review", Role.REVIEWER), ("approve", Role.APPROVER), ("issue", Role.CLERK)):
        three.move(case, action, role)
    three.carry(COUNTY, VILLAGE)
    assert three.node.casework.case(case).state is State.ISSUED
    # The decision can be printed, here too, and says in whose stead it was made.
    decided = next(one for one in three.node.casework.page(case).timeline if one.word == "approve")
    paper = three.client(VILLAGE, "agent").get(f"/case/{case}/notice/{decided.act}")
    assert paper.status_code == 200 and "接管说明" in paper.text and "以后没有联系" in paper.text


def test_when_most_sites_look_silent_at_once_the_date_is_confirmed_first(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of two sites are silent, late and all; with the date confirmed by a person they are offered."""
    monkeypatch.setattr("common.casework.rules.taking_over.MASS_LEAST", 2)
    three.open(VILLAGE)
    case = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    three.clock.advance(8 * DAY_MS)
    client = three.client(COUNTY, "approver")
    page = f"/take-over/{TOWN}"
    for path in ("/take-over", page, "/take-over/unanswered"):
        shown = client.get(path).text
        assert "今天是 2026-03-11 吗" in shown and 'name="case"' not in shown, path
    assert "现在都不能接管" in post(client, f"{page}/check", {"case": case, "note": WHY}).text
    refused = post(client, page, {"case": case, "note": WHY})
    assert refused.status_code == 409 and "E167" in refused.text
    # The clock was mended while the page lay open.
    assert post(client, "/take-over/day", {"today": "2026-03-03"}).status_code == 303
    assert "没有确认" in client.get("/take-over").text and "今天是" in client.get("/take-over").text
    assert post(three.again("clerk"), "/take-over/day", {"today": "2026-03-11"}).status_code == 403
    assert post(client, "/take-over/day", {"today": "2026-03-11"}).status_code == 303
    shown = client.get(page).text
    assert 'name="case"' in shown and "今天是 2026-03-11 吗" not in shown
    assert post(client, page, {"case": case, "note": WHY}).status_code == 303
    assert three.node.casework.case(case).holder == COUNTY


def test_what_a_relieved_township_has_not_served_is_listed_confirmed_and_served(three: ThreeNodes) -> None:
    """The case has ended there, and a correction made since was handed over: nobody could answer that."""
    three.open(VILLAGE)
    case = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    three.move(case, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    post(three.client(VILLAGE, "agent"), f"/case/{case}/report/handed_over", TOLD)
    three.carry(VILLAGE, TOWN)
    three.move(case, "correct_decision", Role.APPROVER, **NAME)
    three.carry(TOWN, VILLAGE)
    post(three.client(VILLAGE, "agent"), f"/case/{case}/report/handed_over", TOLD)
    three.carry(TOWN, COUNTY)
    # A site at work does that by itself.
    assert case not in three.client(COUNTY, "approver").get("/take-over").text
    with three.node.unit():
        three.node.trust.relieve(TOWN, ("", three.now()), WHY)
    client, page = three.client(COUNTY, "approver"), f"/take-over/{TOWN}"
    assert "另有 1 件办结后的送达还没有办完" in client.get("/take-over").text
    assert f"{page}?case={case}" in client.get(f"/case/{case}").text
    listed = client.get(page).text
    assert case in listed and "办结后的文书还要送达" in listed
    shown = post(client, f"{page}/check", {"case": case, "note": WHY})
    assert "只接办送达" in shown.text and "不重新办理" in shown.text
    assert client.post(page, data=form_on(shown.text, page)).status_code == 303
    three.carry(VILLAGE, COUNTY)
    state = three.node.casework.case(case)
    assert (state.state, state.holder, state.facts.unserved) == (State.CLOSED, COUNTY, ())
    client = three.client(COUNTY, "approver")
    shown = client.get(f"/case/{case}").text
    assert "登记后续送达" in shown and "/do/correct_decision" not in shown
    assert "没有在办的件" in client.get("/take-over").text


def test_the_countys_announcement_says_in_whose_stead_it_is_made(three: ThreeNodes) -> None:
    three.open(TOWN)
    case = three.file(RELIEF)
    three.move(case, "not_accept", Role.CLERK, note="不符合条件")
    post(three.client(TOWN, "clerk"), f"/case/{case}/report/handed_over", TOLD)
    three.move(case, "correct_decision", Role.APPROVER, **NAME)
    three.carry(TOWN, COUNTY)
    with three.node.unit():
        three.node.trust.relieve(TOWN, ("", three.now()), WHY)
    client = three.client(COUNTY, "approver")
    assert post(client, f"/take-over/{TOWN}", {"case": case, "note": WHY}).status_code == 303
    clerk = three.again("clerk")
    assert case in clerk.get("/queue").text
    said = {
        "announced_why": "下落不明", "announced_where": "县政务大厅", "note": "邮寄退回",
        "announced_sought": "问过村委会",
        "announced_on": local_day(three.now()),
    }  # fmt: skip
    assert post(clerk, f"/case/{case}/do/announce", said).status_code == 303
    (paper,) = re.findall(r'href="(\S+/notice/[0-9a-f]+)">送达公告</a>', clerk.get(f"/case/{case}").text)
    sheet = clerk.get(paper).text
    assert "接管说明" in sheet and "青峪镇便民服务中心已停用" in sheet
    assert "到通江县政务服务中心领取" in sheet
