"""A correction made after the end, at the desk that hands it over: the list, the form, the receipt."""

from __future__ import annotations

import re
from datetime import date, timedelta

from common.days import local_date, local_minute
from common.desk.rules.receiver import IN_FOLDER, SELF
from common.desk.rules.seven import Mark, seven_steps
from common.notices.service import find_notice
from common.people.rules.roles import Role
from tests.desk.three import ID_NUMBER, TOWN, VILLAGE, ThreeNodes, post

NAME = {
    "correction": [{"field": "applicant.phone", "label": "联系电话", "old": "1", "new": "13800000009"}],
    "note": "录入有误",
}
TOLD = {
    "receiver.name": "王秀英",
    "receiver.id_number": ID_NUMBER,
    "receiver.how": SELF,
    "receiver.signed": IN_FOLDER,
}


def ended(three: ThreeNodes, relief: str) -> None:
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    post(three.client(VILLAGE, "agent"), f"/case/{relief}/report/handed_over", TOLD)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, VILLAGE)


def test_the_village_finds_prints_and_hands_over_what_puts_an_ended_case_right(
    three: ThreeNodes, relief: str
) -> None:
    ended(three, relief)
    agent = three.client(VILLAGE, "agent")
    assert relief not in agent.get("/queue").text
    assert "/report/handed_over" not in agent.get(f"/case/{relief}").text
    three.open(TOWN)
    three.move(relief, "correct_decision", Role.APPROVER, **NAME)
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    assert relief in agent.get("/queue").text and "work=hand_out" in agent.get("/").text
    page = agent.get(f"/case/{relief}").text
    assert "办结后作出的文书还没有送达" in page and "送达期限" in page
    form = agent.get(f"/case/{relief}/report/handed_over").text
    assert "要送达的文书" in form
    (paper,) = re.findall(r'href="(\S+/notice/[0-9a-f]+)">更正决定书</a>', form)
    assert "更正决定书" in agent.get(paper).text
    assert post(agent, f"/case/{relief}/report/handed_over", TOLD).status_code == 303
    page = agent.get(f"/case/{relief}").text
    assert "已送达，等待办理站点登记" in page and "领取地点不用再做什么" in page
    (*_, receipt) = re.findall(r'href="(\S+/notice/[0-9a-f]+)">送达回证', page)
    sheet = agent.get(receipt).text
    assert "《更正决定书》" in sheet and "《不予受理决定书》" not in sheet
    three.carry(VILLAGE, TOWN)
    assert "登记后续送达" in three.client(TOWN, "clerk").get(f"/case/{relief}").text


def test_the_slip_says_that_something_made_after_the_end_is_on_its_way(
    three: ThreeNodes, relief: str
) -> None:
    ended(three, relief)
    agent = three.client(VILLAGE, "agent")
    words = "书面文书等待送到您手中"
    (slip,) = set(re.findall(r'href="(\S*slip\S*)"', agent.get(f"/case/{relief}").text))
    assert words not in agent.get(slip).text
    three.open(TOWN)
    three.move(relief, "correct_decision", Role.APPROVER, **NAME)
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    assert words in agent.get(slip).text


def test_the_day_of_service_in_the_register_is_that_of_the_result() -> None:
    """What puts it right is served by itself, after all seven steps."""
    words = ("file", "settle", "handed_over", "close", "archive", "correct_decision", "handed_over")
    day = 86_400_000
    found = seven_steps(Mark(word, VILLAGE, at * day) for at, word in enumerate(words))
    assert (found["送达"], found["归档"]) == ("1970-01-03", "1970-01-05")
    never = seven_steps(Mark(word, VILLAGE, at * day) for at, word in enumerate(("file", *words[3:])))
    assert never["送达"] == "1970-01-05", "nobody had fetched it before"


def test_what_came_back_by_post_was_not_handed_over_and_its_receipt_tells_the_day_of_what_came() -> None:
    """The register showed the day on which a letter was posted that nobody ever had."""

    def letter(word: str, at: int, on: str = "", number: str = "EMS1") -> Mark:
        return Mark(word, VILLAGE, at * 86_400_000, served_on=on, posted_as=number)

    ended = [Mark("file", VILLAGE, 0), letter("handed_over", 3), Mark("close", VILLAGE, 3 * 86_400_000)]
    for more, day in (
        ([], "1970-01-04"),
        ([letter("letter_came", 9, "1970-01-07")], "1970-01-07"),
        ([letter("letter_came", 9, "1970-01-07", "EMS2")], "1970-01-04"),
        ([letter("not_served", 9)], ""),
        ([letter("not_served", 9, number="")], "1970-01-04"),
        ([letter("correct_letter_day", 9, "1970-01-07")], "1970-01-07"),
        ([letter("correct_letter_day", 9, "1970-01-07", "EMS2")], "1970-01-04"),
        ([letter("letter_came", 9, "1970-01-07"), letter("void_receipt", 12)], "1970-01-04"),
        ([letter("letter_came", 9, "1970-01-07"), letter("void_receipt", 12, "", "EMS2")], "1970-01-07"),
        ([letter("not_served", 9), letter("handed_over", 12, number="")], "1970-01-13"),
        ([letter("not_served", 9), Mark("deem_served", VILLAGE, 50 * 86_400_000)], "1970-02-20"),
    ):
        assert seven_steps([*ended, *more])["送达"] == day, more
    # It was posted on another day than that on which it was told of: the void receipt brings that one back.
    came, void = letter("letter_came", 9, "1970-01-07"), letter("void_receipt", 12)
    for on, more in (("1970-01-02", [came, void]), ("1970-01-03", [void])):
        sent = Mark("handed_over", VILLAGE, 3 * 86_400_000, "", "", on, False, "EMS1", "1970-01-02")
        assert seven_steps([Mark("file", VILLAGE, 0), sent, *more])["送达"] == "1970-01-02"
    # A hand-over of a former program may name no number, and its day is put right all the same.
    bare = [Mark("file", VILLAGE, 0), letter("handed_over", 3, "1970-01-03", "")]
    right = letter("correct_letter_day", 9, "1970-01-07", "")
    assert seven_steps([*bare, right])["送达"] == "1970-01-07"


def test_a_clerk_announces_what_reaches_nobody_and_prints_the_announcement(
    three: ThreeNodes, relief: str
) -> None:
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    clerk = three.client(TOWN, "clerk")
    today = local_date(three.now()).isoformat()
    form = f"/case/{relief}/do/announce"
    assert form in clerk.get(f"/case/{relief}").text
    assert "在哪里公告" in clerk.get(form).text and "公告原因" in clerk.get(form).text
    said = {
        "announced_why": "下落不明",
        "announced_sought": "3 月 1 日电话停机，村委会和邻居都不知道去向",
        "announced_where": "镇便民服务中心公告栏",
        "announced_on": today,
        "note": "两次上门没有人，邮寄退回",
    }
    wrong = post(clerk, form, {**said, "announced_on": "2030-01-01"})
    assert wrong.status_code == 400 and "不能晚于今天" in wrong.text
    unsaid = post(clerk, form, {**said, "note": ""})
    assert unsaid.status_code == 400 and "请写明理由" in unsaid.text
    unsought = post(clerk, form, {**said, "announced_sought": " "})
    assert unsought.status_code == 400 and "怎样找过：" in unsought.text
    assert post(clerk, form, said).status_code == 303
    page = clerk.get(f"/case/{relief}").text
    assert "怎样找过：3 月 1 日电话停机，村委会和邻居都不知道去向" in page
    until = (local_date(three.now()) + timedelta(days=30)).isoformat()
    assert f"{today} 在镇便民服务中心公告栏公告（下落不明），到 {until} 满三十日" in page
    assert "已公告送达，满三十日由系统登记视为送达" in page and f"<b>{until}</b>" in page
    assert "work=announced" in clerk.get("/").text
    assert relief in clerk.get("/queue?work=announced").text
    (paper,) = re.findall(r'href="(\S+/notice/[0-9a-f]+)">送达公告</a>', page)
    sheet = clerk.get(paper).text
    assert "第九十五条" in sheet and "《不予受理决定书》" in sheet and ID_NUMBER not in sheet
    # Who comes meanwhile is served as ever.
    assert "/report/handed_over" in page


def test_the_agent_says_on_which_day_it_was_handed_over(three: ThreeNodes, relief: str) -> None:
    """Else the receipt, and the code on it, told the day on which somebody came to type it in."""
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    form, made = f"/case/{relief}/report/handed_over", local_date(three.now())
    assert f'value="{made}"' in agent.get(form).text
    early = post(agent, form, {**TOLD, "served_on": (made - timedelta(days=1)).isoformat()})
    assert early.status_code == 400 and "不能早于文书作出的那天" in early.text
    late = post(agent, form, {**TOLD, "served_on": (made + timedelta(days=1)).isoformat()})
    assert late.status_code == 400 and "不能晚于今天" in late.text
    assert (
        post(agent, form, {**TOLD, "served_on": made.isoformat(), "served_time": "00:00"}).status_code == 303
    )
    page = agent.get(f"/case/{relief}").text
    assert f"送达日期：{made}" in page and "送达时刻：00:00" in page
    (receipt,) = re.findall(r'href="(\S+/notice/[0-9a-f]+)">送达回证', page)
    sheet = agent.get(receipt).text
    assert f"{made.year}年{made.month}月{made.day}日00时00分" in sheet and "登记时间" in sheet
    found = find_notice(relief, receipt.rpartition("/")[2], three.node.catalogue, str)
    assert local_minute(found.at) == f"{made} 00:00", "what the code on it tells"


def test_who_comes_when_all_is_over_is_given_the_paper_and_the_page_tells_the_last_days(
    three: ThreeNodes, relief: str
) -> None:
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    three.clock.advance(31 * 86_400_000)
    three.open(VILLAGE)
    three.carry(VILLAGE, TOWN)
    three.open(TOWN)
    three.move(relief, "close_uncollected", Role.CLERK, note="通知三次，无人来领")
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    page = agent.get(f"/case/{relief}").text
    assert "没有送达：无人领取" in page and "申请行政复议最后一日" not in page
    form = f"/case/{relief}/report/handed_over"
    assert form in page and "不予受理决定书" in agent.get(form).text
    assert post(agent, form, TOLD).status_code == 303
    (*_, receipt) = re.findall(r'href="(\S+/notice/[0-9a-f]+)">送达回证', agent.get(f"/case/{relief}").text)
    assert "《不予受理决定书》" in agent.get(receipt).text
    three.carry(VILLAGE, TOWN)
    page = three.client(TOWN, "clerk").get(f"/case/{relief}").text
    today = local_date(three.now())
    assert f"<dd>{today}</dd>" in page and "办结以后来领取的，已登记" in page
    told = re.findall(r"<dt>(申请行政复议|提起行政诉讼)最后一日</dt><dd>(\S+?)[（<]", page)
    assert [name for name, _ in told] == ["申请行政复议", "提起行政诉讼"]
    review = (date.fromisoformat(told[0][1]) - today).days
    assert 60 <= review <= 70 and date.fromisoformat(told[1][1]).year == today.year
