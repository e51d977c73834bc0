"""A case lapses only when its village was heard after the last day: by a receipt, an act or a contact."""

from __future__ import annotations

import pytest

from common.casework.errors import OriginSilent
from common.casework.rules.flow import State
from common.people.rules.roles import Actor, Role
from tests.desk.three import COUNTY, DAY_MS, TOWN, VILLAGE, ThreeNodes

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
