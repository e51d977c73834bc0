"""What waits at a site that is out of service is the work of the hall above it."""

from __future__ import annotations

import re

from common.people.rules.roles import Role
from common.store.database import run
from tests.desk.test_served_later import TOLD
from tests.desk.three import COUNTY, DAY_MS, RELIEF, TOWN, VILLAGE, ThreeNodes, post

WHY = "并村"


def retire(three: ThreeNodes, address: str = VILLAGE) -> None:
    """Let the open county retire a site."""
    with three.node.unit():
        three.node.trust.relieve(address, ("", three.now()), WHY)
        three.node.trust.retire(address, ("", three.now()), WHY)


def test_a_result_that_waits_at_a_retired_village_is_handed_over_by_the_hall(three: ThreeNodes) -> None:
    """Villages are merged; the applicant still has to get what was decided, and nobody is there any more."""
    three.open(VILLAGE)
    issued, other = three.file(RELIEF), three.file(RELIEF, name="李桂兰", seed=1)
    three.carry(VILLAGE, TOWN)
    for action, role in (("accept", Role.CLERK), ("review", Role.REVIEWER), ("approve", Role.APPROVER)):
        three.move(issued, action, role)
    three.move(issued, "issue", Role.CLERK)
    lacking = [{"key": "photo", "name": "照片", "how": "原件"}]
    three.move(other, "ask_papers", Role.CLERK, lacking=lacking, answer_by="2026-03-20")
    clerk = three.client(TOWN, "clerk")
    assert "停用站点" not in clerk.get("/").text
    assert clerk.get(f"/queue?view=stood-in&site={VILLAGE}").location == "/queue"
    three.carry(TOWN, COUNTY)
    retire(three)
    three.carry(COUNTY, TOWN)
    clerk = three.client(TOWN, "clerk")
    home, queue = clerk.get("/").text, clerk.get(f"/queue?view=stood-in&site={VILLAGE}").text
    assert "停用站点：鹿角坪村" in home and issued in queue and other in queue
    assert "/report/handed_over" in clerk.get(f"/case/{issued}").text
    # Fetched there nothing is any more; the other sites are still to choose from.
    places = clerk.get(f"/case/{issued}/report/collect_at").text
    offered = re.findall(r'name="place" value="([^"]+)"', places)
    assert "通江县" in offered and "青峪镇鹿角坪村" not in offered
    assert "停用站点" not in three.again("reviewer").get("/").text, "who takes nothing in"
    assert "/report/papers_brought" in three.again("clerk").get(f"/case/{other}").text
    # A site at work has its own list, and so has the county of what is right below it alone.
    three.carry(TOWN, COUNTY)
    assert "停用站点" not in three.client(COUNTY, "clerk").get("/").text


def test_who_filed_at_a_retired_village_is_called_back_by_the_hall(three: ThreeNodes) -> None:
    """Their list was that of a site that is no more, and nobody saw that they were never asked."""
    three.open(VILLAGE)
    case = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    three.move(case, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    assert post(three.client(VILLAGE, "agent"), f"/case/{case}/report/handed_over", TOLD).status_code == 303
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    retire(three)
    three.carry(COUNTY, TOWN)
    three.clock.advance(4 * DAY_MS)
    clerk = three.client(TOWN, "clerk")
    listed = clerk.get("/register/calls").text
    assert case in listed and "收件的青峪镇鹿角坪村已停用" in listed
    assert post(clerk, f"/case/{case}/report/called_back", {"note": "电话问过，满意"}).status_code == 303
    assert case not in clerk.get("/register/calls").text
    # The county asks only those of a township that is out of service itself.
    three.carry(TOWN, COUNTY)
    assert case not in three.client(COUNTY, "clerk").get("/register/calls").text
    retire(three, TOWN)
    assert case not in three.again("clerk").get("/register/calls").text, "it was done"


def test_of_a_relieved_township_the_county_calls_back(three: ThreeNodes) -> None:
    three.open(TOWN)
    case = three.file(RELIEF)
    three.move(case, "not_accept", Role.CLERK, note="不符合条件")
    assert post(three.client(TOWN, "clerk"), f"/case/{case}/report/handed_over", TOLD).status_code == 303
    three.carry(TOWN, COUNTY)
    three.clock.advance(4 * DAY_MS)
    assert case not in three.client(COUNTY, "clerk").get("/register/calls").text
    with three.node.unit():
        three.node.trust.relieve(TOWN, ("", three.now()), WHY)
    assert case in three.again("clerk").get("/register/calls").text


def test_a_rotten_row_of_one_case_closes_neither_the_register_nor_the_first_page(three: ThreeNodes) -> None:
    """Of a site that is none nobody stands above: all callers were refused for one row that nobody signed."""
    three.open(VILLAGE)
    case = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    clerk = three.client(TOWN, "clerk")
    with three.node.unit():
        run('UPDATE case_file SET origin = ?, holder = ? WHERE "case" = ?', ("x", "y", case))
    for page in ("/register", "/register/calls", "/"):
        assert clerk.get(page).status_code == 200
