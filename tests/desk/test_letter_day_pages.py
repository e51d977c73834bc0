"""The day of a letter put right at the desk of whoever holds the case."""

from __future__ import annotations

import re
from datetime import timedelta

from common.days import local_date
from common.people.rules.roles import Role
from tests.desk.test_posted_pages import DAY, POSTED, refused, told_days
from tests.desk.three import TOWN, VILLAGE, ThreeNodes, post


def test_the_clerk_puts_the_day_right_and_both_days_are_read_in_the_course(
    three: ThreeNodes, relief: str
) -> None:
    refused(three, relief)
    today = local_date(three.now())
    sent, wrong, right = (today - timedelta(days=days) for days in (5, 3, 1))
    said = {**POSTED, "served_on": sent.isoformat(), "delivered_on": wrong.isoformat()}
    post(three.client(VILLAGE, "agent"), f"/case/{relief}/report/handed_over", said)
    assert "correct_letter_day" not in three.client(VILLAGE, "agent").get(f"/case/{relief}").text
    three.carry(VILLAGE, TOWN)
    clerk, form = three.client(TOWN, "clerk"), f"/case/{relief}/do/correct_letter_day"
    assert form in clerk.get(f"/case/{relief}").text
    page = clerk.get(form).text
    choice = f"EMS1（现在登记 {wrong} 收到，{sent} 交邮）"
    (seen,) = re.findall(r'name="seen" value="(\w+)"', page)
    assert choice in page and "原来登记的留在办理经过里" in page
    whole = {"letter_record": choice, "letter_right": right.isoformat(), "note": "看错了回执", "seen": seen}
    for other, words in (
        ({"letter_right": (today + timedelta(days=1)).isoformat()}, "收件日期不能晚于今天"),
        ({"letter_right": (sent - timedelta(days=1)).isoformat()}, "收件日期不能早于交邮的那天"),
        ({"letter_right": wrong.isoformat()}, "没有要更正的"),
        ({"letter_right": ""}, "更正后的收件日期"),
        ({"letter_record": "EMS9"}, "哪一封邮件"),
        ({"note": " "}, "请写明理由"),
    ):
        bad = post(clerk, form, {**whole, **other})
        assert bad.status_code == 400 and words in bad.text, other
    assert post(clerk, form, whole).status_code == 303
    again = post(clerk, form, whole)
    assert again.status_code in (400, 409), "a second click, or a form that lay open"
    page = clerk.get(f"/case/{relief}").text
    days = told_days(page)
    assert days["送达日期"] == right.isoformat() and "登记错了，已更正" in page
    assert days["申请行政复议最后一日"] >= (right + timedelta(days=60)).isoformat()
    assert f"邮件 EMS1，回执收件日期：{wrong} → {right}" in page and "看错了回执" in page
    assert f"回执收件日期：{wrong}" in page, "what was first registered is still read"
    (receipt,) = re.findall(r'href="(\S+/notice/[0-9a-f]+)">送达回证', page)
    assert f"后来登记或者更正的：{right}" in clerk.get(receipt).text, "the paper bears the former day"
    three.carry(TOWN, VILLAGE)
    assert f"<dd>{right}" in three.client(VILLAGE, "agent").get(f"/case/{relief}").text


def test_after_a_judgment_the_page_says_why_the_day_stays(three: ThreeNodes, relief: str) -> None:
    refused(three, relief)
    today = local_date(three.now())
    said = {**POSTED, "served_on": today.isoformat(), "delivered_on": today.isoformat()}
    post(three.client(VILLAGE, "agent"), f"/case/{relief}/report/handed_over", said)
    three.carry(VILLAGE, TOWN)
    three.clock.advance(DAY)
    standing = {"word": "suspended", "document": "复议通知1号"}
    three.move(relief, "mark_decision", Role.APPROVER, note="复议期间停止执行", standing=standing)
    page = three.client(TOWN, "clerk").get(f"/case/{relief}").text
    assert "correct_letter_day" not in page and "回执收件日期不能再更正" in page
