"""Who holds a case is reminded of a letter from which nothing came back, with the number of days."""

from __future__ import annotations

import re

import pytest

from tests.desk.test_posted_pages import DAY, POSTED, refused
from tests.desk.three import TOWN, VILLAGE, ThreeNodes, post

LIST = "/queue?view=letters"


def test_a_letter_without_a_receipt_is_in_the_list_of_the_clerk_after_fifteen_days(
    three: ThreeNodes, relief: str
) -> None:
    refused(three, relief, 0)
    post(three.client(VILLAGE, "agent"), f"/case/{relief}/report/handed_over", POSTED)
    three.carry(VILLAGE, TOWN)
    three.clock.advance(14 * DAY)
    clerk = three.client(TOWN, "clerk")
    assert "邮件没有回执" not in clerk.get("/").text + clerk.get("/queue").text
    assert relief not in clerk.get(LIST).text
    three.clock.advance(3 * DAY)
    clerk = three.client(TOWN, "clerk")
    assert "邮件没有回执" in clerk.get("/").text and LIST in clerk.get("/queue").text
    page = clerk.get(LIST).text
    assert relief in page and "交邮 17 天，没有回执" in page and "已超期" not in page
    assert three.again("reviewer").get(LIST).location == "/queue", "no list of theirs"
    village = three.client(VILLAGE, "agent")
    assert "邮件没有回执" not in village.get("/").text, "the village does not hold it"
    assert relief not in village.get("/queue").text


def test_after_how_many_days_is_a_setting(three: ThreeNodes, relief: str) -> None:
    refused(three, relief, 0)
    post(three.client(VILLAGE, "agent"), f"/case/{relief}/report/handed_over", POSTED)
    three.carry(VILLAGE, TOWN)
    three.clock.advance(14 * DAY)
    clerk = three.client(TOWN, "clerk")
    assert relief not in clerk.get(LIST).text
    object.__setattr__(three.node.config, "receipt_days", 10)
    page = clerk.get(LIST).text
    assert "交邮 14 天，没有回执" in page
    cells = re.findall(r'data-label="([^"]+)"', page)
    assert "邮件" in cells and "期限" not in cells, "no limit runs; a narrow screen has no head of a table"


@pytest.mark.parametrize("days", [366, 10**9])
def test_more_days_than_one_may_ask_in_show_it_on_the_last_of_them(
    three: ThreeNodes, relief: str, days: int
) -> None:
    refused(three, relief, 0)
    post(three.client(VILLAGE, "agent"), f"/case/{relief}/report/handed_over", POSTED)
    three.carry(VILLAGE, TOWN)
    three.clock.advance(365 * DAY)
    clerk = three.client(TOWN, "clerk")
    object.__setattr__(three.node.config, "receipt_days", days)
    assert clerk.get("/").status_code == 200 and relief in clerk.get(LIST).text


def test_the_administrator_reads_of_the_setting(three: ThreeNodes) -> None:
    three.open(TOWN)
    page = three.client(TOWN, "admin").get("/settings").text
    assert "receipt_days" in page and "15 天" in page
