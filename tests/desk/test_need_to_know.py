"""Somebody whose department has nothing to do with a case sees how far it is, by no way more."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from common.casework import lists
from common.days import local_day
from common.desk.pages import shown
from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from common.people.standins import Absence
from tests.desk.desk_pages import HOMESTEAD, Counter
from tests.desk.three import (
    DAY_MS,
    ID_NUMBER,
    NOW,
    PASSWORD,
    RELIEF,
    SUBSISTENCE,
    TOWN,
    VILLAGE,
    ThreeNodes,
    made,
    post,
)

LAND, FARMING, HOUSING = "自然资源所", "农业综合服务中心", "村镇建设办公室"
PERSONAL = (ID_NUMBER, "15400001234", "鹿角坪村2组7号", "通江农商银行", "/paper/")


def joins(three: ThreeNodes, login: str, department: str, *posts: Role) -> None:
    """Add an account at the open node."""
    ready = three.node.people.ready(NewStaff(login, f"员{login}", frozenset(posts), department, PASSWORD))
    with three.node.unit():
        three.node.people.add_staff(ready, "", NOW)


def ways_to(three: ThreeNodes, number: str) -> tuple[list[str], list[str]]:
    """Return every way that gives or changes part of a case: those that are read, those that are sent."""
    state = three.node.casework.case(number)
    paper, act = next(iter(state.papers.values()))[0], state.chain[0]
    read = [
        f"/case/{number}/do/accept",
        f"/case/{number}/report/remind",
        f"/case/{number}/checklist",
        f"/case/{number}/notice/{act}",
        f"/case/{number}/notice/{act}.pdf",
        f"/file/slip/{number}",
        f"/paper/{paper}",
    ]
    sent = [
        f"/case/{number}/do/accept",
        f"/case/{number}/report/remind",
        f"/case/{number}/checklist",
        f"/case/{number}/check",
        f"/case/{number}/package",
        f"/paper/{paper}/fetch",
    ]
    return read, sent


def sees_progress_alone(three: ThreeNodes, client: FlaskClient, number: str) -> None:
    page = client.get(f"/case/{number}")
    assert page.status_code == 200 and number in page.text and "已收件" in page.text
    # The name stands whole, as in the lists that lead here; nothing is sent from here, no reminder.
    assert "王秀英" in page.text and "要看全部内容，请联系" in page.text and "/report/" not in page.text
    assert not [one for one in PERSONAL if one in page.text]
    read, sent = ways_to(three, number)
    answers = [client.get(way) for way in read]
    answers += [post(client, way, {"note": "x"}) for way in sent]
    assert {answer.status_code for answer in answers} == {403}
    for answer in answers:
        assert "E260" in answer.text or "E226" in answer.text, "another department, or another post"
        assert not [one for one in PERSONAL if one in answer.text]
    assert three.node.views.of(number, 9)[0].fields == "progress", "and it is written down"


def test_a_department_that_is_not_concerned_sees_progress_by_every_way(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number, joint = three.file(SUBSISTENCE), three.file(HOMESTEAD, seed=1)
    three.carry(VILLAGE, TOWN)
    # Many posts in another department, so that few pages are refused for the post alone; all may check.
    every = (Role.AGENT, Role.CLERK, Role.REVIEWER, Role.APPROVER, Role.ADMIN)
    joins(three, "farming", FARMING, *(post for post in every if post in three.node.profile.roles))
    joins(three, "land", LAND, Role.CLERK, Role.REVIEWER)
    joins(three, "hall", "便民服务中心", Role.CHECKER)
    joins(three, "watch", FARMING, Role.SUPERVISOR)
    farming = three.client(TOWN, "farming")
    sees_progress_alone(three, farming, number)
    assert "15400001234" in farming.get(f"/case/{joint}").text, "asked for its opinion"
    sees_progress_alone(three, three.again("admin"), number)
    land = three.again("land")
    sees_progress_alone(three, land, number)
    assert "15400001234" in land.get(f"/case/{joint}").text
    for login in ("hall", "clerk", "reviewer"):
        assert "15400001234" in three.again(login).get(f"/case/{number}").text
    # The search still finds it, its number masked.
    found = post(farming, "/queue/find", {"q": number}, "/queue").text
    assert number in found and ID_NUMBER not in found
    paper = next(iter(three.node.casework.case(joint).papers.values()))[0]
    assert land.get(f"/paper/{paper}").status_code == 200


def test_whoever_took_a_case_in_keeps_it_and_a_village_shows_all_to_all(three: ThreeNodes) -> None:
    three.open(TOWN)
    joins(three, "farming", FARMING, Role.CLERK)
    joins(three, "housing", HOUSING, Role.CLERK)
    item = three.node.catalogue.item(SUBSISTENCE)
    assert item is not None and item.route.department not in (FARMING, HOUSING)
    number = three.file(SUBSISTENCE, papers=9, department=FARMING)
    assert "15400001234" in three.client(TOWN, "farming").get(f"/case/{number}").text
    assert three.again("farming").get(f"/file/slip/{number}").status_code == 200
    housing, slip = three.again("housing"), f"/receipts/print?case={number}"
    assert "15400001234" not in housing.get(f"/case/{number}").text
    assert housing.get(slip).status_code == 303 and "由其他部门办理" in housing.get("/receipts").text
    mine = three.file(SUBSISTENCE, name="李桂兰", seed=1, department=HOUSING)
    some = housing.get(f"{slip}&case={mine}").text
    assert "李桂兰" in some and "王秀英" not in some and f"没有打：{number}" in some
    assert "王秀英" in three.again("farming").get(slip).text
    # The register is of all departments: whole numbers in a file are for those who see all cases.
    month = {"month": local_day(three.now())[:7], "numbers": "1"}
    file = made(housing, "/register/export", month)
    assert number in file.text and ID_NUMBER not in file.text
    assert "带完整证件号码" not in housing.get("/register").text
    assert ID_NUMBER in made(three.again("clerk"), "/register/export", month).text
    # By typing a number nobody sees of an earlier case more than its page shows them.
    joins(three, "forest", "林业站", Role.CLERK)
    for login, is_known in (("forest", 0), ("farming", 1)):
        counter = Counter(three, three.again(login), SUBSISTENCE)
        who = {"name": "王秀英", "id_type": "111", "id_number": ID_NUMBER, "place": VILLAGE}
        assert post(counter.client, f"{counter.path}/keep/applicant", who).status_code == 200
        assert ("以前在本站办过" in counter.client.get(f"{counter.path}/known").text) == is_known
        papers = [kept[0] for kept in three.node.casework.case(number).papers.values()]
        answers = [counter.client.get(f"{counter.path}/earlier/{paper}") for paper in papers]
        assert [answer.status_code for answer in answers].count(200) == is_known, "the identity card"
    three.open(VILLAGE)
    joins(three, "boss", "村委会", Role.ADMIN)
    at_home = three.file(SUBSISTENCE, seed=2)
    assert "15400001234" in three.client(VILLAGE, "boss").get(f"/case/{at_home}").text


def test_whose_work_it_is_sees_it_whatever_their_department(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number, other = three.file(SUBSISTENCE), three.file(SUBSISTENCE, name="李桂兰", seed=1)
    three.carry(VILLAGE, TOWN)
    joins(three, "farming", FARMING, Role.CLERK, Role.CHECKER)
    joins(three, "housing", HOUSING, Role.CLERK)
    farming = three.client(TOWN, "farming")
    assert farming.get("/queue/next").location == f"/case/{number}" and number in farming.get("/queue").text
    assert "15400001234" in farming.get(f"/case/{number}").text
    paper = next(iter(three.node.casework.case(number).papers.values()))[0]
    assert farming.get(f"/paper/{paper}").status_code == 200
    done = post(farming, f"/case/{number}/do/forward", {"then": "next"}, f"/case/{number}/do/forward")
    assert done.status_code == 303, done.text
    assert "15400001234" not in farming.get(f"/case/{number}").text, "it is somebody else's work now"
    # Who stands in for the village sees its cases, and no longer than that.
    housing, day = three.again("housing"), local_day(three.now())
    assert "15400001234" not in housing.get(f"/case/{other}").text
    with three.node.unit():
        wish = Absence(VILLAGE, "agent", TOWN, "housing", day, day, "周代办")
        three.node.stand_ins.arrange(wish, "admin", three.now())
    for case in (number, other):
        assert "15400001234" in housing.get(f"/case/{case}").text
    three.clock.advance(DAY_MS)
    assert "15400001234" not in three.again("housing").get(f"/case/{other}").text


def test_a_list_without_pages_says_how_many_it_leaves_out(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.open(VILLAGE)
    numbers = [three.file(HOMESTEAD, seed=seed) for seed in range(2)]
    three.carry(VILLAGE, TOWN)
    joins(three, "land", LAND, Role.CLERK)
    land = three.client(TOWN, "land")
    page = land.get("/queue?work=asked").text
    assert all(number in page for number in numbers) and "共有" not in page
    monkeypatch.setattr(shown, "LISTED", 1)
    page = land.get("/queue?work=asked").text
    assert sum(number in page for number in numbers) == 1 and "共有 2 件，这里列出最急的 1 件" in page


def test_of_a_paper_in_many_cases_the_newest_alone_are_read(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.open(VILLAGE)
    first = three.file(RELIEF)
    three.clock.advance(DAY_MS)
    second = three.file(SUBSISTENCE)
    both = [{kept[0] for kept in three.node.casework.case(one).papers.values()} for one in (first, second)]
    shared = (both[0] & both[1]).pop()
    assert lists.cases_of_paper(shared) == [second, first]
    monkeypatch.setattr(lists, "_CASES_MOST", 1)
    assert lists.cases_of_paper(shared) == [second]
