"""A case waits for a step that nobody has any more: people see it and what to do, and may end the wait."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from common.casework.records import undo
from common.node.verbs import commands
from common.people.rules.roles import Role
from common.store import audit
from sync.protocol.acts.deliver import deliver
from sync.protocol.acts.quarantine import PAST_CUT, STRUCK_OUT
from sync.protocol.frame import Frame
from sync.protocol.incoming.beside import take_loose
from sync.protocol.incoming.left import LEFT
from sync.protocol.spool import PARKED
from sync.protocol.trust.revocation import STOLEN, Revocation
from tests.desk.three import COUNTY, DAY_MS, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, post

LINE, END = "/line", "/line/wait-no-longer"
WHY = "青峪镇电话：那一步没有了，已重新收件"


def section(client: FlaskClient) -> str:
    """Return what the line page says of what cannot be applied yet."""
    return client.get(LINE).text.split("收到但还不能办理的")[1].split("</section>")[0]


def frame_of(three: ThreeNodes, act: str) -> Frame:
    frame = three.node.spool.frame_of_act(act)
    assert frame is not None
    return frame


@pytest.fixture
def lost(three: ThreeNodes) -> tuple[str, Frame, Frame]:
    """A case whose filing never came to the county, though the township's step on it did.

    Returns:
        The case, the filing and the step; the county is open.
    """
    three.open(VILLAGE)
    case = three.file(SUBSISTENCE)
    three.carry(VILLAGE, TOWN)
    three.move(case, "forward", Role.CHECKER)
    filed, moved = [frame_of(three, act) for act in three.node.casework.case(case).chain]
    three.open(COUNTY)
    bring(three, moved)
    return case, filed, moved


def bring(three: ThreeNodes, frame: Frame) -> None:
    """Let the open node take in one frame that it has asked for, as whoever has it gives it."""
    node = three.node
    with node.unit():
        node.spool.want(frame.act)
        deliver(node.peer.core, take_loose(node.peer.core, [frame]), node.engine.application)


def test_people_see_that_a_case_waits_in_vain_end_the_wait_and_it_counts_should_it_come(
    three: ThreeNodes, lost: tuple[str, Frame, Frame]
) -> None:
    case, filed, moved = lost
    admin, clerk = three.client(COUNTY, "admin"), three.again("clerk")
    told = section(clerk)
    assert case in told and "等待同一办件的前一步到达" in told and "不用处理" in told and "刚刚" in told
    assert "不再等一份" not in section(admin), "it may be on its way"
    said = {"act": moved.act, "why": WHY}
    assert post(admin, END, said, LINE).status_code == 409
    three.clock.advance(7 * DAY_MS)
    admin, clerk = three.again("admin"), three.again("clerk")
    told = section(clerk)
    assert "签发于7 天前" in told and "请打电话给经办的站点" in told and "不用处理" not in told
    assert "不再等一份" not in told and "不再等一份" in section(admin)
    assert post(clerk, END, said, LINE).status_code == 403
    assert commands.status(three.node)["parked"] == 1
    refused = post(admin, END, {**said, "why": " "}, LINE)
    assert refused.status_code == 400 and "<details open>" in refused.text
    assert post(admin, END, said, LINE).status_code == 303
    told = section(admin)
    assert case not in told and "另有 1 份，本站管理员已写明理由不再等" in told and "不再等一份" not in told
    assert commands.status(three.node)["parked"] == 0
    (row,) = audit.rows(moved.act)
    assert (row.actor, row.action) == ("admin", "act.wait_no_longer") and json.loads(row.detail)["why"] == WHY
    assert three.node.spool.wants(9) == [filed.act], "it is asked for all the same"
    bring(three, filed)
    assert three.node.casework.case(case).chain == (filed.act, moved.act)
    assert three.node.spool.parked() == [] and "本站管理员已写明理由" not in section(admin)


def hold(three: ThreeNodes, filed: Frame, moved: Frame, reason: str, waits_for: str) -> None:
    """Let the filing be here and be kept back, and the step wait behind it."""
    node = three.node
    if node.spool.act(filed.act) is None:
        bring(three, filed)
    for frame, why, waited in ((filed, reason, waits_for), (moved, "E108", f"act:{filed.act}")):
        row = node.spool.act(frame.act)
        assert row is not None
        with node.unit():
            node.spool.set_act(row._replace(state=PARKED, reason=why, waits_for=waited))


BEHIND = {
    (STRUCK_OUT, f"cut:{VILLAGE}"): ("等前一步：县级已剔除", "按现在的情况重新办理", True),
    (PAST_CUT, f"cut:{VILLAGE}"): ("等前一步：钥匙已作废，等县级放行或剔除", "页放行或剔除", False),
    (LEFT, "case:x"): ("等前一步：发送站点已改由别的上级管理", "按现在的情况办理", True),
    ("S125", "version"): ("等前一步：等待本站程序升级", "升级本站程序", False),
    ("E108", "person"): ("等前一步：与流程不符", "请联系县级管理员", False),
    ("E108", "doc:x"): ("等前一步：等待事项目录更新", "不用处理", False),
}


def test_what_waits_behind_another_says_what_that_one_waits_for(
    three: ThreeNodes, lost: tuple[str, Frame, Frame]
) -> None:
    """Whatever keeps the first back; the wait of one that is listed is not ended at what waits behind it."""
    case, filed, moved = lost
    admin = three.client(COUNTY, "admin")
    for (reason, waits_for), (words, advice, may_end) in BEHIND.items():
        hold(three, filed, moved, reason, waits_for)
        told = section(admin)
        row = next(row for row in told.split("<li>") if "等前一步" in row)
        assert words in row and advice in row and case in row, reason
        assert ("等前一步" in told.partition("<details")[2]) is may_end, reason


def test_the_first_of_those_that_wait_behind_each_other_ends_the_wait_of_all(
    three: ThreeNodes, lost: tuple[str, Frame, Frame]
) -> None:
    """The filing is here and waits for its own body, which had left by rule: that is no act before it."""
    case, filed, moved = lost
    three.clock.advance(7 * DAY_MS)
    admin = three.client(COUNTY, "admin")
    hold(three, filed, moved, "E108", f"act:{filed.act}")
    told = section(admin)
    assert told.count("等待同一办件的前一步到达") == 3 and told.count('name="act"') == 1
    assert f'value="{filed.act}"' in told
    assert post(admin, END, {"act": moved.act, "why": WHY}, LINE).status_code == 409
    assert post(admin, END, {"act": filed.act, "why": WHY}, LINE).status_code == 303
    assert case not in section(admin) and "另有 2 份，本站管理员" in section(admin)
    assert commands.status(three.node)["parked"] == 0


def test_who_reports_on_a_case_that_is_here_without_a_part_in_it_waits_for_a_part(
    three: ThreeNodes, lost: tuple[str, Frame, Frame]
) -> None:
    """Nobody is sent to look for the filing, or to file anew what stands here."""
    case, filed, moved = lost
    bring(three, filed)
    row = three.node.spool.act(moved.act)
    assert row is not None and three.node.casework.case(case).chain == (filed.act, moved.act)
    with three.node.unit():
        three.node.spool.set_act(row._replace(state=PARKED, reason="E117", waits_for=f"case:{case}"))
    admin = three.client(COUNTY, "admin")
    told = section(admin)
    assert "没有参与这个办件" in told and f'href="/case/{case}"' in told and "不用处理" in told
    three.clock.advance(7 * DAY_MS)
    told = section(three.again("admin"))
    assert "改到别处领取" in told and "收件记录" not in told and "重新收件" not in told
    assert f'value="{moved.act}"' in told


def test_what_waits_for_a_filing_that_is_here_and_waits_itself_sends_nobody_after_it(
    three: ThreeNodes, lost: tuple[str, Frame, Frame]
) -> None:
    """A report names its case alone; the filing came, and the catalogue that it was made by did not."""
    case, filed, moved = lost
    hold(three, filed, moved, "E108", "doc:x")
    row = three.node.spool.act(moved.act)
    assert row is not None
    with three.node.unit():
        three.node.spool.set_act(row._replace(reason="E103", waits_for=f"case:{case}"))
        undo.drop_acts([filed.act, moved.act])
        undo.drop_case(case)
    for days in (0, 7):
        three.clock.advance(days * DAY_MS)
        told = section(three.client(COUNTY, "admin"))
        assert "收件记录已经到了" in told and "等待事项目录更新" in told, days
        assert "等待这个办件的收件记录到达" not in told and "请打电话给收件的站点" not in told
    admin, spool = three.again("admin"), three.node.spool
    behind = spool.act(moved.act)
    assert behind is not None
    hold(three, filed, moved, STRUCK_OUT, f"cut:{VILLAGE}")
    with three.node.unit():
        spool.set_act(behind)
    assert "县级已剔除，跟在它后面的也不作数" in section(admin)
    hold(three, filed, moved, "E108", "doc:x")
    with three.node.unit():
        spool.set_act(behind)
    for act in (filed.act, moved.act):
        assert post(admin, END, {"act": act, "why": WHY}, LINE).status_code == 303
    assert case not in section(admin)


def test_a_wait_that_is_over_or_never_was_is_ended_by_nobody(
    three: ThreeNodes, lost: tuple[str, Frame, Frame]
) -> None:
    """The step has come meanwhile, or the act is named that no page has offered."""
    _, filed, moved = lost
    three.clock.advance(7 * DAY_MS)
    admin = three.client(COUNTY, "admin")
    bring(three, filed)
    for act in (moved.act, filed.act, "ab" * 16):
        assert post(admin, END, {"act": act, "why": WHY}, LINE).status_code == 409
    assert audit.rows(moved.act) == []


def test_who_chooses_none_of_them_is_asked_which_and_what_was_typed_stays(
    three: ThreeNodes, lost: tuple[str, Frame, Frame]
) -> None:
    three.clock.advance(7 * DAY_MS)
    admin = three.client(COUNTY, "admin")
    refused = post(admin, END, {"why": WHY}, LINE)
    assert refused.status_code == 400 and "<details open>" in refused.text and WHY in refused.text
    assert refused.text.count("请选择不再等哪一份。") == 2, "above all, and beside them"
    assert "自己到达" not in refused.text
    both = post(admin, END, {"why": " "}, LINE)
    assert "请选择不再等哪一份。" in both.text and 'id="why-problem"' in both.text


def test_what_is_not_listed_is_ended_by_nobody_and_what_is_ended_not_twice(
    three: ThreeNodes, lost: tuple[str, Frame, Frame]
) -> None:
    """Somebody presses twice, or names what the top has struck out: the audit trail has one word of each."""
    _, filed, moved = lost
    admin = three.client(COUNTY, "admin")
    hold(three, filed, moved, STRUCK_OUT, f"cut:{VILLAGE}")
    assert post(admin, END, {"act": filed.act, "why": WHY}, LINE).status_code == 409
    answers = [post(admin, END, {"act": moved.act, "why": WHY}, LINE).status_code for _ in range(2)]
    assert answers == [303, 409]
    assert (len(audit.rows(filed.act)), len(audit.rows(moved.act))) == (0, 1)


def test_what_waits_for_something_else_later_is_told_again(
    three: ThreeNodes, lost: tuple[str, Frame, Frame]
) -> None:
    case, _, moved = lost
    three.clock.advance(7 * DAY_MS)
    admin, spool = three.client(COUNTY, "admin"), three.node.spool
    assert post(admin, END, {"act": moved.act, "why": WHY}, LINE).status_code == 303
    assert case not in section(admin)
    row = spool.act(moved.act)
    assert row is not None
    with three.node.unit():
        spool.set_act(row._replace(waits_for="person"))
    assert case in section(admin)


def test_a_township_reads_that_the_filing_it_went_on_from_was_struck_out(three: ThreeNodes) -> None:
    """A thief filed with the village's key, the township checked it, and the county strikes it out."""
    three.open(VILLAGE)
    case = three.file(SUBSISTENCE)
    three.carry(VILLAGE, TOWN)
    three.move(case, "forward", Role.CHECKER)
    filed, moved = three.node.casework.case(case).chain
    three.carry(TOWN, COUNTY)
    with three.node.unit():
        three.node.trust.revoke(Revocation(VILLAGE, STOLEN), "admin")
        three.node.trust.strike([filed], "冒用", "admin")
    assert "等前一步：县级已剔除" in section(three.client(COUNTY, "clerk"))
    three.carry(COUNTY, TOWN)
    admin = three.client(TOWN, "admin")
    told = section(admin)
    assert case in told and "等前一步：县级已剔除" in told and "另有 1 份已由县级管理员剔除" in told
    assert "不用处理" not in told
    assert post(admin, END, {"act": moved, "why": WHY}, LINE).status_code == 303
    assert case not in section(admin)
    # A mistake: it is released, and the township's step counts again with it.
    with three.open(COUNTY).unit():
        three.node.trust.release([filed], "不是冒用", "admin")
    three.carry(COUNTY, TOWN)
    assert three.node.casework.case(case).chain == (filed, moved) and three.node.spool.parked() == []
