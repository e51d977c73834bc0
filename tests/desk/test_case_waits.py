"""The page of a case tells of what has come of it and cannot be applied yet."""

from __future__ import annotations

from common.people.rules.roles import Role
from tests.desk.test_waits_ended import END, LINE, WHY, bring, frame_of
from tests.desk.three import COUNTY, DAY_MS, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, post


def test_a_step_that_is_here_and_waits_for_the_one_before_is_told_of(three: ThreeNodes) -> None:
    """Whoever looked at the case alone took it for not yet forwarded; only the line page knew."""
    three.open(VILLAGE)
    case = three.file(SUBSISTENCE)
    three.carry(VILLAGE, TOWN)
    three.move(case, "expedite", Role.CHECKER, note="老人独居，雨季将近")
    three.move(case, "forward", Role.CHECKER)
    filed, first, second = [frame_of(three, act) for act in three.node.casework.case(case).chain]
    three.open(COUNTY)
    bring(three, filed)
    clerk = three.client(COUNTY, "clerk")
    assert "还不能办理" not in clerk.get(f"/case/{case}").text
    bring(three, second)
    told = clerk.get(f"/case/{case}").text
    assert "本件还有一份已经收到、还不能办理：青峪镇的“转报”，等待同一办件的前一步到达。" in told
    assert "不用处理，前一步到达后自动办理" in told
    three.clock.advance(7 * DAY_MS)
    clerk, admin = three.again("clerk"), three.again("admin")
    assert "请打电话给经办的站点" in clerk.get(f"/case/{case}").text
    assert post(admin, END, {"act": second.act, "why": WHY}, LINE).status_code == 303
    assert "还不能办理" not in clerk.get(f"/case/{case}").text
    bring(three, first)
    assert three.node.casework.case(case).last == second.act
    assert "还不能办理" not in clerk.get(f"/case/{case}").text
