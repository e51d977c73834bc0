"""A case lapses only when its village was heard after the last day: by a receipt, an act or a contact."""

from __future__ import annotations

import io

import pytest

from common.casework import late
from common.casework.context import Paper
from common.casework.errors import OriginSilent
from common.casework.rules.flow import State
from common.people.rules.roles import Actor, Role
from tests.desk.three import COUNTY, DAY_MS, JPEG, TOWN, VILLAGE, ThreeNodes

UNANSWERED = "/queue?view=unanswered"
LACKING = [{"key": "photo", "name": "照片", "how": "原件"}]
CLERK = Actor("clerk", "李窗口", Role.CLERK, "")


def heard(three: ThreeNodes, address: str) -> int:
    return int(three.node.casework.ctx.neighbours.heard_at(address))


def test_a_reminder_that_the_village_has_received_is_word_enough(three: ThreeNodes, received: str) -> None:
    case, filed_at = received, three.now()
    three.move(case, "forward", Role.CHECKER)
    three.carry(TOWN, COUNTY)
    assert heard(three, VILLAGE) == filed_at and heard(three, COUNTY) == three.now()
    assert heard(three, "511921126205") == 0
    three.move(case, "ask_papers", Role.CLERK, lacking=LACKING, answer_by="2026-03-20")
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    three.clock.advance(30 * DAY_MS)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    # The receipt says that the village had the notice, which is of the day on which it was written.
    assert heard(three, VILLAGE) == filed_at
    with pytest.raises(OriginSilent):
        three.move(case, "lapse", Role.CLERK, note="逾期")
    page = three.client(COUNTY, "clerk").get(f"/case/{case}").text
    assert "收件站点在补正期限过后还没有联系上" in page and "/do/lapse" not in page
    reminded_at = three.now()
    with three.node.unit():
        three.node.casework.report(case, "remind", CLERK, {"note": "有补来的材料请即报"}, reminded_at)
    for source, target in ((COUNTY, TOWN), (TOWN, VILLAGE), (VILLAGE, TOWN), (TOWN, COUNTY)):
        three.carry(source, target)
    assert heard(three, VILLAGE) == reminded_at
    assert "/do/lapse" in three.client(COUNTY, "clerk").get(f"/case/{case}").text
    three.move(case, "lapse", Role.CLERK, note="逾期")
    assert three.node.casework.case(case).state is State.LAPSED
    assert not three.node.casework.ctx.neighbours.is_relieved(VILLAGE)


def test_a_notice_nobody_answered_lies_with_the_window_that_has_to_end_the_case(
    three: ThreeNodes, received: str
) -> None:
    """Else it waits for the applicant for ever: the village cannot end it, and the county never sees it."""
    three.move(received, "forward", Role.CHECKER)
    three.carry(TOWN, COUNTY)
    three.move(received, "ask_papers", Role.CLERK, lacking=LACKING, answer_by="2026-03-20")
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    three.clock.advance(15 * DAY_MS)
    assert "03-20 快到期" in three.client(VILLAGE, "agent").get("/queue").text
    assert received not in three.client(COUNTY, "clerk").get(UNANSWERED).text
    three.clock.advance(15 * DAY_MS)
    clerk = three.client(COUNTY, "clerk")
    home = clerk.get("/").text
    assert "补正期限已过" in home and "现在没有等您办理的件" not in home
    assert received in clerk.get(UNANSWERED).text
    assert three.again("reviewer").get(UNANSWERED).location == "/queue", "no list of theirs"
    page = three.client(VILLAGE, "agent").get("/queue?due=late").text
    assert received in page and "03-20 已超期" in page
    # Papers that are here are the window's work in another heap.
    photo = Paper("photo", "照片", three.node.papers.take_in(io.BytesIO(JPEG)))
    with three.node.unit():
        agent = Actor("agent", "周代办", Role.AGENT, "")
        three.node.casework.report(received, "papers_brought", agent, {"papers": [photo]}, three.now())
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    clerk = three.client(COUNTY, "clerk")
    assert received not in clerk.get(UNANSWERED).text and received in clerk.get("/queue?work=brought").text


def test_who_has_a_department_sees_what_its_own_window_has_to_end(three: ThreeNodes, received: str) -> None:
    three.move(received, "forward", Role.CHECKER)
    three.carry(TOWN, COUNTY)
    three.move(received, "ask_papers", Role.CLERK, lacking=LACKING, answer_by="2026-03-20")
    in_charge = three.node.casework.case(received).facts.department
    found = {name: late.unanswered(COUNTY, name, "2026-03-21") for name in ("", in_charge, "县林业局")}
    assert [len(lines) for lines in found.values()] == [1, 1, 0]
    assert late.unanswered(COUNTY, "", "2026-03-20") == [] == late.unanswered(TOWN, "", "2026-03-21")
    assert late.count_overdue(COUNTY, "2026-03-21") == 1
