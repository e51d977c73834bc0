"""What people meet at a node put back from an older copy, while its own acts are not back."""

from __future__ import annotations

import json

import pytest

from common.casework.rules.flow import State
from common.casework.unsure import count_days
from common.desk.pages import together
from common.people.rules.roles import Actor, Role
from common.store import audit
from sync.protocol.means import Note
from tests.desk.three import COUNTY, DAY_MS, RELIEF, TOWN, VILLAGE, ThreeNodes, post

ASKED, MARK, TOLD = (
    "本件以前办过的步骤可能还没有取回",
    "以前的步骤可能没取回",
    "从备份恢复，恢复以前办过的步骤还没有全部取回",
)

CLERK = Actor("clerk", "李窗口", Role.CLERK, "")


def put_back(three: ThreeNodes, above: str) -> None:
    """Let the open node be one that was put back and waits for the word of the node above."""
    node = three.node
    with node.unit():
        neighbour = node.spool.neighbour(above)
        assert neighbour is not None
        neighbour.contact_at, neighbour.ask_full = three.now() - DAY_MS, 1
        node.spool.put_neighbour(neighbour)
    node.journal([Note("S128", node.me, "restored")])
    with node.unit():
        count_days(node.casework.ctx, three.now())


def test_a_clerk_is_asked_before_a_step_and_told_on_every_list(three: ThreeNodes, relief: str) -> None:
    clerk = three.client(TOWN, "clerk")
    form = f"/case/{relief}/do/accept"
    assert ASKED not in clerk.get(form).text and TOLD not in clerk.get("/").text
    put_back(three, COUNTY)
    home, page = clerk.get("/").text, clerk.get(form).text
    assert TOLD in home and TOLD in clerk.get("/line").text and MARK in clerk.get("/queue").text
    assert ASKED in page and "2026-03-03" in page and "还要等：" in page
    told = {"lacking_waived": "1", "note": "已由部门核验"}
    refused = post(clerk, form, told, form)
    assert refused.status_code == 400 and "核对后勾选再提交" in refused.text
    assert three.node.casework.case(relief).state is State.RECEIVED
    wish = page.partition('name="go_on_unsure" value="')[2].partition('"')[0]
    assert wish.endswith(f",{COUNTY}")
    assert post(clerk, form, {**told, "go_on_unsure": wish}, form).status_code == 303
    assert three.node.casework.case(relief).state is State.ACCEPTED
    row = next(row for row in audit.rows(relief) if row.action == "case.accept")
    assert json.loads(row.detail)["not_back"] == {"since": three.now(), "waits": [COUNTY]}
    assert ASKED in clerk.get(f"/case/{relief}/report/remind").text


def test_an_agent_is_asked_before_a_report_and_not_of_a_new_case(three: ThreeNodes) -> None:
    agent = three.client(VILLAGE, "agent")
    old = three.file(name="赵桂英")
    put_back(three, TOWN)
    assert TOLD in agent.get("/").text
    form = f"/case/{old}/report/withdraw"
    assert ASKED not in agent.get(form).text, "it was taken in in this very epoch"
    with three.node.unit():
        three.node.peer.begin_anew("restored", three.now())
    page = agent.get(form).text
    assert ASKED in page and MARK in agent.get("/queue?view=filed").text
    assert post(agent, form, {"note": "不办了"}, form).status_code == 400
    wish = page.partition('name="go_on_unsure" value="')[2].partition('"')[0]
    assert post(agent, form, {"note": "不办了", "go_on_unsure": wish}, form).status_code == 303


def test_what_is_done_in_bulk_leaves_such_cases_out_and_says_so(
    three: ThreeNodes, relief: str, received: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, checker = three.client(TOWN, "clerk"), three.again("checker")
    over = three.file(RELIEF, seed=7)
    with three.node.unit():
        three.node.casework.report(over, "withdraw", CLERK, {"note": "不办了"}, three.now())
    monkeypatch.setattr(together, "_ready", lambda: [three.node.casework.page(received)])
    put_back(three, COUNTY)
    with three.node.unit():
        three.node.peer.begin_anew("restored", three.now())
    for client, path, case in ((clerk, "/register/archive", over), (checker, "/together", received)):
        page = client.get(f"{path}?tick=all").text
        assert MARK in page and f'value="{case}" disabled' in page.replace(' id="f-case"', "")
        before = three.node.casework.case(case)
        assert post(client, path, {"case": case}, path).status_code == 303
        told = client.get(path).text
        assert "打开这一件" in told and three.node.casework.case(case) == before


def test_an_administrator_ends_the_waiting_for_a_silent_site(three: ThreeNodes, relief: str) -> None:
    admin, clerk = three.client(TOWN, "admin"), three.again("clerk")
    assert "没有在等的" in admin.get("/not-back").text
    put_back(three, COUNTY)
    assert "满 7 天" in admin.get("/not-back").text
    said = {"site": COUNTY, "why": "县里的电脑被盗"}
    assert post(admin, "/not-back", said, "/not-back").status_code == 409
    three.clock.advance(7 * DAY_MS)
    admin, clerk = three.again("admin"), three.again("clerk")
    assert "不再等这个站点" in admin.get("/not-back").text
    assert "不再等这个站点" not in clerk.get("/not-back").text
    assert clerk.post("/not-back", data=said).status_code in (400, 403)
    assert post(admin, "/not-back", {**said, "why": ""}, "/not-back").status_code == 400
    assert post(admin, "/not-back", said, "/not-back").status_code == 303
    page = admin.get("/not-back").text
    assert "县里的电脑被盗" in page and "没有在等的" in page
    assert ASKED not in clerk.get(f"/case/{relief}/do/accept").text and TOLD not in clerk.get("/").text
    assert audit.rows(COUNTY)[-1].action == "case.wait_no_longer"
