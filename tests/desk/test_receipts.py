"""Slips of several cases in one print: what is listed, what is printed, what is written down of it."""

from __future__ import annotations

import pytest

from common.casework.rules.words import State
from common.desk.pages import receipts
from common.journal.rules import What
from common.people.rules.roles import Actor, Role
from tests.desk.three import COUNTY, DAY_MS, ID_NUMBER, RELIEF, TOWN, VILLAGE, ThreeNodes

UNEMPLOYMENT = "DEMO-511921-0703"


def test_an_agent_prints_the_slips_of_a_day_in_one_go(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.open(VILLAGE)
    old = three.file(name="旧小一", seed=9)
    three.clock.advance(DAY_MS)
    numbers = [three.file(name=name, seed=seed) for seed, name in enumerate(("王一一", "李二二", "赵三三"))]
    client = three.client(VILLAGE, "agent")
    assert "几件一起打凭证" in client.get("/queue?view=filed").text
    today = client.get("/receipts").text
    assert all(number in today for number in numbers) and old not in today and "checked" not in today
    assert client.get("/receipts?tick=all").text.count(" checked>") == 3
    for day, is_there in (("2026-03-03", True), ("2026-03-02", False), ("x", False)):
        assert (old in client.get(f"/receipts?day={day}").text) == is_there
    # Those of another day were looked up: a row, as for a register; today's are the work at hand.
    # So were all that were filed here.
    looked = [(view.what, view.object) for view in three.node.views.newest(99)]
    assert looked == [(What.REGISTER, "2026-03-03 own"), (What.REGISTER, "2026-03-04 own")]
    before = len(three.node.views.newest(99))
    page = client.get("/receipts/print", query_string={"case": [*numbers[:2], numbers[0], old]}).text
    assert page.count('<article class="slip apart"') == page.count('class="qr"') == 3
    assert all(page.count(f'<p class="number">{number}</p>') == 1 for number in (*numbers[:2], old))
    assert "王一一" in page and "赵三三" not in page and "这些没有打" not in page
    seen = three.node.views.newest(99)[: -before or None]
    assert [(view.what, view.object) for view in seen] == [(What.SLIP, n) for n in (old, *numbers[1::-1])]
    for number in numbers[:2]:
        alone = client.get(f"/file/slip/{number}").text
        assert alone[alone.index('<dl class="facts">') : alone.index("开具时间")] in page
    narrow = client.get("/receipts/print", query_string={"case": numbers, "paper": "80"}).text
    assert narrow.count('class="slip apart roll"') == 3 and "换 A4 纸" in narrow
    monkeypatch.setattr(receipts, "AT_ONCE", 2)
    some = client.get("/receipts/print", query_string={"case": numbers}).text
    assert some.count("<article") == 2 and f"这些没有打：{numbers[2]}" in some


def test_a_hall_prints_its_own_and_nothing_of_others(three: ThreeNodes, received: str) -> None:
    three.open(TOWN)
    own = three.file(name="王走进", seed=3)
    client = three.client(TOWN, "clerk")
    assert own in client.get("/receipts").text and received not in client.get("/receipts").text
    page = client.get("/receipts/print", query_string={"case": [received, own, "<b>x</b>"]}).text
    assert page.count("<article") == 1 and received in page and "<b>x</b>" not in page
    assert "这些没有打" in page and "王秀英" not in page
    for asked in ([], [received], ["511921-A-000001-AAAA"]):
        answer = client.get("/receipts/print", query_string={"case": asked})
        assert answer.status_code == 303 and answer.location.endswith("/receipts")
    told = client.get("/receipts").text
    assert "没有勾选办件" in told and "不是本站收的" in told
    for login in ("checker", "admin"):
        assert three.again(login).get("/receipts").status_code == 403
        assert three.again(login).get("/receipts/print", query_string={"case": own}).status_code == 403
    assert "这一天本站没有收件" in three.client(COUNTY, "clerk").get("/receipts").text


def test_a_slip_of_a_refused_application_is_no_proof_that_it_was_settled(three: ThreeNodes) -> None:
    """An item settled on the spot may be refused there, too; printed again, the slip said 办结凭证."""
    three.open(TOWN)
    case = three.file(UNEMPLOYMENT, department="便民服务中心")
    client = three.client(TOWN, "clerk")
    three.move(case, "not_accept", Role.CLERK, note="不属于本机关职权范围")
    with three.node.unit():
        clerk = Actor("clerk", "李窗口", Role.CLERK, "")
        receiver = {"name": "王秀英", "id_number": ID_NUMBER, "how": "本人领取"}
        three.node.casework.report(case, "handed_over", clerk, {"receiver": receiver}, three.now())
    assert three.node.casework.case(case).state is State.CLOSED
    page = client.get(f"/file/slip/{case}").text
    assert "收件凭证" in page and "办结凭证" not in page and "收件不是受理" in page


def test_a_slip_printed_again_names_the_place_to_which_the_result_goes_now(three: ThreeNodes) -> None:
    three.open(TOWN)
    case = three.file(name="王改地")
    client = three.client(TOWN, "clerk")
    assert "<dt>结果领取</dt><dd>青峪镇" in client.get(f"/file/slip/{case}").text
    with three.node.unit():
        clerk = Actor("clerk", "李窗口", Role.CLERK, "")
        three.node.casework.report(case, "collect_at", clerk, {"place": VILLAGE}, three.now())
    moved = three.node.casework.case(case).facts.collect_at
    assert moved == VILLAGE
    page = client.get(f"/file/slip/{case}").text
    assert "<dt>结果领取</dt><dd>青峪镇鹿角坪村" in page


def test_of_a_result_nobody_fetched_no_slip_says_that_it_was_given(three: ThreeNodes) -> None:
    three.open(TOWN)
    case = three.file(RELIEF)
    client = three.client(TOWN, "clerk")
    three.move(case, "not_accept", Role.CLERK, note="不符合条件")
    three.clock.advance(40 * DAY_MS)
    three.move(case, "close_uncollected", Role.CLERK, note="多次通知无人领取")
    client = three.client(TOWN, "clerk")
    page = client.get(f"/file/slip/{case}").text
    assert "已办结" in page and "结果已送达" not in page
