"""Drafts of somebody who cannot go on with them: another does, nothing is taken away without a word."""

from __future__ import annotations

from typing import Any

import pytest

from common.days import local_day
from common.desk.rules.drafts import Part
from common.desk.service import DraftNotFound
from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from common.people.standins import Absence
from common.store.database import run
from tests.desk.three import DAY_MS, NOW, PASSWORD, VILLAGE, ThreeNodes, post


def add(three: ThreeNodes, login: str, name: str, role: Role) -> None:
    ready = three.node.people.ready(NewStaff(login, name, frozenset({role}), "", PASSWORD))
    with three.node.unit():
        three.node.people.add_staff(ready, "", NOW)


def begin(three: ThreeNodes, login: str) -> Any:
    node = three.node
    item = next(one for one in node.catalogue.all_items() if one.may_be_filed_at("village"))
    with node.unit():
        return node.drafts.begin(login, item, three.now(), {"name": "王秀英"})


def seen_by_another(three: ThreeNodes, heir: str, drafts: list[str]) -> None:
    """What stands in them is another's to see from now on: that is a row of the log of views for each."""
    rows = run("SELECT login, what, object FROM view_log WHERE what = 'draft'").fetchall()
    assert sorted(rows) == sorted((heir, "draft", draft) for draft in drafts)
    seen = three.again("admin").get("/views").text
    assert seen.count("转来的未办完的件") == len(drafts) and "陈接手" in seen


def test_an_administrator_gives_the_drafts_of_who_has_left_to_another(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    add(three, "second", "陈接手", Role.AGENT)
    drafts = [begin(three, "agent"), begin(three, "agent")]
    agent = three.client(VILLAGE, "agent")
    assert agent.get("/drafts").status_code == 403
    admin = three.again("admin")
    assert "/drafts" in admin.get("/accounts").text
    page = admin.get("/drafts").text
    assert "周代办" in page and "2 份" in page and "王秀英" not in page, "whose they are about is not shown"
    assert "有 2 份未办完的草稿" in admin.get("/accounts/agent").text, "before the account is stopped"
    assert "未办完的草稿" not in admin.get("/accounts/second").text
    # While the author is at work, nobody takes them.
    answer = post(admin, "/drafts/give", {"login": "agent", "heir-agent": "second"}, "/drafts")
    assert answer.status_code == 409 and "E248" in answer.text
    assert "周代办在岗" in page and "全部转给" not in page
    day = local_day(three.now())
    with three.node.unit():
        away = Absence(VILLAGE, "agent", VILLAGE, "second", day, day)
        three.node.stand_ins.arrange(away, "admin", three.now())
    # Nobody who takes no cases in gets them, nor does their author twice.
    for heir in ("", "admin", "agent", "nobody"):
        answer = post(admin, "/drafts/give", {"login": "agent", "heir-agent": heir}, "/drafts")
        assert answer.status_code == 400 and "E247" in answer.text, heir
    assert post(agent, "/drafts/give", {"login": "agent", "heir-agent": "second"}).status_code == 403
    stale = three.node.drafts.draft(drafts[0].id, "agent")
    answer = post(admin, "/drafts/give", {"login": "agent", "heir-agent": "second"}, "/drafts")
    assert answer.status_code == 303
    assert "已把 2 份草稿转给 陈接手" in admin.get("/drafts").text
    heir = three.again("second")
    assert heir.get("/").text.count("王秀英") == 2
    assert "王秀英" not in agent.get("/").text
    assert agent.get(f"/file/{drafts[0].id}/applicant").status_code == 404
    assert heir.get(f"/file/{drafts[0].id}/applicant").status_code == 200
    with pytest.raises(DraftNotFound), three.node.unit():
        three.node.drafts.keep(stale, Part.APPLICANT, {"name": "李"}, three.now())
    found = run("SELECT COUNT(*) FROM audit WHERE action = 'draft.give'").fetchone()
    assert found[0] == 2
    seen_by_another(three, "second", [draft.id for draft in drafts])


def test_who_gives_drafts_away_takes_them_only_where_nobody_else_can(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    both = NewStaff("boss", "支书", frozenset({Role.ADMIN, Role.AGENT}), "", PASSWORD)
    ready = three.node.people.ready(both)
    with three.node.unit():
        three.node.people.add_staff(ready, "", NOW)
        three.node.people.set_roles("agent", frozenset(), "admin", NOW)
    begin(three, "agent")
    boss, form = three.client(VILLAGE, "boss"), {"login": "agent", "heir-agent": "boss"}
    add(three, "second", "陈接手", Role.AGENT)
    assert post(boss, "/drafts/give", form, "/drafts").status_code == 400
    with three.node.unit():
        three.node.people.set_roles("second", frozenset(), "admin", NOW)
    assert post(boss, "/drafts/give", form, "/drafts").status_code == 303


def test_a_draft_says_before_it_goes_that_it_will(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    begin(three, "agent")
    three.clock.advance(22 * DAY_MS)
    assert "自动删除" not in three.client(VILLAGE, "agent").get("/").text
    three.clock.advance(5 * DAY_MS)
    assert "3 天内不接着办就自动删除" in three.client(VILLAGE, "agent").get("/").text
