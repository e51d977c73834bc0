"""A receipt of another letter made void at the desk of whoever holds the case."""

from __future__ import annotations

import re
from datetime import timedelta

from common.days import local_date
from common.desk.rules.receiver import POST
from tests.desk.test_posted_pages import POSTED, refused, told_days
from tests.desk.three import TOWN, VILLAGE, ThreeNodes, post


def test_the_clerk_makes_it_void_and_the_letter_is_waited_for_again(three: ThreeNodes, relief: str) -> None:
    refused(three, relief)
    today = local_date(three.now())
    sent, wrong = (today - timedelta(days=days) for days in (5, 3))
    said = {**POSTED, "served_on": sent.isoformat(), "delivered_on": wrong.isoformat()}
    post(three.client(VILLAGE, "agent"), f"/case/{relief}/report/handed_over", said)
    three.carry(VILLAGE, TOWN)
    clerk, form = three.client(TOWN, "clerk"), f"/case/{relief}/do/void_receipt"
    case = clerk.get(f"/case/{relief}").text
    assert form in case and "别的邮件、别的件的回执登记到了本件上" in case
    page = clerk.get(form).text
    choice = f"EMS1（现在登记 {wrong} 收到，{sent} 交邮）"
    (seen,) = re.findall(r'name="seen" value="(\w+)"', page)
    assert choice in page and "又算没有回执" in page
    whole = {"void_record": choice, "note": "是同村另一件的回执", "seen": seen}
    for other, words in (({"void_record": "EMS9"}, "哪一封邮件"), ({"note": " "}, "请写明理由")):
        bad = post(clerk, form, {**whole, **other})
        assert bad.status_code == 400 and words in bad.text, other
    assert post(clerk, form, whole).status_code == 303
    again = post(clerk, form, whole)
    assert again.status_code in (400, 409), "a second click, or a form that lay open"
    page = clerk.get(f"/case/{relief}").text
    assert "申请行政复议最后一日" not in told_days(page)
    assert f"邮件 EMS1，回执收件日期 {wrong} 的登记作废" in page and "是同村另一件的回执" in page
    (receipt,) = re.findall(r'href="(\S+/notice/[0-9a-f]+)">送达回证', page)
    assert "不是这封邮件的，已经作废" in clerk.get(receipt).text, "the paper bears the former day"
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    assert f"/case/{relief}/report/letter_came" in agent.get(f"/case/{relief}").text
    back = {"tried_how": POST, "tried_why": "地址不对或者已经搬走", "tried_number": "EMS1"}
    back |= {"tried_on": today.isoformat()}
    assert post(agent, f"/case/{relief}/report/not_served", back).status_code == 303
    three.carry(VILLAGE, TOWN)
    told = three.client(TOWN, "clerk").get(receipt).text
    assert "退回来了，没有送达" in told and "已经作废" not in told, "it still bears the former day"
