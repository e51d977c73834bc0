"""What was posted, at the desk: the day of the post's receipt, a letter that came back, its announcement."""

from __future__ import annotations

import re
from datetime import timedelta

from common.casework import records
from common.casework.rules.waiting import Work, waits_for
from common.days import local_date, local_minute
from common.desk.rules.receiver import POST
from common.notices.service import find_notice
from common.people.rules.roles import Role
from tests.desk.three import ID_NUMBER, TOWN, VILLAGE, ThreeNodes, post

DAY = 86_400_000
POSTED = {
    "receiver.name": "王秀英", "receiver.id_number": ID_NUMBER, "receiver.how": POST,
    "receiver.tracking": "EMS1",
}  # fmt: skip


def refused(three: ThreeNodes, relief: str, days: int = 6) -> None:
    """The result is at the village since some days."""
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    three.clock.advance(days * DAY)


def told_days(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>(送达日期|申请行政复议最后一日)</dt><dd>([0-9-]{10})", page))


def test_the_agent_says_the_day_of_the_posts_receipt_and_the_terms_count_from_it(
    three: ThreeNodes, relief: str
) -> None:
    refused(three, relief)
    agent, today = three.client(VILLAGE, "agent"), local_date(three.now())
    form = f"/case/{relief}/report/handed_over"
    assert "回执收件日期" in agent.get(form).text
    sent, came = today - timedelta(days=5), today - timedelta(days=2)
    said = {**POSTED, "served_on": sent.isoformat()}
    for day, words in (
        (today + timedelta(days=1), "不能晚于今天"),
        (sent - timedelta(days=1), "不能早于交邮的那天"),
    ):
        wrong = post(agent, form, {**said, "delivered_on": day.isoformat()})
        assert wrong.status_code == 400 and words in wrong.text
    assert post(agent, form, {**said, "delivered_on": came.isoformat()}).status_code == 303
    page = agent.get(f"/case/{relief}").text
    (receipt,) = re.findall(r'href="(\S+/notice/[0-9a-f]+)">送达回证', page)
    sheet = agent.get(receipt).text
    words = [f"{one.year}年{one.month}月{one.day}日" for one in (sent, came)]
    assert re.search(rf"交邮时间\D*{words[0]}", sheet) and re.search(rf"邮件收件日期\D*{words[1]}", sheet)
    found = find_notice(relief, receipt.rpartition("/")[2], three.node.catalogue, str)
    assert local_minute(found.at) == f"{came} 00:00", "what the code on it tells"
    three.carry(VILLAGE, TOWN)
    page = three.client(TOWN, "clerk").get(f"/case/{relief}").text
    days = told_days(page)
    assert days["送达日期"] == came.isoformat() and "邮件回执上的收件日期" in page
    assert days["申请行政复议最后一日"] >= (came + timedelta(days=60)).isoformat()


def test_a_day_that_was_typed_for_the_post_is_not_signed_for_another_way(
    three: ThreeNodes, relief: str
) -> None:
    refused(three, relief)
    agent, today = three.client(VILLAGE, "agent"), local_date(three.now()).isoformat()
    by_hand = {**POSTED, "receiver.how": "本人领取", "receiver.signed": "纸上签名，原件留在本站"}
    said = {**by_hand, "served_on": today, "delivered_on": "2001-01-01"}
    assert post(agent, f"/case/{relief}/report/handed_over", said).status_code == 303
    assert "回执收件日期" not in agent.get(f"/case/{relief}").text


def test_a_doubtful_clock_asks_before_a_receipt_is_registered(three: ThreeNodes, relief: str) -> None:
    refused(three, relief)
    agent, today = three.client(VILLAGE, "agent"), local_date(three.now())
    with three.node.unit():
        records.set_mark(records.DAY, (today - timedelta(days=90)).isoformat())
    form = f"/case/{relief}/report/handed_over"
    said = {**POSTED, "served_on": today.isoformat(), "delivered_on": today.isoformat()}
    asked = post(agent, form, said)
    assert asked.status_code == 400 and "请核对今天的日期" in asked.text
    assert post(agent, form, {**said, "day_seen": today.isoformat()}).status_code == 303


def test_a_receipt_that_comes_later_is_registered_by_the_number_of_the_letter(
    three: ThreeNodes, relief: str
) -> None:
    refused(three, relief, 0)
    agent, sent = three.client(VILLAGE, "agent"), local_date(three.now())
    post(agent, f"/case/{relief}/report/handed_over", POSTED)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, VILLAGE)
    three.clock.advance(4 * DAY)
    agent, form = three.client(VILLAGE, "agent"), f"/case/{relief}/report/letter_came"
    page = agent.get(f"/case/{relief}").text
    assert form in page and "回执到了登记“邮件回执”" in page
    choice = f"EMS1（{sent} 交邮）"
    assert choice in agent.get(form).text
    empty = post(agent, form, {})
    assert empty.status_code == 400 and "哪一封邮件" in empty.text
    came = (sent + timedelta(days=3)).isoformat()
    early = {"letter_number": choice, "letter_on": (sent - timedelta(days=1)).isoformat()}
    assert "不能早于交邮的那天" in post(agent, form, early).text
    assert post(agent, form, {"letter_number": choice, "letter_on": came}).status_code == 303
    three.carry(VILLAGE, TOWN)
    page = three.client(TOWN, "clerk").get(f"/case/{relief}").text
    assert told_days(page)["送达日期"] == came and f"邮件 EMS1，回执收件日期：{came}" in page


def test_a_letter_that_came_back_is_registered_and_the_office_announces_it(
    three: ThreeNodes, relief: str
) -> None:
    refused(three, relief, 0)
    post(three.client(VILLAGE, "agent"), f"/case/{relief}/report/handed_over", POSTED)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, VILLAGE)
    three.clock.advance(9 * DAY)
    agent, today = three.client(VILLAGE, "agent"), local_date(three.now()).isoformat()
    form = f"/case/{relief}/report/not_served"
    assert form in agent.get(f"/case/{relief}").text
    shown = agent.get(form).text
    assert 'value="EMS1"' in shown and "邮局通知了没有去取" in shown
    unsaid = post(agent, form, {"tried_how": POST})
    assert unsaid.status_code == 400 and "没有送到的原因" in unsaid.text
    said = {"tried_how": POST, "tried_why": "邮局通知了没有去取", "tried_on": today, "tried_number": "EMS1"}
    assert post(agent, form, said).status_code == 303
    assert waits_for(three.node.casework.case(relief)) == (Work.HAND_OUT, VILLAGE), "before any answer"
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    page = agent.get(f"/case/{relief}").text
    assert "邮件退回来了，请再送一次" in page and f"{today} 邮寄没有送到：邮局通知了没有去取" in page
    assert relief in agent.get("/queue").text and "/report/handed_over" in page
    assert "不予受理决定书" in agent.get(f"/case/{relief}/report/handed_over").text
    clerk = three.client(TOWN, "clerk")
    public = {
        "announced_why": "其他方式无法送达", "announced_where": "镇便民服务中心公告栏",
        "announced_on": today, "note": "邮寄退回，上门两次没有人", "announced_sought": "不写进去",
    }  # fmt: skip
    form = f"/case/{relief}/do/announce"
    shown = clerk.get(form).text
    assert "没有上门送达的原因" in shown and "没有邮寄的原因" not in shown, "that has failed"
    left = post(clerk, form, public)
    assert left.status_code == 400 and "没有上门送达的原因：" in left.text
    assert post(clerk, form, {**public, "announced_not_visited": "大雪封山，路不通"}).status_code == 303
    page = clerk.get(f"/case/{relief}").text
    assert "没有上门送达的原因：大雪封山，路不通" in page and "不写进去" not in page
    (paper,) = re.findall(r'href="(\S+/notice/[0-9a-f]+)">送达公告</a>', page)
    assert "《不予受理决定书》" in clerk.get(paper).text


def test_who_only_refused_is_not_announced(three: ThreeNodes, relief: str) -> None:
    refused(three, relief)
    clerk, today = three.client(TOWN, "clerk"), local_date(three.now()).isoformat()
    said = {"tried_how": "上门送达", "tried_why": "拒收", "tried_on": today}
    assert post(clerk, f"/case/{relief}/report/not_served", said).status_code == 303
    public = {
        "announced_why": "其他方式无法送达", "announced_where": "公告栏",
        "announced_on": today, "note": "拒收",
    }  # fmt: skip
    refusal = post(clerk, f"/case/{relief}/do/announce", public)
    assert refusal.status_code in (400, 409) and "只是拒收的，不能公告" in refusal.text
