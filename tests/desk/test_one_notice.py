"""The one full notice on the pages: gathered from all departments, and nothing is asked for beyond it."""

from __future__ import annotations

from common.people.rules.roles import Actor, Role
from common.web.forms import field_id
from tests.desk.desk_pages import HOMESTEAD
from tests.desk.three import TOWN, VILLAGE, ThreeNodes, post


def arrived(three: ThreeNodes) -> str:
    """Return a joint case that the township is to accept."""
    three.open(VILLAGE)
    number = three.file(HOMESTEAD)
    three.carry(VILLAGE, TOWN)
    return number


def test_what_a_department_misses_stands_in_the_list_of_the_notice(three: ThreeNodes) -> None:
    number = arrived(three)
    department = three.node.casework.case(number).facts.joint[0]
    missing = {"verdict": "lacking", "lacking": [{"key": "other_x", "name": "四邻<意见>", "how": "签名"}]}
    with three.node.unit():
        actor = Actor("reviewer", "吴审查", Role.REVIEWER, department)
        three.node.casework.report(number, "opinion", actor, missing, three.now())
    client = three.client(TOWN, "clerk")
    form = client.get(f"/case/{number}/do/ask_papers").text
    assert 'name="lack-other_x"' in form and "四邻&lt;意见&gt;" in form
    ticked = form.partition('name="lack-other_x"')[2].partition(">")[0]
    assert "checked" in ticked and 'name="how-other_x" value="签名"' in form
    left_out = post(client, f"/case/{number}/do/ask_papers", {"other-1-name": "别的"})
    assert left_out.status_code == 400 and f'href="#{field_id("lack-other_x")}"' in left_out.text
    assert post(client, f"/case/{number}/do/ask_papers", {"lack-other_x": "1"}).status_code == 303
    (paper,) = three.node.casework.case(number).lacking
    assert (paper["key"], paper["name"]) == ("other_x", "四邻<意见>")


def test_after_the_notice_its_own_papers_alone_can_be_ticked(three: ThreeNodes) -> None:
    number = arrived(three)
    client = three.client(TOWN, "clerk")
    asked = f"/case/{number}/do/ask_papers"
    assert post(client, asked, {"other-1-name": "房屋照片", "other-1-how": "四面"}).status_code == 303
    with three.node.unit():
        actor = Actor("clerk", "李窗口", Role.CLERK, "")
        three.node.casework.report(number, "papers_brought", actor, {"note": "补来"}, three.now())
    assert post(client, f"/case/{number}/do/take_papers", {"note": ""}).status_code == 303
    form = client.get(f"/case/{number}/do/still_lacking").text
    assert "房屋照片" in form and form.count('name="lack-') == 1 and "other-1-name" not in form
    key = three.node.casework.case(number).facts.noticed[0]
    # The same line of the form with another paper on it was taken for the one that the notice had named.
    beyond = post(client, f"/case/{number}/do/still_lacking", {"other-1-name": "公证书"})
    assert beyond.status_code == 409 and "E131" in beyond.text
    assert post(client, f"/case/{number}/do/still_lacking", {f"lack-{key}": "1"}).status_code == 303
    (paper,) = three.node.casework.case(number).lacking
    assert paper["name"] == "房屋照片"
