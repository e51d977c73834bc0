"""Home pages and lists that refresh themselves: the part alone is sent, and nothing is used up by asking."""

from __future__ import annotations

import re

from common.people.rules.roles import Role
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes, post

POLL = {"HX-Request": "true"}


def asked_again(three: ThreeNodes, address: str, login: str) -> str:
    """Return what the home page of somebody asks for by itself; it is what the whole page holds."""
    client = three.client(address, login)
    whole, part = client.get("/").text, client.get("/", headers=POLL)
    assert part.status_code == 200 and len(part.data) < min(len(whole.encode()), 30_000)
    assert "<html" not in part.text and "<nav" not in part.text
    for text in (whole, part.text):
        assert text.count('id="list"') == 1 and 'hx-get="/"' in text and "every 60s" in text
    assert whole.index('name="q"') < whole.index('id="list"'), "what is typed into the search stays"
    return str(part.text)


def waits(page: str, title: str) -> str:
    """Return how many cases a button of the home page says that wait, "" for a button that is not there."""
    found = re.search(rf'{title}</b><span class="count">(\d+)', page)
    return found[1] if found else ""


def test_the_home_page_of_each_tier_asks_for_its_counts_again(three: ThreeNodes) -> None:
    assert waits(asked_again(three, TOWN, "checker"), "待初审") == ""
    assert waits(asked_again(three, COUNTY, "clerk"), "待受理") == ""
    village = asked_again(three, VILLAGE, "agent")
    number = three.file()
    assert asked_again(three, VILLAGE, "agent") != village
    three.carry(VILLAGE, TOWN)
    assert waits(asked_again(three, TOWN, "checker"), "待初审") == "1"
    three.move(number, "forward", Role.CHECKER)
    three.carry(TOWN, COUNTY)
    assert waits(asked_again(three, COUNTY, "clerk"), "待受理") == "1"


def test_a_page_that_asks_by_itself_uses_up_no_message(three: ThreeNodes) -> None:
    client = three.client(VILLAGE, "agent")
    post(client, "/line/send", {})
    for path in ("/", "/queue", "/queue?view=filed"):
        told = client.get(path, headers=POLL).text
        assert "没有设置上级线路" not in told and 'id="list"' in told and "<html" not in told
    assert "没有设置上级线路" in client.get("/").text
