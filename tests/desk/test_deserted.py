"""What waits at a site that is out of service is the work of the hall above it."""

from __future__ import annotations

from common.people.rules.roles import Role
from tests.desk.three import COUNTY, RELIEF, TOWN, VILLAGE, ThreeNodes

WHY = "并村"


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
    with three.node.unit():
        three.node.trust.relieve(VILLAGE, ("", three.now()), WHY)
        three.node.trust.retire(VILLAGE, ("", three.now()), WHY)
    three.carry(COUNTY, TOWN)
    clerk = three.client(TOWN, "clerk")
    home, queue = clerk.get("/").text, clerk.get(f"/queue?view=stood-in&site={VILLAGE}").text
    assert "停用站点：鹿角坪村" in home and issued in queue and other in queue
    assert "/report/handed_over" in clerk.get(f"/case/{issued}").text
    assert "停用站点" not in three.again("reviewer").get("/").text, "who takes nothing in"
    assert "/report/papers_brought" in three.again("clerk").get(f"/case/{other}").text
    # A site at work has its own list, and so has the county of what is right below it alone.
    three.carry(TOWN, COUNTY)
    assert "停用站点" not in three.client(COUNTY, "clerk").get("/").text
